"""A paper that is asked for only where the answers at the desk make it necessary: the topsoil plan for rice land."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.domain.dossier import HandedInItem
from tests.builders import Office

ALLOCATE = "1.013823"
ANSWERS = {"request": "conversion", "payment": "paid", "area": "ordinary"}


@pytest.mark.parametrize(("rice_land", "missing"), [("true", ["topsoil_plan"]), ("false", [])])
def test_the_answers_say_which_paper_is_missing(office: Office, rice_land: str, missing: list[str]):
    answers = ANSWERS | {"rice_land": rice_land}
    submission = office.submission(ALLOCATE, answers=answers)
    clerk = office.person("lan")
    assert list(office.engine.intake.assess(clerk, submission, at=office.now).needed_items) == missing
    code = office.engine.intake.receive(clerk, submission, at=office.now).code
    assert [item.id for item in office.dossier(code).items if not item.is_present] == missing


def test_a_paper_that_was_handed_in_is_not_missing(office: Office):
    item = next(item for item in office.engine.catalogue.procedure(ALLOCATE, at=office.now).items if item.required_when)
    submission = office.submission(ALLOCATE, answers=ANSWERS | {"rice_land": "true"})
    given = replace(submission, items=(*submission.items, HandedInItem(item.id, item.name, originals=1)))
    code = office.engine.intake.receive(office.person("lan"), given, at=office.now).code
    assert all(item.is_present for item in office.dossier(code).items)
