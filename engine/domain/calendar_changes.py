"""How two calendars of one unit differ: which days have other office hours, and in words why.

Names, documents and confirmations change the version of a calendar and no date; only office time can move a date. A
date is reached by counting from its event on, so it can only be moved by a day that lies between the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.domain.calendar import WorkingCalendar
    from engine.domain.special_days import SpecialDay

_DAY = timedelta(days=1)
UNKNOWN = "lịch làm việc của cơ quan giải quyết thay đổi"


@dataclass(frozen=True, slots=True)
class DaysChanged:
    """Days from `first` to `last` whose office time changed, and why: words and document."""

    first: date
    last: date
    why: str


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """Everything that changed of the office time between two calendars, in the order of days."""

    days: tuple[DaysChanged, ...]

    @property
    def first(self) -> date:
        """The first day that changed; the last day there is, when nothing did."""
        return self.days[0].first if self.days else date.max

    @property
    def last(self) -> date:
        """The last day that changed; the first day there is, when nothing did."""
        return max((each.last for each in self.days), default=date.min)

    def meets(self, first: date, last: date) -> bool:
        """Whether any day from `first` to `last` changed."""
        return any(each.first <= last and each.last >= first for each in self.days)

    def reasons(self, first: date, last: date) -> tuple[str, ...]:
        """Why a date moved whose count goes from `first` to `last`."""
        told = (each.why for each in self.days if each.first <= last and each.last >= first)
        return tuple(dict.fromkeys(told)) or (UNKNOWN,)


# Of a calendar that is not known any more: it may differ on every day.
EVERYTHING = CalendarChange((DaysChanged(date.min, date.max, UNKNOWN),))


def changes(
    old: WorkingCalendar, new: WorkingCalendar, document_of: Callable[[date], str] = lambda _day: ""
) -> CalendarChange:
    """What changed from `old` to `new`. `document_of` knows by which document a day was taken out of the calendar."""
    found = [*_days(old, new, document_of), *_periods(old, new)]
    return CalendarChange(tuple(sorted(found, key=lambda each: (each.first, each.last))))


def _days(old: WorkingCalendar, new: WorkingCalendar, document_of: Callable[[date], str]) -> Iterator[DaysChanged]:
    for on in sorted({day.on for day in (*old.special_days, *new.special_days)}):
        if old.hours_on(on) == new.hours_on(on) or not _is_special(old, new, on):
            continue
        before, after = old.special_day(on), new.special_day(on)
        why = _say(after) if after is not None else _say_gone(on, before, document_of(on))
        yield DaysChanged(on, on, why)


def _is_special(old: WorkingCalendar, new: WorkingCalendar, on: date) -> bool:
    """Whether the special day itself changed; the same day under other office hours is told with those."""
    return old.special_day(on) != new.special_day(on)


def _say(day: SpecialDay) -> str:
    document = f" ({day.source})" if day.source else ""
    if day.closed:
        return f"ngày {day.on:%d/%m/%Y} cơ quan đóng cửa {day.parts}: {day.name}{document}"
    what = "làm việc (làm bù)" if day.kind.is_working else day.kind.label.removeprefix("ngày ")
    return f"ngày {day.on:%d/%m/%Y} {what}: {day.name}{document}"


def _say_gone(on: date, before: SpecialDay | None, document: str) -> str:
    name = f" “{before.name}”" if before else ""
    verb = "không còn làm bù" if before and before.kind.is_working else "không còn nghỉ"
    return f"ngày {on:%d/%m/%Y} {verb}{name}" + (f" ({document})" if document else "")


def _periods(old: WorkingCalendar, new: WorkingCalendar) -> Iterator[DaysChanged]:
    starts = sorted({date.min, *(period.from_on for each in (old, new) for period in each.later_hours)})
    ends = [*(start - _DAY for start in starts[1:]), date.max]
    for first, last in zip(starts, ends, strict=True):
        before, after = old.period_on(first), new.period_on(first)
        if (before.week, before.hours) != (after.week, after.hours):
            since = f" từ ngày {first:%d/%m/%Y}" if first > date.min else ""
            yield DaysChanged(first, last, f"giờ làm việc của cơ quan giải quyết thay đổi{since}")
