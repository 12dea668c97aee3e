"""The turns a dossier may take: papers missing, money owed, a leader who returns it, a refusal, a withdrawal."""

from __future__ import annotations

import pytest

from engine.domain.errors import NotAllowedNow, Refused
from engine.domain.status import DossierStatus as Status
from engine.effects.clock import PausedBefore
from engine.services.delivery import ReasonMissing
from letters import DiscontinuationNotice, RefusalSlip, SupplementRequest
from tests.builders import LICENCE, REISSUE, SPLIT, Office
from tests.scenario import Scenario

# --- papers are missing -----------------------------------------------------------------------------------------------


def test_the_clock_stands_while_the_applicant_brings_papers(s: Scenario):
    """Eight hours on Tuesday and two on Wednesday are spent; fourteen are left when the papers come."""
    s.receive(REISSUE, on="2026-03-02 09:00").forward()
    s.on("2026-03-04 10:00").appraise("supplement", missing_items="Bản sao Giấy chứng nhận\nMảnh trích đo")
    s.expect_status(Status.SUPPLEMENT_REQUESTED).expect_no_due_date(paused=True)
    s.on("2026-03-09 14:00").bring_supplement()
    s.expect_status(Status.IN_PROGRESS).expect_due("2026-03-11 17:00").expect_steps("appraise_dossier")
    s.expect_letters("receipt", "supplement_request")
    assert s.dossier.supplement_rounds == 1


def test_form_02_lists_what_the_officer_asked_for(s: Scenario):
    s.receive(REISSUE).forward()
    s.appraise("supplement", missing_items="Bản sao Giấy chứng nhận\n\nMảnh trích đo ", reason="Thiếu bản vẽ")
    slip = s.printed("supplement_request")
    assert isinstance(slip, SupplementRequest)
    assert slip.requirements == ("Bản sao Giấy chứng nhận", "Mảnh trích đo")
    assert slip.reason == "Thiếu bản vẽ"
    assert slip.letterhead.agency == "Chi nhánh Văn phòng Đăng ký đất đai khu vực An Phú"


def test_nothing_is_overdue_while_the_applicant_has_the_turn(s: Scenario):
    s.receive(REISSUE).forward().appraise("supplement", missing_items="Bản vẽ")
    s.days_pass(60).sweep_finds()
    s.bring_supplement().expect_overdue(0).sweep_finds()


def test_papers_are_asked_for_once_with_a_form_that_is_counted(s: Scenario):
    s.receive(REISSUE).forward()
    s.appraise("supplement", missing_items="Bản vẽ").days_pass(1).bring_supplement()
    with pytest.raises(PausedBefore):
        s.appraise("supplement", missing_items="Bản đồ")
    s.expect_letters("receipt", "supplement_request")
    s.appraise().review().register().sign().deliver().expect_ended(Status.DELIVERED, supplement_rounds=1)


def test_a_dossier_that_lacks_papers_is_written_down_but_its_clock_does_not_start(s: Scenario):
    s.receive_incomplete(REISSUE, missing="Giấy chứng nhận bản gốc")
    s.expect_status(Status.SUPPLEMENT_REQUESTED).expect_no_due_date(paused=False)
    s.expect_letters("supplement_request").expect_steps("receive_missing_items")
    assert s.printed("supplement_request").letterhead.agency.startswith("Trung tâm Phục vụ hành chính công")
    s.days_pass(30).sweep_finds()


def test_the_clock_starts_when_the_dossier_is_complete(s: Scenario):
    """Handed in on 2 March, complete on Monday the 9th: the day of receipt that counts is the 9th."""
    s.receive_incomplete(REISSUE, missing="Giấy chứng nhận bản gốc", on="2026-03-02 09:00")
    s.on("2026-03-09 08:30").bring_supplement().expect_status(Status.SUBMITTED).expect_steps("check_dossier")
    s.do("check_dossier", intake="accepted").expect_due("2026-03-12 17:00")
    s.expect_letters("supplement_request", "receipt").expect_steps("forward_dossier")


# --- money is owed ----------------------------------------------------------------------------------------------------


def test_two_appointments_stand_around_the_tax_step(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-05 16:00")
    s.appraise(financial_obligation="owed").review()
    s.expect_status(Status.PAYMENT_REQUESTED).expect_no_due_date(paused=False).expect_steps("receive_payment_proof")
    s.on("2026-03-20 10:00").sweep_finds()
    s.pay(paid_on="2026-03-20").expect_due("2026-03-24 17:00").expect_status(Status.IN_PROGRESS)
    s.register().on("2026-03-24 16:59").sign().deliver()
    s.expect_ended(Status.DELIVERED, timeliness="on_time", days=0)


def test_a_resurveyed_certificate_has_four_days_after_the_payment(s: Scenario):
    s.receive(REISSUE, case="resurveyed").forward().appraise(financial_obligation="owed").review()
    s.on("2026-03-10 16:00").pay().expect_due("2026-03-16 17:00")


def test_an_early_second_appointment_does_not_hide_a_late_first_one(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward()
    s.on("2026-03-06 09:00").sweep().appraise(financial_obligation="owed").review()
    s.on("2026-03-09 09:00").pay().register().sign().deliver()
    s.expect_ended(Status.DELIVERED, timeliness="late", is_apologised=True, days=1)


def test_each_appointment_may_be_made_anew_once(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward()
    s.on("2026-03-06 09:00").sweep().appraise(financial_obligation="owed").review()
    s.on("2026-03-09 09:00").pay().expect_due("2026-03-11 17:00")
    s.on("2026-03-12 08:00").sweep_finds(overdue=1, letters=1).expect_due("2026-03-17 17:00", first="2026-03-11 17:00")
    assert [letter.number for letter in s.office.letters(s.code, "apology")] == [1, 2]


def test_the_appointments_join_into_one_when_nothing_is_owed(s: Scenario):
    """Three days and two are five, counted from receipt; no second day is left uncounted."""
    s.receive(REISSUE, on="2026-02-13 09:00").expect_due("2026-02-25 17:00").forward()
    s.appraise(financial_obligation="none").review().expect_due("2026-02-27 17:00")


# --- a leader does not agree ------------------------------------------------------------------------------------------


def test_a_leader_returns_a_dossier_and_it_is_counted(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().appraise()
    s.review("return", comment="Kiểm tra lại diện tích").expect_steps("appraise_dossier")
    s.expect_due("2026-03-05 17:00")
    s.appraise().review().register().sign("return").expect_steps("update_register")
    assert s.dossier.return_count == 2
    s.register().sign().deliver().expect_ended(Status.DELIVERED, return_count=2)


def test_the_province_returns_a_licence_to_the_officer(s: Scenario):
    s.receive(LICENCE).forward().do("assign_officer").appraise().review().do("approve_submission")
    s.do("issue_submission").do("decide_licence", decision="return").expect_steps("appraise_dossier")
    assert s.dossier.return_count == 1


@pytest.mark.parametrize("procedure", [REISSUE, SPLIT])
def test_a_rejected_dossier_still_goes_back_over_the_counter_with_form_03(s: Scenario, procedure):
    s.receive(procedure).forward()
    s.appraise("reject", reason="Thửa đất đang có tranh chấp").review()
    s.expect_status(Status.RESOLVED).expect_steps("deliver_result").expect_letters("receipt", "refusal")
    slip = s.printed("refusal")
    assert isinstance(slip, RefusalSlip)
    assert slip.letterhead.agency == "Chi nhánh Văn phòng Đăng ký đất đai khu vực An Phú"
    s.deliver().expect_ended(Status.DELIVERED, result="rejected", timeliness="early")


def test_form_03_gives_the_reason_that_the_officer_wrote(s: Scenario):
    """The leader who agrees writes no reason of their own: the officer's stands in the slip."""
    s.receive(REISSUE).forward().appraise("reject", reason="Thửa đất đang có tranh chấp").review()
    slip = s.printed("refusal")
    assert isinstance(slip, RefusalSlip)
    assert slip.reason == "Thửa đất đang có tranh chấp"


def test_form_03_does_not_repeat_the_reason_of_an_earlier_supplement(s: Scenario):
    s.receive(REISSUE).forward().appraise("supplement", missing_items="Bản vẽ", reason="Thiếu bản vẽ")
    s.bring_supplement().appraise("reject").review()
    slip = s.printed("refusal")
    assert isinstance(slip, RefusalSlip)
    assert slip.reason == "Hồ sơ không đủ điều kiện theo quy định của thủ tục"


def test_the_department_rejects_a_licence_without_asking_the_province(s: Scenario):
    s.receive(LICENCE).forward().do("assign_officer").appraise("reject", reason="Thiếu nhân lực").review()
    s.do("approve_submission", decision="approve").expect_steps("deliver_result").expect_letters("receipt", "refusal")
    s.deliver().expect_ended(Status.DELIVERED, result="rejected")


def test_a_dossier_is_refused_at_the_counter_in_writing(s: Scenario):
    s.refuse(REISSUE, reason="Không thuộc thẩm quyền giải quyết")
    s.expect_letters("refusal").expect_ended(Status.REFUSED, result="refused", timeliness=None)
    slip = s.printed("refusal")
    assert isinstance(slip, RefusalSlip)
    assert slip.reason == "Không thuộc thẩm quyền giải quyết"
    assert slip.letterhead.agency.startswith("Trung tâm Phục vụ hành chính công")
    s.days_pass(60).sweep_finds()


# --- the applicant takes it back --------------------------------------------------------------------------------------


def test_an_applicant_withdraws_and_gets_form_05(s: Scenario):
    s.receive(REISSUE).forward().days_pass(1).withdraw("Tôi chưa cần cấp đổi nữa")
    s.expect_letters("receipt", "discontinuation")
    notice = s.printed("discontinuation")
    assert isinstance(notice, DiscontinuationNotice)
    assert notice.reason == "Tôi chưa cần cấp đổi nữa"
    s.expect_ended(Status.DISCONTINUED, result="withdrawn")
    s.days_pass(60).sweep_finds()


def test_a_dossier_is_withdrawn_while_it_waits_for_papers(s: Scenario):
    s.receive(REISSUE).forward().appraise("supplement", missing_items="Bản vẽ").days_pass(3).withdraw()
    s.expect_ended(Status.DISCONTINUED, result="withdrawn", timeliness=None)


def test_a_dossier_is_withdrawn_before_it_was_complete(s: Scenario):
    s.receive_incomplete(REISSUE, missing="Bản vẽ").withdraw().expect_ended(Status.DISCONTINUED, timeliness=None)


def test_a_late_dossier_is_apologised_for_before_it_is_withdrawn(s: Scenario):
    s.receive(REISSUE).forward().days_pass(30).withdraw()
    s.expect_letters("receipt", "apology", "discontinuation").expect_overdue()


def test_nobody_withdraws_what_has_ended(s: Scenario):
    s.receive(REISSUE).withdraw()
    with pytest.raises(NotAllowedNow):
        s.withdraw()
    s.expect_letters("receipt", "discontinuation")


def test_a_withdrawal_needs_a_reason_since_form_05_prints_it(s: Scenario):
    s.receive(REISSUE)
    with pytest.raises(ReasonMissing):
        s.withdraw("  ")
    s.expect_letters("receipt").expect_status(Status.RECEIVED)


def test_a_desk_that_did_not_receive_the_dossier_cannot_withdraw_it(s: Scenario):
    s.receive(REISSUE)
    with pytest.raises(Refused):
        s.withdraw(by="hoa")
    s.expect_status(Status.RECEIVED)


# --- what a person may not do -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["lan", "thanh", "khoa", "giam", "admin"])
def test_only_an_officer_of_the_unit_appraises(s: Scenario, username):
    s.receive(REISSUE).forward()
    with pytest.raises(Refused):
        s.do("appraise_dossier", by=username, appraisal="qualified")
    s.expect_steps("appraise_dossier")


def test_a_step_that_somebody_took_is_theirs_until_they_give_it_back(s: Scenario):
    s.receive(REISSUE).forward()
    processing, office = s.office.engine.processing, s.office
    (task,) = office.open_tasks(s.code)
    processing.claim(office.person("minh"), s.code, task.id, at=office.now)
    with pytest.raises(Refused):
        s.do("appraise_dossier", by="thao")
    processing.release(office.person("minh"), s.code, task.id, at=office.now)
    s.do("appraise_dossier", by="thao").expect_steps("review_dossier")


def test_a_dossier_received_at_a_commune_is_decided_by_the_registry_and_given_back_there(office: Office):
    code = office.receive(REISSUE, by="hoa", unit_code="AP-TTPVHCC")
    hands = []
    while office.open_tasks(code):
        hands.append(office.whose_turn(office.open_tasks(code)[0]).username)
        office.do(code)
    assert (hands[0], hands[-1], set(hands[1:-1])) == ("hoa", "hoa", {"minh", "thanh"})
