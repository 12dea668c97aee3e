"""A slow, obvious office to hold the fast one against: it walks its days one by one and its office hours by the minute.

It shares no line with `engine.domain`: local naive times, sets of days, and loops that a reader can follow by hand.
`offices()` draws random ones, together with the `WorkingCalendar` that should agree with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from engine.domain.calendar import DayKind, HoursPeriod, OfficeHours, SpecialDay, WorkingCalendar
from engine.domain.deadline import ClockPause

VN = ZoneInfo("Asia/Ho_Chi_Minh")
MINUTE, TICK, DAY = timedelta(minutes=1), timedelta(minutes=30), timedelta(days=1)
FIRST_DAY = date(2026, 1, 1)
Stretch = tuple[datetime, datetime]
Sessions = list[tuple[int, int]]


@dataclass(frozen=True)
class SlowOffice:
    """`week[weekday]` lists the sessions of that weekday in minutes after midnight, `standard` those of one day.

    `later` replaces both from its day on; of a day in `closed` those minutes of the day are lost.
    """

    standard: Sessions
    week: list[Sessions]
    off: set[date] = field(default_factory=set)
    on: set[date] = field(default_factory=set)
    closed: dict[date, tuple[int, int]] = field(default_factory=dict)
    later: tuple[date, Sessions, list[Sessions]] | None = None

    def hours_of_the_time(self, day: date) -> tuple[Sessions, list[Sessions]]:
        """The standard day and the week that hold on `day`."""
        return self.later[1:] if self.later and day >= self.later[0] else (self.standard, self.week)

    def sessions(self, day: date) -> Sessions:
        standard, week = self.hours_of_the_time(day)
        if day in self.off:
            return []
        open_today = standard if day in self.on else week[day.weekday()]
        if day not in self.closed:
            return open_today
        first, last = self.closed[day]
        pieces = [
            piece for opens, closes in open_today for piece in ((opens, min(closes, first)), (max(opens, last), closes))
        ]
        return [(opens, closes) for opens, closes in pieces if opens < closes]

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
        """Every office minute is worth its part of a standard day of its time, until the days are spent."""
        spent, limit = Fraction(0), Fraction(quarters, 4)
        for moment in self.office_minutes(datetime.combine(received.date() + DAY, time.min)):
            if any(begins <= moment < ends for begins, ends in pauses):
                continue
            standard, _ = self.hours_of_the_time(moment.date())
            spent += Fraction(1, sum(closes - opens for opens, closes in standard))
            if spent >= limit:
                return self.closing(moment.date())
        raise AssertionError

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


CLOSURES = ((0, 720), (780, 1200), (500, 530), (0, 1200))  # a morning, an afternoon, half an hour, all of a day


@dataclass(frozen=True)
class Office:
    """The same office twice."""

    slow: SlowOffice
    calendar: WorkingCalendar

    def with_holiday(self, day: date) -> Office:
        closed = {on: part for on, part in self.slow.closed.items() if on != day}
        slow = replace(self.slow, off=self.slow.off | {day}, on=self.slow.on - {day}, closed=closed)
        return Office(slow, calendar_of(slow))


def calendar_of(slow: SlowOffice) -> WorkingCalendar:
    kinds = {**dict.fromkeys(slow.off, DayKind.HOLIDAY), **dict.fromkeys(slow.on, DayKind.SWAPPED_ON)}
    kinds = {**dict.fromkeys(slow.closed, DayKind.LOCAL_CLOSURE), **kinds}
    return WorkingCalendar(
        special_days=tuple(
            SpecialDay(on, kind, f"ngày {on}", "văn bản", closed=(_part(slow.closed[on]),) if on in slow.closed else ())
            for on, kind in kinds.items()
        ),
        hours=hours_of(slow.standard),
        week=week_of(slow.week),
        later_hours=(HoursPeriod(slow.later[0], week_of(slow.later[2]), hours_of(slow.later[1])),)
        if slow.later
        else (),
    )


def week_of(week: list[Sessions]) -> tuple[OfficeHours | None, ...]:
    return tuple(hours_of(sessions) if sessions else None for sessions in week)


def hours_of(sessions: Sessions) -> OfficeHours:
    return OfficeHours(tuple(_part(session) for session in sessions))


def _part(minutes: tuple[int, int]) -> tuple[time, time]:
    first, last = minutes
    return time(first // 60, first % 60), time(last // 60, last % 60)


days = st.integers(0, 70).map(lambda count: FIRST_DAY + count * DAY)


@st.composite
def offices(draw: st.DrawFn, *, even_week: bool = False) -> Office:
    """Monday to Friday or to Saturday, with holidays, swapped and half days in ten weeks.

    Sometimes a weekday is short, and sometimes the hours change from a day on; neither in an `even_week`.
    """
    standard, week = draw(_weeks(even_week=even_week))
    later = None
    if not even_week and draw(st.booleans()):
        later = (draw(days), *draw(_weeks(even_week=False)))
    off = draw(st.sets(days, max_size=15))
    on = draw(st.sets(days, max_size=5)) - off
    closed = {} if even_week else draw(st.dictionaries(days, st.sampled_from(CLOSURES), max_size=6))
    slow = SlowOffice(standard, week, off, on, {day: part for day, part in closed.items() if day not in off}, later)
    return Office(slow, calendar_of(slow))


@st.composite
def _weeks(draw: st.DrawFn, *, even_week: bool) -> tuple[Sessions, list[Sessions]]:
    """A standard day and a week of such days."""
    standard = draw(st.sampled_from(SESSIONS))
    week = [standard] * draw(st.sampled_from([5, 6]))
    if not even_week and draw(st.booleans()):
        week[draw(st.integers(0, 4))] = draw(st.sampled_from(SESSIONS))
    return standard, week + [[]] * (7 - len(week))


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
