"""The time account of one dossier as a page shows it: whose time, the clock as a picture, steps against the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ShareView:
    """Office time that was one holder's. The minutes of all shares add up to the whole, the percents to 100."""

    name: str
    holder: str
    minutes: int
    percent: int


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing on the picture of the clock, with its number there and where it lies, in percent of the width.

    `kind`: phase, pause, extension, late (stretches), due, now (instants: `end` None). `row`: the line for its number,
    so that numbers which would touch stand one below the other.
    """

    number: int
    kind: str
    label: str
    start: datetime
    end: datetime | None
    left: float
    width: float
    row: int
    whose: str = ""
    source: str = ""
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The clock of a dossier from its hand-in to its end, or as far as it can be seen."""

    start: datetime
    end: datetime
    marks: tuple[Mark, ...]

    @property
    def rows(self) -> int:
        return 1 + max((mark.row for mark in self.marks), default=0)


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step as it was done: `late_minutes` after (+) or before (-) its due moment, `slack_minutes` when it opened.

    `recorded_at` only where it was recorded later than done; `late_state` is what a supervisor says of that.
    """

    name: str
    unit_name: str
    opened_at: datetime
    due_at: datetime | None
    finished_at: datetime | None
    is_interrupted: bool
    late_minutes: int | None
    slack_minutes: int | None
    recorded_at: datetime | None = None
    claimed_done_at: datetime | None = None
    late_state: str = ""


@dataclass(frozen=True, slots=True)
class TimeAccount:
    """Whose time a dossier took, its clock as a picture, its steps against the plan."""

    whole_minutes: int
    shares: tuple[ShareView, ...]
    timeline: Timeline | None
    steps: tuple[StepLine, ...] = ()


@dataclass(frozen=True, slots=True)
class LateRecordLine:
    """A step that was recorded later than it was done. `delay_minutes`: office minutes between the two."""

    id: int
    dossier_code: str
    procedure_name: str
    step_name: str
    unit_name: str
    done_at: datetime
    recorded_at: datetime
    delay_minutes: int
    recorded_by_name: str
    reason: str
    evidence: str
    state: str
    decided_at: datetime | None
    decided_by_name: str
    note: str
    is_own: bool
