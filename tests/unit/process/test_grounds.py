"""The grounds of pauses: the file of the office, the steps that may lead to a pause, the plan of a phase."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from engine.domain.grounds import Grounds, Holder, PauseDocument, PauseEnd, UnknownGround
from engine.process.checks.files import examine, files_under
from engine.process.definitions import Definition
from engine.process.errors import DefinitionInvalid
from engine.process.grounds import load_grounds, read_grounds

ROOT = Path(__file__).resolve().parents[3]
ONE = "grounds:\n  - {id: storm, name: phòng chống bão, source: Công điện, mark: M, whose: other_agency}\n"


def test_the_grounds_of_the_house_are_in_order_and_say_what_the_issue_asks_of_them():
    grounds = load_grounds(ROOT / "bpmn" / "shared")
    assert examine(ROOT / "bpmn" / "shared" / "grounds.yaml", None, None).problems == ()
    asked = {"supplement", "financial_obligation", "other_agency", "applicant_request", "court_order"}
    assert asked | {"public_posting", "land_survey", "land_price", "owner_revision"} <= grounds.ids
    assert (grounds.get("supplement").whose, grounds.get("supplement").clock) == (Holder.APPLICANT, PauseEnd.RESTART)
    assert grounds.get("court_order").document is PauseDocument.REQUIRED
    with pytest.raises(UnknownGround, match="moon_phase"):
        grounds.get("moon_phase")


@pytest.mark.parametrize(
    ("was", "now", "path", "line"),
    [
        ("mark: M", "mark: X", "grounds.1.mark", 2),
        ("whose: other_agency", "whose: nobody", "grounds.1.whose", 2),
        ("name: phòng chống bão, ", "", "grounds.1.name", 2),
        ("whose:", "clock: later, whose:", "grounds.1.clock", 2),
        ("whose:", "colour: red, whose:", "grounds.1.colour", 2),
    ],
)
def test_what_is_wrong_in_the_file_is_named_with_its_line(tmp_path: Path, was: str, now: str, path: str, line: int):
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "grounds.yaml").write_text(ONE.replace(was, now), encoding="utf-8")
    (problem,) = examine(shared / "grounds.yaml", None, None).problems
    assert (path in problem.message, problem.line) == (True, line)
    with pytest.raises(DefinitionInvalid):
        load_grounds(shared)


def test_a_folder_is_checked_with_every_file_of_the_office_in_it(tmp_path: Path):
    kept = {"grounds", "return_reasons", "procedure_codes", "legal_acts", "desk", "communes", "split_and_transfer"}
    assert {path.stem for path in files_under([ROOT / "bpmn"])} >= kept
    desk = tmp_path / "counter" / "desk.yaml"
    desk.parent.mkdir()
    desk.write_text("surprise: 1", encoding="utf-8")
    assert [bool(examine(path, None, None).problems) for path in files_under([tmp_path])] == [True]


def test_an_office_may_add_a_ground_and_it_holds_at_once(tmp_path: Path):
    assert load_grounds(tmp_path).ids == frozenset(), "no file, no grounds"
    (tmp_path / "grounds.yaml").write_text(ONE, encoding="utf-8")
    assert load_grounds(tmp_path).ids == {"storm"}
    (tmp_path / "grounds.yaml").write_text(ONE.replace("storm", "epidemic"), encoding="utf-8")
    assert load_grounds(tmp_path).ids == {"epidemic"}
    assert isinstance(read_grounds(ONE.encode())[0], Grounds)


def test_a_step_that_may_lead_to_a_pause_asks_for_its_document():
    transfer = Definition.load(ROOT / "bpmn" / "land" / "register_transfer.bpmn")
    pausing = {step.id: step.pauses_on for step in transfer.steps.values() if step.pauses_on}
    assert "court_order" in pausing["appraise_transfer"]
    asked = {step.id for step in transfer.steps.values() if any(field.id == "pause_document" for field in step.form)}
    assert asked == set(pausing)


def test_the_plan_of_a_phase_says_what_the_steps_before_may_take():
    reissue = Definition.load(ROOT / "bpmn" / "land" / "reissue_certificate.bpmn")
    case = reissue.procedure.default_case
    before = {step.id: reissue.planned_before(step, case) for step in reissue.steps.values() if step.phase}
    limits = {step.id: step.limit_for(case.id) or Decimal(0) for step in reissue.steps.values()}
    assert before["forward_dossier"] == 0
    assert before["appraise_dossier"] == limits["forward_dossier"]
    assert before["review_dossier"] == limits["forward_dossier"] + limits["appraise_dossier"]
