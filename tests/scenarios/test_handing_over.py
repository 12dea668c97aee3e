"""The end at the counter: a slip is scanned, the result goes to the right person, and the service may be rated once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.domain.answers import FormRefused
from engine.domain.dossier import Submitter, counter_digits
from engine.domain.errors import Conflict, NotAllowedNow, NotFound, Refused
from engine.domain.handing_over import HandOver, HandOverCase, ReceiverKind, faults_of
from engine.domain.messages import item_digits
from engine.domain.scans import ScanKind, read_scan
from engine.domain.slips import slip_digits
from engine.domain.status import DossierStatus
from engine.domain.survey_tokens import LENGTH, VALID_FOR, digest_of, grouped
from engine.services.scanning import OtherUnit, UnknownScan
from tests.builders import ANSWERS, Office, a_dossier


def right(office: Office, code: str) -> HandOver:
    """A hand-over at which nothing is wrong: the applicant comes, shows the card and signs."""
    applicant = office.dossier(code).applicant
    today = office.engine.office.local_day(office.now)
    return HandOver(
        receiver_name=applicant.full_name,
        identity=applicant.identity_number,
        result_number="AA 123456",
        result_on=today,
        is_signed=True,
        are_letters_given=True,
    )


def step_of(office: Office, code: str) -> tuple[str, int, int]:
    (task,) = office.open_tasks(code)
    return code, task.id, office.dossier(code).version


def test_a_scanned_receipt_leads_to_its_hand_over_and_the_result_goes_out_once(office: Office):
    code = a_dossier(office, at=DossierStatus.RESOLVED)
    clerk, engine = office.person("lan"), office.engine
    found = engine.scanning.find(clerk, counter_digits(office.dossier(code).id))
    assert (found.kind, found.code, found.is_waiting_for_hand_over) == (ScanKind.DOSSIER, code, True)

    step, given = step_of(office, code), right(office, code)
    with pytest.raises(FormRefused) as refused:
        engine.handing_over.hand_over(clerk, step, replace(given, identity="0000", is_signed=False), at=office.now)
    assert set(refused.value.fields) == {"identity", "signed"}
    assert office.count("hand_overs") == 0
    with pytest.raises(NotAllowedNow, match="Trả kết quả"):
        engine.processing.complete(clerk, *step, ANSWERS["deliver_result"], at=office.now)
    assert engine.handing_over.hand_over(clerk, step, given, at=office.now).is_finished
    with pytest.raises(Conflict):
        engine.handing_over.hand_over(clerk, step, given, at=office.now)

    assert office.dossier(code).status is DossierStatus.DELIVERED
    (event,) = [event for event in office.events(code, "step_completed") if event["step_id"] == "deliver_result"]
    number = office.dossier(code).applicant.identity_number
    assert number not in str(event), "the history holds the last digits of a card and no more"
    assert event["answers"]["receiver_identity"] == f"…{number[-4:]}"  # type: ignore[index]
    assert "AA 123456" in str(event["remark"])
    told = engine.handing_over.record(clerk, code)
    assert told is not None
    assert (told.receiver_name, told.identity_tail, told.is_rated) == (given.receiver_name, number[-4:], False)
    assert not engine.scanning.find(clerk, counter_digits(office.dossier(code).id)).is_waiting_for_hand_over


def test_the_slip_carries_a_token_that_is_used_once_and_ends_when_it_is_printed_again(office: Office):
    code = a_dossier(office, at=DossierStatus.RESOLVED)
    clerk, engine = office.person("lan"), office.engine
    with pytest.raises(NotFound):
        engine.handing_over.slip(clerk, code, at=office.now)
    engine.handing_over.hand_over(clerk, step_of(office, code), right(office, code), at=office.now)
    _, first = engine.handing_over.slip(clerk, code, at=office.now)
    _, second = engine.handing_over.slip(clerk, code, at=office.now + timedelta(minutes=1))
    assert first
    assert second
    assert first != second
    assert len(second) == LENGTH
    at = office.now + timedelta(minutes=2)
    with engine.uow.write() as tx:
        old, new = tx.survey_tokens.find(digest_of(first)), tx.survey_tokens.find(digest_of(grouped(second).lower()))
        assert old
        assert new
        assert second not in str(new)
        assert new.expires_at == office.now + timedelta(minutes=1) + VALID_FOR
        assert not tx.survey_tokens.use(old.id, at)
        assert tx.survey_tokens.use(new.id, at)
        assert not tx.survey_tokens.use(new.id, at)
    told, third = engine.handing_over.slip(clerk, code, at=at)
    assert told.is_rated
    assert third is None
    with pytest.raises(NotFound):
        engine.handing_over.slip(office.person("hoa"), code, at=at)  # a clerk of another desk
    with pytest.raises(Refused):
        engine.handing_over.slip(office.person("giam"), code, at=at)  # who watches hands nothing over


def test_whoever_scans_the_paper_of_another_house_is_told_whose_it_is(office: Office):
    code, engine = office.receive(), office.engine
    digits = counter_digits(office.dossier(code).id)
    with pytest.raises(OtherUnit, match="Trung tâm Phục vụ hành chính công tỉnh Bình Sơn"):
        engine.scanning.find(office.person("hoa"), digits)
    assert engine.scanning.find(office.person("minh"), digits).code == code
    unknown = (counter_digits(999_999), digits[:-1] + str(9 - int(digits[-1])), item_digits(77), slip_digits(999, 1))
    for wrong in (*unknown, "", "12345678", "abc", digits * 3):
        with pytest.raises(UnknownScan):
            engine.scanning.find(office.person("lan"), wrong)
    desk = engine.units.by_code("BS-TTPVHCC").id
    slip = engine.scanning.find(office.person("lan"), slip_digits(desk, 12))
    assert (slip.kind, slip.number) == (ScanKind.SLIP, 12)
    with pytest.raises(OtherUnit):
        engine.scanning.find(office.person("hoa"), slip_digits(desk, 12))
    kinds = [read_scan(code) for code in (digits, item_digits(5), slip_digits(desk, 12))]
    assert [scan and scan.kind for scan in kinds] == [ScanKind.DOSSIER, ScanKind.ENVELOPE, ScanKind.SLIP]


def test_nothing_goes_out_before_its_step_or_to_whom_it_is_not_due(office: Office):
    code, engine = office.receive(), office.engine
    clerk = office.person("lan")
    with pytest.raises(NotAllowedNow):
        engine.handing_over.hand_over(clerk, step_of(office, code), right(office, code), at=office.now)
    with pytest.raises(NotFound):
        engine.handing_over.case(office.person("hoa"), code, at=office.now)
    case = engine.handing_over.case(clerk, code, at=office.now)
    given = right(office, code)
    wrong: tuple[tuple[str, HandOver, HandOverCase], ...] = (
        ("receiver_kind", replace(given, receiver_kind=ReceiverKind.SUBMITTER), case),
        ("authorisation", replace(given, receiver_kind=ReceiverKind.AUTHORISED, receiver_name="Người khác"), case),
        ("receiver_name", replace(given, receiver_kind=ReceiverKind.AUTHORISED, authorisation="số 5"), case),
        ("result_on", replace(given, result_on=case.today + timedelta(days=1)), case),
        ("result_number", replace(given, result_number=" "), case),
        ("receiver_name", replace(given, receiver_name=""), case),
        ("letters_given", replace(given, are_letters_given=False), replace(case, letters_to_give=("1/PXL",))),
        ("postal_code", replace(given, method="postal"), case),
    )
    for field, words, against in wrong:
        assert set(faults_of(words, against)) == {field}
    submitter = replace(case, submitter=Submitter("Người nộp thay", identity_number="079190001111"))
    brought = replace(given, receiver_kind=ReceiverKind.SUBMITTER, identity="1111")
    assert faults_of(brought, submitter) == {}
    assert faults_of(replace(given, method="postal", postal_code="EB123", identity="", is_signed=False), case) == {}
