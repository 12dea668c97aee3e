"""Definitions that want to harm: a procedure of ours with one hostile thing in it, and files that are no procedure."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STEM = "confirm_agricultural_use"
_CONDITION = 'intake == "accepted"'
_END = "</bpmn:process>"
_DEFINITIONS, _PROSE = "<bpmn:definitions", "</bpmn:documentation>"


def _diagram() -> str:
    return (ROOT / f"bpmn/land/{STEM}.bpmn").read_text("utf-8")


def facts() -> str:
    return (ROOT / f"bpmn/land/{STEM}.yaml").read_text("utf-8")


def _condition(expression: str) -> Callable[[Path], str]:
    return lambda _trap: _diagram().replace(_CONDITION, expression, 1)


def _entities(declared: str, used: str) -> str:
    return (
        _diagram()
        .replace(_DEFINITIONS, f"<!DOCTYPE x [{declared}]>{_DEFINITIONS}", 1)
        .replace(_PROSE, used + _PROSE, 1)
    )


def _laughs(_trap: Path) -> str:
    chain = zip("abcdefghi", "bcdefghij", strict=True)
    grown = "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in chain)
    return _entities(f'<!ENTITY a "ha">{grown}', "&j;")


def _tasks(_trap: Path) -> str:
    tasks = "".join(f'<bpmn:userTask id="t{number}" name="t"/>' for number in range(10_000))
    flows = "".join(
        f'<bpmn:sequenceFlow id="f{number}" sourceRef="t{number}" targetRef="t{number + 1}"/>'
        for number in range(9_999)
    )
    return _diagram().replace(_END, tasks + flows + _END, 1)


def _loop(_trap: Path) -> str:
    circle = (
        '<bpmn:serviceTask id="spin" name="Quay"/><bpmn:exclusiveGateway id="round" default="again"/>'
        '<bpmn:sequenceFlow id="turn" sourceRef="spin" targetRef="round"/>'
        '<bpmn:sequenceFlow id="again" sourceRef="round" targetRef="spin"/>'
    )
    into = 'sourceRef="receive_dossier" targetRef="gateway_received"'
    return _diagram().replace(into, 'sourceRef="receive_dossier" targetRef="spin"').replace(_END, circle + _END, 1)


def _script(trap: Path) -> str:
    code = f"__import__('pathlib').Path('{trap}').touch()"
    return _diagram().replace(
        _END,
        f'<bpmn:scriptTask id="evil" scriptFormat="python"><bpmn:script>{code}</bpmn:script></bpmn:scriptTask>{_END}',
        1,
    )


def _python_of(trap: Path) -> str:
    return _diagram().replace(_CONDITION, f"__import__('os').system('touch {trap}')", 1)


# name -> the diagram, given a file that must never come to be
DIAGRAMS: dict[str, Callable[[Path], str]] = {
    "a call of the system": _python_of,
    "the classes of Python": _condition("().__class__.__bases__[0].__subclasses__()"),
    "a script": _script,
    "a power without end": _condition("9**9**9**9 == 1"),
    "brackets without end": _condition("(" * 3_000 + "1" + ")" * 3_000),
    "an endless loop": _loop,
    "a billion laughs": _laughs,
    "an external entity": lambda _trap: _entities('<!ENTITY e SYSTEM "file:///etc/passwd">', "&e;"),
    "ten thousand tasks": _tasks,
    "deep nesting": lambda _trap: _diagram().replace(
        _END, '<bpmn:subProcess id="x">' * 5_000 + "</bpmn:subProcess>" * 5_000 + _END, 1
    ),
    "fifty megabytes": lambda _trap: _diagram().replace(_PROSE, "a" * 50_000_000 + _PROSE, 1),
}


def _tables(inside: str) -> str:
    namespace = "https://www.omg.org/spec/DMN/20191111/MODEL/"
    return (
        f'<definitions xmlns="{namespace}" id="d" name="d" namespace="n"><decision id="fee" name="fee">'
        f'<variable name="fee" typeRef="number"/><literalExpression><text>{inside}</text></literalExpression>'
        "</decision></definitions>"
    )


TABLES: dict[str, Callable[[Path], str]] = {
    "tables: a call of the system": lambda trap: _tables(f"__import__('os').system('touch {trap}')"),
    "tables: the classes of Python": lambda _trap: _tables("().__class__"),
    "tables: a billion laughs": lambda _trap: '<!DOCTYPE x [<!ENTITY a "ha">]>' + _tables("&amp;a;"),
    "tables: brackets without end": lambda _trap: _tables("(" * 20_000 + "1" + ")" * 20_000),
    "tables: fifty megabytes": lambda _trap: _tables("1" * 50_000_000),
}
FACTS: dict[str, Callable[[Path], str]] = {
    "facts: an object of Python": lambda trap: facts() + f'\nx: !!python/object/apply:os.system ["touch {trap}"]\n',
    "facts: brackets without end": lambda _trap: facts() + "\nx: " + "[" * 100_000 + "\n",
    "facts: aliases of aliases": lambda _trap: (
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
            for before, name in zip("abcdefgh", "bcdefghi", strict=True)
        )
        + facts()
    ),
    "facts: fifty megabytes": lambda _trap: facts() + '\nx: "' + "a" * 50_000_000 + '"\n',
}


def zip_bomb() -> bytes:
    """Two hundred megabytes of nothing in two hundred kilobytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x.bpmn", "w") as file:
        for _megabyte in range(200):
            file.write(b"\0" * 1_000_000)
    return packed.getvalue()


def zip_of_many() -> bytes:
    """More files than anybody draws."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(500):
            archive.writestr(f"{number}.bpmn", "x")
    return packed.getvalue()
