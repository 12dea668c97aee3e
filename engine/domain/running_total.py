"""The sum, over all days before a day, of a number that repeats every week except on special days."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIRST_YEAR, LAST_YEAR = 1900, 2199
_DAY_NUMBERS = range(date(FIRST_YEAR - 1, 1, 1).toordinal(), date(LAST_YEAR + 100, 1, 1).toordinal())
_WEEK = 7


class RunningTotal:
    """Days are proleptic ordinals: day 1 was a Monday.

    `weeks` are the numbers of each weekday, Monday first, with the day from which they hold; the first from day 1.
    """

    def __init__(self, weeks: Sequence[tuple[int, Sequence[int]]], special: Mapping[int, int]) -> None:
        """Add up; `special` replaces the number of single days."""
        self._starts = [start for start, _ in weeks]
        self._sums = [(0, *accumulate(week)) for _, week in weeks]
        steps = (self._weekly(i, start) - self._weekly(i - 1, start) for i, start in enumerate(self._starts) if i)
        self._steps = (0, *accumulate(steps))
        self._days = sorted(special)
        differences = (special[number] - weeks[self._period(number)][1][(number - 1) % _WEEK] for number in self._days)
        self._corrections = (0, *accumulate(differences))
        # Where the weeks stop being like each other, and the sum before each of these days.
        marks = {_DAY_NUMBERS[0], *self._starts[1:], *self._days, *(number + 1 for number in self._days)}
        self._marks = sorted(marks)
        self._totals = [self.before(number) for number in self._marks]

    def before(self, number: int) -> int:
        """The sum over the days before day `number`."""
        period = self._period(number)
        return self._weekly(period, number) - self._steps[period] + self._corrections[bisect_left(self._days, number)]

    def day_reaching(self, total: int) -> int:
        """The first day at whose end the sum has reached `total`."""
        mark = bisect_left(self._totals, total) - 1
        if mark < 0:
            return _DAY_NUMBERS[0]
        first = self._marks[mark]
        if mark + 1 < len(self._marks) and self._marks[mark + 1] == first + 1:
            return first
        # From here to the next mark every week is like the other: as far as if it had always been so.
        period = self._period(first)
        sums = self._sums[period]
        weeks, rest = divmod(total - self._totals[mark] + self._weekly(period, first) - 1, sums[_WEEK])
        number = weeks * _WEEK + bisect_left(sums, rest + 1)
        return _DAY_NUMBERS[max(number - _DAY_NUMBERS[0], 0)]

    def _period(self, number: int) -> int:
        return bisect_right(self._starts, number) - 1

    def _weekly(self, period: int, number: int) -> int:
        """The sum before `number` if the week of `period` had held for ever."""
        weeks, rest = divmod(number - 1, _WEEK)
        return weeks * self._sums[period][_WEEK] + self._sums[period][rest]
