"""What would have been: the files of a quarter again, on the durations that were recorded, under other conditions.

Everything is in office minutes. A file comes, and passes its steps in order; a step of a team waits until one of its
people is free, a step outside (another agency, the applicant) only takes its time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from random import Random
from statistics import fmean
from typing import Any

REPLICATIONS = 20
_POINTS = 0.1
FULL = 0.9  # who works so much of the time has a queue that grows
QUARTER_DAYS = 65  # working days of a quarter of a procedure that nobody has done yet


@dataclass(frozen=True, slots=True)
class Leg:
    """A step of a file: which, who does it (empty: somebody outside), how long the work itself took."""

    step: str
    team: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Trip:
    """A file of a procedure: when it came, what was promised, what it passed, how long it took (None: it never was)."""

    arrived: int
    limit: int
    legs: tuple[Leg, ...]
    took: int | None = None
    procedure: str = ""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is to be otherwise. Parts of 1: `limits` of what was promised, `hours` of the office hours of a day.

    The limits are those of one `procedure`, or of all where none is named.
    """

    procedure: str = ""
    extra_team: str = ""
    extra_people: int = 0
    limits: float = 1.0
    hours: float = 1.0


@dataclass(frozen=True, slots=True)
class Run:
    """What one replication came to, by team: how many files waited in the mean, which part of the time all worked."""

    late_share: float
    mean_minutes: float
    queues: Mapping[str, float]
    busy: Mapping[str, float]


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
    busy: Mapping[str, Span]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Compared:
        """Put replications together."""
        teams = sorted(runs[0].queues)
        return cls(
            span([run.late_share for run in runs]),
            span([run.mean_minutes for run in runs]),
            {team: span([run.queues[team] for run in runs]) for team in teams},
            {team: span([run.busy[team] for run in runs]) for team in teams},
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


def is_far_off(was: tuple[float, float], replayed: Run) -> bool:
    """Whether a replay of what was recorded is too far off what was to believe more of it: ten points, or a quarter."""
    late_share, mean_minutes = was
    is_off = abs(replayed.mean_minutes - mean_minutes) > mean_minutes / 4
    return is_off or abs(replayed.late_share - late_share) > _POINTS


@dataclass(frozen=True, slots=True)
class Assumed:
    """A step of a procedure that nobody has done yet: so many days of work by one of `people` (0: somebody outside)."""

    name: str
    days: float
    people: int


@dataclass(frozen=True, slots=True)
class Design:
    """A procedure in design: its steps, files a working day, working days that are promised."""

    steps: tuple[Assumed, ...]
    per_day: float
    limit: float

    @property
    def people(self) -> Mapping[str, int]:
        """How many there are for each step that is ours."""
        return {step.name: step.people for step in self.steps if step.people}


def assumed_quarter(design: Design, day_minutes: int, most: int, seed: int) -> list[Trip]:
    """Files of a quarter that never was: they come at random moments, and steps take from half to half as much again.

    `day_minutes`: how long an office day is. No more than `most` files.
    """
    random = Random(seed)  # noqa: S311 - a simulation, no secret
    files = max(1, min(round(design.per_day * QUARTER_DAYS), most))
    whole = files / design.per_day * day_minutes

    def leg(step: Assumed) -> Leg:
        minutes = step.days * day_minutes * random.uniform(0.5, 1.5)
        return Leg(step.name, step.name if step.people else "", round(minutes))

    came = sorted(round(random.uniform(0, whole)) for _ in range(files))
    return [Trip(at, round(design.limit * day_minutes), tuple(map(leg, design.steps))) for at in came]
