"""Done in time and recorded late: visible, explained, believed only when a supervisor says so, and counted apart."""

from __future__ import annotations

import pytest

from engine.domain.answers import FormRefused
from engine.domain.errors import NotFound, Refused
from engine.domain.late_records import DecidedBefore, DoneEarlier, EarlierOneWaits, LateState
from engine.domain.status import DossierStatus as Status
from engine.effects.journey import Journey
from engine.effects.late_records import PredecessorNotLate, decide
from tests.builders import REISSUE, local
from tests.scenario import Scenario

WHY = "Mất mạng hai ngày, đã ký trên giấy"
PAPER = "Sổ giao nhận số 12, trang 3"


def record_late(s: Scenario, step_id: str, done: str, *, why: str = WHY, **answers: str) -> int:
    """Complete the open step now, saying that it was done before; answers the number of the late record."""
    office = s.office
    task = next(task for task in office.open_tasks(s.code) if task.step_id == step_id)
    given = office._answers(s.code, step_id) | answers
    actor, version = office.whose_turn(task), office.dossier(s.code).version
    said = DoneEarlier(local(done), why, PAPER)
    office.engine.processing.complete(actor, s.code, task.id, version, given, at=office.now, earlier=said)
    ((number,),) = office.rows("SELECT max(id) FROM late_records")
    assert isinstance(number, int)
    return number


def approve(s: Scenario, number: int, *, by: str = "giam", evidence: str = PAPER) -> None:
    records = s.office.engine.late_records
    records.decide(
        s.office.person(by), number, LateState.APPROVED, at=s.office.now, evidence=evidence, note="Đã xem sổ"
    )


def outcome(s: Scenario) -> dict[str, object]:
    names = ("timeliness", "is_apologised", "finished_at")
    (row,) = s.office.rows(f"SELECT {', '.join(names)} FROM outcomes")  # noqa: S608 - the words of a test
    return dict(zip(names, row, strict=True))


def without_the_first(s: Scenario, first: int, second: int) -> None:
    """Refuse the first record, approve the second, and leave nothing of it behind: the second cannot stand alone."""
    office = s.office
    with office.engine.uow.write() as tx:
        at = office.now
        tx.late_records.decide(first, LateState.REFUSED, at=at, by="giam", evidence="", note="Không có bằng chứng")
        journey = Journey(tx, office.engine.office, tx.dossiers.lock(s.code), by=office.person("giam"), at=at)
        decide(journey, tx.late_records.find(second), LateState.APPROVED, evidence=PAPER, note="")


def registered(s: Scenario) -> None:
    """A dossier of one appointment of five days, due on Monday 09/03/2026, before its last step."""
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-04 10:00").appraise()
    s.on("2026-03-05 10:00").review().on("2026-03-09 09:00").register()
    s.expect_due("2026-03-09 17:00").expect_steps("sign_certificate")


def test_until_somebody_approves_the_recorded_instant_counts(s: Scenario):
    registered(s)
    s.on("2026-03-11 09:00")
    record_late(s, "sign_certificate", "2026-03-09 16:00")
    s.expect_letters("receipt", "apology").expect_status(Status.RESOLVED)
    assert s.dossier.resolved_at == local("2026-03-11 09:00")
    (line,), total = s.office.engine.late_records.page(s.office.person("giam"))
    assert (total, line.state, line.reason, line.evidence) == (1, "pending", WHY, PAPER)
    assert (line.step_name, line.delay_minutes) == ("Ký Giấy chứng nhận", 10 * 60)
    assert s.office.events(s.code, "recorded_late")[0]["reason"] == WHY


def test_an_approval_lets_the_clock_and_the_outcome_count_by_what_was_done(s: Scenario):
    registered(s)
    s.on("2026-03-11 09:00")
    number = record_late(s, "sign_certificate", "2026-03-09 16:00")
    s.on("2026-03-11 10:00").deliver()
    assert outcome(s)["timeliness"] == "late"
    s.on("2026-03-12 09:00")
    approve(s, number)
    assert (outcome(s)["timeliness"], s.dossier.overdue_count) == ("on_time", 0)
    assert s.dossier.resolved_at == local("2026-03-09 16:00")
    ((fact, recorded_late),) = s.office.rows("SELECT kind, recorded_late FROM overdue_facts WHERE kind = 'overdue'")
    assert (fact, bool(recorded_late)) == ("overdue", True), "the fact stays, and says what it was"
    (apology,) = s.office.letters(s.code, "apology")
    assert apology.cancelled_at == local("2026-03-12 09:00")
    assert not outcome(s)["is_apologised"]


def test_a_letter_that_has_gone_out_stays_and_the_history_says_why(s: Scenario):
    registered(s)
    s.on("2026-03-11 09:00")
    number = record_late(s, "sign_certificate", "2026-03-09 16:00")
    s.office.engine.outbox.run(s.office.now)
    s.office.engine.outbox.run(s.office.now)
    approve(s, number)
    (apology,) = s.office.letters(s.code, "apology")
    assert (apology.cancelled_at, apology.delivered_at) == (None, local("2026-03-11 09:00"))
    assert [event["number"] for event in s.office.events(s.code, "apology_not_needed")] == [apology.number_text]


def test_a_step_that_was_late_indeed_stays_late(s: Scenario):
    registered(s)
    s.on("2026-03-12 09:00")
    number = record_late(s, "sign_certificate", "2026-03-10 09:00")
    approve(s, number)
    assert (s.dossier.overdue_count, s.letter("apology").cancelled_at) == (1, None)
    ((late,),) = s.office.rows("SELECT late_minutes FROM tasks WHERE step_id = 'sign_certificate'")
    assert late == 4 * 60, "due at 14:00 on the day before"


def test_a_refusal_needs_its_reason_and_changes_nothing(s: Scenario):
    registered(s)
    s.on("2026-03-11 09:00")
    number = record_late(s, "sign_certificate", "2026-03-09 16:00")
    records, supervisor = s.office.engine.late_records, s.office.person("giam")
    with pytest.raises(FormRefused, match="lý do không duyệt"):
        records.decide(supervisor, number, LateState.REFUSED, at=s.office.now)
    records.decide(supervisor, number, LateState.REFUSED, at=s.office.now, note="Sổ không có chữ ký")
    assert s.dossier.resolved_at == local("2026-03-11 09:00")
    with pytest.raises(DecidedBefore, match="không duyệt"):
        approve(s, number)
    assert records.page(supervisor)[1] == 0
    assert records.page(supervisor, pending=False)[0][0].note == "Sổ không có chữ ký"


def test_only_a_supervisor_of_the_unit_decides_and_never_without_evidence(s: Scenario):
    registered(s)
    s.on("2026-03-11 09:00")
    number = record_late(s, "sign_certificate", "2026-03-09 16:00")
    for outsider in ("minh", "thanh", "lan"):
        with pytest.raises(Refused):
            approve(s, number, by=outsider)
    with pytest.raises(FormRefused, match="bằng chứng"):
        approve(s, number, evidence=" ")
    with pytest.raises(NotFound):
        approve(s, number + 1)


def test_what_cannot_be_true_is_refused_while_the_form_is_open(s: Scenario):
    registered(s)
    s.on("2026-03-11 09:00")
    before = s.dossier
    for done, why, says in (
        ("2026-03-12 09:00", WHY, "tương lai"),
        ("2026-03-09 08:59", WHY, "trước khi bước này bắt đầu"),
        ("2026-03-09 16:00", "  ", "lý do ghi nhận muộn"),
    ):
        with pytest.raises(FormRefused, match=says):
            record_late(s, "sign_certificate", done, why=why)
    assert (s.dossier, s.office.count("late_records")) == (before, 0)


def test_a_chain_of_steps_clicked_late_is_believed_step_by_step(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-04 10:00").appraise().on(
        "2026-03-05 10:00"
    ).review()
    s.on("2026-03-11 09:00")
    first = record_late(s, "update_register", "2026-03-06 15:00")
    second = record_late(s, "sign_certificate", "2026-03-09 10:00")
    with pytest.raises(EarlierOneWaits):
        approve(s, second)
    with pytest.raises(PredecessorNotLate, match="09:00 11/03/2026"):
        without_the_first(s, first, second)
    approve(s, first)
    assert s.dossier.resolved_at == local("2026-03-11 09:00")
    approve(s, second)
    assert (s.dossier.resolved_at, s.dossier.overdue_count) == (local("2026-03-09 10:00"), 0)


def test_a_pause_that_was_recorded_late_moves_the_date_by_what_it_really_took(s: Scenario):
    s.receive(REISSUE, on="2026-03-02 09:00").forward().on("2026-03-05 16:00")
    number = record_late(
        s, "appraise_dossier", "2026-03-03 09:00", appraisal="supplement", missing_items="Bản đồ", reason="Thiếu"
    )
    s.on("2026-03-06 09:00")
    approve(s, number)
    ((charged_from,),) = s.office.rows("SELECT done_at FROM clock_entries WHERE kind = 'redated'")
    assert charged_from is not None
    view = s.office.engine.dossiers.view(s.office.person("minh"), s.code, at=s.office.now)
    assert any("09:00 thứ Ba, 03/03/2026" in line.what and "Tạm dừng" in line.what for line in view.clock)
    assert any(line.source == PAPER for line in view.clock)
