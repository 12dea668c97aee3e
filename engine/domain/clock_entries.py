"""What may be written into the clock ledger of a dossier: one frozen class a kind.

Every entry says when it happened (`at`), when it was keyed in (`recorded_at`) and who says so (`by`).
`flatten` and `restore` carry entries over a flat row and back.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, ClassVar

from engine.domain.errors import BadInput
from engine.domain.grounds import Holder
from engine.domain.limits import AgreedDateNeeded, LimitUnit, ProcessingTime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class UnknownClockEntry(BadInput):
    """Sổ thời hạn có dòng loại “{kind}” mà phiên bản này không hiểu; hãy nâng cấp phần mềm trước khi mở hồ sơ này."""

    code = "unknown_clock_entry"


@dataclass(frozen=True, kw_only=True)
class ClockEntry:
    """One line of the ledger."""

    kind: ClassVar[str]

    at: datetime
    recorded_at: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class PhaseStarted(ClockEntry):
    """An appointment (hẹn) begins: `limit` runs from the event `starts_on`, unless a date was agreed.

    Raises `AgreedDateNeeded` for an agreed limit without `agreed_due_at`.
    """

    kind = "phase_started"

    phase: str
    limit: ProcessingTime
    starts_on: str = "receipt"
    agreed_due_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.limit.unit is LimitUnit.AGREED and self.agreed_due_at is None:
            raise AgreedDateNeeded


@dataclass(frozen=True, kw_only=True)
class PhaseJoined(ClockEntry):
    """The next phase joins the running one, whose budget grows by `limit` (no financial obligation)."""

    kind = "phase_joined"

    phase: str
    limit: ProcessingTime


@dataclass(frozen=True, kw_only=True)
class PhaseFinished(ClockEntry):
    """What the running phase promised is done."""

    kind = "phase_finished"


@dataclass(frozen=True, kw_only=True)
class Paused(ClockEntry):
    """The clock stands still from here (tạm dừng tính thời gian).

    `ground_name` and `charged_to` are what the grounds of the office said on that day: they may be changed later.
    """

    kind = "paused"

    ground: str
    document: str = ""
    ground_name: str = ""
    charged_to: Holder = Holder.APPLICANT


@dataclass(frozen=True, kw_only=True)
class Resumed(ClockEntry):
    """The clock goes on with what was left."""

    kind = "resumed"


@dataclass(frozen=True, kw_only=True)
class Restarted(ClockEntry):
    """The clock starts again from zero, the day of this event not counted; an open pause ends here."""

    kind = "restarted"


@dataclass(frozen=True, kw_only=True)
class Extended(ClockEntry):
    """The appointment is made anew (form 04), once. `automatic`: the system issued it because nobody had."""

    kind = "extended"

    new_due_at: datetime
    reason: str
    automatic: bool = False


@dataclass(frozen=True, kw_only=True)
class Redated(ClockEntry):
    """Line number `corrects` was recorded late: it counts as of `done_at`, as a supervisor has approved.

    `document` proves it, `reason` is why it was recorded late.
    """

    kind = "redated"

    corrects: int
    done_at: datetime
    document: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class LimitChanged(ClockEntry):
    """From here the running phase has another limit, because its dossier moved to another version of the procedure.

    `limit` is the whole limit of the phase, with what has joined it; it counts from where the old one did.
    """

    kind = "limit_changed"

    phase: str
    limit: ProcessingTime
    document: str


KINDS: Mapping[str, type[ClockEntry]] = {
    kind.kind: kind
    for kind in (PhaseStarted, PhaseJoined, PhaseFinished, Paused, Resumed, Restarted, Extended, Redated, LimitChanged)
}

_NAMES = {name: tuple(field.name for field in fields(kind)) for name, kind in KINDS.items()}


def flatten(entry: ClockEntry) -> dict[str, object]:
    """The facts of `entry` by name, its kind first: what a flat row holds."""
    return {"kind": entry.kind, **{field.name: getattr(entry, field.name) for field in fields(entry)}}


def restore(kind: str, facts: Mapping[str, object]) -> ClockEntry:
    """The entry that `flatten` took apart; facts of other kinds are left aside. Raises `UnknownClockEntry`."""
    if kind not in KINDS:
        raise UnknownClockEntry(kind=kind)
    return KINDS[kind](**{name: facts[name] for name in _NAMES[kind] if name in facts})  # type: ignore[arg-type]
