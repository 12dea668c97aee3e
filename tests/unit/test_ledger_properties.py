"""A clock of several appointments against the slow office: joined, restarted, paused, each from its own event."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.clock_entries import ClockEntry, Paused, PhaseFinished, PhaseJoined, PhaseStarted, Restarted, Resumed
from engine.domain.clock_ledger import ClockLedger
from engine.domain.deadline import LimitUnit, ProcessingTime
from tests.support.slow_office import (
    DAY,
    MINUTE,
    TICK,
    Office,
    SlowOffice,
    Stretch,
    aware,
    days,
    instants,
    offices,
    stretches,
)


@dataclass(frozen=True)
class Appointment:
    """One phase as it was lived, in local naive time. `restarted` lies after `before`, the pauses that no longer count.

    `amount` is in quarters of a day under working_days, else in the unit itself; `joined` was added to it on the way.
    """

    unit: LimitUnit
    amount: int
    joined: int
    started: datetime
    before: list[Stretch]
    restarted: datetime | None
    pauses: list[Stretch]

    @property
    def counts_from(self) -> datetime:
        return self.restarted or self.started

    @property
    def ends(self) -> datetime:
        """The last thing that happened in it."""
        return max([self.counts_from, *(end for _, end in (*self.before, *self.pauses))])

    def due(self, office: SlowOffice) -> datetime:
        """What the slow office says."""
        rule = {
            LimitUnit.WORKING_DAYS: office.working_days,
            LimitUnit.WORKING_HOURS: office.working_hours,
            LimitUnit.CALENDAR_DAYS: office.calendar_days,
        }[self.unit]
        return rule(self.amount + self.joined, self.counts_from, self.pauses)

    def entries(self, name: str) -> list[ClockEntry]:
        """The same life as lines of a ledger."""
        lines: list[ClockEntry] = [
            PhaseStarted(phase=name, limit=self._limit(self.amount), **_when(self.started)),
            *_paused(self.before),
        ]
        if self.restarted is not None:
            lines.append(Restarted(**_when(self.restarted)))
        lines += _paused(self.pauses)
        if self.joined:
            lines.append(PhaseJoined(phase=f"{name}b", limit=self._limit(self.joined), **_when(self.ends)))
        return lines

    def _limit(self, amount: int) -> ProcessingTime:
        parts = 4 if self.unit is LimitUnit.WORKING_DAYS else 1
        return ProcessingTime(Decimal(amount) / parts, self.unit)


def _when(at: datetime) -> dict[str, Any]:
    return {"at": aware(at), "recorded_at": aware(at), "by": ""}


def _paused(pauses: list[Stretch]) -> list[ClockEntry]:
    return [
        line
        for begins, ends in pauses
        for line in (Paused(ground="supplement", **_when(begins)), Resumed(**_when(ends)))
    ]


@st.composite
def appointments(draw: st.DrawFn, started: datetime, every: timedelta) -> Appointment:
    unit = draw(st.sampled_from([LimitUnit.WORKING_DAYS, LimitUnit.WORKING_HOURS, LimitUnit.CALENDAR_DAYS]))
    before, restarted = [], None
    if draw(st.booleans()):
        before = draw(stretches(started, every))
        last = max([started, *(end for _, end in before)])
        restarted = last + draw(st.integers(0, 2 * DAY // every)) * every
    pauses = draw(stretches(restarted or started, every))
    return Appointment(
        unit, draw(st.integers(1, 30)), draw(st.sampled_from([0, 0, 1, 7])), started, before, restarted, pauses
    )


@st.composite
def lives(draw: st.DrawFn) -> list[Appointment]:
    """One to three appointments, each begun some time after the one before was over."""
    at, lived = draw(instants(TICK)), []
    for _ in range(draw(st.integers(1, 3))):
        lived.append(draw(appointments(at, TICK)))
        at = lived[-1].ends + draw(st.integers(0, 3 * DAY // TICK)) * TICK
    return lived


def ledger_of(lived: list[Appointment]) -> ClockLedger:
    lines: list[ClockEntry] = []
    for number, appointment in enumerate(lived):
        if number:
            lines.append(PhaseFinished(**_when(lived[number - 1].ends)))
        lines += appointment.entries(f"appointment_{number}")
    return ClockLedger(tuple(lines))


@given(office=offices(), lived=lives())
def test_every_appointment_is_due_when_the_slow_office_says(office: Office, lived: list[Appointment]):
    clock = ledger_of(lived).project(office.calendar)

    assert [phase.first_due_at for phase in clock.phases] == [aware(each.due(office.slow)) for each in lived]
    assert clock.due_at == clock.phases[-1].first_due_at


@given(office=offices(even_week=True), lived=lives(), holiday=days)
def test_a_holiday_more_brings_no_appointment_forward(office: Office, lived: list[Appointment], holiday: date):
    was = ledger_of(lived).project(office.calendar).phases
    now = ledger_of(lived).project(office.with_holiday(holiday).calendar).phases

    assert all(later.first_due_at >= earlier.first_due_at for later, earlier in zip(now, was, strict=True))


@given(office=offices(), lived=lives(), share=st.floats(0, 1))
def test_a_pause_split_in_two_that_touch_moves_no_appointment(office: Office, lived: list[Appointment], share: float):
    split = []
    for appointment in lived:
        halves = []
        for begins, ends in appointment.pauses:
            middle = begins + round(share * ((ends - begins) // MINUTE)) * MINUTE
            halves += [(begins, middle), (middle, ends)]
        split.append(replace(appointment, pauses=halves))

    was, now = (ledger_of(each).project(office.calendar).phases for each in (lived, split))

    assert [phase.first_due_at for phase in now] == [phase.first_due_at for phase in was]


@given(office=offices(), lived=lives(), data=st.data())
def test_the_order_in_which_special_days_were_entered_moves_no_appointment(
    office: Office, lived: list[Appointment], data: st.DataObject
):
    shuffled = replace(office.calendar, special_days=tuple(data.draw(st.permutations(office.calendar.special_days))))

    assert ledger_of(lived).project(shuffled).phases == ledger_of(lived).project(office.calendar).phases
