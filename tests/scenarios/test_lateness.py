"""A date is missed: one letter that says where the dossier is held and gives a new date, and only that one.

What the law asks (Decree 118/2025, forms of Circular 03/2025): a written apology with the reason, at most one new
appointment. What the house promises: once, numbered, whoever notices it first.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.domain.status import DossierStatus as Status
from letters import ApologyLetter
from tests.builders import (
    LICENCE,
    REISSUE,
    a_dossier,
    an_office,
    local,
    overdue_dossiers,
    prepare_office,
    settings_of,
)
from tests.scenario import Scenario


def test_a_missed_date_brings_one_numbered_letter_and_one_new_date(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward()
    s.on("2026-03-05 17:01").sweep_finds(overdue=1, letters=1).expect_overdue()
    s.expect_apology(number="01/PXL-CNVPĐKĐĐ", missed="2026-03-05 17:00", new="2026-03-10 17:00")
    s.expect_due("2026-03-10 17:00", first="2026-03-05 17:00").expect_status(Status.IN_PROGRESS)
    s.expect_steps("appraise_dossier").expect_letters("receipt", "apology")


def test_a_date_is_not_missed_while_its_last_second_runs(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward()
    s.on("2026-03-05 17:00").sweep_finds(due_soon=1).expect_overdue(0)
    s.office.clock.advance(timedelta(microseconds=1))
    s.sweep_finds(overdue=1, letters=1)


def test_a_second_sweep_adds_nothing(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-06 08:00").sweep_finds(overdue=1, letters=1)
    before = s.dossier
    s.sweep_finds().sweep_finds()
    assert s.dossier == before


def test_the_letter_names_the_step_and_the_unit_that_hold_the_dossier(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-06 08:00").sweep()
    letter = s.printed("apology")
    assert isinstance(letter, ApologyLetter)
    assert letter.reason == (
        "Hồ sơ chưa hoàn thành bước “Kiểm tra hồ sơ, lập Phiếu chuyển thông tin” tại "
        "Chi nhánh Văn phòng Đăng ký đất đai khu vực An Phú trong thời hạn quy định; thời gian giải quyết đã dùng "
        "đến hạn: Chi nhánh Văn phòng Đăng ký đất đai khu vực An Phú 31 giờ làm việc"
    )
    assert letter.signer.name == "Võ Văn Thành"
    assert letter.due_at == local("2026-03-05 17:00")


def test_the_desk_is_named_when_it_was_the_desk(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").on("2026-03-06 08:00").sweep()
    letter = s.printed("apology")
    assert isinstance(letter, ApologyLetter)
    assert "tại Trung tâm Phục vụ hành chính công tỉnh Bình Sơn" in letter.reason
    assert letter.letterhead.agency == "Chi nhánh Văn phòng Đăng ký đất đai khu vực An Phú"


# Done in the same way for fifteen years: the only procedure here that is older than the forms of today.
AGREED = "0.000001"


@pytest.mark.parametrize(
    ("received", "regime", "title"),
    [
        ("2025-06-02 09:00", "2018", "Phiếu xin lỗi và hẹn lại ngày trả kết quả"),
        ("2025-07-07 09:00", "2025", "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết"),
    ],
)
def test_the_form_is_the_one_in_force_on_the_day_of_the_letter(s: Scenario, received, regime, title):
    s.receive(AGREED, on=received, agreed_due_at=local(received) + timedelta(days=3)).days_pass(10).sweep()
    assert (s.letter("apology").regime, s.letter("apology").title) == (regime, title)


def test_a_second_lateness_brings_no_second_letter_but_the_leader_hears_of_it(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-06 08:00").sweep()
    assert s.notices("leader") == ["overdue"]
    s.on("2026-03-12 08:00").sweep_finds(overdue=1).expect_overdue(2).expect_letters("receipt", "apology")
    assert "second_lateness" in s.notices("leader")
    s.expect_due("2026-03-11 17:00", first="2026-03-05 17:00")
    s.days_pass(30).sweep_finds()


def test_a_date_that_comes_near_is_warned_of_once(s: Scenario):
    """The warning comes when the last working day before the due day opens."""
    s.receive(REISSUE, on="2026-03-02 09:00").forward()
    s.on("2026-03-04 07:59").sweep_finds()
    s.on("2026-03-04 08:00").sweep_finds(due_soon=1).sweep_finds().expect_warned(1)
    assert s.notices("officer") == ["due_soon"]
    s.on("2026-03-05 16:59").sweep_finds().expect_overdue(0)


def test_the_new_date_is_warned_of_too(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-05 17:01").sweep()
    s.on("2026-03-09 08:01").sweep_finds(due_soon=1).expect_warned(1)


def test_a_date_that_was_missed_unseen_is_not_warned_of_afterwards(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").days_pass(10).sweep_finds(overdue=1, letters=1).expect_warned(0)


def test_a_pause_moves_the_warning_with_the_date(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-04 08:01").sweep_finds(due_soon=1)
    s.on("2026-03-04 10:00").appraise("supplement", missing_items="Bản vẽ")
    s.on("2026-03-09 14:00").bring_supplement().expect_due("2026-03-11 17:00")
    s.on("2026-03-10 08:01").sweep_finds(due_soon=1).expect_warned(2)


def test_a_dossier_delivered_late_without_any_sweep_still_has_its_letter(s: Scenario):
    """Whoever acts on it notices the lateness in the same transaction."""
    s.receive(REISSUE, on="2026-03-02 09:00").forward().appraise(financial_obligation="none").review()
    s.on("2026-03-12 09:00").register().expect_overdue()
    s.expect_apology(number="01/PXL-CNVPĐKĐĐ", missed="2026-03-09 17:00", new="2026-03-17 17:00")
    s.sign().deliver().expect_ended(Status.DELIVERED, timeliness="late", days=3, is_apologised=True)
    s.sweep_finds().expect_letters("receipt", "apology")


def test_the_last_step_alone_notices_a_missed_date(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().appraise(financial_obligation="none").review().register()
    s.on("2026-03-12 09:00").sign().deliver()
    s.expect_letters("receipt", "apology").expect_ended(Status.DELIVERED, timeliness="late", is_apologised=True)


def test_a_late_dossier_that_must_be_supplemented_is_apologised_for_first(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-06 09:00")
    s.appraise("supplement", missing_items="Bản vẽ").expect_letters("receipt", "apology", "supplement_request")
    s.expect_no_due_date(paused=True)


def test_a_dossier_finished_on_its_new_date_is_late_against_the_first(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().appraise(financial_obligation="none").review()
    s.on("2026-03-10 08:00").sweep().on("2026-03-11 09:00").register().sign().deliver()
    s.expect_ended(Status.DELIVERED, timeliness="late", days=2, is_apologised=True)


def test_an_office_may_count_the_new_date_where_the_law_says_so(database_copy):
    url = database_copy(prepare_office)
    overdue = settings_of(url).overdue.model_copy(update={"extension_counts_as_on_time": True})
    with an_office(url, overdue=overdue) as office:
        s = Scenario(office).receive(REISSUE, on="2026-03-02 09:00").forward()
        s.appraise(financial_obligation="none").review()
        s.on("2026-03-10 08:00").sweep().on("2026-03-11 09:00").register().sign().deliver()
        s.expect_ended(Status.DELIVERED, timeliness="early", is_apologised=True)


def test_a_result_that_waits_to_be_fetched_is_not_late(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().appraise(financial_obligation="none").review()
    s.register().sign().expect_status(Status.RESOLVED)
    s.days_pass(60).sweep_finds().deliver().expect_letters("receipt")
    s.expect_ended(Status.DELIVERED, timeliness="early")


def test_every_unit_numbers_its_own_letters(office):
    codes = overdue_dossiers(office, 6, (REISSUE, LICENCE), days=60)
    assert office.sweep() == (0, 6, 6)
    numbers = {code: office.letters(code, "apology")[0].number_text for code in codes}
    assert sorted(numbers.values()) == [
        f"{number:02d}/PXL-{unit}" for number in (1, 2, 3) for unit in ("CNVPĐKĐĐ", "SNNMT")
    ]


def test_a_dossier_that_cannot_be_handled_keeps_nobody_else_waiting(office):
    """It is put off, not forgotten: a later sweep tells it, with the next number and no gap."""
    first, *others = overdue_dossiers(office, 3)
    broken = office.dossier(first).id
    with office.engine.uow.write() as tx:
        state = tx.dossiers.state(broken)
        tx.dossiers.save_state(broken, b"no state at all")
    swept = office.engine.overdue.sweep(office.now)
    assert (swept.failed, swept.overdue, swept.letters) == (1, 2, 2)
    with office.engine.uow.write() as tx:
        tx.dossiers.save_state(broken, state)
    assert office.sweep() == (0, 0, 0)
    office.clock.advance(timedelta(minutes=11))
    assert office.sweep() == (0, 1, 1)
    assert [office.letters(code, "apology")[0].number for code in (*others, first)] == [1, 2, 3]


def test_a_delivered_dossier_is_never_apologised_for(office):
    code = a_dossier(office, at=Status.DELIVERED)
    office.clock.advance(timedelta(days=90))
    assert office.sweep() == (0, 0, 0)
    assert office.letters(code, "apology") == []


def test_a_clock_that_jumps_ahead_and_back_brings_no_second_letter(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-06 08:00").sweep_finds(overdue=1, letters=1)
    s.on("2026-03-03 08:00").sweep_finds().on("2026-03-06 08:00").sweep_finds().expect_letters("receipt", "apology")


def test_an_office_that_was_closed_for_days_apologises_when_it_opens(s: Scenario):
    """Nobody swept from Thursday to Monday: the letter is of Monday, and so is the new date."""
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-09 07:30").sweep_finds(overdue=1, letters=1)
    s.expect_apology(number="01/PXL-CNVPĐKĐĐ", missed="2026-03-05 17:00", new="2026-03-12 17:00")
    assert s.letter("apology").issued_at == local("2026-03-09 07:30")


@pytest.mark.parametrize(("swept", "year"), [("2025-12-31 23:30", 2025), ("2026-01-01 00:30", 2026)])
def test_a_letter_belongs_to_the_year_of_the_offices_own_day(s: Scenario, swept, year):
    """Half past midnight on New Year's Day is still the old year in UTC."""
    s.receive(REISSUE, on="2025-12-08 09:00").on(swept).sweep()
    assert (s.letter("apology").year, s.letter("apology").number) == (year, 1)
