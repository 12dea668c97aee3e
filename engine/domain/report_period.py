"""Periods of reports by the rule of the plan, and the calendar of what is due when.

The year of a report begins on 15 December of the year before and is cut off on the 14th of its last month; what is
reported is due on the 15th (Kế hoạch 87/KH-UBND, Hà Nội, 16/3/2022, part V.5). Periods are written

    2026-10        the month: 15/09–14/10          2026-Q2   the second quarter: 15/03–14/06
    2026-6M        from the start of the year to 14/06 (3M, 6M, 9M)
    2026           the whole year: 15/12/2025–14/12/2026
    2026-10-01..2026-10-31                         days of one's own
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from engine.domain.errors import BadInput
from engine.domain.months import last_day, month_of, months_between

# Of what people are told: that a report is due soon, that its day has passed.
SOON, LATE = "soon", "late"
_MONTHS_IN_YEAR = 12
_SHAPE = re.compile(r"(?P<year>20\d\d)(?:-(?P<month>0[1-9]|1[0-2])|-Q(?P<quarter>[1-4])|-(?P<so_far>3|6|9)M)?")
_NAMES = {3: "3 tháng", 6: "6 tháng", 9: "9 tháng"}
_MOST_DAYS = 1100


class NoPeriod(BadInput):
    """“{text}” không phải là kỳ báo cáo; viết như 2026-10, 2026-Q2, 2026-6M, 2026 hoặc 2026-10-01..2026-10-31."""

    code = "no_period"


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """On which day of the month figures are cut off, and on which day a report is due."""

    cut_off_day: int = 14
    due_day: int = 15
    year_ends_in: int = 12
    source: str = ""


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """Local days from `first` to `last`, both included; `due_on` only where the rule says when."""

    code: str
    label: str
    first: date
    last: date
    due_on: date | None = None

    @property
    def months(self) -> tuple[str, ...]:
        """The calendar months that end within the period: what figures that are kept by month are taken of."""
        return tuple(
            month for month in months_between(month_of(self.first), month_of(self.last)) if last_day(month) <= self.last
        )


def read_period(text: str, rule: PeriodRule) -> ReportPeriod:
    """A period as it is written; raises `NoPeriod`."""
    if ".." in text:
        return _own_days(text)
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        raise NoPeriod(text=text[:30])
    year = int(found["year"])
    if found["month"]:
        month = int(found["month"])
        return _of_rule(text, f"Tháng {month}/{year}", year, month - 1, month, rule)
    if found["quarter"]:
        quarter = int(found["quarter"])
        return _of_rule(text, f"Quý {quarter}/{year}", year, quarter * 3 - 3, quarter * 3, rule)
    months = int(found["so_far"] or _MONTHS_IN_YEAR)
    label = f"{_NAMES[months]} năm {year}" if found["so_far"] else f"Năm {year}"
    return _of_rule(text, label, year, 0, months, rule)


def period_of(day: date, rule: PeriodRule) -> ReportPeriod:
    """The last month that is cut off before `day`."""
    month = day if day.day > rule.cut_off_day else day.replace(day=1) - timedelta(days=1)
    return read_period(month_of(month), rule)


def before(period: ReportPeriod, rule: PeriodRule) -> ReportPeriod:
    """The period of the same length just before."""
    if period.due_on is None:
        length = period.last - period.first
        return _own(period.first - length - timedelta(days=1), period.first - timedelta(days=1))
    found = _SHAPE.fullmatch(period.code)
    assert found is not None
    year = int(found["year"])
    if found["month"]:
        month = int(found["month"])
        return read_period(f"{year}-{month - 1:02d}" if month > 1 else f"{year - 1}-{_MONTHS_IN_YEAR}", rule)
    if found["quarter"]:
        quarter = int(found["quarter"])
        return read_period(f"{year}-Q{quarter - 1}" if quarter > 1 else f"{year - 1}-Q4", rule)
    return year_before(period, rule)


def year_before(period: ReportPeriod, rule: PeriodRule) -> ReportPeriod:
    """The same period of the year before."""
    if period.due_on is None:
        return _own(_year_ago(period.first), _year_ago(period.last))
    return read_period(f"{int(period.code[:4]) - 1}{period.code[4:]}", rule)


def _of_rule(code: str, label: str, year: int, after: int, until: int, rule: PeriodRule) -> ReportPeriod:
    """From the day after the cut-off of the month `after` (0: December of the year before) to that of `until`."""
    start_year, start_month = (year, after) if after else (year - 1, _MONTHS_IN_YEAR)
    first = date(start_year, start_month, rule.cut_off_day) + timedelta(days=1)
    last = date(year, until, rule.cut_off_day)
    return ReportPeriod(code.strip(), label, first, last, last.replace(day=rule.due_day))


def _own_days(text: str) -> ReportPeriod:
    try:
        first, last = (date.fromisoformat(part.strip()) for part in text.split("..", 1))
    except ValueError:
        raise NoPeriod(text=text[:30]) from None
    if first > last or (last - first).days > _MOST_DAYS:
        raise NoPeriod(text=text[:30])
    return _own(first, last)


def _own(first: date, last: date) -> ReportPeriod:
    label = f"Từ {first:%d/%m/%Y} đến {last:%d/%m/%Y}"
    return ReportPeriod(f"{first.isoformat()}..{last.isoformat()}", label, first, last)


def _year_ago(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


@dataclass(frozen=True, slots=True)
class Duty:
    """A report that has to be made again and again: each month, quarter, three, six, nine months or year."""

    report: str
    every: str
    to: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """One report that has to be sent by a day."""

    duty: Duty
    period: ReportPeriod

    @property
    def due_on(self) -> date:
        assert self.period.due_on is not None, "only periods of the rule are due"
        return self.period.due_on


def due_between(duties: tuple[Duty, ...], first: date, last: date, rule: PeriodRule) -> tuple[Due, ...]:
    """What is due from `first` to `last`, the soonest first."""
    found = []
    for month in months_between(month_of(first), month_of(last)):
        year, number = int(month[:4]), int(month[5:])
        for duty in duties:
            for code in _codes(duty.every, year, number, rule):
                due = Due(duty, read_period(code, rule))
                if first <= due.due_on <= last:
                    found.append(due)
    return tuple(sorted(found, key=lambda due: (due.due_on, due.duty.report)))


def _codes(every: str, year: int, month: int, rule: PeriodRule) -> tuple[str, ...]:
    if every == "month":
        return (f"{year}-{month:02d}",)
    if every == "quarter":
        return (f"{year}-Q{month // 3}",) if month % 3 == 0 else ()
    if month == rule.year_ends_in:
        return (str(year),)
    return (f"{year}-{month}M",) if month in _NAMES else ()
