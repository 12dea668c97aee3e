"""Between which values an answer lies: the `min` and `max` of a number or of a day in a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum


class DayWord(StrEnum):
    """A day that depends on the dossier and on the moment."""

    TODAY = "today"
    RECEIVED = "received"


Bound = Decimal | date | DayWord
Days = Mapping[DayWord, date]
_DAYS = {DayWord.TODAY: "hôm nay", DayWord.RECEIVED: "ngày tiếp nhận hồ sơ"}


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both included; None where nothing is said."""

    low: Bound | None = None
    high: Bound | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no value can ever lie in it. Nothing is received tomorrow."""
        if self.low is DayWord.TODAY and self.high is DayWord.RECEIVED:
            return True
        if isinstance(self.low, Decimal) and isinstance(self.high, Decimal):
            return self.low > self.high
        return _is_day(self.low) and _is_day(self.high) and self.low > self.high  # type: ignore[operator]

    def fault(self, value: Decimal | date, days: Days) -> str:
        """What is wrong with an answer, behind the name of its field; empty for one that lies inside."""
        low, high = _known(self.low, days), _known(self.high, days)
        is_low = low is not None and value < low  # type: ignore[operator]
        is_high = high is not None and value > high  # type: ignore[operator]
        if not is_low and not is_high:
            return ""
        if isinstance(value, Decimal):
            return _outside(_number(low), _number(high))
        return f"không được trước {_day(self.low, low)}" if is_low else f"không được sau {_day(self.high, high)}"

    @property
    def words(self) -> str:
        """The range as a hint beside its field; empty without one."""
        low, high = self.low, self.high
        if isinstance(low, Decimal) or isinstance(high, Decimal):
            return _numbers(_number(low), _number(high))
        if low is not None and high is not None:
            return f"Không trước {_day(low)}, không sau {_day(high)}."
        if low is not None:
            return f"Không trước {_day(low)}."
        return f"Không sau {_day(high)}." if high is not None else ""


def read_bound(text: str, *, is_number: bool) -> Bound:
    """Read one end of a range: a number as XML writes it (`0.5`), a day (`2026-01-31`) or a `DayWord`.

    Raises `ValueError`.
    """
    if not is_number:
        return DayWord(text) if text in list(DayWord) else date.fromisoformat(text)
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not number.is_finite():
        raise ValueError(text)
    return number


def _is_day(bound: Bound | None) -> bool:
    return isinstance(bound, date)


def _known(bound: Bound | None, days: Days) -> Decimal | date | None:
    return days.get(bound) if isinstance(bound, DayWord) else bound


def _numbers(low: str, high: str) -> str:
    if low and high:
        return f"Từ {low} đến {high}."
    return f"Từ {low} trở lên." if low else f"Không quá {high}."


def _outside(low: str, high: str) -> str:
    if low and high:
        return f"phải từ {low} đến {high}"
    return f"phải từ {low} trở lên" if low else f"phải không quá {high}"


def _number(value: Bound | None) -> str:
    """A number as people write it here: 1.250,5; empty for none."""
    return f"{value:,f}".translate({ord(","): ".", ord("."): ","}) if isinstance(value, Decimal) else ""


def _day(bound: Bound | None, day: Decimal | date | None = None) -> str:
    """A day in words; a word for one with the day that it means, where that is known."""
    if isinstance(bound, DayWord):
        return f"{_DAYS[bound]} ({day:%d/%m/%Y})" if day else _DAYS[bound]
    return f"ngày {bound:%d/%m/%Y}"
