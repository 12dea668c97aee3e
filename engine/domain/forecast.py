"""The chance that an open dossier will be late, from what dossiers like it took; never more than that history says.

The history holds, for a step of a procedure in a unit, how much office time ended dossiers still took from there to
their answer (`engine.domain.forecast_history`): from the moment they entered the step, and from the moments at which
they had lain in it for half a day, one day, two … (`LANDMARKS`), counting only those that still lay there. It is kept
in **thousandths of the time that was promised** to each, so that a dossier of five days and one of thirty teach each
other. Pauses of the clock are not counted. The chance is the share of that history that took longer than what is left.

Where few dossiers are like this one, the share leans on a coarser history: the step in any unit, the procedure, all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from math import sqrt

# Office minutes in a step after which dossiers that still lie there are looked at anew: days of eight hours.
LANDMARKS = (0, 240, 480, 960, 2_400, 4_800, 9_600)
# So many dossiers of the coarser history weigh in every share: what twenty dossiers say alone counts half.
LEANING = 20
# A usual time is told from no fewer dossiers; below, the coarser history tells it.
FEWEST = 10
PARTS = 1000
_Z = 1.96  # 95 %


class Basis(StrEnum):
    """Whose history a forecast rests on, the finest first."""

    UNIT_STEP = "unit_step"
    STEP = "step"
    PROCEDURE = "procedure"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Remaining:
    """What dossiers took from a moment of a step on: `count` of them, `parts` their quantiles in order."""

    count: int
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Learned:
    """What is kept of one step of a procedure in a unit: by landmark, what dossiers still took from there."""

    procedure_code: str
    step_id: str
    unit: int | str
    remaining: Mapping[int, Remaining]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an open dossier stands. All are office minutes.

    It has lain `elapsed` in its step, `left` is what it has until its date, `limit` what was promised (1 or more).
    """

    procedure_code: str
    step_id: str
    unit: int | str
    elapsed: int
    left: int
    limit: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """`chance` of lateness with the bounds of 95 %; `usual_minutes` is what half of those like it still took.

    `count` dossiers of the `basis` stood where this one stands.
    """

    chance: float
    low: float
    high: float
    usual_minutes: int
    basis: Basis
    count: int


@dataclass
class _Pool:
    """Parts with their weights, in order: many small tables read as one."""

    pieces: list[tuple[int, float]] = field(default_factory=list)
    _parts: list[int] = field(default_factory=list)
    _above: list[float] = field(default_factory=lambda: [0.0])

    def add(self, remaining: Remaining) -> None:
        weight = remaining.count / len(remaining.parts)
        self.pieces.extend((part, weight) for part in remaining.parts)

    def ordered(self) -> _Pool:
        self.pieces.sort()
        self._parts = [part for part, _weight in self.pieces]
        self._above = [*accumulate((weight for _part, weight in reversed(self.pieces)), initial=0.0)][::-1]
        return self

    def above(self, part: int) -> float:
        """How many dossiers took longer than that."""
        return self._above[bisect_right(self._parts, part)]

    def middle_above(self, part: int) -> int:
        """What half of those took that took longer than that."""
        half = self.above(part) / 2
        place = next(number for number, left in enumerate(self._above) if left <= half)
        return self._parts[max(place - 1, 0)]


class History:
    """What is known of ended dossiers, asked for one dossier at a time."""

    def __init__(self, learned: Iterable[Learned]) -> None:
        """Pool what is kept, at every level at once."""
        pools: dict[tuple[object, ...], _Pool] = {}
        for each in learned:
            for landmark, remaining in each.remaining.items():
                for key in _keys(each.procedure_code, each.step_id, each.unit, landmark):
                    pools.setdefault(key, _Pool()).add(remaining)
        self._pools = {key: pool.ordered() for key, pool in pools.items()}

    def forecast(self, place: Place) -> Forecast | None:
        """The chance of a dossier where it stands; None if no ended dossier was ever there.

        One without anything left is late: its chance is 1.
        """
        elapsed = max(place.elapsed, 0)
        landmark = max(each for each in LANDMARKS if each <= elapsed)
        beyond = (elapsed - landmark) * PARTS // place.limit
        keys = _keys(place.procedure_code, place.step_id, place.unit, landmark)
        found = [
            (basis, pool)
            for basis, key in zip(Basis, keys, strict=True)
            if (pool := self._pools.get(key)) and pool.above(beyond) >= 1
        ]
        if not found:
            return None
        left = max(place.left, 0) * PARTS // place.limit
        chance, weight = _chance([pool for _basis, pool in found], beyond, left)
        low, high = interval(chance, weight)
        basis, pool = next((each for each in found if each[1].above(beyond) >= FEWEST), found[-1])
        usual = (pool.middle_above(beyond) - beyond) * place.limit // PARTS
        count = round(pool.above(beyond))
        if place.left < 0:
            chance = low = high = 1.0
        return Forecast(chance, low, high, usual, basis, count)


def interval(share: float, count: float) -> tuple[float, float]:
    """The bounds of 95 % of a share of `count` (Wilson 1927); right also for a share of 0 or 1."""
    if count <= 0:
        return 0.0, 1.0
    middle = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = _Z / (1 + _Z**2 / count) * sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def _chance(finest_first: Sequence[_Pool], beyond: int, left: int) -> tuple[float, float]:
    """The share that took longer, each level leaning on the next coarser one; and what stands behind it."""
    share, weight = 0.5, 2.0  # before anything is known
    for pool in reversed(finest_first):
        count, late = pool.above(beyond), pool.above(beyond + left)
        leaning = min(weight, LEANING)
        share = (late + leaning * share) / (count + leaning)
        weight = count + leaning
    return share, weight


def _keys(procedure_code: str, step_id: str, unit: int | str, landmark: int) -> tuple[tuple[object, ...], ...]:
    return (
        (landmark, procedure_code, step_id, unit),
        (landmark, procedure_code, step_id),
        (landmark, procedure_code),
        (landmark,),
    )
