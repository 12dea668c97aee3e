"""The import over folders and the command line; whatever bytes come, it answers in time and executes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.cli.main import group
from engine.domain.process import FieldType, Severity
from engine.process import expressions
from engine.process.importing.conditions import needs_of, translate
from engine.process.importing.examine import examine_import
from engine.process.importing.folders import _ImportGuard, import_path
from tests.support.foreign import BPMN, MANNERS, SHAPES, write
from tests.support.hanging import ASLEEP, BUSY, HANGS, hang_at_one_file

DOCUMENTS = [write(model, MANNERS[number % len(MANNERS)]) for number, model in enumerate(SHAPES.values())]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as an office keeps it: diagrams of several tools, and things that are none."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "line.bpmn").write_bytes(write(SHAPES["line"]))
    (tmp_path / "deep" / "pools.BPMN").write_bytes(write(SHAPES["pools"], MANNERS[1]))
    (tmp_path / "deep" / "calls.bpmn20.xml").write_bytes(write(SHAPES["calls"], MANNERS[2]))
    (tmp_path / "wide.xml").write_bytes(write(SHAPES["choice"], MANNERS[3]))
    (tmp_path / "other.xml").write_bytes(b"<a/>")
    (tmp_path / "picture.bpmn").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "notes.txt").write_text("…", encoding="utf-8")
    return tmp_path


def run(*arguments: object) -> tuple[int, dict[str, object]]:
    answer = CliRunner().invoke(group, ["check", *map(str, arguments), "--profile", "import", "--json"])
    return answer.exit_code, json.loads(answer.stdout)


def test_a_folder_is_walked_and_every_file_has_its_report(folder: Path) -> None:
    code, document = run(folder)
    files = {Path(str(file["path"])).name: file for file in document["files"]}  # type: ignore[attr-defined]
    assert code == 1
    assert {name: file["ok"] for name, file in files.items()} == {
        "line.bpmn": True, "pools.BPMN": True, "calls.bpmn20.xml": True, "wide.xml": True, "picture.bpmn": False,
    }  # fmt: skip
    assert [problem["code"] for problem in files["picture.bpmn"]["problems"]] == ["not_text"]
    changes = files["pools.BPMN"]["changes"]
    assert {"split_made_gateway", "process_apart", "process_set_aside"} <= {change["code"] for change in changes}
    assert all(change["message"] and change["message_en"] for change in changes)
    assert any(change["element"] == "t3" and change["line"] for change in changes)


def test_a_folder_without_faults_is_in_order(folder: Path) -> None:
    (folder / "picture.bpmn").unlink()
    assert run(folder)[0] == 0


def test_what_was_rewritten_can_be_kept_and_overwrites_nothing(folder: Path, tmp_path: Path) -> None:
    into = tmp_path / "kept"
    run(folder / "deep" / "calls.bpmn20.xml", "--write", into)
    _code, document = run(folder / "deep" / "calls.bpmn20.xml", "--write", into)
    assert [Path(path).name for path in document["files"][0]["written"]] == ["called.bpmn", "main.bpmn"]  # type: ignore[index]
    written = sorted(path.relative_to(into).as_posix() for path in into.rglob("*.bpmn"))
    assert written == [
        "calls.bpmn20-2/called.bpmn", "calls.bpmn20-2/main.bpmn", "calls.bpmn20/called.bpmn", "calls.bpmn20/main.bpmn",
    ]  # fmt: skip
    again = list(import_path([into / "calls.bpmn20" / "called.bpmn"]))
    assert again[0].ok


def test_options_that_do_not_belong_together_are_refused(folder: Path) -> None:
    runner = CliRunner()
    assert runner.invoke(group, ["check", str(folder), "--write", str(folder / "x")]).exit_code == 2
    assert runner.invoke(group, ["check", str(folder), "--profile", "import", "--stories"]).exit_code == 2


@pytest.mark.parametrize("how", [BUSY, ASLEEP], ids=["busy", "asleep"])
def test_a_file_that_takes_too_long_is_stopped_and_the_next_one_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    hang_at_one_file(monkeypatch, folder, _ImportGuard, function="_import", how=how)
    (folder / HANGS).write_bytes(write(SHAPES["line"]))
    stopped, read = import_path([folder / HANGS, folder / "line.bpmn"], seconds=1.2)
    assert [problem.code for problem in stopped.problems] == ["check_stopped"]
    assert read.ok


def test_the_time_that_the_reader_needs_to_start_is_not_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starter = "import sys, time\ntime.sleep(1.5)\nfrom engine.process.importing.worker import main\nmain(512)\n"
    (tmp_path / "slow_starter.py").write_text(starter, encoding="utf-8")
    (tmp_path / "line.bpmn").write_bytes(write(SHAPES["line"]))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("engine.process.importing.folders._ImportGuard.module", "slow_starter")
    assert [report.ok for report in import_path([tmp_path / "line.bpmn"], seconds=1.2)] == [True]


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        ("${approved}", "approved"),
        ("#{approved == true}", "approved == True"),
        ("kind == 'A' and not late", "kind == 'A' and not late"),
        ("${amount gt 100 and not late}", "amount > 100 and not late"),
        ('=status = "ok"', "status == 'ok'"),
        ("= amount >= 10 and amount < 20", "amount >= 10 and amount < 20"),
        ("${!approved && (x || y)}", "not approved and ( x or y )"),
        ('return kind.equals("A");', "(kind == 'A')"),
        ("${'A'.equals(kind)}", "(kind == 'A')"),
        ("=not(done)", "not ( done )"),
        ("x in ['a', 'b']", "x in ['a', 'b']"),
        ("${execution.getVariable('x')}", None),
        ("${bean.method()}", None),
        ("__import__('os').system('true')", None),
        ("().__class__", None),
        ("x ** 9999999", None),
        ("for x in y return z", None),
        ("${a}${b}", None),
        ("some order.total > 3", None),
        ("lambda: x", None),
        ("", None),
        ("Khách đồng ý", None),
    ],
)
def test_conditions_of_other_tools_are_translated_or_left_to_a_person(foreign: str, ours: str | None) -> None:
    assert translate(foreign) == ours


def test_the_kind_of_a_value_follows_from_its_use() -> None:
    needs = needs_of("amount > 3 and kind == 'A' and not late and day == other")
    assert needs is not None
    assert needs.types == {
        "amount": FieldType.NUMBER, "kind": FieldType.TEXT, "late": FieldType.BOOLEAN, "day": FieldType.TEXT,
        "other": FieldType.TEXT,
    }  # fmt: skip
    assert needs.texts["kind"] == {"A"}
    assert needs_of("x > 3 and x == 'A'") is None


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_as_condition_is_translated_safely_or_not_at_all(text: str) -> None:
    translated = translate(text)
    if translated is not None:
        expressions.parse(translated)
        needs_of(translated)


def _nodes(count: int) -> bytes:
    flow = '<task id="t{0}"/><sequenceFlow id="f{0}" sourceRef="t{0}" targetRef="t{1}"/>'
    inside = "".join(flow.format(number, number + 1) for number in range(count))
    return f'<definitions xmlns="{BPMN}"><process id="p">{inside}</process></definitions>'.encode()


HOSTILE = {
    "10,000 tasks": (_nodes(10_000), "too_large"),
    "300 tasks": (_nodes(300), "too_large"),
    "6 MB": (b"<a>" + b" " * 6_000_000 + b"</a>", "too_large"),
    "depth": (b"<a>" * 2_000 + b"</a>" * 2_000, "too_large"),
    "laughs": (b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>', "forbidden_dtd"),
    "a file of the machine": (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "forbidden_dtd"),
    "a broken tag": (b"<a><b></a>", "xml_broken"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_could_fill_or_hang_the_machine_is_refused_before_any_work(name: str) -> None:
    document, code = HOSTILE[name]
    assert code in {problem.code for problem in examine_import(document).problems}


LADDER = "xor g{0}\ntask a{0}\ng{0} > a{0} > g{1}\ng{0} > g{1}"


@pytest.mark.parametrize(
    "lines",
    [
        ["and p", "and j", "s > p", "j > e", *(f"task t{n}\np > t{n} > j" for n in range(60))],
        ["s > t0", "t150 > e", *(f"task t{n}" for n in range(151)), *(f"t{n} > t{n + 1}" for n in range(150))],
        ["s > g0", "task g20", "g20 > e", *(LADDER.format(n, n + 1) for n in range(20))],
        ["or p", "or j", "s > p", "j > e", *(f"task t{n}\np > t{n} > j" for n in range(20))],
    ],
    ids=["wide", "long", "many choices", "many branches"],
)
def test_large_models_run_too(lines: list[str]) -> None:
    assert not examine_import(write("\n".join(["start s", "end e", *lines]))).problems


class _Blocks:
    """Draws a random model out of blocks that hold together, so that it must run whatever is chosen."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.lines: list[str] = ["start s", "end e"]
        self.count = 0

    def name(self, kind: str) -> str:
        self.count += 1
        self.lines.append(f"{kind} n{self.count}")
        return f"n{self.count}"

    def model(self) -> str:
        first, last = self.block(4)
        return "\n".join([*self.lines, f"s > {first}", f"{last} > e"])

    def block(self, depth: int) -> tuple[str, str]:
        kind = self.random.choice(["task", "user", "row", "xor", "and", "or", "again"] if depth else ["task"])
        if kind in {"task", "user"}:
            node = self.name(kind)
            return node, node
        if kind == "row":
            one, other = self.block(depth - 1), self.block(depth - 1)
            self.lines.append(f"{one[1]} > {other[0]}")
            return one[0], other[1]
        if kind == "again":
            merge, inner, split = self.name("xor"), self.block(depth - 1), self.name("xor")
            self.lines += [f"{merge} > {inner[0]}", f"{inner[1]} > {split}", f"{split} > {merge}"]
            return merge, split
        split, join = self.name(kind), self.name(kind)
        for _branch in range(self.random.randint(2, 3)):
            inner = self.block(depth - 1)
            self.lines += [f"{split} > {inner[0]}", f"{inner[1]} > {join}"]
        return split, join


@pytest.mark.parametrize("seed", range(25))
def test_models_that_hold_together_run_whatever_is_chosen(seed: int) -> None:
    model = _Blocks(Random(seed)).model()
    assert not examine_import(write(model, MANNERS[seed % 3])).problems, model


def test_names_of_namespaces_that_are_no_addresses_and_undeclared_prefixes_are_read() -> None:
    document = write(SHAPES["line"]).replace(b"urn:vendor", b"http://A.3.0/Initial Import")
    document = document.replace(b"<task ", b'<task other:kind="x" ', 1)
    assert not examine_import(document).problems


def answered(document: bytes) -> None:
    """Whatever the file, there is an answer: it runs, or something says why not."""
    found = examine_import(document)
    refused = any(problem.severity is Severity.ERROR for problem in found.problems)
    assert refused or found.written
    assert all(problem.message for problem in found.problems)


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_broken_bytes_never_crash_the_import(data: st.DataObject) -> None:
    document = bytearray(data.draw(st.sampled_from(DOCUMENTS)))
    for _time in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(document) - 1))
        document[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=12))
    answered(bytes(document))


@pytest.mark.parametrize("seed", range(40))
def test_elements_that_were_lost_doubled_moved_or_renamed_never_crash_the_import(seed: int) -> None:
    random = Random(seed)
    root = etree.fromstring(random.choice(DOCUMENTS))
    for _time in range(random.randint(1, 3)):
        mutate(root, random)
    answered(etree.tostring(root))


def mutate(root: etree._Element, random: Random) -> None:
    """Do one thing that tools and people do to a file."""
    elements = [element for element in root.iter(etree.Element) if element is not root]
    one, other = random.choice(elements), random.choice(elements)
    parent = one.getparent()
    assert parent is not None
    deed = random.randrange(6)
    if deed == 0:
        parent.remove(one)
    elif deed == 1:
        parent.append(etree.fromstring(etree.tostring(one)))
    elif deed == 2 and one not in other.iterancestors() and one is not other:
        other.append(one)
    elif deed == 3 and one.attrib:
        del one.attrib[random.choice(list(one.attrib))]
    elif deed == 4 and one.attrib and other.attrib:
        one.set(random.choice(list(one.attrib)), str(random.choice(list(other.attrib.values()))))
    else:
        one.tag = other.tag
