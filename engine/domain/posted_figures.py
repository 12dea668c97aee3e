"""What units record by hand about posting: no machine sees a wall, a leaflet or the national database."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

CODE = "posted:"
MOST_TIMES = 1000


class Per(StrEnum):
    """How a figure is recorded: as a share in percent, or as times of which each month, or each year, asks some."""

    SHARE = "share"
    MONTH = "month"
    YEAR = "year"

    @property
    def most(self) -> int:
        """The greatest value that may be entered."""
        return 100 if self is Per.SHARE else MOST_TIMES


@dataclass(frozen=True, slots=True)
class PostedFigure:
    """One figure; `goal` is percent, or times a month or year."""

    code: str
    name: str
    per: Per
    goal: Decimal
    source: str


def is_possible(figure: PostedFigure, value: Decimal) -> bool:
    """Whether a value can be that of the figure: a share from 0 to 100, or whole times."""
    if not value.is_finite() or not 0 <= value <= figure.per.most:
        return False
    return figure.per is Per.SHARE or value == value.to_integral_value()
