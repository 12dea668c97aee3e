"""How warm each step of a procedure is: how many lie there, how long they take, how late they are; what that says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from engine.domain.forecast import Remaining
from engine.domain.forecast_history import at_share, merged

# From so many on, a step is said to be always early or always late.
ENOUGH = 10
_MOST, _HALF, _MUCH, _SOME, _FEW = 0.9, 0.5, 0.3, 0.1, 0.05


class Remark(StrEnum):
    """What a review of simplification would look at."""

    BOTTLENECK = "bottleneck"
    WAITING = "waiting"
    ALWAYS_LATE = "always_late"
    ALWAYS_EARLY = "always_early"
    REWORK = "rework"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Remark.BOTTLENECK: "Nghẽn: nhiều thời gian nhất của quy trình",
    Remark.WAITING: "Chủ yếu là chờ người nhận việc",
    Remark.ALWAYS_LATE: "Gần như luôn trễ hạn bước",
    Remark.ALWAYS_EARLY: "Luôn dư nhiều thời gian: hạn bước có thể ngắn hơn",
    Remark.REWORK: "Hay phải làm lại",
}


class StepSums(Protocol):
    """The kept figures of a step in one month, unit and version."""

    step_id: str
    element: str
    name: str
    waits_for: str
    done: int
    repeated: int
    with_limit: int
    late: int
    taken: int
    waited_minutes: int
    taken_minutes: int
    minutes: Sequence[int]
    margins: Sequence[int]


@dataclass(frozen=True, slots=True)
class Lying:
    """Dossiers that lie in a step now, `late` of them past the due moment of the step."""

    step_id: str
    element: str
    name: str
    waits_for: str
    now: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class StepHeat:
    """One step over a period. Durations are office minutes; shares None where there is nothing to divide by.

    `now` lie there, `late_now` of them past the due moment of the step. Of those `done`, `limited` had a due moment
    and `late` missed it, `repeated` were done again, `taken` were taken by somebody: of their `taken_minutes` they lay
    `waited_minutes` with nobody. `weight`: the share of the step in all time of the procedure.
    """

    step_id: str
    element: str
    name: str
    waits_for: str
    now: int
    late_now: int
    done: int
    median: int | None
    ninetieth: int | None
    limited: int
    late: int
    repeated: int
    taken: int
    taken_minutes: int
    waited_minutes: int
    weight: float
    remarks: tuple[Remark, ...] = ()

    @property
    def late_share(self) -> float | None:
        return _part(self.late, self.limited)

    @property
    def repeated_share(self) -> float | None:
        return _part(self.repeated, self.done)

    @property
    def waited_share(self) -> float | None:
        return _part(self.waited_minutes, self.taken_minutes)

    @property
    def warmth(self) -> int:
        """How warm it is drawn, from 0 (nothing known) to 4: by the share of late ones."""
        if self.late_share is None:
            return 0
        return 1 + sum(self.late_share >= bound for bound in WARMTHS)


# The share of late steps from which on a step is warm, hot, very hot.
WARMTHS = (0.05, 0.2, 0.5)


@dataclass(frozen=True, slots=True)
class ItemUse:
    """An item of a procedure: in how many of the ended dossiers it was handed in."""

    item_id: str
    name: str
    files: int
    handed_in: int

    @property
    def share(self) -> float:
        return self.handed_in / self.files if self.files else 0.0

    @property
    def is_seldom(self) -> bool:
        """Handed in so seldom that somebody should ask whether it has to be named at all."""
        return self.files >= ENOUGH and self.share <= _FEW


def step_heat(sums: Iterable[StepSums], lying: Iterable[Lying]) -> tuple[StepHeat, ...]:
    """The steps of a procedure, those that take the most time first; also those that nobody has ever finished."""
    by_step: dict[str, list[StepSums]] = {}
    for row in sums:
        by_step.setdefault(row.step_id, []).append(row)
    here = {each.step_id: each for each in lying}
    spent = {step: sum(_mean(row) * row.done for row in rows) for step, rows in by_step.items()}
    whole = sum(spent.values())
    found = [
        _heat(here.get(step), by_step.get(step, []), spent.get(step, 0.0) / whole if whole else 0.0)
        for step in {**by_step, **here}
    ]
    return tuple(sorted(found, key=lambda each: (-each.weight, -each.now, each.step_id)))


def _heat(here: Lying | None, rows: Sequence[StepSums], weight: float) -> StepHeat:
    last: StepSums | Lying | None = rows[-1] if rows else here
    assert last is not None, "a step is known from what was done or from what lies there"
    done, limited = sum(row.done for row in rows), sum(row.with_limit for row in rows)
    took = merged(Remaining(row.done, tuple(row.minutes)) for row in rows)
    heat = StepHeat(
        step_id=last.step_id,
        element=last.element,
        name=last.name,
        waits_for=last.waits_for,
        now=here.now if here else 0,
        late_now=here.late if here else 0,
        done=done,
        median=at_share(took.parts, 0.5) if took.parts else None,
        ninetieth=at_share(took.parts, _MOST) if took.parts else None,
        limited=limited,
        late=sum(row.late for row in rows),
        repeated=sum(row.repeated for row in rows),
        taken=sum(row.taken for row in rows),
        taken_minutes=sum(row.taken_minutes for row in rows),
        waited_minutes=sum(row.waited_minutes for row in rows),
        weight=weight,
    )
    margins = merged(Remaining(row.with_limit, tuple(row.margins)) for row in rows)
    return replace(heat, remarks=tuple(_remarks(heat, margins)))


def _remarks(heat: StepHeat, margins: Remaining) -> Iterator[Remark]:
    """What is worth a look; of fewer than `ENOUGH` nothing is said.

    Constant slack: nine of ten leave more than the 90th percentile of the step itself takes, and more than an hour.
    """
    is_office = heat.waits_for in {"", "desk"}
    if heat.done >= ENOUGH and heat.weight >= _MUCH:
        yield Remark.BOTTLENECK
    if is_office and heat.taken >= ENOUGH and (heat.waited_share or 0) >= _HALF:
        yield Remark.WAITING
    if heat.limited >= ENOUGH and (heat.late_share or 0) >= _MOST:
        yield Remark.ALWAYS_LATE
    if is_office and heat.limited >= ENOUGH and at_share(margins.parts, _MOST) < -max(heat.ninetieth or 0, 60):
        yield Remark.ALWAYS_EARLY
    if heat.done >= ENOUGH and (heat.repeated_share or 0) >= _SOME:
        yield Remark.REWORK


def _mean(row: StepSums) -> float:
    return sum(row.minutes) / len(row.minutes) if row.minutes else 0.0


def _part(count: int, whole: int) -> float | None:
    return count / whole if whole else None
