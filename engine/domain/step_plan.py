"""The steps of a phase against its plan: what is left over or overdrawn when one opens, how late it is when it closes.

The limits of the steps of a phase add up to its limit, so the plan says when each part of it is spent: where the limit
itself would end if it were only the limits of the steps before. What is left then is slack carried forward.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from engine.domain.deadline import due_date
from engine.domain.limits import LimitUnit, ProcessingTime

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from engine.domain.calendar import WorkingCalendar
    from engine.domain.clock_ledger import PhaseRecord

_MINUTE = timedelta(minutes=1)


def step_due_at(limit: Decimal, unit: LimitUnit, opened_at: datetime, calendar: WorkingCalendar) -> datetime | None:
    """When a step should be done that opened at `opened_at`: its share of the limit, in office time from there."""
    if unit is LimitUnit.CALENDAR_DAYS:
        return due_date(ProcessingTime(limit, unit), opened_at, calendar).due_at
    if unit is LimitUnit.WORKING_HOURS:
        return calendar.add_office_time(opened_at, timedelta(hours=float(limit)))
    day = calendar.period_on(calendar.local(opened_at).date()).hours.length
    return calendar.add_office_time(opened_at, day * float(limit))


def timer_at(timer: ProcessingTime, opened_at: datetime, calendar: WorkingCalendar) -> datetime | None:
    """When the timer of a step goes off that opened at `opened_at`; the day of the opening is not counted."""
    return due_date(timer, opened_at, calendar).due_at


def slack_minutes(phase: PhaseRecord, before: Decimal, at: datetime, calendar: WorkingCalendar) -> int | None:
    """Office minutes left over (+) or overdrawn (-) at `at`, of which the plan lets the steps before take `before`.

    In the unit of the limit of `phase`; its pauses are counted as the limit counts them. None where there is no plan:
    nothing goes before, the limit has no number, or a pause is open.
    """
    if before <= 0 or not phase.limit.unit.has_amount:
        return None
    pauses = [pause for pause in phase.pauses if pause.from_at >= phase.counts_from]
    planned = due_date(ProcessingTime(before, phase.limit.unit), phase.counts_from, calendar, pauses)
    ends_at = planned.due_at if phase.limit.unit is LimitUnit.CALENDAR_DAYS else planned.ends_at
    return None if ends_at is None else calendar.office_time(at, ends_at) // _MINUTE


def late_minutes(done_at: datetime, due_at: datetime, calendar: WorkingCalendar) -> int:
    """Office minutes after (+) or before (-) the due moment of a step, rounded against the office."""
    return -(-calendar.office_time(due_at, done_at) // _MINUTE)


def in_days(minutes: int, day: timedelta) -> str:
    """``1,5``: minutes as office days of length `day`, to one place; ``dưới 0,1`` for what rounds to nothing."""
    days = f"{abs(minutes) * _MINUTE / day:.1f}"
    return "dưới 0,1" if days == "0.0" and minutes else days.removesuffix(".0").replace(".", ",")
