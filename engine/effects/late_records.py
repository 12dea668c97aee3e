"""Recording late: what is written when somebody says that a step was done earlier, and what an approval changes.

Until a supervisor approves, the recorded instant counts, with everything that follows from it. An approval lets the
step and its lines of the clock count as of the instant at which it was done. A date that was missed only because of the
late record stays on record as such and counts no more; its apology is cancelled if it has not gone out yet. One that
has gone out cannot be taken back: it stays, and the history says why it was not needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.errors import NotAllowedNow
from engine.domain.late_records import (
    DecidedBefore,
    EarlierOneWaits,
    LateState,
    check_claim,
    check_decision,
    earliest_done_at,
)
from engine.domain.rungs import OVERDUE
from engine.domain.step_plan import late_minutes
from engine.effects.outcome import reassess

if TYPE_CHECKING:
    from engine.domain.late_records import DoneEarlier
    from engine.effects.journey import Journey
    from engine.persistence.records import LateRecordRow, TaskRecord

_DATED = ("resolved_at", "delivered_at", "ended_at")


class PredecessorNotLate(NotAllowedNow):
    """Không duyệt được: bước này chỉ bắt đầu lúc {opened_at:%H:%M %d/%m/%Y}, vì bước trước không được duyệt sớm hơn."""

    code = "predecessor_not_late"


def claim(journey: Journey, task: TaskRecord, said: DoneEarlier) -> None:
    """Check what is said of a step that is about to be completed: it was done before. Raises `FormRefused`."""
    claims = journey.tx.late_records.of(journey.dossier.id)
    earliest = earliest_done_at(task.opened_at, claims)
    check_claim(said, at=journey.at, earliest=earliest, zone=journey.office.settings.zone)


def write_down(journey: Journey, task: TaskRecord, said: DoneEarlier, *, first_entry: int) -> None:
    """Put a completed step before the supervisors of its unit; its lines of the clock begin with `first_entry`."""
    journey.tx.late_records.add(
        dossier_id=journey.dossier.id,
        task_id=task.id,
        unit_id=task.unit_id,
        done_at=said.at,
        recorded_at=journey.at,
        recorded_by=journey.by.username,
        reason=said.reason.strip(),
        evidence=said.evidence.strip(),
        first_entry=first_entry,
        last_entry=len(journey.clock.ledger.entries),
    )
    facts = {"step_id": task.step_id, "name": task.name, "done_at": said.at.isoformat(), "reason": said.reason.strip()}
    journey.note("recorded_late", **facts)


def decide(journey: Journey, record: LateRecordRow, state: LateState, *, evidence: str, note: str) -> None:
    """Approve or refuse a late record, once.

    Raises `FormRefused`, `DecidedBefore`, `EarlierOneWaits`, `PredecessorNotLate`, `EntryOutOfOrder`.
    """
    check_decision(state, evidence, note)
    others = [other for other in journey.tx.late_records.of(journey.dossier.id) if other.id != record.id]
    if state is LateState.APPROVED:
        _check_order(journey, record, others)
    decided = journey.tx.late_records.decide(
        record.id, state, at=journey.at, by=journey.by.username, evidence=evidence.strip(), note=note.strip()
    )
    if not decided:
        raise DecidedBefore(state=LateState(record.state).label)
    facts = {"name": record.step_name, "done_at": record.done_at.isoformat(), "note": note.strip()}
    if state is LateState.REFUSED:
        journey.note("late_record_refused", **facts)
        return
    journey.note("late_record_approved", **facts, evidence=evidence.strip())
    _apply(journey, record, evidence.strip())


def _check_order(journey: Journey, record: LateRecordRow, others: list[LateRecordRow]) -> None:
    earlier = [other for other in others if other.id < record.id]
    if any(other.state == LateState.PENDING for other in earlier):
        raise EarlierOneWaits
    task = _task(journey, record)
    if record.done_at < earliest_done_at(task.opened_at, earlier):
        raise PredecessorNotLate(opened_at=task.opened_at.astimezone(journey.office.settings.zone))


def _task(journey: Journey, record: LateRecordRow) -> TaskRecord:
    return next(task for task in journey.tx.tasks.all_of(journey.dossier.id) if task.id == record.task_id)


def _apply(journey: Journey, record: LateRecordRow, evidence: str) -> None:
    """Let the step count as of `record.done_at`: its lateness, its clock, the dates of the dossier, its outcome."""
    task, calendar = _task(journey, record), journey.clock.calendar
    late = late_minutes(record.done_at, task.step_due_at, calendar) if task.step_due_at else None
    journey.tx.late_records.date_task(task.id, record.done_at, late)
    ended_a_date = journey.clock.redate(
        record.first_entry, record.last_entry, record.done_at, document=evidence, reason=record.reason
    )
    if ended_a_date:
        _acquit(journey, record)
    dossier = journey.dossier
    others = journey.tx.late_records.of(dossier.id)
    is_last_of_its_moment = not any(o.id > record.id and o.recorded_at == record.recorded_at for o in others)
    for column in _DATED:
        if is_last_of_its_moment and getattr(dossier, column) == record.recorded_at:
            journey.change(**{column: record.done_at})
    if dossier.ended_at is not None:
        reassess(journey)


def _acquit(journey: Journey, record: LateRecordRow) -> None:
    """What was missed only by recording late: the fact is marked, the apology cancelled if it has not gone out."""
    tx, dossier = journey.tx, journey.dossier
    dates = tx.late_records.acquit(dossier.id, OVERDUE, record.done_at, record.recorded_at)
    if not dates:
        return
    journey.change(overdue_count=max(0, dossier.overdue_count - len(dates)))
    for date in dates:
        journey.note("lateness_was_of_record", due_at=date.isoformat())
    for letter in tx.letters.of(dossier.id, "apology"):
        if letter.missed_due_at not in dates or letter.cancelled_at is not None:
            continue
        is_out = not tx.letters.cancel(
            letter.id, at=journey.at, reason="Hồ sơ đúng hạn, ghi nhận muộn", by=journey.by.username
        )
        journey.note(
            "apology_not_needed" if is_out else "letter_cancelled", form=letter.form, number=letter.number_text
        )
