"""What the limits of a version would do to running dossiers, if it held for them and not only for new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.reprojection import Turn, turn_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


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


def limit_line(code: str, was: datetime | None, now: datetime | None, why: str, at: datetime) -> LimitLine:
    """One running dossier; `why` where it cannot have the new limits."""
    if why:
        return LimitLine(code, was, was, "", why)
    is_moved = was is not None and now is not None and was != now
    return LimitLine(code, was, now, turn_of(was, now, at) if is_moved else "")  # type: ignore[arg-type]


def limits_look(procedure: str, version: str, lines: Sequence[LimitLine]) -> LimitsLook:
    """The answer over all running dossiers."""
    turns = [line.turn for line in lines]
    return LimitsLook(
        procedure=procedure,
        version=version,
        running=len(lines),
        moved=sum(bool(turn) for turn in turns),
        late=turns.count(Turn.LATE),
        cleared=turns.count(Turn.CLEARED),
        cannot=sum(bool(line.why) for line in lines),
        lines=tuple(line for line in lines if line.turn or line.why),
    )
