"""The straight way through each real procedure, with every date it promises on the way."""

from __future__ import annotations

import pytest

from engine.domain.status import DossierStatus as Status
from letters import ReceiptSlip
from tests.builders import DEPARTMENT, LICENCE, REGISTRY, REISSUE, SPLIT, a_dossier
from tests.scenario import Scenario


def test_a_certificate_is_reissued_in_one_appointment_when_nothing_is_owed(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").expect_status(Status.RECEIVED)
    s.expect_due("2026-03-05 17:00").expect_steps("forward_dossier").expect_letters("receipt")
    s.forward().expect_status(Status.IN_PROGRESS).expect_steps("appraise_dossier")
    s.on("2026-03-04 10:00").appraise(financial_obligation="none").expect_steps("review_dossier")
    s.on("2026-03-05 09:00").review().expect_due("2026-03-09 17:00").expect_steps("update_register")
    s.on("2026-03-06 15:00").register().expect_steps("sign_certificate")
    s.on("2026-03-09 09:00").sign().expect_status(Status.RESOLVED).expect_steps("deliver_result")
    s.on("2026-03-10 08:30").deliver()
    s.expect_ended(Status.DELIVERED, result="delivered", timeliness="on_time", days=0, is_apologised=False)


def test_a_resurveyed_certificate_has_six_days_and_four(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00", case="resurveyed").expect_due("2026-03-10 17:00")
    s.forward().on("2026-03-09 16:00").appraise(financial_obligation="none").review()
    s.expect_due("2026-03-16 17:00")
    s.on("2026-03-13 16:00").register().sign().deliver()
    s.expect_ended(Status.DELIVERED, timeliness="early", days=-3)


def test_a_parcel_is_split_in_twelve_working_days_across_a_swapped_saturday(s: Scenario):
    """Received on Monday 17/08/2026: Saturday 22/08 is worked, 31/08 to 02/09 are off."""
    s.receive(SPLIT, on="2026-08-17 09:00").expect_due("2026-09-04 17:00").forward()
    s.appraise(drawing="applicant").review().expect_steps("confirm_drawing").do("confirm_drawing")
    s.register().sign().expect_due("2026-09-04 17:00").deliver()
    s.expect_ended(Status.DELIVERED, timeliness="early", days=-18)


def test_a_drawing_of_the_registry_itself_needs_no_confirmation(s: Scenario):
    s.receive(SPLIT).forward().appraise(drawing="registry").review().expect_steps("register_parcels")


def test_a_licence_passes_through_seven_hands(s: Scenario):
    s.receive(LICENCE, on="2026-03-02 09:00").expect_due("2026-03-25 17:00")
    hands = []
    while s.office.open_tasks(s.code):
        (task,) = s.office.open_tasks(s.code)
        hands.append((task.step_id, s.office.whose_turn(task).username))
        s.do()
    assert hands == [
        ("forward_dossier", "lan"),
        ("assign_officer", "duyen"),
        ("appraise_dossier", "khoa"),
        ("review_appraisal", "duyen"),
        ("approve_submission", "khue"),
        ("issue_submission", "van"),
        ("decide_licence", "thinh"),
        ("deliver_result", "lan"),
    ]
    s.expect_ended(Status.DELIVERED, result="delivered", timeliness="early")


@pytest.mark.parametrize(
    ("procedure", "received", "due"),
    [
        (REISSUE, "2026-02-13 09:00", "2026-02-25 17:00"),  # Tết: 14 to 22 February
        (REISSUE, "2025-12-31 09:00", "2026-01-07 17:00"),  # 2 January was swapped off
        (SPLIT, "2026-04-22 09:00", "2026-05-13 17:00"),  # 27/04 compensation, 30/04 and 01/05
        (LICENCE, "2026-04-23 16:59", "2026-05-21 17:00"),
    ],
)
def test_holidays_move_the_appointment(s: Scenario, procedure, received, due):
    s.receive(procedure, on=received).expect_due(due)


def test_each_step_knows_its_own_share_of_the_limit(s: Scenario):
    """Half a day at the desk, counted in office time from the moment at which the step opens."""
    s.receive(REISSUE, on="2026-03-02 09:00")
    (task,) = s.office.open_tasks(s.code)
    assert task.step_due_at == s.office.now.replace(hour=14 - 7)
    s.on("2026-03-02 11:00").forward()
    (task,) = s.office.open_tasks(s.code)
    assert task.step_due_at == s.office.now.replace(day=4)


def test_the_receipt_promises_what_the_office_has_on_record(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00")
    slip = s.printed("receipt")
    assert isinstance(slip, ReceiptSlip)
    assert (slip.number, slip.dossier_code) == ("01/TNHS-TTPVHCC", "000.01.00.H99-260302-0001")
    assert (slip.received_at, slip.due_at) == (s.dossier.received_at, s.dossier.due_at)
    assert slip.time_limit == "03 ngày làm việc"
    (later,) = slip.later_appointments
    assert (later.name, later.limit) == ("Hẹn lần 2", "02 ngày làm việc")


def test_numbers_count_on_within_a_day_and_begin_anew_the_next(s: Scenario):
    codes = [s.receive(REISSUE, on=on).code for on in ("2026-03-02 09:00", "2026-03-02 16:00", "2026-03-03 08:00")]
    assert [code[-11:] for code in codes] == ["260302-0001", "260302-0002", "260303-0001"]


def test_a_register_of_letters_begins_anew_each_year(s: Scenario):
    moments = ("2025-12-30 09:00", "2025-12-31 09:00", "2026-01-05 08:00")
    letters = [s.receive(REISSUE, on=on).letter("receipt") for on in moments]
    assert [(letter.year, letter.number) for letter in letters] == [(2025, 1), (2025, 2), (2026, 1)]


@pytest.mark.parametrize(("procedure", "unit"), [(REISSUE, REGISTRY), (SPLIT, REGISTRY), (LICENCE, DEPARTMENT)])
def test_the_deciding_unit_is_the_one_that_the_procedure_names(office, procedure, unit):
    code = a_dossier(office, at=Status.RESOLVED, procedure=procedure)
    assert office.engine.office.units.get(office.dossier(code).deciding_unit_id).code == unit
