"""How due dates stand at one moment: overdue, due soon, in time, paused. Computed for a list, never stored.

What is judged is the first appointment, as the forms in force want it: a dossier that missed it stays overdue with its
new appointment too, unless the installation lets an extension count (`overdue.extension_counts_as_on_time`). The time
that remains is the time until the appointment in force. Between two phases and while a pause is open there is neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from engine.domain.deadline import Timeliness
from engine.domain.views import Urgency

if TYPE_CHECKING:
    from engine.domain.calendar import WorkingCalendar

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class DueState:
    """What a dossier's row says of its dates. `finished_at`: when the work was done or given up, None while it is open.

    `timeliness` is what the finished dossier counted as, where that is on record.
    """

    due_at: datetime | None
    first_due_at: datetime | None = None
    is_paused: bool = False
    finished_at: datetime | None = None
    timeliness: str | None = None


@dataclass(frozen=True)
class Outlook:
    """One moment, seen on the office's calendar. `due_soon_working_days`: how early the warning comes."""

    at: datetime
    calendar: WorkingCalendar
    due_soon_working_days: int = 1
    extension_counts: bool = False

    @cached_property
    def due_soon_until(self) -> datetime:
        """Dates from now up to this instant (excluded) are due soon.

        A date is due soon from the opening of the working day that lies `due_soon_working_days` before its day.
        """
        today = self.calendar.local(self.at).date()
        if not (self.calendar.is_working_day(today) and self.at >= self.calendar.opening(today)):
            today = self.calendar.previous_working_day(today)
        last = self.calendar.add_working_days(today, self.due_soon_working_days)
        return self.calendar.at(last + timedelta(days=1), time.min)

    def judged_date(self, state: DueState) -> datetime | None:
        """The date against which a dossier is late."""
        if state.due_at is None or self.extension_counts:
            return state.due_at
        return state.first_due_at or state.due_at

    def urgency(self, state: DueState) -> Urgency:
        """How the due date stands; for a finished dossier, whether it was kept."""
        date = self.judged_date(state)
        if state.finished_at is not None:
            return _after_the_end(state, date)
        if date is None:
            return Urgency.PAUSED if state.is_paused else Urgency.NO_DATE
        if self.at > date:
            return Urgency.OVERDUE
        return Urgency.DUE_SOON if date < self.due_soon_until else Urgency.IN_TIME

    def is_second_lateness(self, state: DueState) -> bool:
        """Whether the one new appointment that the law allows was missed too."""
        if state.due_at is None or state.first_due_at is None:
            return False
        return state.first_due_at < state.due_at < (state.finished_at or self.at)

    def remaining_minutes(self, state: DueState) -> int | None:
        """Whole office minutes until the appointment in force; below zero once it is missed, None after the end."""
        date = state.due_at
        if date is None or state.finished_at is not None:
            return None
        if self.at > date:
            return min(-1, -(self.calendar.office_time(date, self.at) // _MINUTE))
        return self.calendar.office_time(self.at, date) // _MINUTE


def _after_the_end(state: DueState, date: datetime | None) -> Urgency:
    if state.timeliness is not None:
        return Urgency.OVERDUE if state.timeliness == Timeliness.LATE else Urgency.IN_TIME
    if date is None or state.finished_at is None:
        return Urgency.NO_DATE
    return Urgency.OVERDUE if state.finished_at > date else Urgency.IN_TIME
