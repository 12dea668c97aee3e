"""Evaluation sheets and the index as pages and reports hold them, and sheets as they are kept once confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.domain.index766 import GroupScore, IndexRules
from engine.domain.indicators import PER_FILE, NineRules, Score, SheetSum, add_up

COUNTS = ("files", "early", "on_time", "late", "corrected", "returned", "supplemented_again", "upheld")


@dataclass(frozen=True, slots=True)
class SheetLine:
    """The sheet of a unit (`username` empty) or of one of its officials."""

    username: str
    name: str
    files: int
    early: int
    on_time: int
    late: int
    corrected: int
    returned: int
    supplemented_again: int
    upheld: int
    scores: tuple[Score, ...]
    total: SheetSum


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody enters: for which code, what, on what evidence, and why it is changed if it is."""

    code: str
    value: Decimal
    evidence: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What was entered for an indicator or component: who, when, on what evidence; the last of a code holds."""

    code: str
    value: Decimal
    evidence: str
    reason: str
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheets of a unit and of its officials for a month. `confirmed`: when and by whom each version was."""

    unit_code: str
    unit: str
    month: str
    rules: NineRules
    lines: tuple[SheetLine, ...]
    confirmed: tuple[tuple[int, datetime, str, str], ...]
    entries: tuple[Entry, ...] = ()
    hint_9: int | None = None
    may_enter: bool = False

    @property
    def is_confirmed(self) -> bool:
        return bool(self.confirmed)


@dataclass(frozen=True, slots=True)
class YearLine:
    """A unit or official over a year: the mean of each indicator over the confirmed months, their sum and grade."""

    username: str
    name: str
    months: tuple[str, ...]
    scores: tuple[Score, ...]
    total: SheetSum


@dataclass(frozen=True, slots=True)
class Index:
    """The index of a unit on a day: from the first of its month until that day."""

    rules: IndexRules
    unit_code: str
    unit: str
    from_on: date
    to_on: date
    groups: tuple[GroupScore, ...]
    may_enter: bool

    @property
    def points(self) -> Decimal:
        return sum((group.points for group in self.groups), Decimal(0))

    @property
    def reachable(self) -> Decimal:
        return sum((group.reachable for group in self.groups), Decimal(0))


def nothing_counted() -> dict[str, int]:
    """The sums of a unit of which nothing has ended."""
    points = {f"{name}_{number}": 0 for name in ("files", "points") for number in PER_FILE}
    return dict.fromkeys(COUNTS, 0) | points


def frozen(line: SheetLine) -> dict[str, Any]:
    """A sheet as plain values, to be kept."""
    scores = [
        {"number": each.number, "points": None if each.points is None else str(each.points), "basis": each.basis}
        for each in line.scores
    ]
    return {"username": line.username, "name": line.name, **{c: getattr(line, c) for c in COUNTS}, "scores": scores}


def thawed(figures: Mapping[str, Any], rules: NineRules) -> SheetLine:
    """A sheet that was kept."""
    read: Sequence[Mapping[str, Any]] = figures["scores"]
    scores = tuple(
        Score(each["number"], None if each["points"] is None else Decimal(each["points"]), each["basis"])
        for each in read
    )
    counts = {count: figures[count] for count in COUNTS}
    return SheetLine(figures["username"], figures["name"], **counts, scores=scores, total=add_up(scores, rules))
