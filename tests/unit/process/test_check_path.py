"""`check_path`: which files are looked at, and that nothing a file holds can hang, crash or fill the caller."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.domain.process import FileReport
from engine.process.checks import check_path
from engine.process.checks import files as checked_files
from engine.process.checks.guard import Guard
from engine.process.checks.worker import _examine
from tests.support.hanging import ASLEEP, BUSY, HANGS, hang_at_one_file

MODELS = Path(__file__).parent / "models"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    folder = tmp_path / "bpmn"
    shutil.copytree(MODELS / "shared", folder / "shared")
    (folder / "test").mkdir()
    for name in ("permit.bpmn", "permit.yaml"):
        shutil.copy(MODELS / name, folder / "test" / name)
    return folder


def codes(report: FileReport) -> list[str]:
    return [problem.code for problem in report.problems]


def test_a_folder_is_walked_and_other_files_are_left_alone(office: Path) -> None:
    (office / "calendars").mkdir()
    (office / "calendars" / "vietnam.yaml").write_text("days: []\n")
    (office / "README.md").write_text("# \n")
    reports = check_path([office])
    assert [Path(report.path).name for report in reports] == [
        "grounds.yaml",
        "papers.bpmn",
        "permit.bpmn",
        "permit.yaml",
    ]
    assert all(report.ok and not report.problems for report in reports)


def test_one_file_brings_the_other_half_of_its_pair_and_finds_its_shared_diagrams(office: Path) -> None:
    reports = check_path([office / "test" / "permit.bpmn"])
    assert [Path(report.path).name for report in reports] == ["permit.bpmn", "permit.yaml"]
    assert all(report.ok for report in reports)
    assert check_path([office / "test" / "permit.yaml"])[1].ok


def test_shared_diagrams_may_be_elsewhere(office: Path, tmp_path: Path) -> None:
    alone = tmp_path / "a" / "b" / "c" / "d"
    shutil.copytree(office / "test", alone)
    assert codes(check_path([alone])[0]) == ["call_activity_unresolved"]
    assert check_path([alone], shared=office / "shared")[0].ok


def test_half_a_pair_is_told_of(office: Path) -> None:
    (office / "test" / "permit.yaml").rename(office / "test" / "lonely.yaml")
    reports = {Path(report.path).name: report for report in check_path([office / "test"])}
    assert codes(reports["permit.bpmn"]) == ["facts_missing"]
    assert "permit.yaml" in reports["permit.bpmn"].problems[0].message
    assert set(codes(reports["lonely.yaml"])) == {"sheet_without_diagram", "bad_value"}


def test_a_file_that_is_not_there_is_told_of(office: Path) -> None:
    assert codes(check_path([office / "gone.bpmn"])[0]) == ["file_unreadable"]
    assert codes(check_path([office / "gone.yaml"])[0]) == ["file_unreadable"]


def test_a_procedure_that_two_files_post_is_told_of(office: Path) -> None:
    for suffix in (".bpmn", ".yaml"):
        text = (office / "test" / f"permit{suffix}").read_text(encoding="utf-8")
        text = text.replace("process: permit", "process: local").replace('process id="permit"', 'process id="local"')
        (office / "test" / f"local{suffix}").write_text(text, encoding="utf-8")
    reports = {Path(report.path).name: codes(report) for report in check_path([office])}
    assert reports == {
        "grounds.yaml": [], "papers.bpmn": [], "permit.bpmn": [], "local.bpmn": [], "local.yaml": [],
        "permit.yaml": ["procedure_repeated"],
    }  # fmt: skip


def test_kinds_of_units_are_checked_where_they_are_known(office: Path) -> None:
    reports = check_path([office], unit_kinds=frozenset({"one_stop"}))
    assert {code for report in reports for code in codes(report)} == {"unknown_unit_kind"}


_DANGLING = """
    <bpmn:subProcess id="work"><bpmn:startEvent id="s"/><bpmn:dataObjectReference id="ref" dataObjectRef="nothing"/>
    <bpmn:userTask id="t"><bpmn:dataInputAssociation><bpmn:sourceRef>ref</bpmn:sourceRef></bpmn:dataInputAssociation>
    </bpmn:userTask><bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="t"/>
    <bpmn:sequenceFlow id="g" sourceRef="t" targetRef="e"/></bpmn:subProcess>
"""


def hostile_files() -> dict[str, bytes]:
    head = b'<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL">'
    tasks = b"".join(b'<bpmn:userTask id="t%d"/>' % number for number in range(10_000))
    flows = b"".join(
        b'<bpmn:sequenceFlow id="f%d" sourceRef="t%d" targetRef="t%d"/>' % (number, number, number + 1)
        for number in range(9_999)
    )
    laughs = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    return {
        "laughs": b'<!DOCTYPE x [<!ENTITY a0 "ha">' + laughs + b"]><x>&a9;</x>",
        "external": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        "parameter": b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]><x/>',
        "many": head + b'<bpmn:process id="many">' + tasks + flows + b"</bpmn:process></bpmn:definitions>",
        "deep": b"<a>" * 5_000 + b"</a>" * 5_000,
        "dangling": head + b'<bpmn:process id="dangling">' + _DANGLING.encode() + b"</bpmn:process></bpmn:definitions>",
        "huge": b"<a>" + b" " * (6 * 1024 * 1024) + b"</a>",
        "empty": b"",
        "binary": bytes(range(256)) * 40,
        "utf16": '<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"),
    }


def test_hostile_files_are_refused_at_once(tmp_path: Path) -> None:
    for name, content in hostile_files().items():
        (tmp_path / f"{name}.bpmn").write_bytes(content)
    reports = check_path([tmp_path])
    assert len(reports) == len(hostile_files())
    for report in reports:
        assert not report.ok, report.path
        assert "check_crashed" not in codes(report), report
        assert "check_stopped" not in codes(report), f"{report} took its ten seconds"
    told = {Path(report.path).stem: codes(report) for report in reports}
    assert all("forbidden_dtd" in told[name] for name in ("laughs", "external", "parameter"))
    assert all("too_large" in told[name] for name in ("many", "deep", "huge"))


@pytest.mark.parametrize("how", [BUSY, ASLEEP], ids=["busy", "asleep"])
def test_a_file_that_hangs_the_examination_is_stopped_and_the_next_goes_on(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    hang_at_one_file(monkeypatch, tmp_path, Guard, function="examine", how=how)
    with Guard(seconds=0.3, megabytes=512) as guard:
        stopped = guard.examine(office / "test" / HANGS, None, None)
        assert [problem.code for problem in stopped.problems] == ["check_stopped"]
        guard._seconds = 30
        assert guard.examine(office / "test" / "permit.bpmn", None, None).problems == ()


def test_a_file_that_takes_too_much_memory_is_stopped(office: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.bpmn"
    large.write_bytes(b"<a>" + b"<b c='d'/>" * 50_000 + b"</a>")
    with Guard(seconds=10, megabytes=45) as guard:
        stopped = guard.examine(large, None, None)
        assert [problem.code for problem in stopped.problems] == ["check_stopped"]
    assert codes(check_path([office / "test" / "permit.bpmn"])[0]) == []


def test_a_fault_of_the_checker_is_a_problem_of_the_file_and_no_traceback(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("surprise")

    monkeypatch.setattr(checked_files, "read_bundle", broken)
    examination = _examine(office / "test" / "permit.bpmn", None, None)
    assert [problem.code for problem in examination.problems] == ["check_crashed"]
