"""Whose time it was: every office minute of a dossier from its hand-in to its end, charged to exactly one.

| While | The time is that of |
|---|---|
| a pause is open | whoever the ground of the pause names |
| the clock runs | the counter or the unit whose step is open, before anybody outside who is waited for as well |
| no clock runs | whoever outside is waited for, else the counter or the unit whose step is open |
| no step is open | the counter before the clock first starts, afterwards the deciding unit |

Of several steps that are open side by side the one done last is charged: it is the one that the others waited for. What
comes after the end (a result that waits to be fetched) is nobody's time. A step lies where it was recorded: time
between doing and recording late is the recorder's. The shares add up to the whole to the microsecond.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.domain.grounds import Holder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from engine.domain.calendar import WorkingCalendar
    from engine.domain.clock_ledger import PhaseRecord
    from engine.domain.limits import ClockPause

_UNIT_KEY = f"{Holder.UNIT}:"


@dataclass(frozen=True, slots=True)
class StepSpan:
    """A step while it lay open somewhere; `closed_at` None: it still does."""

    name: str
    holder: Holder
    unit_id: int
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Time from `start` to `end` that is one holder's; `why` is a step or the ground of a pause, in words."""

    start: datetime
    end: datetime
    holder: Holder
    unit_id: int | None
    why: str
    office_time: timedelta = timedelta(0)

    @property
    def key(self) -> str:
        """How the holder is written down: ``counter``, ``unit:7``, ``other_agency``, ``applicant``."""
        return f"{_UNIT_KEY}{self.unit_id}" if self.holder is Holder.UNIT else self.holder.value


@dataclass(frozen=True, slots=True)
class TimeShare:
    """All office time of a dossier that was one holder's."""

    holder: Holder
    unit_id: int | None
    office_time: timedelta

    @property
    def key(self) -> str:
        return f"{_UNIT_KEY}{self.unit_id}" if self.holder is Holder.UNIT else self.holder.value


@dataclass(frozen=True, slots=True)
class Course:
    """What is known of the course of a dossier: its steps, the phases of its ledger, the unit that decides."""

    steps: Sequence[StepSpan]
    phases: Sequence[PhaseRecord]
    deciding_unit_id: int


def charge(course: Course, start: datetime, end: datetime, calendar: WorkingCalendar) -> tuple[Stretch, ...]:
    """Charge the time from `start` to `end`, in order and without a gap; nothing if `end` is not after `start`."""
    bounds = sorted({start, end, *(at for at in _turns(course) if start < at < end)})
    stretches: list[Stretch] = []
    for first, second in pairwise(bounds):
        holder, unit_id, why = _holder(course, first)
        last = stretches[-1] if stretches else None
        if last and (last.holder, last.unit_id, last.why) == (holder, unit_id, why):
            stretches[-1] = replace(last, end=second)
        else:
            stretches.append(Stretch(first, second, holder, unit_id, why))
    return tuple(replace(each, office_time=calendar.office_time(each.start, each.end)) for each in stretches)


def total(stretches: Iterable[Stretch]) -> tuple[TimeShare, ...]:
    """The shares of the holders, in the order in which they first had the dossier."""
    shares: dict[str, TimeShare] = {}
    for each in stretches:
        known = shares.get(each.key, TimeShare(each.holder, each.unit_id, timedelta(0)))
        shares[each.key] = replace(known, office_time=known.office_time + each.office_time)
    return tuple(shares.values())


def within(stretches: Iterable[Stretch], start: datetime, end: datetime, calendar: WorkingCalendar) -> list[Stretch]:
    """What of `stretches` lies between two instants, cut at them."""
    cut = (replace(each, start=max(each.start, start), end=min(each.end, end)) for each in stretches)
    return [
        replace(each, office_time=calendar.office_time(each.start, each.end)) for each in cut if each.start < each.end
    ]


def in_seconds(shares: Iterable[TimeShare]) -> dict[str, int]:
    """The shares as they are kept, in whole seconds whose sum is that of the whole: no rounding gets lost."""
    return in_wholes(shares, timedelta(seconds=1))


def in_wholes(shares: Iterable[TimeShare], one: timedelta) -> dict[str, int]:
    """The shares in whole times `one`: rounded so that they add up to what the whole holds."""
    wholes, reached = {}, timedelta(0)
    for share in shares:
        before = reached // one
        reached += share.office_time
        wholes[share.key] = reached // one - before
    return wholes


def office_seconds(shares: Mapping[str, int]) -> int:
    """Of shares as they are kept, the time for which the office answers: its counter's and its units'."""
    return sum(seconds for key, seconds in shares.items() if key == Holder.COUNTER or key.startswith(_UNIT_KEY))


def unit_of(key: str) -> int | None:
    """The unit that a key of kept shares names, None for the others."""
    return int(key.removeprefix(_UNIT_KEY)) if key.startswith(_UNIT_KEY) else None


def _turns(course: Course) -> Iterable[datetime]:
    """Every instant at which somebody else may have to answer."""
    for step in course.steps:
        yield step.opened_at
        if step.closed_at:
            yield step.closed_at
    for phase in course.phases:
        yield phase.started_at
        if phase.finished_at:
            yield phase.finished_at
        for pause in phase.pauses:
            yield pause.from_at
            if pause.until_at:
                yield pause.until_at


def _holder(course: Course, at: datetime) -> tuple[Holder, int | None, str]:
    phase = next((each for each in course.phases if _covers(each.started_at, each.finished_at, at)), None)
    pause = next((each for each in phase.pauses if _covers(each.from_at, each.until_at, at)), None) if phase else None
    open_steps = [step for step in course.steps if _covers(step.opened_at, step.closed_at, at)]
    if pause:
        return _paused(course, pause, open_steps)
    own = [step for step in open_steps if step.holder.is_office]
    outside = [step for step in open_steps if not step.holder.is_office]
    charged = (own or outside) if phase else (outside or own)
    if charged:
        step = _last_done(charged)
        return step.holder, step.unit_id if step.holder is Holder.UNIT else None, step.name
    has_started = any(each.started_at <= at for each in course.phases)
    return (Holder.UNIT, course.deciding_unit_id, "") if has_started else (Holder.COUNTER, None, "")


def _paused(course: Course, pause: ClockPause, open_steps: Sequence[StepSpan]) -> tuple[Holder, int | None, str]:
    """A pause in a unit's time is that of the unit whose step is open, else of the deciding unit."""
    if pause.charged_to is not Holder.UNIT:
        return pause.charged_to, None, pause.ground_label
    in_units = [step for step in open_steps if step.holder is Holder.UNIT]
    return Holder.UNIT, _last_done(in_units).unit_id if in_units else course.deciding_unit_id, pause.ground_label


def _covers(start: datetime, end: datetime | None, at: datetime) -> bool:
    return start <= at and (end is None or at < end)


def _last_done(steps: Sequence[StepSpan]) -> StepSpan:
    """The step that is done last, an open one after all others; of two done at once the one that opened first."""
    still_open = [step for step in steps if step.closed_at is None]
    if still_open:
        return min(still_open, key=lambda step: step.opened_at)
    latest = max(step.closed_at for step in steps if step.closed_at)
    return min((step for step in steps if step.closed_at == latest), key=lambda step: step.opened_at)
