"""The clock ledger of one dossier: append-only facts, and the due date as their projection on a calendar.

The order of the entries is checked when a ledger is made, without a calendar; dates are worked out by `project`, so a
new holiday moves them without touching the ledger. Rules:

- Between two phases no clock of the office runs: no due date. While a pause is open there is none either.
- `first_due_at` is what the limit itself gives, pauses counted. While a pause is open it stays what it was before.
- An extension replaces `due_at` and leaves `first_due_at` on record. Each appointment may be made anew once
  (LC88 art. 3.6: "không quá một lần"): a second phase is an appointment of its own, a restart is not.
- A pause after an extension moves the extended date as `deadline.postponed` says: office time, or days under
  calendar_days. What was paused before it was known when the new date was fixed.
- A restart counts the limit again from zero: earlier pauses and an earlier extension stay on record and move nothing.
  An agreed date has no limit to count again, so for it a restart is a resumption.
- A limit that changed with the version of the procedure counts from where the old one did; pauses and an extension
  stand as they are.
- A joined phase adds its limit to the running one; no second day is left uncounted.
- A line that was recorded late counts as of the instant that was approved (`Redated`); both lines stay on record. A new
  appointment that was made between the two was never needed: it counts no more.
- A phase may finish while paused (withdrawal, discontinuation); then it ends without a due date.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, reduce
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.domain.calendar import NaiveInstant
from engine.domain.clock_entries import (
    Extended,
    LimitChanged,
    Paused,
    PhaseFinished,
    PhaseJoined,
    PhaseStarted,
    Redated,
    Restarted,
    Resumed,
)
from engine.domain.deadline import SAME_DAY_CUTOFF, ClockPause, due_date, postponed
from engine.domain.errors import BadInput, NotAllowedNow
from engine.domain.explanation import explain_phase, explain_redated

if TYPE_CHECKING:
    from datetime import datetime, time

    from engine.domain.calendar import WorkingCalendar
    from engine.domain.clock_entries import ClockEntry
    from engine.domain.deadline import DueDate, Postponement, ProcessingTime
    from engine.domain.explanation import ExplanationLine


class EntryOutOfOrder(BadInput):
    """Việc lúc {at:%H:%M %d/%m/%Y %Z} xảy ra trước việc đã ghi lúc {last:%H:%M %d/%m/%Y %Z}; hãy ghi theo thứ tự."""

    code = "entry_out_of_order"


class PhaseStillOpen(NotAllowedNow):
    """Lần hẹn “{phase}” chưa kết thúc nên chưa bắt đầu được lần hẹn “{following}”."""

    code = "phase_still_open"


class NoPhaseRuns(NotAllowedNow):
    """Hồ sơ không có lần hẹn nào đang tính thời gian, nên không thực hiện được việc này."""

    code = "no_phase_runs"


class AlreadyPaused(NotAllowedNow):
    """Thời gian giải quyết đang tạm dừng; hãy cho tính tiếp trước khi dừng lần nữa."""

    code = "already_paused"


class NotPaused(NotAllowedNow):
    """Thời gian giải quyết đang tính, không có lần tạm dừng nào để tính tiếp."""

    code = "not_paused"


class SecondReappointment(NotAllowedNow):
    """Hồ sơ đã được hẹn lại một lần; việc hẹn lại ngày trả kết quả không quá một lần."""

    code = "second_reappointment"


class ExtendedWhilePaused(NotAllowedNow):
    """Thời gian giải quyết đang tạm dừng nên chưa có ngày hẹn để hẹn lại."""

    code = "extended_while_paused"


class ExtensionNotLater(BadInput):
    """Ngày hẹn mới {new:%H:%M %d/%m/%Y %Z} phải sau {than:%H:%M %d/%m/%Y %Z}."""

    code = "extension_not_later"


class LimitOfOtherPhase(NotAllowedNow):
    """Không đổi được thời hạn của lần hẹn “{other}”: lần hẹn đang tính là “{phase}”, hoặc ngày hẹn là do thỏa thuận."""

    code = "limit_of_other_phase"


@dataclass(frozen=True)
class PhaseRecord:
    """One phase as its entries tell it, without a calendar."""

    name: str
    limit: ProcessingTime
    starts_on: str
    started_at: datetime
    agreed_due_at: datetime | None = None
    joined: tuple[str, ...] = ()
    restarted_at: datetime | None = None
    pauses: tuple[ClockPause, ...] = ()
    extension: Extended | None = None
    extension_stands: bool = False
    limit_changes: tuple[LimitChanged, ...] = ()
    finished_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.finished_at is None

    @property
    def open_pause(self) -> ClockPause | None:
        return next((pause for pause in self.pauses if pause.until_at is None), None)

    @property
    def counts_from(self) -> datetime:
        """The event from which the limit is counted: the last restart, else the start."""
        return self.restarted_at if self.restarted_at and not self.agreed_due_at else self.started_at

    def with_pause_closed(self, at: datetime) -> PhaseRecord:
        pauses = (replace(pause, until_at=at) if pause.until_at is None else pause for pause in self.pauses)
        return replace(self, pauses=tuple(pauses))


@dataclass(frozen=True)
class PhaseView:
    """One phase on a calendar. `standing_due_at` is `due_at`, or while a pause is open what it was before the pause."""

    record: PhaseRecord
    first_due_at: datetime
    standing_due_at: datetime
    due_at: datetime | None
    basis: DueDate | Postponement
    extended: Postponement | None

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def started_at(self) -> datetime:
        return self.record.started_at

    @property
    def finished_at(self) -> datetime | None:
        return self.record.finished_at

    @cached_property
    def explanation(self) -> tuple[ExplanationLine, ...]:
        return explain_phase(self)


@dataclass(frozen=True)
class ClockView:
    """How the clock of a dossier stands: the projection of its ledger on one version of a calendar."""

    phases: tuple[PhaseView, ...]
    calendar_version: str
    redated: tuple[ExplanationLine, ...] = ()

    @property
    def last(self) -> PhaseView | None:
        """The phase that runs, or the last one that ran."""
        return self.phases[-1] if self.phases else None

    @property
    def current(self) -> PhaseView | None:
        """The phase that is open; None before the first, between two and after the last."""
        return self.last if self.last and self.last.record.is_open else None

    @property
    def finished(self) -> tuple[PhaseView, ...]:
        return tuple(phase for phase in self.phases if not phase.record.is_open)

    @property
    def phase(self) -> str | None:
        return self.current.name if self.current else None

    @property
    def started_at(self) -> datetime | None:
        return self.last.started_at if self.last else None

    @property
    def first_due_at(self) -> datetime | None:
        """The first appointment of the phase that runs, or that ran last."""
        return self.last.first_due_at if self.last else None

    @property
    def due_at(self) -> datetime | None:
        return self.current.due_at if self.current else None

    @property
    def is_paused(self) -> bool:
        return self.current is not None and self.current.record.open_pause is not None

    @property
    def is_running(self) -> bool:
        return self.current is not None and not self.is_paused

    @property
    def pause_ground(self) -> str | None:
        pause = self.current.record.open_pause if self.current else None
        return pause.ground if pause else None

    @property
    def is_extended(self) -> bool:
        """Whether an appointment of the dossier was made anew, in whatever phase."""
        return any(phase.record.extension for phase in self.phases)

    @property
    def explanation(self) -> tuple[ExplanationLine, ...]:
        """Why every date is what it is, phase by phase."""
        return (*(line for phase in self.phases for line in phase.explanation), *self.redated)

    def is_overdue(self, at: datetime) -> bool:
        """Whether `at` is after the due instant; never while nothing is due."""
        return self.due_at is not None and at > self.due_at


@dataclass(frozen=True)
class ClockLedger:
    """The entries of one dossier in the order in which they happened. Raises the errors above for any other order."""

    entries: tuple[ClockEntry, ...] = ()

    def __post_init__(self) -> None:
        for entry in self.entries:
            if entry.at.tzinfo is None:
                raise NaiveInstant(at=entry.at)
        for entries in (self.entries, self.effective):
            for first, second in pairwise(entries):
                if second.at < first.at:
                    raise EntryOutOfOrder(at=second.at, last=first.at)
        _ = self.phases

    @property
    def redated(self) -> tuple[Redated, ...]:
        """The lines that say of others that they were recorded late."""
        return tuple(entry for entry in self.entries if isinstance(entry, Redated))

    @cached_property
    def effective(self) -> tuple[ClockEntry, ...]:
        """The entries as they count: those recorded late as of the instants that were approved."""
        if not self.redated:
            return self.entries
        done_at = {entry.corrects: entry.done_at for entry in self.redated}
        counted: list[ClockEntry] = []
        for number, entry in enumerate(self.entries, start=1):
            at = done_at.get(number, entry.at)
            if at != entry.at:
                counted = [other for other in counted if not (isinstance(other, Extended) and other.at > at)]
            if not isinstance(entry, Redated):
                counted.append(replace(entry, at=at) if at != entry.at else entry)
        return tuple(counted)

    @cached_property
    def phases(self) -> tuple[PhaseRecord, ...]:
        """What the entries say of each phase."""
        nothing: tuple[PhaseRecord, ...] = ()
        return reduce(_write, self.effective, nothing)

    def append(self, *entries: ClockEntry) -> ClockLedger:
        """The ledger with more entries; this one stays as it is."""
        return ClockLedger((*self.entries, *entries))

    def project(self, calendar: WorkingCalendar, same_day_cutoff: time = SAME_DAY_CUTOFF) -> ClockView:
        """Work out every date on `calendar`."""
        phases = tuple(_project(phase, calendar, same_day_cutoff) for phase in self.phases)
        return ClockView(phases, calendar.version, explain_redated(self.redated, calendar.timezone))


def check_can_extend(view: ClockView, new_due_at: datetime) -> None:
    """Raise unless the appointment may be moved to `new_due_at`: once, while the clock runs, to a later date."""
    if view.current is None:
        raise NoPhaseRuns
    _check_first_extension(view.current.record)
    if view.current.record.open_pause:
        raise ExtendedWhilePaused(since=view.current.record.open_pause.from_at)
    if new_due_at <= view.current.standing_due_at:
        raise ExtensionNotLater(new=new_due_at, than=view.current.standing_due_at)


def _write(phases: tuple[PhaseRecord, ...], entry: ClockEntry) -> tuple[PhaseRecord, ...]:
    """The phases after one more entry."""
    phase = phases[-1] if phases and phases[-1].is_open else None
    if isinstance(entry, PhaseStarted):
        if phase:
            raise PhaseStillOpen(phase=phase.name, following=entry.phase)
        return (*phases, PhaseRecord(entry.phase, entry.limit, entry.starts_on, entry.at, entry.agreed_due_at))
    if phase is None:
        raise NoPhaseRuns
    _check(entry, phase)
    return (*phases[:-1], _apply(entry, phase))


def _check(entry: ClockEntry, phase: PhaseRecord) -> None:
    """Raise unless `entry` may follow in the open `phase`."""
    pause = phase.open_pause
    if isinstance(entry, Paused) and pause:
        raise AlreadyPaused(since=pause.from_at)
    if isinstance(entry, Resumed) and not pause:
        raise NotPaused
    if isinstance(entry, LimitChanged) and (entry.phase != phase.name or phase.agreed_due_at):
        raise LimitOfOtherPhase(phase=phase.name, other=entry.phase)
    if isinstance(entry, Extended):
        _check_first_extension(phase)
        if pause:
            raise ExtendedWhilePaused(since=pause.from_at)
        if entry.new_due_at <= entry.at:
            raise ExtensionNotLater(new=entry.new_due_at, than=entry.at)


def _check_first_extension(phase: PhaseRecord) -> None:
    if phase.extension:
        raise SecondReappointment(first=phase.extension.new_due_at)


def _apply(entry: ClockEntry, phase: PhaseRecord) -> PhaseRecord:
    """The open `phase` after `entry`."""
    match entry:
        case PhaseJoined():
            changed = replace(phase, limit=phase.limit + entry.limit, joined=(*phase.joined, entry.phase))
        case PhaseFinished():
            changed = replace(phase, finished_at=entry.at)
        case Paused():
            pause = ClockPause(entry.at, None, entry.ground, entry.document, entry.ground_name, entry.charged_to)
            changed = replace(phase, pauses=(*phase.pauses, pause))
        case Resumed():
            changed = phase.with_pause_closed(entry.at)
        case Restarted():
            stands = phase.extension_stands and phase.agreed_due_at is not None
            changed = replace(phase.with_pause_closed(entry.at), restarted_at=entry.at, extension_stands=stands)
        case Extended():
            changed = replace(phase, extension=entry, extension_stands=True)
        case LimitChanged():
            changed = replace(phase, limit=entry.limit, limit_changes=(*phase.limit_changes, entry))
        case _:
            message = f"no rule for {entry.kind}"
            raise AssertionError(message)
    return changed


def _project(phase: PhaseRecord, calendar: WorkingCalendar, cutoff: time) -> PhaseView:
    counted = [pause for pause in phase.pauses if pause.from_at >= phase.counts_from]
    closed = [pause for pause in counted if pause.until_at]

    def by_limit(pauses: list[ClockPause]) -> DueDate | Postponement:
        if phase.agreed_due_at is not None:
            return postponed(phase.agreed_due_at, phase.limit.unit, calendar, pauses, since=phase.started_at)
        return due_date(phase.limit, phase.counts_from, calendar, pauses, cutoff)

    def by_extension(extension: Extended, pauses: list[ClockPause]) -> Postponement:
        later = [pause for pause in pauses if pause.from_at >= extension.at]
        return postponed(extension.new_due_at, phase.limit.unit, calendar, later, since=extension.at)

    basis = by_limit(counted)
    first_due_at = by_limit(closed).due_at if phase.open_pause else basis.due_at
    extension = phase.extension if phase.extension_stands else None
    extended = by_extension(extension, counted) if extension else None
    standing = by_extension(extension, closed).due_at if extension else first_due_at
    assert first_due_at is not None, "only an open pause leaves no date"
    assert standing is not None
    return PhaseView(phase, first_due_at, standing, (extended or basis).due_at, basis, extended)
