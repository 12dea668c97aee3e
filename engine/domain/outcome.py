"""What a finished dossier counts as: early, on time or late, by how much; and the rates over many.

The worst phase counts: a late first appointment does not hide in a dossier that ended on time. A dossier counts
against the first date of each phase, its extension notwithstanding, unless the installation says that an extended date
counts. Without a due date it is none of the three, and never early.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from engine.domain.deadline import Timeliness, classify
from engine.domain.errors import NotAllowedNow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.domain.calendar import WorkingCalendar
    from engine.domain.clock_ledger import ClockView, PhaseView

_MINUTE = timedelta(minutes=1)


class ClockStillOpen(NotAllowedNow):
    """Lần hẹn “{phase}” của hồ sơ chưa kết thúc nên chưa đánh giá được kết quả."""

    code = "clock_still_open"


class Result(StrEnum):
    """How a dossier ended."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    REJECTED = "rejected"
    DISCONTINUED = "discontinued"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return _RESULT_LABELS[self]

    @property
    def is_answer(self) -> bool:
        """Whether the office answered what it was asked; a dossier that was taken back got no answer."""
        return self in _ANSWERS


_RESULT_LABELS = {
    Result.DELIVERED: "Đã trả kết quả",
    Result.REFUSED: "Từ chối tiếp nhận",
    Result.REJECTED: "Từ chối giải quyết",
    Result.DISCONTINUED: "Dừng giải quyết",
    Result.WITHDRAWN: "Rút hồ sơ",
}
_ANSWERS = frozenset({Result.DELIVERED, Result.REJECTED})


@dataclass(frozen=True)
class OutcomeFacts:
    """What the record of a dossier says at its end, beside its clock."""

    result: Result
    finished_at: datetime
    apologised_at: datetime | None = None
    correction_count: int = 0
    supplement_rounds: int = 0
    return_count: int = 0


@dataclass(frozen=True)
class Margin:
    """How far from a due date, after it (+) or before it (-): in local dates, in office and in elapsed minutes.

    Rounded against the office: 30 seconds late is a minute late, 90 seconds early is one minute early.
    """

    days: int
    office_minutes: int
    elapsed_minutes: int


@dataclass(frozen=True)
class PhaseOutcome:
    """How one appointment was kept. `extended_due_at` is None unless the phase was re-appointed."""

    name: str
    started_at: datetime
    first_due_at: datetime
    extended_due_at: datetime | None
    finished_at: datetime
    timeliness: Timeliness | None
    margin: Margin | None


@dataclass(frozen=True)
class Outcome:
    """What a finished dossier counts as. `margin` is that of its worst phase."""

    result: Result
    timeliness: Timeliness | None
    margin: Margin | None
    apologised_at: datetime | None
    is_corrected: bool
    supplement_rounds: int
    return_count: int
    finished_at: datetime
    phases: tuple[PhaseOutcome, ...]

    @property
    def is_late(self) -> bool:
        return self.timeliness is Timeliness.LATE

    @property
    def is_apologised(self) -> bool:
        return self.apologised_at is not None


def assess(
    view: ClockView, facts: OutcomeFacts, calendar: WorkingCalendar, *, extension_counts_as_on_time: bool = False
) -> Outcome:
    """Classify a dossier whose clock has run out; raises `ClockStillOpen` while a phase is open.

    A phase that ended during a pause has no due date. It is late all the same if its date had passed when the pause
    began, by what was missed until then. Where the pause led to the next phase (`PauseEnd.NEXT_PHASE`), what the phase
    promised was done when the pause began, and counts by that.
    """
    if view.current:
        raise ClockStillOpen(phase=view.current.name)
    phases = tuple(
        _assess(phase, calendar, extended_counts=extension_counts_as_on_time, is_followed=phase is not view.phases[-1])
        for phase in view.phases
    )
    timeliness = worst(phase.timeliness for phase in phases)
    margins = [phase.margin for phase in phases if phase.margin and phase.timeliness is timeliness]
    return Outcome(
        result=facts.result,
        timeliness=timeliness,
        margin=max(margins, key=lambda margin: margin.elapsed_minutes, default=None),
        apologised_at=facts.apologised_at,
        is_corrected=facts.correction_count > 0,
        supplement_rounds=facts.supplement_rounds,
        return_count=facts.return_count,
        finished_at=facts.finished_at,
        phases=phases,
    )


def worst(parts: Iterable[Timeliness | None]) -> Timeliness | None:
    """The timeliness of a whole: late if a part is late; unknown if one has no due date, or if there is none."""
    each = set(parts)
    for found in (Timeliness.LATE, None, Timeliness.ON_TIME, Timeliness.EARLY):
        if found in each:
            return found
    return None


def _assess(phase: PhaseView, calendar: WorkingCalendar, *, extended_counts: bool, is_followed: bool) -> PhaseOutcome:
    finished_at = phase.finished_at
    assert finished_at is not None
    due_at = phase.standing_due_at if extended_counts else phase.first_due_at
    pause = phase.record.open_pause
    done_at = pause.from_at if pause else finished_at
    timeliness = classify(done_at, due_at, calendar.timezone)
    if pause and not is_followed and timeliness is not Timeliness.LATE:
        timeliness = None
    return PhaseOutcome(
        name=phase.name,
        started_at=phase.started_at,
        first_due_at=phase.first_due_at,
        extended_due_at=phase.standing_due_at if phase.extended else None,
        finished_at=finished_at,
        timeliness=timeliness,
        margin=_margin(due_at, done_at, calendar) if timeliness else None,
    )


def _margin(due_at: datetime, done_at: datetime, calendar: WorkingCalendar) -> Margin:
    return Margin(
        days=(calendar.local(done_at).date() - calendar.local(due_at).date()).days,
        office_minutes=-(-calendar.office_time(due_at, done_at) // _MINUTE),
        elapsed_minutes=-((due_at - done_at) // _MINUTE),
    )


class Counted(Protocol):
    """What the rates read of an outcome, be it `Outcome` or a row of it."""

    @property
    def result(self) -> str: ...
    @property
    def timeliness(self) -> str | None: ...
    @property
    def is_apologised(self) -> bool: ...


@dataclass(frozen=True)
class Rate:
    """A share that says what it is a share of. Of nothing there is no share: `value` is None, not 100 %."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None


def counts_for_punctuality(outcome: Counted) -> bool:
    """Whether an outcome belongs under the line of the on-time share.

    It needs a due date. A dossier that was withdrawn or discontinued earns the office no punctuality, but one that was
    late by then stays late.
    """
    if outcome.timeliness is None:
        return False
    return outcome.timeliness == Timeliness.LATE or outcome.result in _ANSWERS


def on_time_share(outcomes: Iterable[Counted]) -> Rate:
    """Early and on-time dossiers among those that `counts_for_punctuality`."""
    counted = [outcome for outcome in outcomes if counts_for_punctuality(outcome)]
    return Rate(sum(outcome.timeliness != Timeliness.LATE for outcome in counted), len(counted))


def apology_coverage(outcomes: Iterable[Counted]) -> Rate:
    """Late dossiers with an apology among all late dossiers."""
    late = [outcome for outcome in outcomes if outcome.timeliness == Timeliness.LATE]
    return Rate(sum(outcome.is_apologised for outcome in late), len(late))
