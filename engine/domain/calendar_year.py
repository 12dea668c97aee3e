"""One year of a working calendar as people look at it: twelve months of weeks, each day with what it is and why."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.domain.calendar import WEEKDAY_NAMES, WorkingCalendar
from engine.domain.special_days import DayKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from engine.domain.calendar_facts import CalendarFact, EnteredDay, EnteredHours
    from engine.domain.office_hours import OfficeHours
    from engine.domain.people import Unit
    from engine.domain.special_days import SpecialDay


class DayLook(StrEnum):
    """What a day is at one glance."""

    WORKING = "working"
    REST = "rest"
    HOLIDAY = "holiday"
    COMPENSATION = "compensation"
    SWAPPED_OFF = "swapped_off"
    SWAPPED_ON = "swapped_on"
    CLOSED = "closed"
    PART = "part"

    @property
    def letter(self) -> str:
        """The letter that says the same without a colour."""
        return _LETTERS.get(self, "")

    @property
    def label(self) -> str:
        """What the letter means."""
        return _LABELS[self]


_LETTERS = {
    DayLook.HOLIDAY: "L",
    DayLook.COMPENSATION: "B",
    DayLook.SWAPPED_OFF: "H",
    DayLook.SWAPPED_ON: "T",
    DayLook.CLOSED: "Đ",
    DayLook.PART: "½",
}
_LABELS = {
    DayLook.WORKING: "Ngày làm việc",
    DayLook.REST: "Nghỉ hằng tuần",
    DayLook.HOLIDAY: "Nghỉ lễ, tết",
    DayLook.COMPENSATION: "Nghỉ bù",
    DayLook.SWAPPED_OFF: "Nghỉ hoán đổi",
    DayLook.SWAPPED_ON: "Làm bù (hoán đổi)",
    DayLook.CLOSED: "Đơn vị đóng cửa",
    DayLook.PART: "Nghỉ một phần ngày",
}
_OF_KIND = {
    DayKind.HOLIDAY: DayLook.HOLIDAY,
    DayKind.COMPENSATION: DayLook.COMPENSATION,
    DayKind.SWAPPED_OFF: DayLook.SWAPPED_OFF,
    DayKind.SWAPPED_ON: DayLook.SWAPPED_ON,
    DayKind.LOCAL_CLOSURE: DayLook.CLOSED,
}


@dataclass(frozen=True, slots=True)
class YearDay:
    """One day; `name` says why it is special, empty for an ordinary one."""

    on: date
    look: DayLook
    name: str = ""


@dataclass(frozen=True, slots=True)
class YearMonth:
    """One month: weeks from Monday to Sunday, None for the days of other months."""

    number: int
    weeks: tuple[tuple[YearDay | None, ...], ...]
    working_days: int


@dataclass(frozen=True, slots=True)
class LevelDay:
    """A special day that holds for the unit, with the level that entered it; None: the nation's.

    `counts` is false while its switch is off.
    """

    day: SpecialDay
    fact: CalendarFact
    level: Unit | None
    counts: bool
    can_cancel: bool


@dataclass(frozen=True, slots=True)
class LevelHours:
    """Office hours that hold for the unit from a day on, with the level that entered them."""

    entered: EnteredHours
    level: Unit | None
    can_cancel: bool


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """A day that somebody has to switch on; `fact` is who did, None while the configuration decides."""

    name: str
    label: str
    is_on: bool
    fact: CalendarFact | None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log of a calendar: who entered what when, and what it changed."""

    fact: CalendarFact
    level: Unit | None
    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """A year of the calendar of one unit, as the page shows it; `unit` None: the nation's."""

    year: int
    unit: Unit | None
    levels: tuple[Unit, ...]
    units: tuple[Unit, ...]
    months: tuple[YearMonth, ...]
    days: tuple[LevelDay, ...]
    hours: tuple[LevelHours, ...]
    usual_hours: OfficeHours
    proposed: tuple[EnteredDay, ...]
    switches: tuple[SwitchLine, ...]
    log: tuple[LogLine, ...]
    state: CalendarFact | None
    is_confirmed: bool
    version: str
    at: datetime
    can_keep: bool
    can_keep_nation: bool

    @property
    def working_days(self) -> int:
        """How many days of the year the unit works."""
        return sum(month.working_days for month in self.months)


def look_of(calendar: WorkingCalendar, day: date) -> YearDay:
    """What a day is in a calendar."""
    special = calendar.special_day(day)
    if special is None:
        return YearDay(day, DayLook.WORKING if calendar.is_working_day(day) else DayLook.REST)
    if special.closed and calendar.is_working_day(day):
        return YearDay(day, DayLook.PART, f"{special.name} ({special.parts})")
    return YearDay(day, DayLook.CLOSED if special.closed else _OF_KIND[special.kind], special.name)


def months_of(calendar: WorkingCalendar, year: int) -> tuple[YearMonth, ...]:
    """The twelve months of a year."""
    return tuple(_month(calendar, year, number) for number in range(1, 13))


def _month(calendar: WorkingCalendar, year: int, number: int) -> YearMonth:
    weeks: Sequence[Sequence[date]] = Calendar().monthdatescalendar(year, number)
    shown = tuple(tuple(look_of(calendar, day) if day.month == number else None for day in week) for week in weeks)
    working = sum(calendar.is_working_day(day.on) for week in shown for day in week if day)
    return YearMonth(number, shown, working)


def say_of_day(calendar: WorkingCalendar, day: date) -> str:
    """What a calendar says of a day, in words: ``làm việc 08:00–12:00, 13:00–17:00`` or why it is off."""
    hours, off = calendar.hours_on(day), calendar.why_off(day)
    return f"làm việc {hours}" if hours else f"nghỉ: {off.reason}" if off else ""


def say_week(week: Sequence[OfficeHours | None]) -> str:
    """The office hours of a week in words, days with the same hours together."""
    told: list[tuple[list[str], OfficeHours | None]] = []
    for name, hours in zip(WEEKDAY_NAMES, week, strict=True):
        if told and told[-1][1] == hours:
            told[-1][0].append(name)
        else:
            told.append(([name], hours))
    return "; ".join(f"{_span(names)} {hours or 'nghỉ'}" for names, hours in told)


def _span(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} – {names[-1]}"
