"""What the limits of a version would do to running dossiers, if it held for them and not only for new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.reprojection import Turn, turn_of
from engine.effects.moving import LimitRule
from engine.services.moving import CAN, MoveOrder

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.services.moving import MoveLine, Moving

# A look writes nothing, so its document is never cited; an order to move dossiers needs a real one.
_NO_DOCUMENT = "chỉ xem trước"


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One running dossier: its date now and under the new limits, or why it cannot have them."""

    code: str
    due_before: datetime | None
    due_after: datetime | None
    turn: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class LimitsLook:
    """The answer. If the version held for new dossiers only, no date would move: `running` dossiers keep theirs.

    `late` and `cleared` are among the `moved`. `lines`: those that move, and those that cannot.
    """

    procedure: str
    version: str
    running: int
    moved: int
    late: int
    cleared: int
    cannot: int
    lines: tuple[LimitLine, ...]


class WhatIfLimits:
    """Looks through the plan of a move: what it answers is what `motcua move-dossiers --limits new` then does."""

    def __init__(self, moving: Moving) -> None:
        """Look through the orders that move dossiers."""
        self._moving = moving

    def look(self, actor: Actor, procedure: str, version: str, *, level: str = "", at: datetime) -> LimitsLook:
        """What becomes of running dossiers. Raises `NotFound`, `VersionAmbiguous`, `NotAllowedNow`, `Refused`."""
        order = MoveOrder(procedure, version, level=level, rule=LimitRule.NEW, document=_NO_DOCUMENT, allows_later=True)
        report = self._moving.look(actor, order, at=at, on_progress=lambda: None)
        lines = [_line(line, at) for line in report.lines]
        turns = [line.turn for line in lines]
        return LimitsLook(
            procedure=procedure,
            version=version,
            running=len(lines),
            moved=sum(turn in set(Turn) for turn in turns),
            late=turns.count(Turn.LATE),
            cleared=turns.count(Turn.CLEARED),
            cannot=sum(bool(line.why) for line in lines),
            lines=tuple(line for line in lines if line.turn or line.why),
        )


def _line(line: MoveLine, at: datetime) -> LimitLine:
    was, now = line.due_before, line.due_after
    if line.result != CAN:
        why = "; ".join(message for _, message in line.reasons)
        return LimitLine(line.code, was, was, "", why)
    if was is None or now is None or was == now:
        return LimitLine(line.code, was, now, "")
    return LimitLine(line.code, was, now, turn_of(was, now, at))
