"""What would have been: the files of a quarter again, on the durations that were recorded, under other conditions.

Everything is in office minutes. A file comes, and passes its steps in order; a step of a team waits until one of its
people is free, a step outside (another agency, the applicant) only takes its time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

REPLICATIONS = 20


@dataclass(frozen=True, slots=True)
class Leg:
    """A step of a file: which, who does it (empty: somebody outside), how long the work itself took."""

    step: str
    team: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Trip:
    """A file: when it came, what was promised, what it passed, and how long it really took (None: it never was)."""

    arrived: int
    limit: int
    legs: tuple[Leg, ...]
    took: int | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is to be otherwise. Parts of 1: `limits` of what was promised, `hours` of the office hours of a day."""

    extra_team: str = ""
    extra_people: int = 0
    limits: float = 1.0
    hours: float = 1.0


@dataclass(frozen=True, slots=True)
class Run:
    """What one replication came to: `queues` are mean numbers of files that waited, by team."""

    late_share: float
    mean_minutes: float
    queues: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Span:
    """A figure over all replications: its mean, and what 95 % of them lay between."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Compared:
    """What came out under some conditions."""

    late_share: Span
    mean_minutes: Span
    queues: Mapping[str, Span]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Compared:
        """Put replications together."""
        teams = sorted({team for run in runs for team in run.queues})
        return cls(
            span([run.late_share for run in runs]),
            span([run.mean_minutes for run in runs]),
            {team: span([run.queues.get(team, 0.0) for run in runs]) for team in teams},
        )

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)


def span(values: Sequence[float]) -> Span:
    """The mean, and the bounds between which 95 % of the values lie."""
    ordered, last = sorted(values), len(values) - 1
    return Span(fmean(ordered), ordered[round(last * 0.025)], ordered[round(last * 0.975)])


def real(trips: Sequence[Trip]) -> tuple[float, float]:
    """The late share and the mean minutes as they really were."""
    known = [trip for trip in trips if trip.took is not None]
    late = sum((trip.took or 0) > trip.limit for trip in known)
    return late / len(known), fmean(trip.took or 0 for trip in known)
