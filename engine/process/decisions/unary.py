"""Input cells of a table as data: what a cell accepts, by the three-valued logic of FEEL.

A test answers true, false, or None where FEEL answers null (a comparison with null or with another kind); a row
counts only where every cell answers true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.process.decisions.values import Value, kind_of, written


@dataclass(frozen=True, slots=True)
class Equal:
    """A literal: the input is this value. Null equals null alone."""

    value: Value

    def holds(self, given: Value) -> bool | None:
        """Whether `given` is the value."""
        if given is None or self.value is None:
            return given is None and self.value is None
        return given == self.value if kind_of(given) is kind_of(self.value) else None

    def values(self) -> Iterator[Value]:
        """The literals that are written here."""
        yield self.value


@dataclass(frozen=True, slots=True)
class Between:
    """A comparison or a range: None on a side leaves it open."""

    low: Value = None
    high: Value = None
    includes_low: bool = False
    includes_high: bool = False

    def holds(self, given: Value) -> bool | None:
        """Whether `given` lies within."""
        kind = kind_of(given)
        if kind is None or any(kind_of(bound) is not kind for bound in self.values()):
            return None
        value: Any = given
        low: Any = self.low
        high: Any = self.high
        above = low is None or value > low or (self.includes_low and value == low)
        below = high is None or value < high or (self.includes_high and value == high)
        return above and below

    def values(self) -> Iterator[Value]:
        """The literals that are written here."""
        yield from (bound for bound in (self.low, self.high) if bound is not None)

    @property
    def is_empty(self) -> bool:
        """Whether nothing can lie within: the ends are the wrong way round."""
        low: Any = self.low
        high: Any = self.high
        if low is None or high is None:
            return False
        return bool(low > high) or (low == high and not (self.includes_low and self.includes_high))


@dataclass(frozen=True, slots=True)
class UnaryTests:
    """One input cell: no test at all (``-``), or tests of which one must hold, or, negated, none."""

    text: str
    tests: tuple[Equal | Between, ...] = ()
    is_negated: bool = False

    @property
    def is_any(self) -> bool:
        """Whether the cell takes every value, null too."""
        return not self.tests

    def holds(self, given: Value) -> bool | None:
        """Whether the cell accepts `given`; None where FEEL says null, which accepts nothing."""
        if self.is_any:
            return True
        answers = [test.holds(given) for test in self.tests]
        answer = True if True in answers else None if None in answers else False
        return answer if answer is None or not self.is_negated else not answer

    def accepts(self, given: Value) -> bool:
        """Whether a row with this cell may count for `given`."""
        return self.holds(given) is True

    def values(self) -> Iterator[Value]:
        """The literals of the cell, in the order in which they are written."""
        for test in self.tests:
            yield from test.values()

    def listed(self) -> tuple[Value, ...] | None:
        """The values of a plain list, None if the cell is anything else."""
        if self.is_negated or not self.tests or not all(isinstance(test, Equal) for test in self.tests):
            return None
        return tuple(self.values())


def plain(value: Value) -> str:
    """Write a value for a person."""
    return value if isinstance(value, str) else written(value)
