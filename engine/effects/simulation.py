"""The one door to SimPy: one replication of a quarter, with people of teams as what files wait for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from random import Random
from statistics import fmean
from typing import Any

import simpy

from engine.domain.simulation import Conditions, Run, Trip, real

_LESS, _STEPS = 0.85, 24  # of so many parts of a team the one that fits is taken


def replicate(trips: Sequence[Trip], people: Mapping[str, int], conditions: Conditions, seed: int | None) -> Run:
    """Let the files come again in the order in which they came.

    `seed` draws how long each step takes from all that were recorded of it; None leaves each what it took. Longer hours
    hold more office minutes to a day: what is measured in days (arrivals, limits, time outside) grows with them.
    """
    return _World(trips, people, conditions, seed).run()


def present(trips: Sequence[Trip], people: Mapping[str, int]) -> Mapping[str, int]:
    """How many of each team were at work at a time, of all who ever were: at least one, and of all teams the same part.

    As few as make the replay of exactly what was recorded last as long, in the mean, as it really did. People do other
    things too; all of them at it all the time would leave nobody waiting.
    """
    _late, wanted = real(trips)
    best, nearest = dict(people), float("inf")
    for share in (_LESS**step for step in range(_STEPS)):
        fewer = {team: max(1, round(number * share)) for team, number in people.items()}
        mean = replicate(trips, fewer, Conditions(), None).mean_minutes
        if abs(mean - wanted) < nearest:
            best, nearest = fewer, abs(mean - wanted)
        if mean > wanted or set(fewer.values()) <= {1}:
            break
    return best


class _World:
    def __init__(
        self, trips: Sequence[Trip], people: Mapping[str, int], conditions: Conditions, seed: int | None
    ) -> None:
        self._trips, self._conditions = trips, conditions
        self._random = None if seed is None else Random(seed)  # noqa: S311 - a simulation, no secret
        self._recorded: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for trip in trips:
            for leg in trip.legs:
                self._recorded[leg.step, leg.team].append(leg.minutes)
        self._time = simpy.Environment()
        self._teams = {
            team: simpy.Resource(self._time, number + conditions.extra_people * (team == conditions.extra_team))
            for team, number in people.items()
        }
        self._waited: defaultdict[str, float] = defaultdict(float)
        self._worked: defaultdict[str, float] = defaultdict(float)
        self._took: list[tuple[float, float]] = []

    def run(self) -> Run:
        for trip in self._trips:
            self._time.process(self._pass(trip))
        self._time.run()
        whole = max(float(self._time.now), 1.0)
        return Run(
            late_share=sum(took > limit for took, limit in self._took) / len(self._took),
            mean_minutes=fmean(took for took, _limit in self._took),
            queues={team: self._waited[team] / whole for team in self._teams},
            busy={team: self._worked[team] / whole / people.capacity for team, people in self._teams.items()},
        )

    def _pass(self, trip: Trip) -> Generator[Any, Any, None]:
        wanted = self._conditions
        hours, limits = wanted.hours, wanted.limits if wanted.procedure in {"", trip.procedure} else 1.0
        yield self._time.timeout(trip.arrived * hours)
        began = self._time.now
        for leg in trip.legs:
            took = self._random.choice(self._recorded[leg.step, leg.team]) if self._random else leg.minutes
            if leg.team not in self._teams:
                yield self._time.timeout(took * hours)
                continue
            with self._teams[leg.team].request() as turn:
                asked = self._time.now
                yield turn
                self._waited[leg.team] += self._time.now - asked
                self._worked[leg.team] += took
                yield self._time.timeout(took)
        self._took.append((self._time.now - began, trip.limit * hours * limits))
