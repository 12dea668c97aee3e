"""The counter: what is refused before anything is written, and the same call twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.domain.dossier import Applicant, Channel, HandedInItem
from engine.domain.errors import BadInput, NotFound, Refused
from engine.domain.status import DossierStatus as Status
from engine.effects.registering import LetterRefused
from engine.persistence.repositories.correspondence import Outbox
from engine.services.intake import SubmissionIncomplete
from tests.builders import DESK, REISSUE, Office, local

RECEIPT_DESK = "0.000001"


@pytest.mark.parametrize(
    ("changes", "family"),
    [
        ({"applicant": Applicant("  ")}, SubmissionIncomplete),
        ({"case": "no_such_case"}, SubmissionIncomplete),
        ({"agreed_due_at": local("2026-04-01 17:00")}, SubmissionIncomplete),
        ({"procedure": "9.999999"}, NotFound),
        ({"unit_code": "NOWHERE"}, NotFound),
        ({"unit_code": "BS-CNAP"}, Refused),  # an office, not a counter
        ({"unit_code": "AP-TTPVHCC"}, Refused),  # a counter, not hers
        ({"by": "minh"}, Refused),
        ({"by": "giam"}, Refused),
    ],
)
def test_what_cannot_be_received_leaves_no_trace(office: Office, changes, family):
    tables = ("dossiers", "letters", "number_series", "audit_events", "outbox")
    before = [office.count(table) for table in tables]
    with pytest.raises(family):
        office.receive(**({"procedure": REISSUE} | changes))
    assert [office.count(table) for table in tables] == before


def test_a_clerk_of_one_desk_need_not_name_it(office: Office):
    code = office.receive(unit_code="")
    assert office.engine.office.units.get(office.dossier(code).unit_id).code == DESK


@pytest.mark.parametrize("words", ["", "  \n"])
def test_a_refusal_and_a_request_for_papers_say_why(office: Office, words):
    intake, lan = office.engine.intake, office.person("lan")
    with pytest.raises(SubmissionIncomplete):
        intake.refuse(lan, office.submission(), reason=words, at=office.now)
    with pytest.raises(SubmissionIncomplete):
        intake.ask_supplement(lan, office.submission(), missing=words, at=office.now)
    assert office.count("dossiers") == 0


def test_a_date_is_agreed_only_where_the_procedure_works_by_agreement(office: Office):
    agreed = office.now + timedelta(days=56)
    code = office.receive(RECEIPT_DESK, agreed_due_at=agreed)
    assert office.dossier(code).due_at == agreed
    for wrong in (None, office.now, office.now - timedelta(days=1)):
        with pytest.raises(SubmissionIncomplete):
            office.receive(RECEIPT_DESK, agreed_due_at=wrong)


def test_a_dossier_written_down_later_counts_from_when_it_was_handed_in(office: Office):
    """It came on Monday and was typed in on Wednesday: the appointment is Monday's, the history says both."""
    monday, wednesday = local("2026-03-02 15:30"), local("2026-03-04 08:10")
    code = office.receive(received_at=monday, at=wednesday)
    assert office.dossier(code).due_at == local("2026-03-05 17:00")
    assert code.endswith("260302-0001")
    with office.engine.uow.read() as tx:
        events = tx.history.events(office.dossier(code).id)
    assert {(event["at"], event["recorded_at"]) for event in events} == {(monday, wednesday)}


def test_a_dossier_is_not_received_in_the_future(office: Office):
    """A mistyped year would give it a date that nobody could keep track of."""
    with pytest.raises(SubmissionIncomplete, match="tương lai"):
        office.receive(received_at=office.now + timedelta(minutes=1))
    assert office.count("dossiers") == 0


def test_what_was_handed_in_is_what_is_on_record(office: Office):
    items = (HandedInItem("application", "Đơn", 1), HandedInItem("certificate", "Giấy chứng nhận", 1, 2))
    code = office.receive(
        items=items,
        channel=Channel.POSTAL,
        result_channel=Channel.POSTAL,
        content="Thửa đất số 45, tờ bản đồ số 12",
        external_code="DVC-2026-1",
        details={"parcel": "45"},
    )
    found = office.dossier(code)
    assert (found.items, found.channel, found.result_channel) == (items, Channel.POSTAL, Channel.POSTAL)
    assert (found.content, found.external_code, dict(found.details)) == (
        "Thửa đất số 45, tờ bản đồ số 12",
        "DVC-2026-1",
        {"parcel": "45"},
    )
    with pytest.raises(LetterRefused, match="từ 1 đến 30"):  # what motcua check says of a procedure: too_many_items
        office.receive(items=items[:1] * 31)
    with pytest.raises(LetterRefused, match="tối đa 250"):  # and name_too_long
        office.receive(items=(HandedInItem("application", "x" * 251, 1),))
    assert office.dossier(office.receive(items=items[:1] * 30)).items == items[:1] * 30


# --- the same call twice ----------------------------------------------------------------------------------------------


def test_a_second_click_gets_the_first_ones_answer(office: Office):
    submission = replace(office.submission(), idempotency_key="click-1")
    lan, intake = office.person("lan"), office.engine.intake
    first = intake.receive(lan, submission, at=office.now)
    assert intake.receive(lan, submission, at=office.now + timedelta(minutes=1)) == first
    assert (office.count("dossiers"), office.count("letters")) == (1, 1)


def test_two_clicks_at_the_same_moment_make_one_dossier(office: Office):
    submission = replace(office.submission(), idempotency_key="click-1")
    lan, intake, now = office.person("lan"), office.engine.intake, office.now
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: intake.receive(lan, submission, at=now), range(16)))
    assert len(set(answers)) == 1
    assert (office.count("dossiers"), office.count("letters")) == (1, 1)
    assert office.dossier(answers[0].code).status is Status.RECEIVED


def test_clerks_who_receive_at_the_same_moment_get_numbers_in_a_row(office: Office):
    submissions = [office.submission() for _ in range(16)]
    lan, intake, now = office.person("lan"), office.engine.intake, office.now
    with ThreadPoolExecutor(8) as pool:
        codes = pool.map(lambda submission: intake.receive(lan, submission, at=now).code, submissions)
        numbers = sorted(int(code[-4:]) for code in codes)
    assert numbers == list(range(1, 17))


def test_a_number_that_was_taken_back_is_given_to_the_next(office: Office, monkeypatch):
    """The transaction breaks after both numbers were counted up; nothing of it stays."""

    def break_off(*_: object) -> None:
        raise BadInput(detail="bị ngắt giữa chừng")

    series = office.count("number_series")
    with monkeypatch.context() as broken:
        broken.setattr(Outbox, "promise", break_off)
        with pytest.raises(BadInput):
            office.receive()
    assert (office.count("dossiers"), office.count("letters"), office.count("number_series")) == (0, 0, series)
    code = office.receive()
    assert code.endswith("-0001")
    assert office.letters(code)[0].number == 1
