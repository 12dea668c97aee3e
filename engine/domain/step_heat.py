"""How warm each step of a procedure is: how many lie there, how long they take, how late they are; what that says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
class StepHeat:
    """One step over a period. Durations are office minutes; shares None where there is nothing to divide by.

    `now` lie there, `late_now` of them past the due moment of the step. `waited_share`: of the time of steps that
    somebody took, what they lay with nobody. `weight`: the share of the step in all time of the procedure.
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
    late_share: float | None
    repeated_share: float | None
    waited_share: float | None
    weight: float
    remarks: tuple[Remark, ...]

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


def step_heat(sums: Iterable[StepSums], now: dict[str, tuple[int, int]]) -> tuple[StepHeat, ...]:
    """The steps of a procedure, warmest first; `now`: how many lie in each, and how many of them too long."""
    by_step: dict[str, list[StepSums]] = {}
    for row in sums:
        by_step.setdefault(row.step_id, []).append(row)
    spent = {step: sum(_mean(row) * row.done for row in rows) for step, rows in by_step.items()}
    whole = sum(spent.values())
    found = [
        _heat(step, rows, now.get(step, (0, 0)), spent[step] / whole if whole else 0.0)
        for step, rows in by_step.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.weight, each.step_id)))


def _heat(step_id: str, rows: Sequence[StepSums], now: tuple[int, int], weight: float) -> StepHeat:
    done, limited = sum(row.done for row in rows), sum(row.with_limit for row in rows)
    took = merged(Remaining(row.done, tuple(row.minutes)) for row in rows)
    margins = merged(Remaining(row.with_limit, tuple(row.margins)) for row in rows)
    taken = sum(row.taken_minutes for row in rows)
    heat = StepHeat(
        step_id=step_id,
        element=rows[-1].element,
        name=rows[-1].name,
        waits_for=rows[-1].waits_for,
        now=now[0],
        late_now=now[1],
        done=done,
        median=at_share(took.parts, 0.5) if took.parts else None,
        ninetieth=at_share(took.parts, 0.9) if took.parts else None,
        late_share=sum(row.late for row in rows) / limited if limited else None,
        repeated_share=sum(row.repeated for row in rows) / done if done else None,
        waited_share=sum(row.waited_minutes for row in rows) / taken if taken else None,
        weight=weight,
        remarks=(),
    )
    return _with_remarks(heat, margins)


def _with_remarks(heat: StepHeat, margins: Remaining) -> StepHeat:
    """A step of constant slack: nine of ten leave more than half of what the limit of the step gives."""
    is_office, is_known = heat.waits_for in {"", "desk"}, margins.count >= ENOUGH
    always_early = is_known and at_share(margins.parts, _MOST) < -max(heat.ninetieth or 0, 60)
    remarks = {
        Remark.BOTTLENECK: heat.weight >= _MUCH and heat.done >= ENOUGH,
        Remark.WAITING: is_office and (heat.waited_share or 0) >= _HALF,
        Remark.ALWAYS_LATE: is_known and (heat.late_share or 0) >= _MOST,
        Remark.ALWAYS_EARLY: is_office and always_early,
        Remark.REWORK: (heat.repeated_share or 0) >= _SOME and heat.done >= ENOUGH,
    }
    return replace(heat, remarks=tuple(remark for remark, holds in remarks.items() if holds))


def _mean(row: StepSums) -> float:
    return sum(row.minutes) / len(row.minutes) if row.minutes else 0.0
