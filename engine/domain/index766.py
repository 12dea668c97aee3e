"""The real-time index of Decision 766/QĐ-TTg (23/6/2022): 100 points in five groups, as far as they are measured here.

A component that nobody measures or enters brings no points and says so: the sum stands beside the most that could have
been reached with what is measured, never beside 100 as if the rest were zero or full.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Component:
    """What brings up to `points`; `figure` names what the product measures, empty: it is entered."""

    code: str
    name: str
    points: Decimal
    mark: str
    denominator: str
    figure: str = ""


@dataclass(frozen=True, slots=True)
class IndexGroup:
    """One of the five groups."""

    code: str
    name: str
    points: Decimal
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class IndexRules:
    """The index as its file has it."""

    name: str
    source: str
    mark: str
    since: date
    groups: tuple[IndexGroup, ...]

    @property
    def entered(self) -> tuple[Component, ...]:
        """The components that a supervisor enters."""
        return tuple(each for group in self.groups for each in group.components if not each.figure)


@dataclass(frozen=True, slots=True)
class Measured:
    """A share in percent with what it is made of, and how it came here: `log`, `survey` or `entered`."""

    share: Decimal
    numerator: int | None
    denominator: int | None
    origin: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class ComponentScore:
    """One component with its points; None: unmeasured."""

    component: Component
    measured: Measured | None

    @property
    def points(self) -> Decimal | None:
        if self.measured is None:
            return None
        return (self.component.points * self.measured.share / 100).quantize(_CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class GroupScore:
    """One group: its points, and the most that what is measured could have brought."""

    group: IndexGroup
    components: tuple[ComponentScore, ...]

    @property
    def points(self) -> Decimal:
        return sum((each.points for each in self.components if each.points is not None), Decimal(0))

    @property
    def reachable(self) -> Decimal:
        return sum((each.component.points for each in self.components if each.measured), Decimal(0))


def score(rules: IndexRules, found: Mapping[str, Measured]) -> tuple[GroupScore, ...]:
    """The points of every group; `found` by the code of the component."""
    return tuple(
        GroupScore(group, tuple(ComponentScore(each, found.get(each.code)) for each in group.components))
        for group in rules.groups
    )
