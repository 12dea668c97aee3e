"""The working calendar of an office: which days it works, at which hours, and why a day is off.

Everything rests on one picture: an **office clock** that runs only while the office is open. `office_clock(at)` reads
it, `when_office_clock_shows(reading)` turns it back into an instant, and all arithmetic of limits and pauses is
addition of readings. Both come from a closed form: whole weeks, corrected by the special days before.

Days and hours are local to `timezone`; instants may be aware in any zone and come back aware in `timezone`.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import astuple, dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from math import lcm
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.domain.errors import BadInput
from engine.domain.office_hours import MICROSECOND, BadOfficeHours, OfficeHours
from engine.domain.running_total import FIRST_YEAR, LAST_YEAR, RunningTotal
from engine.domain.special_days import DayKind, DayOff, SpecialDay

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "BadOfficeHours",
    "DayKind",
    "DayOff",
    "DuplicateSpecialDay",
    "HoursPeriod",
    "InstantOutOfRange",
    "NaiveInstant",
    "NoWorkingDay",
    "NotAWorkingDay",
    "OfficeHours",
    "SpecialDay",
    "WorkingCalendar",
]

WEEKDAY_NAMES = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")

_WEEK = 7


class NaiveInstant(BadInput):
    """Thời điểm {at} không có múi giờ; hãy ghi đủ, ví dụ 2026-11-21T08:00:00+07:00."""

    code = "naive_instant"


class InstantOutOfRange(BadInput):
    """Thời điểm {at} nằm ngoài các năm 1900–2199 mà lịch làm việc tính được."""

    code = "instant_out_of_range"


class DuplicateSpecialDay(BadInput):
    """Ngày {on:%d/%m/%Y} được khai báo hai lần: “{first}” và “{second}”; hãy giữ lại một."""

    code = "duplicate_special_day"


class NotAWorkingDay(BadInput):
    """Ngày {day:%d/%m/%Y} không phải ngày làm việc: {reason}."""

    code = "not_a_working_day"


class NoWorkingDay(BadInput):
    """Lịch không có ngày làm việc nào trong tuần; hãy khai báo ít nhất một."""

    code = "no_working_day"


@dataclass(frozen=True)
class HoursPeriod:
    """Office hours from a day on, until the next period: of each weekday, Monday first, None for a day of rest.

    `hours` is the standard day of the period: what "one day" of a limit is, and the hours of a swapped-on day.
    """

    from_on: date
    week: tuple[OfficeHours | None, ...]
    hours: OfficeHours


@dataclass(frozen=True)
class WorkingCalendar:
    """The working days and office hours of an office.

    `hours` is the standard day: what "one day" of a limit holds, and the hours of a swapped-on day. `week` gives the
    hours of each weekday, Monday first, None for a day of rest; left empty it is Monday to Friday at `hours`.
    `later_hours` replace both from a day on, in the order of their days.
    A year of neither `confirmed_years` nor `draft_years` knows its weekly rest only.
    Raises `NoWorkingDay` and `DuplicateSpecialDay`; the order in which special days are given changes nothing.
    """

    special_days: tuple[SpecialDay, ...] = ()
    hours: OfficeHours = field(default_factory=OfficeHours)
    week: tuple[OfficeHours | None, ...] = ()
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Ho_Chi_Minh"))
    confirmed_years: frozenset[int] = frozenset()
    draft_years: frozenset[int] = frozenset()
    name: str = ""
    weekly_rest_source: str = "Lịch làm việc của cơ quan"
    later_hours: tuple[HoursPeriod, ...] = ()

    def __post_init__(self) -> None:
        week = self.week or (self.hours,) * 5 + (None,) * 2
        if any(len(each) != _WEEK or not any(each) for each in (week, *(period.week for period in self.later_hours))):
            raise NoWorkingDay
        days = tuple(sorted(self.special_days, key=lambda day: day.on))
        for first, second in pairwise(days):
            if first.on == second.on:
                raise DuplicateSpecialDay(on=first.on, first=first.name, second=second.name)
        object.__setattr__(self, "week", week)
        object.__setattr__(self, "special_days", days)
        object.__setattr__(self, "later_hours", tuple(sorted(self.later_hours, key=lambda period: period.from_on)))

    # --- what is known -----------------------------------------------------------------------------------------------

    @cached_property
    def version(self) -> str:
        """A short fingerprint of the content: equal calendars share it, any change of a fact changes it."""
        content = (
            self.name,
            self.weekly_rest_source,
            self.timezone.key,
            self.hours.sessions,
            [hours and hours.sessions for hours in self.week],
            [astuple(day) for day in self.special_days],
            sorted(self.confirmed_years),
            sorted(self.draft_years),
            [
                (period.from_on, period.hours.sessions, [hours and hours.sessions for hours in period.week])
                for period in self.later_hours
            ],
        )
        return sha256(json.dumps(content, default=str, ensure_ascii=False).encode()).hexdigest()[:16]

    @property
    def covered_years(self) -> frozenset[int]:
        """The years whose special days are filled in, as law or as a draft."""
        return self.confirmed_years | self.draft_years

    def is_confirmed(self, year: int) -> bool:
        """Whether the special days of `year` are official, not a forecast and not absent."""
        return year in self.confirmed_years

    def special_day(self, day: date) -> SpecialDay | None:
        return self._special.get(day.toordinal())

    def period_on(self, day: date) -> HoursPeriod:
        """The office hours that hold on `day`, before special days change them."""
        return self._periods[bisect_right(self._starts, day.toordinal()) - 1]

    # --- days --------------------------------------------------------------------------------------------------------

    def hours_on(self, day: date) -> OfficeHours | None:
        """The office hours of `day`; None when the office rests."""
        special, period = self.special_day(day), self.period_on(day)
        if special is None:
            return period.week[day.weekday()]
        if special.is_off:
            return None
        hours = period.hours if special.kind.is_working else period.week[day.weekday()]
        return hours and hours.without(special.closed)

    def is_working_day(self, day: date) -> bool:
        return self.hours_on(day) is not None

    def why_off(self, day: date) -> DayOff | None:
        """Why the office rests on `day`, with the document that says so; None on a working day."""
        if self.is_working_day(day):
            return None
        special = self.special_day(day)
        if special is None:
            return DayOff(f"nghỉ hằng tuần ({WEEKDAY_NAMES[day.weekday()]})", self.weekly_rest_source)
        return DayOff(special.name, special.source, special.kind)

    def sessions(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The sessions of `day` as instants; none when the office rests."""
        hours = self.hours_on(day)
        return tuple((self.at(day, opens), self.at(day, closes)) for opens, closes in hours.sessions) if hours else ()

    def opening(self, day: date) -> datetime:
        """The beginning of office hours of `day`; raises `NotAWorkingDay`."""
        return self.at(day, self._working_hours_on(day).opening)

    def closing(self, day: date) -> datetime:
        """The end of office hours of `day`; raises `NotAWorkingDay`."""
        return self.at(day, self._working_hours_on(day).closing)

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`."""
        return self.add_working_days(day, 1)

    def previous_working_day(self, day: date) -> date:
        """The last working day before `day`."""
        return self.add_working_days(day, -1)

    def working_day_from(self, day: date) -> date:
        """The day itself when it is a working day, else the next one (Civil Code 2015, art. 148.5)."""
        return day if self.is_working_day(day) else self.next_working_day(day)

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, or before it when negative; 0 gives `working_day_from`."""
        if count == 0:
            return self.working_day_from(day)
        number = day.toordinal()
        reached = (
            self._working_days.before(number + 1) + count
            if count > 0
            else self._working_days.before(number) + count + 1
        )
        return date.fromordinal(self._working_days.day_reaching(reached))

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days lie from `first` to `last`, both included."""
        return self._working_days.before(last.toordinal() + 1) - self._working_days.before(first.toordinal())

    # --- instants ----------------------------------------------------------------------------------------------------

    def at(self, day: date, moment: time) -> datetime:
        """The instant of `moment` on `day`, in the zone of the calendar."""
        return datetime.combine(day, moment, tzinfo=self.timezone)

    def local(self, at: datetime) -> datetime:
        """Put `at` into the zone of the calendar; raises `NaiveInstant` and `InstantOutOfRange`."""
        if at.tzinfo is None:
            raise NaiveInstant(at=at)
        if not FIRST_YEAR <= at.year <= LAST_YEAR:
            raise InstantOutOfRange(at=at)
        return at.astimezone(self.timezone)

    def next_opening(self, at: datetime) -> datetime:
        """The first instant from `at` on at which the office is open: `at` itself in office hours."""
        local = self.local(at)
        for day in (local.date(), self.next_working_day(local.date())):
            for opens, closes in self.sessions(day):
                if local < closes:
                    return max(local, opens)
        raise NoWorkingDay

    def office_clock(self, at: datetime, *, by_days: bool = False) -> int:
        """What the office clock shows at `at`: microseconds of office time since a fixed beginning.

        `by_days` it counts in parts of standard days, `one_day` to each, however long a day is: where office hours
        change on the way, five working days stay five.
        """
        local = self.local(at)
        hours = self.hours_on(local)
        spent = hours.until(local.time()) * self._weight(local, by_days=by_days) if hours else 0
        return self._total(by_days=by_days).before(local.toordinal()) + spent

    def when_office_clock_shows(self, reading: int, *, by_days: bool = False) -> datetime:
        """The earliest instant at which the office clock shows `reading`: a closing rather than the next opening."""
        total = self._total(by_days=by_days)
        number = total.day_reaching(reading)
        day = date.fromordinal(number)
        spent = -(-(reading - total.before(number)) // self._weight(day, by_days=by_days))
        midnight = self.at(day, time.min)
        return midnight + self._working_hours_on(day).moment_after(spent) * MICROSECOND

    @cached_property
    def one_day(self) -> int:
        """How far the office clock that counts by days goes in one standard day."""
        return lcm(*(period.hours.microseconds for period in self._periods))

    def office_time(self, start: datetime, end: datetime) -> timedelta:
        """The office time from `start` to `end`; negative when `end` comes first."""
        return (self.office_clock(end) - self.office_clock(start)) * MICROSECOND

    def add_office_time(self, at: datetime, amount: timedelta) -> datetime:
        """The instant at which `amount` (0 or more) of office time has passed since `at`."""
        if not amount:
            return self.local(at)
        return self.when_office_clock_shows(self.office_clock(at) + amount // MICROSECOND)

    # --- how it is answered ------------------------------------------------------------------------------------------

    def _working_hours_on(self, day: date) -> OfficeHours:
        hours = self.hours_on(day)
        if hours is None:
            off = self.why_off(day)
            raise NotAWorkingDay(day=day, reason=off.reason if off else "")
        return hours

    @cached_property
    def _special(self) -> dict[int, SpecialDay]:
        return {day.on.toordinal(): day for day in self.special_days}

    @cached_property
    def _periods(self) -> tuple[HoursPeriod, ...]:
        return (HoursPeriod(date.min, self.week, self.hours), *self.later_hours)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(period.from_on.toordinal() for period in self._periods)

    @cached_property
    def _working_days(self) -> RunningTotal:
        return self._sum(lambda _hours, _standard: 1)

    @cached_property
    def _office_time(self) -> RunningTotal:
        return self._sum(lambda hours, _standard: hours.microseconds)

    @cached_property
    def _standard_days(self) -> RunningTotal:
        if not self.later_hours:
            return self._office_time
        return self._sum(lambda hours, standard: hours.microseconds * (self.one_day // standard.microseconds))

    def _total(self, *, by_days: bool) -> RunningTotal:
        return self._standard_days if by_days else self._office_time

    def _weight(self, day: date, *, by_days: bool) -> int:
        """How far the office clock goes in one microsecond of office time of `day`."""
        return self.one_day // (self.period_on(day).hours.microseconds) if by_days else 1

    def _sum(self, measure: Callable[[OfficeHours, OfficeHours], int]) -> RunningTotal:
        def measured(hours: OfficeHours | None, standard: OfficeHours) -> int:
            return measure(hours, standard) if hours else 0

        weeks = [
            (start, [measured(hours, period.hours) for hours in period.week])
            for start, period in zip(self._starts, self._periods, strict=True)
        ]
        special = {
            day.on.toordinal(): measured(self.hours_on(day.on), self.period_on(day.on).hours)
            for day in self.special_days
        }
        return RunningTotal(weeks, special)
