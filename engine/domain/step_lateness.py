"""How often the steps of a procedure were late, side by side by unit and by quarter, with what that rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from engine.domain.forecast import interval


class MonthOfStep(Protocol):
    """What a step came to in one month and unit: `late` of `limited`."""

    step_id: str
    name: str
    unit_id: int
    month: str
    late: int
    limited: int


@dataclass(frozen=True, slots=True)
class Lateness:
    """`late` of `limited` steps were done after their due moment."""

    late: int
    limited: int

    @property
    def share(self) -> float:
        return self.late / self.limited

    @property
    def bounds(self) -> tuple[float, float]:
        """Between what the true share lies, 95 %."""
        return interval(self.share, self.limited)


@dataclass(frozen=True, slots=True)
class Grid:
    """Steps beside each other by what stands in `heads`; a cell is None where no step with a limit was done."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Lateness | None, ...]], ...]


def grid(rows: Iterable[MonthOfStep], head_of: Callable[[MonthOfStep], str], steps: Iterable[str]) -> Grid:
    """Sums of the rows by step (in the order of `steps`, ids) and by what `head_of` says of each, in its order."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    names: dict[str, str] = {}
    for row in rows:
        if row.limited:
            late, limited = sums.get((row.step_id, head_of(row)), (0, 0))
            sums[row.step_id, head_of(row)] = (late + row.late, limited + row.limited)
            names[row.step_id] = row.name
    heads = tuple(sorted({head for _step, head in sums}))
    return Grid(
        heads,
        tuple(
            (names[step], tuple(Lateness(*sums[step, head]) if (step, head) in sums else None for head in heads))
            for step in steps
            if step in names
        ),
    )


def quarter_of(month: str) -> str:
    """``2026-2`` for a month of the second quarter."""
    return f"{month[:4]}-{(int(month[5:]) + 2) // 3}"
