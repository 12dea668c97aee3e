"""One appointment in one case, two in another, one diagram: what `covers` of a phase means."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from engine.domain.process import FileReport
from engine.process.checks import check_path
from engine.process.definitions import Definition
from tests.builders import ROOT

TRANSFER = ROOT / "bpmn" / "land" / "register_transfer.bpmn"


@pytest.fixture(scope="module")
def definition() -> Definition:
    return Definition.load(TRANSFER, ROOT / "bpmn" / "shared")


def _check(folder: Path, was: str, now: str) -> FileReport:
    """What the checker says of the diagram once `was` of its facts reads `now`."""
    for source in (TRANSFER, TRANSFER.with_suffix(".yaml")):
        shutil.copy(source, folder)
    facts = folder / "register_transfer.yaml"
    text = facts.read_text(encoding="utf-8")
    assert text.count(was) == 1
    facts.write_text(text.replace(was, now), encoding="utf-8")
    reports = {Path(report.path).suffix: report for report in check_path([folder], shared=ROOT / "bpmn" / "shared")}
    return reports[".bpmn"]


def test_a_covered_phase_is_the_phase_that_covers_it(definition: Definition) -> None:
    two, one = definition.procedure.case("transfer"), definition.procedure.case("donation")
    assert [phase.name for phase in two.phases] == ["appointment_1", "appointment_2"]
    assert [two.phase(name).limit.amount for name in ("appointment_1", "appointment_2")] == [5, 3]
    (whole,) = one.phases
    assert one.phase("appointment_1") is one.phase("appointment_2") is whole
    assert whole.limit.amount == Decimal(8)
    with pytest.raises(LookupError):
        one.phase("appointment_3")


def test_steps_of_covered_phases_add_up_to_the_phase_that_covers_them(tmp_path: Path) -> None:
    report = _check(tmp_path, "limit: 8, unit", "limit: 9, unit")
    (problem,) = report.problems
    assert problem.code == "limits_do_not_add_up"
    assert "8 ngày làm việc" in problem.message
    assert "9 ngày làm việc" in problem.message


def test_a_step_needs_a_phase_that_its_case_has_or_covers(tmp_path: Path) -> None:
    report = _check(tmp_path, "covers: [appointment_1, appointment_2]", "covers: [appointment_1]")
    assert "phase_not_in_case" in {problem.code for problem in report.problems}
