"""The arithmetic of our own satisfaction survey. It asks the items of SIPAS and is never called SIPAS.

As the published table proves: an item is the share of its valid answers that are satisfied, to two decimals; a
criterion is the mean of its items, the whole is the mean of all items (not of the criteria), half up to two decimals.
A blank is no answer. An item that nobody answered counts nowhere, and the whole then says of how many it is the mean.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt

from engine.domain.errors import BadInput

_CENT = Decimal("0.01")
# Where a share times n falls below this, the normal approximation of its margin says too little.
_LEAST_EXPECTED = 5
_HALF = 0.5

Tally = Mapping[str, Mapping[int, int]]


class BadBallot(BadInput):
    """Phiếu chưa đúng: {detail}."""

    code = "bad_ballot"


@dataclass(frozen=True, slots=True)
class Level:
    """One of the answers, worst first."""

    level: int
    name: str
    is_satisfied: bool


@dataclass(frozen=True, slots=True)
class AskedItem:
    """One item that is asked."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class AskedCriterion:
    """A group of items."""

    code: str
    name: str
    items: tuple[AskedItem, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """How satisfied citizens are to be by a year, in percent."""

    year: int
    percent: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """What is asked, with which answers, and how it is counted."""

    title: str
    code: str
    criteria: tuple[AskedCriterion, ...]
    levels: tuple[Level, ...]
    short: tuple[str, ...]
    least_ballots: int
    z: float
    precision_percent: int
    disagreement_points: int
    bias_points: int
    kiosk_days: int
    ballot_days: int
    goals: tuple[Goal, ...] = ()

    def goal(self, year: int) -> Goal | None:
        """What is to be reached in a year: the last goal set until then, or the first one of all."""
        until = [goal for goal in self.goals if goal.year <= year]
        return max(until, key=lambda goal: goal.year) if until else min(self.goals, key=lambda g: g.year, default=None)

    @property
    def items(self) -> tuple[AskedItem, ...]:
        """Every item, in the order in which it is asked."""
        return tuple(item for criterion in self.criteria for item in criterion.items)

    @property
    def satisfied(self) -> frozenset[int]:
        """The levels that count as satisfied."""
        return frozenset(level.level for level in self.levels if level.is_satisfied)

    def check(self, answers: Mapping[str, int]) -> None:
        """Raise `BadBallot` for an unknown item or level, and for a ballot that says nothing."""
        known, levels = {item.code for item in self.items}, {level.level for level in self.levels}
        for code, level in answers.items():
            if code not in known:
                raise BadBallot(detail=f"không có mục “{code}”")
            if level not in levels:
                raise BadBallot(detail=f"mục {code}: mức {level} không có trong thang {min(levels)}–{max(levels)}")
        if not answers:
            raise BadBallot(detail="chưa trả lời mục nào")


@dataclass(frozen=True, slots=True)
class ItemFigure:
    """What was answered to one item. `value` is percent satisfied; None of no answer."""

    code: str
    name: str
    n: int
    satisfied: int
    levels: Mapping[int, int]

    @property
    def value(self) -> Decimal | None:
        return percent(self.satisfied, self.n)


@dataclass(frozen=True, slots=True)
class CriterionFigure:
    """What was answered to a group of items; `value` is the mean of those that were answered."""

    code: str
    name: str
    items: tuple[ItemFigure, ...]
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class SurveyFigure:
    """The whole. `value` is the mean of the `answered_items` items that somebody answered, of `items` asked.

    `by_token`: how many of the ballots came with the token of a dossier, each of another one.
    """

    ballots: int
    by_token: int
    criteria: tuple[CriterionFigure, ...]
    value: Decimal | None
    answered_items: int
    items: int

    def criterion(self, code: str) -> CriterionFigure:
        """The criterion of this code; `LookupError` if there is none."""
        for criterion in self.criteria:
            if criterion.code == code:
                return criterion
        message = f"no criterion {code!r}"
        raise LookupError(message)


def percent(part: int, whole: int) -> Decimal | None:
    """A share in percent to two decimals, half up; None of nothing."""
    return (Decimal(part) * 100 / whole).quantize(_CENT, ROUND_HALF_UP) if whole else None


def mean(values: Iterable[Decimal | None]) -> Decimal | None:
    """The mean of what is known, to two decimals, half up; None of nothing."""
    known = [value for value in values if value is not None]
    return (sum(known, Decimal(0)) / len(known)).quantize(_CENT, ROUND_HALF_UP) if known else None


def figure(questionnaire: Questionnaire, tally: Tally, ballots: int, by_token: int = 0) -> SurveyFigure:
    """Count answers: item → level → how many."""
    criteria = []
    for criterion in questionnaire.criteria:
        items = tuple(_item(item, tally.get(item.code, {}), questionnaire.satisfied) for item in criterion.items)
        criteria.append(CriterionFigure(criterion.code, criterion.name, items, mean(item.value for item in items)))
    every = [item for criterion in criteria for item in criterion.items]
    return SurveyFigure(
        ballots=ballots,
        by_token=by_token,
        criteria=tuple(criteria),
        value=mean(item.value for item in every),
        answered_items=sum(item.n > 0 for item in every),
        items=len(every),
    )


def _item(item: AskedItem, levels: Mapping[int, int], satisfied: Collection[int]) -> ItemFigure:
    return ItemFigure(
        item.code, item.name, sum(levels.values()), sum(levels.get(each, 0) for each in satisfied), dict(levels)
    )


def add(tally: dict[str, dict[int, int]], answers: Tally | Mapping[str, int]) -> None:
    """Add a ballot (item → level) or another tally (item → level → how many) to a tally."""
    for code, answer in answers.items():
        counts = tally.setdefault(code, {})
        for level, number in ({answer: 1} if isinstance(answer, int) else answer).items():
            counts[level] = counts.get(level, 0) + number


# --- how far it may be trusted ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Margin:
    """Half the width of the interval in which a share lies (95 % at z = 1.96), in points of percent.

    `is_widest`: the share lies so near 0 or 100 % (or so few answered) that the margin of 50 % is given instead.
    """

    points: Decimal
    is_widest: bool


def margin(share: float, n: int, z: float = 1.96, *, served: int = 0, of_served: int = 0) -> Margin | None:
    """How far a share (0 to 1) of `n` answers may lie from that of all; None of no answer.

    z · √(p(1−p)/n · (m·(N−m)/(N−1) + n−m)/n): N were served, and m of the answers are known to come from as many of
    them. An answer at a screen or on paper may be anybody's, twice: it narrows nothing by being one of N.
    """
    if n == 0:
        return None
    is_widest = min(share, 1 - share) * n < _LEAST_EXPECTED
    p = _HALF if is_widest else share
    half = z * sqrt(p * (1 - p) / n)
    m = min(n, of_served)
    if m and served >= m:
        half *= sqrt((m * (served - m) / max(served - 1, 1) + n - m) / n)
    return Margin(Decimal(str(min(100.0, half * 100))).quantize(_CENT, ROUND_HALF_UP), is_widest)


def mean_margin(parts: Iterable[Margin | None]) -> Margin | None:
    """How far the mean of some shares may lie off: the mean of their margins; None of none.

    Who is content with one thing is content with the next, so errors do not cancel out: it is never narrower than this
    however answers hang together, and where every ballot is full and says one thing it is the margin of each item.
    """
    known = [part for part in parts if part is not None]
    points = mean(part.points for part in known)
    return None if points is None else Margin(points, any(part.is_widest for part in known))


def sample_size(population: int, precision_percent: int = 5) -> int:
    """How many have to be asked: N / (1 + N·e²), to the nearest whole (guide of the Ministry of Home Affairs)."""
    error = Decimal(precision_percent) / 100
    return int((population / (1 + population * error * error)).quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Stratum:
    """One kind of citizens: how many were served, how many answered. None: hidden, too few answered to be shown."""

    name: str
    served: int
    answered: int | None
    value: Decimal | None = None

    @property
    def is_hidden(self) -> bool:
        return self.answered is None


def strata(
    served: Mapping[str, int], answered: Mapping[str, int], values: Mapping[str, Decimal | None], least: int
) -> tuple[Stratum, ...]:
    """Who was served beside who answered, by the key of their kind; groups of fewer than `least` ballots are hidden.

    If one group alone would be hidden, the next smallest is hidden with it: the total minus the rest would tell it.
    """
    names = sorted(set(served) | set(answered), key=lambda name: (-served.get(name, 0), name))
    small = {name for name in names if 0 < answered.get(name, 0) < least}
    if len(small) == 1:
        rest = [name for name in names if answered.get(name, 0) >= least]
        small |= set(sorted(rest, key=lambda name: (answered[name], name))[:1])
    return tuple(
        Stratum(name, served.get(name, 0), None)
        if name in small
        else Stratum(name, served.get(name, 0), answered.get(name, 0), values.get(name))
        for name in names
    )


def bias(parts: Sequence[Stratum], telling: int) -> tuple[str, ...]:
    """Where those who answered differ by `telling` points from those who were served; of shown groups only."""
    shown = [part for part in parts if part.answered is not None]
    served, answered = sum(part.served for part in shown), sum(part.answered or 0 for part in shown)
    if not served or not answered:
        return ()
    said = []
    for part in shown:
        gap = Decimal((part.answered or 0) * 100) / answered - Decimal(part.served * 100) / served
        if abs(gap) >= telling:
            word = "nhiều hơn" if gap > 0 else "ít hơn"
            points = str(abs(gap).quantize(Decimal("0.1"), ROUND_HALF_UP)).replace(".", ",")
            said.append(f"“{part.name}” chiếm trong số phiếu {word} trong số hồ sơ {points} điểm phần trăm")
    return tuple(said)


# --- the results criterion and its two sources --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BothSources:
    """What citizens say of results, and what files show: answered in time and never corrected. Shares in percent."""

    said: Decimal | None
    n: int
    shown: Decimal | None
    files: int
    clean: int
    points: int
    least: int

    @property
    def gap(self) -> Decimal | None:
        """How far the two lie apart, where both are known."""
        return None if self.said is None or self.shown is None else self.said - self.shown

    @property
    def verdict(self) -> str:
        """`agree`, `citizens_lower`, `files_lower`, or `too_few`."""
        gap = self.gap
        if gap is None or self.n < self.least or self.files < self.least:
            return "too_few"
        if abs(gap) < self.points:
            return "agree"
        return "citizens_lower" if gap < 0 else "files_lower"

    @property
    def words(self) -> str:
        """The same, as a sentence that says what to look at."""
        if self.verdict == "too_few":
            return f"Chưa so được: nhóm này, hoặc nhóm sẽ bị lộ theo, dưới {self.least} phiếu hay {self.least} hồ sơ."
        compared = f"người dân hài lòng {_said(self.said)} (n = {self.n}), hồ sơ đúng hạn và không phải sửa"
        compared = f"{compared} {_said(self.shown)} ({self.clean}/{self.files})"
        if self.verdict == "agree":
            return f"Hai nguồn khớp nhau: {compared}."
        if self.verdict == "citizens_lower":
            return f"Hai nguồn lệch: {compared}. Sổ sách tốt hơn cảm nhận: xem ý kiến ghi trên phiếu và phản ánh."
        return (
            f"Hai nguồn lệch: {compared}. Cảm nhận tốt hơn sổ sách: xem ai đã trả lời, hồ sơ quá hạn có được hỏi không."
        )


def _said(value: Decimal | None) -> str:
    return f"{value} %".replace(".", ",")
