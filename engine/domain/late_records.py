"""Recording late: a step was done earlier than it is written down. Until a supervisor approves, the record counts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from engine.domain.answers import FormRefused
from engine.domain.clock_entries import Paused, PhaseFinished, PhaseJoined, Restarted
from engine.domain.errors import NotAllowedNow
from engine.domain.explanation import say_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, tzinfo

    from engine.domain.clock_entries import ClockEntry

DONE_AT, LATE_REASON = "done_at", "late_reason"
EVIDENCE, NOTE = "evidence", "note"
# What puts a due date out of force: a date that fell between doing and recording one of these was not missed.
_ENDS_A_DATE = (PhaseFinished, Paused, PhaseJoined, Restarted)


class DecidedBefore(NotAllowedNow):
    """Lần ghi nhận muộn này đã được {state}; mỗi lần ghi nhận chỉ được quyết định một lần."""

    code = "decided_before"


class EarlierOneWaits(NotAllowedNow):
    """Bước trước của hồ sơ cũng được ghi nhận muộn và chưa được duyệt; hãy duyệt bước trước đã."""

    code = "earlier_one_waits"


@dataclass(frozen=True, slots=True)
class DoneEarlier:
    """What somebody says who records a step late: when it was done, why it is recorded only now, what proves it."""

    at: datetime
    reason: str
    evidence: str = ""


class LateState(StrEnum):
    """What became of the claim that a step was done earlier."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"

    @property
    def label(self) -> str:
        return {"pending": "chờ duyệt", "approved": "duyệt", "refused": "không duyệt"}[self.value]


class Claim(Protocol):
    """What the rules need to know of a record that came late."""

    @property
    def task_id(self) -> int: ...
    @property
    def done_at(self) -> datetime: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def state(self) -> str: ...


def earliest_done_at(opened_at: datetime, claims: Iterable[Claim]) -> datetime:
    """From when on a step that opened at `opened_at` can have been done.

    A step whose predecessor was recorded late could begin when that one was done, so long as nobody has refused it.
    """
    before = [
        claim.done_at for claim in claims if claim.recorded_at == opened_at and claim.state != LateState.REFUSED.value
    ]
    return max(before, default=opened_at)


def check_claim(said: DoneEarlier, *, at: datetime, earliest: datetime, zone: tzinfo) -> None:
    """Raise `FormRefused` unless a step may be said to have been done then, for a reason that is given."""
    faults = {}
    if said.at > at:
        faults[DONE_AT] = "thời điểm làm xong không thể ở tương lai"
    elif said.at < earliest:
        earliest_text = say_instant(earliest.astimezone(zone))
        faults[DONE_AT] = f"thời điểm làm xong không thể trước khi bước này bắt đầu ({earliest_text})"
    if not said.reason.strip():
        faults[LATE_REASON] = "phải ghi lý do ghi nhận muộn"
    if faults:
        raise FormRefused(faults)


def check_decision(state: LateState, evidence: str, note: str) -> None:
    """Raise `FormRefused` unless an approval names its evidence, and a refusal its reason."""
    if state is LateState.APPROVED and not evidence.strip():
        raise FormRefused({EVIDENCE: "phải ghi số văn bản hoặc tên tệp làm bằng chứng"})
    if state is LateState.REFUSED and not note.strip():
        raise FormRefused({NOTE: "phải ghi lý do không duyệt"})


def ended_a_date(entries: Sequence[ClockEntry]) -> bool:
    """Whether lines of a ledger put a due date out of force."""
    return any(isinstance(entry, _ENDS_A_DATE) for entry in entries)
