"""Decision tables written as readable text, made into DMN files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from engine.process.decisions.model import DecisionModel
from engine.process.decisions.reading import read_model
from engine.process.decisions.table import Result
from engine.process.decisions.values import Value

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
_INPUT = re.compile(r"(?P<text>.+?): (?P<kind>\w+)(?: \{(?P<names>.+)\})?(?: \[(?P<values>.+)\])?")
_OUTPUT = re.compile(r"(?:(?P<name>\w+): )?(?P<kind>\w+)(?: \[(?P<values>.+)\])?(?: = (?P<default>.+))?")


def dmn(columns: str, rows: Sequence[str], policy: str = "UNIQUE", namespace: str = NAMESPACE) -> bytes:
    """Write a file with one decision, `answer`, and an input for every name that its columns read."""
    inputs, outputs = (part.split(" | ") for part in columns.split(" || "))
    written = [_INPUT.fullmatch(column.strip()) for column in inputs]
    names = {name: kind for column in written if column for name, kind in _names(column).items()}
    hit, _, aggregation = policy.partition(" ") if policy.startswith("COLLECT") else (policy, "", "")
    parts = [f'<definitions xmlns="{namespace}" id="tables" name="t" namespace="urn:t">']
    parts += [
        f'<inputData id="in{n}" name={quoteattr(name)}><variable name={quoteattr(name)} typeRef="{kind}"/></inputData>'
        for n, (name, kind) in enumerate(names.items())
    ]
    parts.append('<decision id="answer" name="Answer">')
    parts += [
        f'<informationRequirement><requiredInput href="#in{n}"/></informationRequirement>' for n in range(len(names))
    ]
    parts.append(f'<decisionTable hitPolicy="{hit}"' + (f' aggregation="{aggregation}">' if aggregation else ">"))
    parts += [_input(column) for column in written if column]
    parts += [_output(column.strip()) for column in outputs]
    parts += [_rule(row) for row in rows]
    parts.append("</decisionTable></decision></definitions>")
    return "".join(parts).encode()


def _names(column: re.Match[str]) -> dict[str, str]:
    if not column["names"]:
        return {column["text"]: column["kind"]}
    return dict(name.strip().split(": ") for name in column["names"].split(","))


def _values(tag: str, text: str | None) -> str:
    return f"<{tag}><text>{escape(text)}</text></{tag}>" if text else ""


def _cell(text: str) -> str:
    return f"<outputEntry><text>{escape(text)}</text></outputEntry>"


def _input(column: re.Match[str]) -> str:
    expression = f'<inputExpression typeRef="{column["kind"]}"><text>{escape(column["text"])}</text></inputExpression>'
    return f"<input>{expression}{_values('inputValues', column['values'])}</input>"


def _output(column: str) -> str:
    found = _OUTPUT.fullmatch(column)
    assert found, column
    name = f" name={quoteattr(found['name'])}" if found["name"] else ""
    inner = _values("outputValues", found["values"]) + _values("defaultOutputEntry", found["default"])
    return f'<output{name} typeRef="{found["kind"]}">{inner}</output>'


def _rule(row: str) -> str:
    given, answers = (part.split(" | ") for part in row.split("|| ", 1))
    cells = [_values("inputEntry", cell.strip() or "-") for cell in given]
    return f"<rule>{''.join(cells)}{''.join(_cell(cell.strip()) for cell in answers)}</rule>"


def model_of(content: bytes) -> DecisionModel:
    """Read a file that must be right."""
    model, problems = read_model(content)
    assert model is not None, [problem.message for problem in problems]
    assert not problems
    return model


def value_of(plain: object) -> Value:
    """A plain value of YAML or JSON as a table takes it."""
    if isinstance(plain, bool) or plain is None or isinstance(plain, date):
        return plain
    return Decimal(str(plain)) if isinstance(plain, int | float) else str(plain)


def plain_of(result: Result) -> object:
    """A result as YAML would write it."""
    if isinstance(result, list):
        return [plain_of(row) for row in result]
    if isinstance(result, Mapping):
        return {name: plain_of(value) for name, value in result.items()}
    return float(result) if isinstance(result, Decimal) else result
