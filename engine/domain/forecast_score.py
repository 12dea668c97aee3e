"""How good chances were: Brier score, calibration, and whether late dossiers were ranked before those in time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.domain.forecast import interval

BINS = 10
# Chances are corrected by their own past from so many judged ones on.
FEWEST_JUDGED = 100


@dataclass(frozen=True, slots=True)
class Judged:
    """A chance that was told, and what came of it."""

    chance: float
    was_late: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Chances from `low` up to `high`: how many, their mean, and the share that was late, with its bounds of 95 %."""

    low: float
    high: float
    count: int
    told: float | None
    came: float | None
    bounds: tuple[float, float]

    @property
    def is_kept(self) -> bool:
        """Whether what was told lies within what can be said of what came; nothing told is nothing wrong."""
        return self.told is None or self.bounds[0] <= self.told <= self.bounds[1]


def brier(judged: Sequence[Judged]) -> float | None:
    """The mean square of what was missed (Brier 1950): 0 is perfect, 0.25 is a coin; None for nothing."""
    if not judged:
        return None
    return sum((each.chance - each.was_late) ** 2 for each in judged) / len(judged)


def bin_of(chance: float) -> int:
    """Into which of the bins a chance falls; 1 into the last."""
    return min(int(chance * BINS), BINS - 1)


def calibration(judged: Iterable[Judged]) -> tuple[Bin, ...]:
    """What was told beside what came, in ten bins of equal width."""
    sums = [[0, 0.0, 0] for _ in range(BINS)]
    for each in judged:
        row = sums[bin_of(each.chance)]
        row[0] += 1
        row[1] += each.chance
        row[2] += each.was_late
    return tuple(a_bin(number, int(count), told, int(late)) for number, (count, told, late) in enumerate(sums))


def a_bin(number: int, count: int, told: float, late: int) -> Bin:
    """A bin from its sums."""
    low, high = number / BINS, (number + 1) / BINS
    if not count:
        return Bin(low, high, 0, None, None, (0.0, 1.0))
    share = late / count
    return Bin(low, high, count, told / count, share, interval(share, count))


def ranking(judged: Sequence[Judged]) -> float | None:
    """How often, of a late dossier and one in time, the late one had the greater chance; ties count half."""
    late = sorted(each.chance for each in judged if each.was_late)
    kept = sorted(each.chance for each in judged if not each.was_late)
    if not late or not kept:
        return None
    wins, below, equal_from = 0.0, 0, 0
    for chance in late:
        while below < len(kept) and kept[below] < chance:
            below += 1
        equal_from = below
        while equal_from < len(kept) and kept[equal_from] == chance:
            equal_from += 1
        wins += below + (equal_from - below) / 2
    return wins / (len(late) * len(kept))


@dataclass(frozen=True, slots=True)
class Trust:
    """How far chances are believed, learned from those whose end is known: sums of them, added up as they come in.

    A chance is moved towards the late share of all by what it was worth before: where lateness had nothing to do with
    what was told, every dossier gets that share; where it followed, the chance stays. Of a few: as told.
    """

    count: int = 0
    late: float = 0
    told: float = 0.0
    told_square: float = 0.0
    told_late: float = 0.0

    def with_more(self, judged: Judged) -> Trust:
        """The sums with one more."""
        chance, late = judged.chance, float(judged.was_late)
        return Trust(
            self.count + 1,
            self.late + late,
            self.told + chance,
            self.told_square + chance * chance,
            self.told_late + chance * late,
        )

    @property
    def slope(self) -> float:
        """What of a difference between chances was a difference between outcomes, from 0 to 1 (least squares)."""
        if self.count < FEWEST_JUDGED:
            return 1.0
        spread = self.told_square - self.told * self.told / self.count
        together = self.told_late - self.told * self.late / self.count
        return 1.0 if spread <= 0 else min(max(together / spread, 0.0), 1.0)

    def believed(self, chance: float) -> float:
        """What is told in the end; it never falls where the chance rises."""
        if self.count < FEWEST_JUDGED:
            return chance
        share = self.late / self.count + self.slope * (chance - self.told / self.count)
        return min(max(share, 0.0), 1.0)
