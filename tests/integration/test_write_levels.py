"""One code that is done at two levels: the desk at which a dossier is handed in decides which procedure it follows."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from engine.cli.clock import due
from engine.domain.dossier import Applicant, Submission
from engine.effects.library import Library
from engine.process.errors import ProcedureUnknown
from tests.builders import ROOT, Office

FEE = "1.013040"
RECEIVED, CONFIG = "2026-03-02T09:00", str(ROOT / "config.yaml")
PROVINCE_DESK, COMMUNE_DESK = "BS-TTPVHCC", "AP-TTPVHCC"


@pytest.mark.parametrize(
    ("by", "desk", "deciding", "days"),
    [("lan", PROVINCE_DESK, "BS-SNNMT", 30), ("hoa", COMMUNE_DESK, "AP", 10)],
)
def test_the_desk_decides_at_which_level_a_code_is_done(
    office: Office, by: str, desk: str, deciding: str, days: int
) -> None:
    submission = Submission(FEE, Applicant("Công ty TNHH An Phú"), unit_code=desk)
    code = office.engine.intake.receive(office.person(by), submission, at=office.now).code
    dossier = office.dossier(code)
    units = office.engine.office.units
    assert (units.get(dossier.unit_id).code, units.get(dossier.deciding_unit_id).code) == (desk, deciding)
    with office.engine.uow.read() as tx:
        (phase,) = office.engine.library.get(tx, dossier.definition_ref).procedure.default_case.phases
    assert phase.limit.amount == days
    assert office.engine.catalogue.procedure(FEE, units.by_code(desk).level, at=office.now).limits == (
        phase.limit.label,
    )


def test_a_code_that_is_done_in_one_way_is_received_at_every_desk(office: Office) -> None:
    for by, desk in (("lan", PROVINCE_DESK), ("hoa", COMMUNE_DESK)):
        code = office.receive(by=by, unit_code=desk)
        assert office.engine.office.units.get(office.dossier(code).deciding_unit_id).code == "BS-CNAP"


def test_units_have_the_level_of_what_is_above_them(office: Office) -> None:
    levels = {unit.code: unit.level for unit in office.engine.office.units}
    assert {code for code, level in levels.items() if level == "commune"} == {"AP", "AP-KT", COMMUNE_DESK}
    assert set(levels.values()) == {"province", "commune"}


@pytest.mark.parametrize("desk", [PROVINCE_DESK, COMMUNE_DESK])
def test_every_lane_of_every_procedure_has_its_unit_from_both_desks(office: Office, desk: str) -> None:
    units = office.engine.office.units
    for definition in office.engine.library.current():
        deciding = units.nearest(definition.procedure.deciding_unit, units.by_code(desk))
        for step in definition.steps.values():
            units.for_lane(step.unit_kind, desk=units.by_code(desk), deciding=deciding)  # or UnitMissing says which


@pytest.mark.parametrize(("level", "due_on"), [("province", "2026-04-13"), ("commune", "2026-03-16")])
def test_the_date_of_a_code_of_two_levels_is_asked_for_with_its_level(level: str, due_on: str) -> None:
    options = ["--procedure", FEE, "--level", level, "--received", RECEIVED, "--json", "--config", CONFIG]
    ran = CliRunner().invoke(due, options, catch_exceptions=False)
    (phase,) = json.loads(ran.stdout)["phases"]
    assert phase["due_at"].startswith(due_on)


def test_a_code_of_two_levels_without_a_level_is_no_procedure() -> None:
    with pytest.raises(ProcedureUnknown, match="cần nêu cấp"):
        Library.open(ROOT / "bpmn").of_procedure(FEE)
