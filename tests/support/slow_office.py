"""A slow, obvious office to hold the fast one against: it walks its days one by one and its office hours by the minute.

It shares no line with `engine.domain`: local naive times, sets of days, and loops that a reader can follow by hand.
`offices()` draws random ones, together with the `WorkingCalendar` that should agree with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from engine.domain.calendar import DayKind, OfficeHours, SpecialDay, WorkingCalendar
from engine.domain.deadline import ClockPause

VN = ZoneInfo("Asia/Ho_Chi_Minh")
MINUTE, TICK, DAY = timedelta(minutes=1), timedelta(minutes=30), timedelta(days=1)
FIRST_DAY = date(2026, 1, 1)
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True)
class SlowOffice:
    """`week[weekday]` lists the sessions of that weekday in minutes after midnight, `standard` those of one day."""

    standard: list[tuple[int, int]]
    week: list[list[tuple[int, int]]]
    off: set[date] = field(default_factory=set)
    on: set[date] = field(default_factory=set)

    def sessions(self, day: date) -> list[tuple[int, int]]:
        if day in self.off:
            return []
        if day in self.on:
            return self.standard
        return self.week[day.weekday()]

    def works(self, day: date) -> bool:
        return bool(self.sessions(day))

    def closing(self, day: date) -> datetime:
        return datetime.combine(day, time.min) + self.sessions(day)[-1][1] * MINUTE

    def next_working_day(self, day: date) -> date:
        day += DAY
        while not self.works(day):
            day += DAY
        return day

    def office_minutes(self, start: datetime) -> Iterator[datetime]:
        """The beginning of every office minute from `start` on."""
        day = start.date()
        while True:
            for opens, closes in self.sessions(day):
                for minute in range(opens, closes):
                    moment = datetime.combine(day, time.min) + minute * MINUTE
                    if moment >= start:
                        yield moment
            day += DAY

    def end_of(self, minutes: int, start: datetime, pauses: list[Stretch]) -> datetime:
        """When `minutes` office minutes from `start` on, outside all pauses, are over."""
        for moment in self.office_minutes(start):
            if any(begins <= moment < ends for begins, ends in pauses):
                continue
            minutes -= 1
            if minutes == 0:
                return moment + MINUTE
        raise AssertionError

    # --- the rules of the contract -----------------------------------------------------------------------------------

    def working_days(self, quarters: int, received: datetime, pauses: list[Stretch]) -> datetime:
        one_day = sum(closes - opens for opens, closes in self.standard)
        day_after = datetime.combine(received.date() + DAY, time.min)
        return self.closing(self.end_of(one_day * quarters // 4, day_after, pauses).date())

    def working_hours(self, hours: int, received: datetime, pauses: list[Stretch]) -> datetime:
        return self.end_of(hours * 60, received, pauses)

    def same_day(self, received: datetime, pauses: list[Stretch]) -> datetime:
        day = received.date()
        if not (received.time() < time(15) and self.works(day) and received < self.closing(day)):
            day = self.next_working_day(day)
        starts = max(received, datetime.combine(day, time.min))
        budget = 0
        for moment in self.office_minutes(starts):
            if moment.date() != day:
                break
            budget += 1
        return self.closing(self.end_of(budget, starts, pauses).date())

    def calendar_days(self, days: int, received: datetime, pauses: list[Stretch]) -> datetime:
        """Live through the time: every midnight spent in a pause that began in time puts the last day off by one."""
        last, counts, now = received.date() + days * DAY, False, received
        while now <= self.rolled_closing(last) or any(ends > now for _, ends in pauses):
            begins = any(pause[0] == now for pause in pauses)
            goes_on = any(pause[1] == now for pause in pauses)
            if begins and not goes_on:
                counts = now <= self.rolled_closing(last)
            if counts and any(pause[0] <= now < pause[1] for pause in pauses) and (now + TICK).date() > now.date():
                last += DAY
            now += TICK
        return self.rolled_closing(last)

    def rolled_closing(self, day: date) -> datetime:
        return self.closing(day if self.works(day) else self.next_working_day(day))


# --- random offices --------------------------------------------------------------------------------------------------

SESSIONS = (
    [(480, 720), (780, 1020)],  # 08:00-12:00, 13:00-17:00
    [(420, 690), (810, 1020)],  # 07:00-11:30, 13:30-17:00
    [(450, 690)],  # a morning
    [(437, 701), (701, 722), (803, 991)],  # odd minutes, sessions that touch
)


@dataclass(frozen=True)
class Office:
    """The same office twice."""

    slow: SlowOffice
    calendar: WorkingCalendar

    def with_holiday(self, day: date) -> Office:
        slow = SlowOffice(self.slow.standard, self.slow.week, self.slow.off | {day}, self.slow.on - {day})
        return Office(slow, calendar_of(slow))


def calendar_of(slow: SlowOffice) -> WorkingCalendar:
    kinds = {**dict.fromkeys(slow.off, DayKind.HOLIDAY), **dict.fromkeys(slow.on, DayKind.SWAPPED_ON)}
    return WorkingCalendar(
        special_days=tuple(SpecialDay(on, kind, f"ngày {on}", "văn bản") for on, kind in kinds.items()),
        hours=hours_of(slow.standard),
        week=tuple(hours_of(sessions) if sessions else None for sessions in slow.week),
    )


def hours_of(sessions: list[tuple[int, int]]) -> OfficeHours:
    return OfficeHours(tuple((time(a // 60, a % 60), time(b // 60, b % 60)) for a, b in sessions))


days = st.integers(0, 70).map(lambda count: FIRST_DAY + count * DAY)


@st.composite
def offices(draw: st.DrawFn, *, even_week: bool = False) -> Office:
    """Monday to Friday or to Saturday, sometimes with a short day, with holidays and swapped days in ten weeks."""
    standard = draw(st.sampled_from(SESSIONS))
    week = [standard] * draw(st.sampled_from([5, 6]))
    if not even_week and draw(st.booleans()):
        week[draw(st.integers(0, 4))] = draw(st.sampled_from(SESSIONS))
    off = draw(st.sets(days, max_size=15))
    on = draw(st.sets(days, max_size=5)) - off
    slow = SlowOffice(standard, week + [[]] * (7 - len(week)), off, on)
    return Office(slow, calendar_of(slow))


def instants(every: timedelta = MINUTE) -> st.SearchStrategy[datetime]:
    """A local instant in the first five weeks of the year, on a multiple of `every` after midnight."""
    return st.integers(0, 35 * DAY // every).map(lambda count: datetime.combine(FIRST_DAY, time.min) + count * every)


@st.composite
def stretches(draw: st.DrawFn, received: datetime, every: timedelta = MINUTE) -> list[Stretch]:
    """Up to three pauses after `received`, not overlapping, some of them touching."""
    gaps = st.integers(0, 4 * DAY // every)
    lengths = st.integers(1, 6 * DAY // every)
    pauses, free_from = [], received
    for gap, length in draw(st.lists(st.tuples(gaps, lengths), max_size=3)):
        begins = free_from + gap * every
        free_from = begins + length * every
        pauses.append((begins, free_from))
    return pauses


def aware(at: datetime) -> datetime:
    return at.replace(tzinfo=VN)


def clock_pauses(pauses: list[Stretch]) -> list[ClockPause]:
    return [ClockPause(aware(begins), aware(ends), "supplement") for begins, ends in pauses]
