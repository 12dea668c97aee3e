"""The nine indicators of the evaluation (Circular 01/2018/TT-VPCP art. 13): 0, 1 or 2 points each, and their grade.

Wording, limits and grades are data (`NineRules`); how points follow from what is on record is here. A figure that
nothing is known of brings no points and no zero: it is None, and a sum that lacks one says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from engine.domain.deadline import Timeliness

PER_FILE = (1, 2, 3, 4, 7)
ENTERED = (5, 6, 9)
NUMBERS = tuple(range(1, 10))
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Indicator:
    """One of the nine, in the words of the text: what brings two points, one, none. `origin`: where it comes from."""

    number: int
    origin: str
    name: str
    two: str
    one: str
    zero: str
    mark: str


@dataclass(frozen=True, slots=True)
class Grade:
    """From how many points on a sheet is called so."""

    least: Decimal
    name: str


@dataclass(frozen=True, slots=True)
class NineRules:
    """The indicators with their grades, best first, and the limits between the points."""

    name: str
    source: str
    mark: str
    since: date
    indicators: tuple[Indicator, ...]
    grades: tuple[Grade, ...]
    contacts_for_one: int
    late_without_feedback: int
    feedback_share_for_one: int
    online_share_for_two: int
    online_share_for_one: int

    def grade(self, points: Decimal) -> str:
        """What so many points are called."""
        return next(grade.name for grade in self.grades if points >= grade.least)


# --- points of one file -----------------------------------------------------------------------------------------------

_BY_TIME = {Timeliness.EARLY: 2, Timeliness.ON_TIME: 1, Timeliness.LATE: 0}


def time_points(timeliness: Timeliness | None) -> int | None:
    """Indicator 1: shorter, as long, longer than the rule; None without a date."""
    return None if timeliness is None else _BY_TIME[timeliness]


def agency_points(minutes: Iterable[int | None]) -> int | None:
    """Indicator 2: what each agency took against its plan, in office minutes (+ over); the worst agency counts."""
    known = [each for each in minutes if each is not None]
    if not known:
        return None
    worst = max(known)
    return 2 if worst < 0 else 1 if worst == 0 else 0


def contact_points(rounds: int, rules: NineRules) -> int:
    """Indicator 3: how often the applicant had to come back to complete the file."""
    return 2 if rounds == 0 else 1 if rounds <= rules.contacts_for_one else 0


def place_points(agencies: Collection[int], one_stops: Collection[int]) -> int:
    """Indicator 4: to how many agencies the applicant had to go; only the one-stop counter brings one point."""
    if not agencies:
        return 2
    return 1 if len(agencies) == 1 and set(agencies) <= set(one_stops) else 0


def conduct_points(timeliness: Timeliness | None, upheld: int, rules: NineRules) -> int | None:
    """Indicator 7: no feedback that was found right, and the file early or on time."""
    if upheld:
        return 0
    if timeliness is Timeliness.LATE:
        return rules.late_without_feedback
    return None if timeliness is None else _BY_TIME[timeliness]


# --- points of a unit -------------------------------------------------------------------------------------------------


def feedback_points(ended: int, on_time: int, prolonged: int, rules: NineRules) -> int:
    """Indicator 8: feedback that ended in the month, and feedback that is open though its date has passed."""
    if prolonged:
        return 0
    if on_time == ended:
        return 2
    return 1 if on_time * 100 >= rules.feedback_share_for_one * ended else 0


def online_points(received: int, online: int, late: int, rules: NineRules) -> int | None:
    """What the log alone says of indicator 9: a hint for whoever enters it. None where nothing came in."""
    if not received:
        return None
    if late:
        return 0
    share = Decimal(online * 100) / received
    return 2 if share >= rules.online_share_for_two else 1 if share >= rules.online_share_for_one else 0


# --- the sheet --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """One line of a sheet. `points` None: not known yet; `basis` says from what it follows, in words."""

    number: int
    points: Decimal | None
    basis: str


@dataclass(frozen=True, slots=True)
class SheetSum:
    """The sum of a sheet. `grade` is empty while an indicator is missing."""

    points: Decimal
    of: int
    missing: tuple[int, ...]
    grade: str


def mean_points(points: int, files: int) -> Decimal | None:
    """The mean of the points of so many files, to two decimals, half up; None of no file."""
    return (Decimal(points) / files).quantize(_CENT, ROUND_HALF_UP) if files else None


def add_up(scores: Sequence[Score], rules: NineRules) -> SheetSum:
    """The sum of the nine, and what it is called once all are known."""
    missing = tuple(score.number for score in scores if score.points is None)
    points = sum((score.points for score in scores if score.points is not None), Decimal(0))
    return SheetSum(points, 2 * (len(scores) - len(missing)), missing, "" if missing else rules.grade(points))


def yearly(months: Mapping[str, Mapping[int, Decimal | None]]) -> dict[int, Decimal | None]:
    """Each indicator's mean over the months in which it is known, to two decimals."""
    found: dict[int, Decimal | None] = {}
    for number in NUMBERS:
        known = [points for each in months.values() if (points := each.get(number)) is not None]
        found[number] = (sum(known, Decimal(0)) / len(known)).quantize(_CENT, ROUND_HALF_UP) if known else None
    return found
