"""Work out the dates of a dossier anew, because a calendar or a rule changed: the one way for a look and for the deed.

The ledger is the truth and stays as it is; what is worked out is what the rows say of it. A new appointment that was
given in an apology stands to the minute, as `ClockLedger` says.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from engine.domain.calendar_changes import EVERYTHING
from engine.domain.deadline import DueDate
from engine.domain.rungs import Appointment
from engine.domain.step_plan import step_due_at, timer_at

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, time
    from decimal import Decimal

    from engine.domain.calendar import WorkingCalendar
    from engine.domain.calendar_changes import CalendarChange
    from engine.domain.clock_ledger import ClockLedger, ClockView, PhaseView
    from engine.domain.limits import LimitUnit, ProcessingTime
    from engine.domain.rungs import Ladder, Moment

_INSTANT = timedelta.resolution


@dataclass(frozen=True, slots=True)
class Rules:
    """What the dates of a dossier follow besides its ledger: `cutoff` is local time of day."""

    calendar: WorkingCalendar
    cutoff: time
    ladder: Ladder


@dataclass(frozen=True, slots=True)
class OpenStep:
    """An open step: what its dates are made of, and what its row says of them."""

    id: int
    opened_at: datetime
    limit: Decimal | None
    unit: LimitUnit | None
    timer: ProcessingTime | None
    step_due_at: datetime | None
    timer_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the row of a dossier says of its clock. `is_done`: its work is done, whether or not it was fetched."""

    due_at: datetime | None
    is_done: bool
    rung: str = ""
    rung_label: str = ""
    steps: tuple[OpenStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Dates:
    """What the row should say."""

    due_at: datetime | None
    first_due_at: datetime | None
    is_paused: bool
    attention_at: datetime | None
    rung: str
    rung_label: str
    calendar_version: str

    def columns(self) -> dict[str, Any]:
        """The columns of the row by name."""
        return {name: getattr(self, name) for name in _DATES}


_DATES = tuple(each.name for each in fields(Dates))


class Turn(StrEnum):
    """What moving its date makes of a dossier."""

    MOVED = "moved"
    LATE = "late"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Reprojected:
    """The dates of a dossier anew; `moved` where the date moved for which people wait, `steps` those that changed."""

    dates: Dates
    steps: tuple[OpenStep, ...] = ()
    moved: Moved | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """That an appointment moved, what it makes of the dossier, and why."""

    was: datetime
    now: datetime
    turn: Turn
    why: tuple[str, ...]


def reproject(
    ledger: ClockLedger,
    standing: Standing,
    rules: Rules,
    *,
    at: datetime,
    change: CalendarChange = EVERYTHING,
    before: WorkingCalendar | None = None,
) -> Reprojected:
    """Work the dates out by `rules`; `change` is how its calendar differs from `before`, by which they were made."""
    view = ledger.project(rules.calendar, rules.cutoff)
    steps = tuple(_step(step, rules.calendar, before, change) for step in standing.steps)
    told = (standing.rung, standing.rung_label)
    dates = dates_of(view, standing, rules, at=at, told=told, timers=(step.timer_at for step in steps))
    changed = tuple(new for old, new in zip(standing.steps, steps, strict=True) if new != old)
    return Reprojected(dates, changed, moved(view, standing, dates.due_at, change, at=at))


def foresee(
    ledger: ClockLedger, standing: Standing, rules: Rules, *, at: datetime, change: CalendarChange
) -> Moved | None:
    """What `reproject` would say of the appointment, without the rest of the row."""
    view = ledger.project(rules.calendar, rules.cutoff)
    return moved(view, standing, view.due_at, change, at=at)


def moved(
    view: ClockView, standing: Standing, due_at: datetime | None, change: CalendarChange, *, at: datetime
) -> Moved | None:
    """Whether the running appointment is another one than the row says. A kept date of finished work is nobody's."""
    was, phase = standing.due_at, view.current
    if was is None or due_at is None or was == due_at or phase is None or standing.is_done:
        return None
    first = phase.record.counts_from.astimezone(due_at.tzinfo).date()
    last = max(was, due_at).astimezone(due_at.tzinfo).date()
    return Moved(was, due_at, turn_of(was, due_at, at), change.reasons(first, last))


def turn_of(was: datetime, now: datetime, at: datetime) -> Turn:
    """What it makes of a dossier at `at` that its date moves."""
    if was >= at > now:
        return Turn.LATE
    return Turn.CLEARED if now >= at > was else Turn.MOVED


def dates_of(
    view: ClockView,
    standing: Standing,
    rules: Rules,
    *,
    at: datetime,
    told: tuple[str, str],
    timers: Iterable[datetime | None],
) -> Dates:
    """What the row should say of a clock. `told`: name and label of the last rung told for the date of the row."""
    due_at = view.due_at
    rung, label = told if due_at is not None and standing.due_at == due_at else ("", "")
    looks = (next_look(view, rules, reached=rung, at=at), *timers)
    return Dates(
        due_at=due_at or kept_due_at(view, is_done=standing.is_done),
        first_due_at=view.first_due_at,
        is_paused=view.is_paused,
        attention_at=min(filter(None, looks), default=None),
        rung=rung,
        rung_label=label,
        calendar_version=view.calendar_version,
    )


def kept_due_at(view: ClockView, *, is_done: bool) -> datetime | None:
    """The last appointment of a dossier whose work is done; None between two phases and while paused."""
    return view.last.standing_due_at if is_done and view.last and view.current is None else None


def untold(view: ClockView, rules: Rules, *, reached: str) -> tuple[Moment, ...]:
    """The rungs of the running appointment that stand above the last one told, in the order of time."""
    if view.current is None or view.due_at is None:
        return ()
    ladder = rules.ladder
    place = ladder.place(reached)
    moments = ladder.moments(appointment_of(view.current, view.due_at), rules.calendar)
    return tuple(moment for moment in moments if ladder.place(moment.rung.name) > place)


def next_look(view: ClockView, rules: Rules, *, reached: str, at: datetime) -> datetime | None:
    """After when the date must be looked at: its next rung. Warnings of a date that was missed have no next.

    A date is missed after its instant; a warning holds from its instant on.
    """
    if view.due_at is None:
        return None
    is_missed = at > view.due_at
    following = (
        moment for moment in untold(view, rules, reached=reached) if not (is_missed and moment.rung.is_warning)
    )
    looks = (moment.at - _INSTANT if moment.rung.is_warning else moment.at for moment in following)
    return min(looks, default=None)


def appointment_of(phase: PhaseView, due_at: datetime) -> Appointment:
    """What a ladder needs to know of a phase."""
    record = phase.record
    if record.extension is not None and record.extension_stands:
        made_at = counts_from = record.extension.at
    else:
        made_at = record.counts_from
        counts_from = phase.basis.counts_from if isinstance(phase.basis, DueDate) else made_at
    return Appointment(due_at, made_at, counts_from, record.pauses)


def _step(
    step: OpenStep, calendar: WorkingCalendar, before: WorkingCalendar | None, change: CalendarChange
) -> OpenStep:
    """An open step on another calendar. A date that other rules had given when it opened stands."""
    ends = [each for each in (step.step_due_at, step.timer_at) if each is not None]
    first = calendar.local(step.opened_at).date()
    if not ends or not change.meets(first, calendar.local(max(ends)).date()):
        return step
    due_at, timer = _dates_of_step(step, calendar)
    if before is not None:
        due_before, timer_before = _dates_of_step(step, before)
        due_at = due_at if due_before == step.step_due_at else step.step_due_at
        timer = timer if timer_before == step.timer_at else step.timer_at
    return replace(step, step_due_at=due_at, timer_at=timer)


def _dates_of_step(step: OpenStep, calendar: WorkingCalendar) -> tuple[datetime | None, datetime | None]:
    known = step.limit is not None and step.unit is not None
    due_at = step_due_at(step.limit, step.unit, step.opened_at, calendar) if known else None  # type: ignore[arg-type]
    return due_at, timer_at(step.timer, step.opened_at, calendar) if step.timer else None
