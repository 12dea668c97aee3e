"""A dossier may be handed in before anybody checks it: its process waits at the desk and no clock runs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.domain.dossier import Channel
from engine.domain.status import DossierStatus
from engine.services.intake import Intake, SubmissionIncomplete
from tests.builders import REISSUE, Office, local

LAND_DATA, BY_AGREEMENT = "1.012789", "agreement"
AGREED = local("2026-03-20 10:00")


def hand_in(office: Office, procedure: str = REISSUE, **facts: object) -> str:
    submission = office.submission(procedure, channel=Channel.POSTAL, **facts)
    return office.engine.intake.hand_in(office.person("lan"), submission, at=office.now).code


def test_what_is_handed_in_waits_for_the_desk(office: Office) -> None:
    code = hand_in(office)
    dossier = office.dossier(code)
    assert (dossier.status, dossier.due_at, office.letters(code)) == (DossierStatus.SUBMITTED, None, [])
    assert [task.step_id for task in office.open_tasks(code)] == ["check_dossier"]


def test_the_clock_starts_when_the_desk_has_checked(office: Office) -> None:
    code = hand_in(office)
    office.clock.advance(timedelta(days=1))
    office.do(code, "check_dossier", intake="accepted")
    assert office.dossier(code).due_at == local("2026-03-06 17:00")
    assert [letter.form for letter in office.letters(code)] == ["receipt"]


def test_a_date_that_was_agreed_holds_when_the_desk_accepts_later(office: Office) -> None:
    code = hand_in(office, LAND_DATA, case=BY_AGREEMENT, agreed_due_at=AGREED)
    office.clock.advance(timedelta(days=1))
    office.do(code, "check_dossier", intake="accepted")
    assert office.dossier(code).due_at == AGREED


def test_a_date_that_was_agreed_holds_when_papers_were_missing(office: Office) -> None:
    submission = office.submission(LAND_DATA, case=BY_AGREEMENT, agreed_due_at=AGREED)
    asked = office.engine.intake.ask_supplement(
        office.person("lan"), submission, missing="Phiếu yêu cầu", at=office.now
    )
    office.do(asked.code, "receive_missing_items", supplement_note="Đã nộp")
    office.do(asked.code, "check_dossier", intake="accepted")
    assert office.dossier(asked.code).due_at == AGREED


@pytest.mark.parametrize("receive", [Intake.hand_in, Intake.receive])
def test_a_procedure_by_agreement_needs_its_date_at_once(office: Office, receive: object) -> None:
    assert callable(receive)
    with pytest.raises(SubmissionIncomplete, match="ngày hẹn"):
        receive(
            office.engine.intake,
            office.person("lan"),
            office.submission(LAND_DATA, case=BY_AGREEMENT),
            at=office.now,
        )
