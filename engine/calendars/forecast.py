"""A year of special days as the library `holidays` expects them: a draft for a person to confirm, never law.

The library does not know every letter of the Government: in 2026 it lacks the swap of 02/01 against Saturday 10/01
(letter 12729/VPCP-KGVX), and its days of Tết and National Day of years to come are a guess.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput
from engine.domain.special_days import DayKind, SpecialDay

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST, LAST = 2020, 2100
SOURCE = "Dự thảo theo thư viện holidays, chưa có văn bản"
_DERIVED = "D"
_CULTURE_DAY = (11, 24)


class NoForecast(BadInput):
    """Không dự thảo được lịch năm {year}; hãy ghi một năm từ 2020 đến 2100."""

    code = "no_forecast"


def forecast_year(year: int) -> tuple[SpecialDay, ...]:
    """The special days that the library expects in `year`, by date, each marked as derived. Raises `NoForecast`.

    24 November is left out: whether it is a day off is a switch, not a forecast.
    """
    if not FIRST <= year <= LAST:
        raise NoForecast(year=year)
    import holidays  # noqa: PLC0415 - it takes a while, and only a draft needs it

    expected = holidays.country_holidays("VN", years=year, language="vi")
    return tuple(sorted(_days(dict(expected.items()), set(expected.weekend_workdays), year), key=lambda day: day.on))


def _days(expected: dict[date, str], worked: set[date], year: int) -> Iterator[SpecialDay]:
    for on, name in expected.items():
        if on.year != year or (on.month, on.day) == _CULTURE_DAY:
            continue
        yield SpecialDay(on, _kind(name), name, SOURCE, mark=_DERIVED)
    for on in worked:
        if on.year == year:
            yield SpecialDay(on, DayKind.SWAPPED_ON, "Làm bù", SOURCE, mark=_DERIVED)


def _kind(name: str) -> DayKind:
    if "thay cho ngày" in name:
        return DayKind.SWAPPED_OFF
    return DayKind.COMPENSATION if "nghỉ bù" in name else DayKind.HOLIDAY
