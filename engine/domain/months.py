"""Months as they are written in addresses and reports: ``2026-03``."""

from __future__ import annotations

import re
from datetime import date, timedelta

from engine.domain.errors import BadInput

_MONTH = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])")


class NoMonth(BadInput):
    """“{text}” không phải là tháng; viết như 2026-03."""

    code = "no_month"


def month_of(day: date) -> str:
    """The month of a day."""
    return f"{day:%Y-%m}"


def read_month(text: str) -> str:
    """A month as somebody typed it; raises `NoMonth`."""
    if not _MONTH.fullmatch(text):
        raise NoMonth(text=text[:20])
    return text


def first_day(month: str) -> date:
    """The first day of a month; raises `NoMonth`."""
    return date.fromisoformat(f"{read_month(month)}-01")


def last_day(month: str) -> date:
    """The last day of a month; raises `NoMonth`."""
    return (first_day(month) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def month_before(month: str, count: int = 1) -> str:
    """The month `count` months before; after, where it is negative."""
    number = int(month[:4]) * 12 + int(month[5:]) - 1 - count
    return f"{number // 12:04}-{number % 12 + 1:02}"


def months_between(first: str, last: str) -> tuple[str, ...]:
    """Every month from `first` to `last`."""
    found, day, end = [], first_day(first), first_day(last)
    while day <= end:
        found.append(month_of(day))
        day = (day + timedelta(days=31)).replace(day=1)
    return tuple(found)
