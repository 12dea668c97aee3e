"""The apology (form 04): drafted a day before the date will be missed, issued once, offering the one new appointment.

"Chậm nhất 01 ngày trước ngày hết hạn", by the head of the deciding agency, with reason and new date, "không quá một
lần" (Decree 118/2025; LC88 art. 3.6). A draft lies on the leader's table and has no number. It becomes a letter when
the leader signs it, or when its date is missed and the unit lets the machine issue what nobody has signed. A unit that
signs by its leader keeps it on the table, until the clock of the dossier stops: a file that ran late is never finished,
paused or counted anew without its letter.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.domain.clock_ledger import check_can_extend
from engine.domain.grounds import Holder
from engine.domain.limits import LimitUnit
from engine.domain.people import SCHEDULER
from engine.effects.correspondence import build_letter, issue_letter, order_plain_letter
from engine.effects.letter_templates import filled_reasons, is_by_leader
from engine.effects.notices import escalate, leave_for
from engine.effects.time_account import say_office_shares, shares_so_far
from engine.persistence.repositories.drafts import ISSUED, OBSOLETE, WAITING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from engine.domain.time_shares import TimeShare
    from engine.effects.journey import Journey
    from engine.persistence.records import LetterRecord, TaskRecord
    from engine.persistence.repositories.drafts import DraftRecord
    from letters import Letter

FORM = "apology"
DRAFTED = "apology_drafted"
# What stops the clock of a missed date, or moves the date: the letter goes out before.
STOPS = frozenset({"finish_phase", "join_phase", "pause", "restart"})
_HOUR, _DAY = 3600, 24 * 3600


def order_letter(journey: Journey, arguments: Mapping[str, str]) -> None:
    """Carry out the effect `order_letter`: the apology as this module says, any other form at once."""
    if arguments["form"] == FORM:
        apologise(journey)
    else:
        order_plain_letter(journey, arguments)


def apologise(journey: Journey) -> None:
    """A date was missed: issue its letter, or leave it on the leader's table where the unit wants that.

    Once per missed due date, and offering the one new appointment that the law allows: when the new one is missed too
    there is no further letter, and the head of the unit is told instead.
    """
    missed = journey.missed_due_at
    if (
        missed is None
        or journey.signs_apology
        or any(letter.missed_due_at == missed for letter in journey.tx.letters.of(journey.dossier.id, FORM))
    ):
        return
    if journey.clock.is_reappointed:
        journey.note("second_lateness", missed_due_at=missed.isoformat())
        leave_for(journey, "leader", "second_lateness")
        escalate(journey, "second_lateness")
        return
    if is_by_leader(journey, journey.deciding_unit, FORM):
        lay_draft(journey, missed)
        return
    _issue_unsigned(journey, missed)


def draft_if_late(journey: Journey) -> None:
    """Lay a draft on the leader's table for a file that will not make it; for one already made anew there is none."""
    due_at = journey.clock.view.due_at
    if due_at is None or journey.clock.is_reappointed or not _will_be_late(journey, due_at):
        return
    lay_draft(journey, due_at)


def lay_draft(
    journey: Journey, due_at: datetime, *, reason: str = "", reason_id: str = "", new_due_at: datetime | None = None
) -> None:
    """Lay a draft on the table; one that is there keeps what people wrote, unless somebody writes anew."""
    reason_id, proposed = (reason_id, reason) if reason else proposed_reason(journey)
    promised = new_due_at or journey.clock.proposed_due_at(due_at)
    facts: dict[str, object] = {
        "reason_id": reason_id,
        "reason": proposed,
        "new_due_at": promised,
        "created_at": journey.at,
        "created_by": journey.by.username if reason else SCHEDULER.username,
    }
    drafts, dossier = journey.tx.drafts, journey.dossier
    draft = drafts.for_date(dossier.id, due_at)
    if draft is not None and (draft.state == ISSUED or (draft.state == WAITING and not reason)):
        return
    if draft is None:
        drafts.add(
            dossier_id=dossier.id,
            unit_id=journey.deciding_unit.id,
            form=FORM,
            event_key=due_at.isoformat(),
            due_at=due_at,
            **facts,
        )
    else:
        drafts.change(draft.id, state=WAITING, decided_at=None, decided_by=None, note=None, **facts)
    journey.change(has_draft=True)
    journey.note(DRAFTED, due_at=due_at.isoformat(), new_due_at=promised.isoformat(), reason=proposed)
    leave_for(journey, "leader", DRAFTED)


def issue(journey: Journey, draft: DraftRecord, *, reason: str, new_due_at: datetime) -> LetterRecord:
    """Turn a draft into the letter, with the reason and the date that the leader gives; before or after the date.

    Raises `SecondReappointment`, `ExtendedWhilePaused`, `ExtensionNotLater`, `NoPhaseRuns`.
    """
    check_can_extend(journey.clock.view, new_due_at)
    journey.clock.reappoint(reason, new_due_at)
    letter = _issue(journey, draft.missed_at, reason, new_due_at)
    settle(journey, draft, ISSUED, letter_id=letter.id, reason=reason, new_due_at=new_due_at)
    return letter


def preview(journey: Journey, draft: DraftRecord, *, reason: str, new_due_at: datetime) -> Letter:
    """The letter as it would be issued now, without a number: nothing is written."""
    facts = {"missed_due_at": draft.missed_at, "new_due_at": new_due_at, "reason": reason}
    return build_letter(journey, FORM, number_text="……", token="", facts=facts)  # a draft has none


def still_offered(journey: Journey, draft: DraftRecord) -> datetime:
    """The date that a draft offers, or a new one where that has passed while the draft waited."""
    return draft.offered_at if draft.offered_at > journey.at else journey.clock.proposed_due_at()


def settle_missed(journey: Journey) -> None:
    """Before the clock stops: a letter that is owed for a missed date and was not signed goes out by itself."""
    due_at = journey.clock.view.due_at
    if _has_draft(journey) and due_at is not None and journey.at > due_at and not journey.clock.is_reappointed:
        _issue_unsigned(journey, due_at)


def put_away_obsolete(journey: Journey) -> None:
    """Take a draft off the table whose date does not stand any more: the file is done, is paused, or its date moved."""
    if not _has_draft(journey):
        return
    draft = journey.tx.drafts.waiting(journey.dossier.id)
    if draft is not None and draft.due_at != journey.clock.view.due_at:
        settle(journey, draft, OBSOLETE)
        journey.note("apology_obsolete", due_at=draft.missed_at.isoformat())


def proposed_reason(journey: Journey) -> tuple[str, str]:
    """The reason to begin with, by whose time it was mostly: its id in the list of reasons, and its words."""
    shares = shares_so_far(journey, journey.missed_due_at or journey.at)
    mostly = max((share for share in shares if share.office_time), key=_time_of, default=None)
    holder = mostly.holder if mostly else Holder.UNIT
    tasks = journey.tx.tasks.open_of(journey.dossier.id)
    step, unit = (tasks[0].name, journey.office.units.get(tasks[0].unit_id).name) if tasks else ("", "")
    reasons = filled_reasons(journey, step=step, unit=unit)
    if holder.is_office or not tasks:
        return reasons[0].id, _where_it_is_held(journey, tasks, shares)
    told = (reason for reason in reasons if reason.holder == holder.value)
    reason = next(told, reasons[0])
    return reason.id, reason.text


def _time_of(share: TimeShare) -> timedelta:
    return share.office_time


def _where_it_is_held(journey: Journey, tasks: Sequence[TaskRecord], shares: Sequence[TimeShare]) -> str:
    """Say where the dossier is held: what the register knows, nothing invented."""
    places = [f"bước “{task.name}” tại {journey.office.units.get(task.unit_id).name}" for task in tasks]
    where = ", ".join(places) or "các bước giải quyết theo quy trình"
    spent = say_office_shares(journey.office.units, shares)
    until = "đến hạn" if journey.missed_due_at else "đến nay"
    whose = f"; thời gian giải quyết đã dùng {until}: {spent}" if spent else ""
    return f"Hồ sơ chưa hoàn thành {where} trong thời hạn quy định{whose}"


def _will_be_late(journey: Journey, due_at: datetime) -> bool:
    """Whether the steps of the appointment still need more time, by their own limits, than is left.

    What an open step has had of its limit is taken as done; a step past its own limit is late, and so will the file be.
    An appointment without a number, or without limits on its steps, is judged late whenever it is asked about.
    """
    current = journey.clock.view.current
    assert current is not None
    tasks = journey.tx.tasks.all_of(journey.dossier.id)
    open_tasks = [task for task in tasks if task.closed_at is None]
    is_step_late = any(task.step_due_at is not None and task.step_due_at < journey.at for task in open_tasks)
    limit = current.record.limit
    if is_step_late or not limit.unit.has_amount:
        return True
    phases, open_ids = {current.name, *current.record.joined}, {task.step_id for task in open_tasks}
    done = {task.step_id for task in tasks if task.closed_at is not None and not task.is_interrupted} - open_ids
    needed = limit.amount
    for step in journey.definition.steps.values():
        if step.phase in phases and step.id in done:
            needed -= step.limit_for(journey.case.id) or Decimal(0)
    for task in open_tasks:
        step = journey.definition.steps[task.step_id]
        if step.phase in phases:
            had = _amount_between(journey, task.opened_at, journey.at, limit.unit)
            needed -= min(had, step.limit_for(journey.case.id) or Decimal(0))
    return needed > _amount_between(journey, journey.at, due_at, limit.unit)


def _amount_between(journey: Journey, start: datetime, end: datetime, unit: LimitUnit) -> Decimal:
    """The time from `start` to `end` in the unit of a limit."""
    if unit is LimitUnit.CALENDAR_DAYS:
        return Decimal((end - start).total_seconds()) / _DAY
    calendar = journey.clock.calendar
    one = _HOUR if unit is LimitUnit.WORKING_HOURS else int(calendar.hours.length.total_seconds())
    return Decimal(calendar.office_time(start, end).total_seconds()) / one


def _issue_unsigned(journey: Journey, missed: datetime) -> None:
    """Issue the letter of a missed date by the machine, with what somebody asked for where it still holds."""
    draft = journey.tx.drafts.waiting(journey.dossier.id) if _has_draft(journey) else None
    asked = draft if draft is not None and draft.due_at == missed and _by_person(draft) else None
    reason = asked.reason if asked else proposed_reason(journey)[1]
    promised = asked.offered_at if asked and asked.offered_at > journey.at else None
    new_due_at = journey.clock.reappoint(reason, promised)
    letter = _issue(journey, missed, reason, new_due_at)
    if draft is not None and draft.due_at == missed:
        settle(journey, draft, ISSUED, letter_id=letter.id, reason=reason, new_due_at=new_due_at)


def _has_draft(journey: Journey) -> bool:
    return bool(journey.changes.get("has_draft", journey.dossier.has_draft))


def _by_person(draft: DraftRecord) -> bool:
    """Whether somebody asked for more time in their own words, rather than the machine."""
    return draft.created_by != SCHEDULER.username


def _issue(journey: Journey, missed: datetime, reason: str, new_due_at: datetime) -> LetterRecord:
    return issue_letter(
        journey, FORM, event_key=missed.isoformat(), missed_due_at=missed, new_due_at=new_due_at, reason=reason
    )


def settle(journey: Journey, draft: DraftRecord, state: str, **facts: object) -> None:
    """Write down what became of a draft, and take it off the table."""
    journey.tx.drafts.change(draft.id, state=state, decided_at=journey.at, decided_by=journey.by.username, **facts)
    journey.change(has_draft=False)
    journey.tx.history.withdraw_notices(journey.dossier.id, DRAFTED, at=journey.at, by=journey.by.username)
