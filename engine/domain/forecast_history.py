"""What ended dossiers took, made small: quantiles of the time that was left at every landmark of a step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.domain.forecast import LANDMARKS, PARTS, Learned, Remaining

# A table of so many quantiles stands for any number of dossiers; fewer dossiers are kept as they are.
POINTS = 41


@dataclass(frozen=True, slots=True)
class Passage:
    """An ended dossier in one step: `in_step` office minutes there, `to_end` from its entry to the answer.

    `limit` is what had been promised to it in all, 1 or more.
    """

    procedure_code: str
    step_id: str
    unit: int | str
    in_step: int
    to_end: int
    limit: int


def quantiles(values: Iterable[int], points: int = POINTS) -> tuple[int, ...]:
    """The values in order, or where there are more than `points`, so many of them evenly: the middle of each part."""
    ordered = sorted(values)
    if len(ordered) <= points:
        return tuple(ordered)
    return tuple(ordered[int((place + 0.5) * len(ordered) / points)] for place in range(points))


def at_share(points: Sequence[int], share: float) -> int:
    """The quantile of a table: 0.5 is the median."""
    return points[min(int(share * len(points)), len(points) - 1)]


def merged(tables: Iterable[Remaining]) -> Remaining:
    """Several tables as one, each point with the weight of the dossiers that it stands for."""
    known = [table for table in tables if table.count]
    total = sum(table.count for table in known)
    if not total:
        return Remaining(0, ())
    pieces = sorted((minutes, table.count / len(table.parts)) for table in known for minutes in table.parts)
    wanted = min(POINTS, total)
    points, reached = list[int](), 0.0
    for minutes, weight in pieces:
        reached += weight
        while len(points) < wanted and (len(points) + 0.5) * total / wanted <= reached + 1e-9:
            points.append(minutes)
    return Remaining(total, tuple(points))


def learn(passages: Iterable[Passage]) -> Iterator[Learned]:
    """What the passages of ended dossiers teach, step by step."""
    found: defaultdict[tuple[str, str, int | str], defaultdict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for each in passages:
        by_landmark = found[each.procedure_code, each.step_id, each.unit]
        for landmark in LANDMARKS:
            if landmark and each.in_step <= landmark:
                break
            by_landmark[landmark].append(max(each.to_end - landmark, 0) * PARTS // each.limit)
    for (procedure_code, step_id, unit), by_landmark in found.items():
        remaining = {landmark: Remaining(len(took), quantiles(took)) for landmark, took in by_landmark.items()}
        yield Learned(procedure_code, step_id, unit, remaining)


def to_plain(remaining: Mapping[int, Remaining]) -> dict[str, list[int]]:
    """Tables as JSON keeps them: the count first, then the quantiles."""
    return {str(landmark): [table.count, *table.parts] for landmark, table in remaining.items()}


def from_plain(plain: Mapping[str, Sequence[int]]) -> dict[int, Remaining]:
    """Tables as they were kept."""
    return {int(landmark): Remaining(row[0], tuple(row[1:])) for landmark, row in plain.items()}
