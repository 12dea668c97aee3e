"""How a limit becomes a date: one rule a unit, pauses taken out, every step explained.

| Limit | Counts from | The term ends | Due at the end of |
|---|---|---|---|
| working_days N | opening of the first working day after the event's | N days of office time on | that day |
| calendar_days N | the day after the event | the event's date + N, parts rounded up | that day, or the next working |
| working_hours N | the event, or the next opening | N hours of office time on | (that very instant) |
| same_day | the event before 15:00, else the next working day's opening | that day's closing | that day |

A pause takes its office time out of the count; under calendar_days, the days from its first date to its last. It
changes nothing once the term has ended. While a pause is open there is no due date. `agreed` dates are not computed:
`postponed` moves them, and extended ones, by the same pauses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import ROUND_CEILING
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from engine.domain.explanation import ExplanationLine, explain, explain_postponement
from engine.domain.limits import (
    AgreedDateNeeded,
    BadLimit,
    ClockPause,
    LimitsDoNotAdd,
    LimitUnit,
    LimitWithoutAmount,
    PauseBeforeStart,
    PauseEndsBeforeItBegins,
    PausesOverlap,
    ProcessingTime,
    in_order,
)
from engine.domain.office_hours import MICROSECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.domain.calendar import WorkingCalendar

__all__ = [
    "AgreedDateNeeded",
    "BadLimit",
    "ClockPause",
    "DueDate",
    "ExplanationLine",
    "LimitUnit",
    "LimitWithoutAmount",
    "LimitsDoNotAdd",
    "PauseBeforeStart",
    "PauseEndsBeforeItBegins",
    "PauseTaken",
    "PausesOverlap",
    "Postponement",
    "ProcessingTime",
    "Timeliness",
    "classify",
    "due_date",
    "postponed",
    "remaining_office_time",
]

SAME_DAY_CUTOFF = time(15)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PauseTaken:
    """What one pause took out of a count: office time, or whole days under calendar_days."""

    pause: ClockPause
    office_time: timedelta = timedelta(0)
    days: int = 0

    @property
    def is_felt(self) -> bool:
        return bool(self.office_time or self.days)


@dataclass(frozen=True)
class DueDate:
    """The due date of a limit and how it came about. `due_at` is None while a pause is open.

    `counts_from` is the first instant that counts; `ends_at` is where the term itself ends, before it is taken to the
    end of office hours or to the next working day. Instants are in the zone of `calendar`.
    """

    due_at: datetime | None
    limit: ProcessingTime
    starts_at: datetime
    counts_from: datetime
    ends_at: datetime | None
    pauses: tuple[PauseTaken, ...]
    calendar: WorkingCalendar = field(repr=False)

    @cached_property
    def explanation(self) -> tuple[ExplanationLine, ...]:
        """The derivation in plain Vietnamese, in the order of time, with the source of each step."""
        return explain(self)


def due_date(
    limit: ProcessingTime,
    starts_at: datetime,
    calendar: WorkingCalendar,
    pauses: Iterable[ClockPause] = (),
    same_day_cutoff: time = SAME_DAY_CUTOFF,
) -> DueDate:
    """The due date of `limit`, started by an event at `starts_at`; `same_day_cutoff` is local time of day.

    Civil Code 2015, art. 147.1 (hours start at once), 147.3 (the day of the event is not counted), 148.5 (a last day
    that is off goes to the next working day); Decree 118/2025, art. 18.2 as amended (15:00).
    Raises the errors of `engine.domain.limits`, `AgreedDateNeeded` for an agreed date among them.
    """
    event = calendar.local(starts_at)
    stops = in_order(pauses, event, calendar)
    if limit.unit is LimitUnit.AGREED:
        raise AgreedDateNeeded
    if limit.unit is LimitUnit.CALENDAR_DAYS:
        return _count_days(limit, event, calendar, stops)
    by_days = False
    if limit.unit is LimitUnit.WORKING_DAYS:
        counts_from = calendar.opening(calendar.next_working_day(event.date()))
        budget, by_days = _times(limit, calendar.one_day), True
    elif limit.unit is LimitUnit.WORKING_HOURS:
        counts_from = calendar.next_opening(event)
        budget = _times(limit, _HOUR // MICROSECOND)
    else:
        day = _same_day(event, calendar, same_day_cutoff)
        counts_from = max(event, calendar.opening(day))
        budget = calendar.office_time(counts_from, calendar.closing(day)) // MICROSECOND
    over = calendar.office_clock(counts_from, by_days=by_days) + budget
    ends, taken = _spend(over, counts_from, calendar, stops, by_days=by_days)
    if ends is None:
        return DueDate(None, limit, event, counts_from, None, taken, calendar)
    ends_at = calendar.when_office_clock_shows(ends, by_days=by_days)
    due_at = ends_at if limit.unit is LimitUnit.WORKING_HOURS else calendar.closing(ends_at.date())
    return DueDate(due_at, limit, event, counts_from, ends_at, taken, calendar)


def _same_day(event: datetime, calendar: WorkingCalendar, cutoff: time) -> date:
    """The day on which a same-day file is due: today if it came before the cut-off and before closing."""
    today = event.date()
    in_time = event.time() < cutoff and calendar.is_working_day(today) and event < calendar.closing(today)
    return today if in_time else calendar.next_working_day(today)


def _times(limit: ProcessingTime, one: int) -> int:
    return int((limit.amount * one).to_integral_value(ROUND_CEILING))


def _spend(
    ends: int, counts_from: datetime, calendar: WorkingCalendar, stops: Sequence[ClockPause], *, by_days: bool = False
) -> tuple[int | None, tuple[PauseTaken, ...]]:
    """Move the end of a term, a reading of the office clock, by the office time of the pauses that begin before it."""
    taken: list[PauseTaken] = []
    for pause in stops:
        if pause.until_at is None:
            return None, (*taken, PauseTaken(pause))
        first, last = max(pause.from_at, counts_from), max(pause.until_at, counts_from)
        begins = calendar.office_clock(first, by_days=by_days)
        is_felt = begins < ends
        if is_felt:
            ends += calendar.office_clock(last, by_days=by_days) - begins
        taken.append(PauseTaken(pause, office_time=calendar.office_time(first, last) if is_felt else timedelta(0)))
    return ends, tuple(taken)


def _count_days(
    limit: ProcessingTime, event: datetime, calendar: WorkingCalendar, stops: Sequence[ClockPause]
) -> DueDate:
    last = event.date() + int(limit.amount.to_integral_value(ROUND_CEILING)) * _DAY
    counts_from = calendar.at(event.date() + _DAY, time.min)
    last_day, taken = _shift(last, calendar.closing(calendar.working_day_from(last)), calendar, stops)
    if last_day is None:
        return DueDate(None, limit, event, counts_from, None, taken, calendar)
    due_at = calendar.closing(calendar.working_day_from(last_day))
    return DueDate(due_at, limit, event, counts_from, calendar.at(last_day, time.max), taken, calendar)


def _shift(
    last: date, due_at: datetime, calendar: WorkingCalendar, stops: Sequence[ClockPause]
) -> tuple[date | None, tuple[PauseTaken, ...]]:
    """Move the last day of a term by the days of the pauses that begin by its due instant; touching pauses are one."""
    taken: list[PauseTaken] = []
    counts, touches_at = False, None
    for pause in stops:
        if pause.until_at is None:
            return None, (*taken, PauseTaken(pause))
        if pause.from_at != touches_at:
            counts = pause.from_at <= due_at
        days = (pause.until_at.date() - pause.from_at.date()).days if counts else 0
        if days:
            last += days * _DAY
            due_at = calendar.closing(calendar.working_day_from(last))
        taken.append(PauseTaken(pause, days=days))
        touches_at = pause.until_at
    return last, tuple(taken)


@dataclass(frozen=True)
class Postponement:
    """Where pauses moved a date that was promised, not computed; `due_at` is None while one is open."""

    due_at: datetime | None
    promised_at: datetime
    pauses: tuple[PauseTaken, ...]

    @property
    def explanation(self) -> tuple[ExplanationLine, ...]:
        """What the pauses did to the promise, in plain Vietnamese."""
        return explain_postponement(self)


def postponed(
    promised_at: datetime, unit: LimitUnit, calendar: WorkingCalendar, pauses: Iterable[ClockPause], since: datetime
) -> Postponement:
    """Move an agreed or extended date by the pauses after `since`, the instant at which it was promised.

    What a pause takes is given back in the unit of the limit: days under calendar_days, else office time; then the
    date goes to the end of that office day, except under working_hours. A promise that no pause cut into stands to
    the minute, office hours or not.
    """
    promised, begins = calendar.local(promised_at), calendar.local(since)
    stops = in_order(pauses, begins, calendar)
    if unit is LimitUnit.CALENDAR_DAYS:
        last, taken = _shift(promised.date(), promised, calendar, stops)
        moved = None if last is None else calendar.closing(calendar.working_day_from(last))
    else:
        ends, taken = _spend(calendar.office_clock(promised), begins, calendar, stops)
        moved = None if ends is None else calendar.when_office_clock_shows(ends)
        if moved and unit is not LimitUnit.WORKING_HOURS:
            moved = calendar.closing(moved.date())
    is_untouched = moved is not None and not any(each.is_felt for each in taken)
    return Postponement(promised if is_untouched else moved, promised, taken)


def remaining_office_time(at: datetime, due_at: datetime, calendar: WorkingCalendar) -> timedelta:
    """The office time left from `at` to `due_at`; negative once the date is missed."""
    return calendar.office_time(at, due_at)


class Timeliness(StrEnum):
    """How a piece of work stands to its due date, from best to worst."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"

    @property
    def label(self) -> str:
        return {"early": "Trước hạn", "on_time": "Đúng hạn", "late": "Quá hạn"}[self.value]


def classify(finished_at: datetime, due_at: datetime | None, zone: tzinfo) -> Timeliness | None:
    """Early: finished before the day of `due_at`; on time: on it, up to `due_at`; late: after. None without a date."""
    if due_at is None:
        return None
    if finished_at > due_at:
        return Timeliness.LATE
    is_earlier_day = finished_at.astimezone(zone).date() < due_at.astimezone(zone).date()
    return Timeliness.EARLY if is_earlier_day else Timeliness.ON_TIME
