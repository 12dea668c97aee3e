"""The effect `move_clock`, and everything else that a use case asks of the clock of a dossier.

The ledger is the truth; the due date on the dossier's row is its projection on the calendar of its
deciding unit.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.domain.answers import FormRefused
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
    flatten,
    restore,
)
from engine.domain.clock_ledger import ClockLedger
from engine.domain.deadline import LimitUnit, ProcessingTime, due_date
from engine.domain.errors import NotAllowedNow
from engine.domain.grounds import PAUSE_DOCUMENT, Holder, PauseDocument, PauseEnd
from engine.domain.late_records import ended_a_date
from engine.domain.reprojection import Rules, Standing, dates_of
from engine.domain.step_plan import late_minutes, slack_minutes, step_due_at, timer_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import time

    from engine.domain.calendar import WorkingCalendar
    from engine.domain.clock_entries import ClockEntry
    from engine.domain.clock_ledger import ClockView
    from engine.domain.grounds import Ground
    from engine.domain.procedure import Phase
    from engine.domain.process import StepDefinition
    from engine.effects.journey import Journey

NEXT = "next"


class PausedBefore(NotAllowedNow):
    """Hồ sơ đã được tạm dừng {ground} một lần (ngày {when}); quy định chỉ cho một lần ({source}). Hãy giải quyết tiếp.

    Nếu giấy tờ vẫn chưa đạt, hãy kết luận không đủ điều kiện và nêu lý do.
    """

    code = "paused_before"


# Under this name the details of a dossier keep the date that was agreed on at receipt.
AGREED_DUE_AT = "agreed_due_at"


def read_ledger(rows: list[Mapping[str, Any]]) -> ClockLedger:
    """Make the ledger of a dossier out of its rows."""
    return ClockLedger(tuple(_entry(row) for row in rows))


def _entry(row: Mapping[str, Any]) -> ClockEntry:
    facts = dict(row)
    if row["charged_to"] is not None:
        facts["charged_to"] = Holder(row["charged_to"])
    if row["limit_unit"] is not None:
        facts["limit"] = ProcessingTime(Decimal(row["limit_amount"]), LimitUnit(row["limit_unit"]))
    return restore(row["kind"], {name: value for name, value in facts.items() if value is not None})


def _row(entry: ClockEntry) -> dict[str, Any]:
    facts = flatten(entry)
    limit = facts.pop("limit", None)
    if isinstance(limit, ProcessingTime):
        facts.update(limit_amount=limit.amount, limit_unit=limit.unit.value)
    return facts


class Clockwork:
    """The clock of the dossier of one journey: reads its ledger once, appends to it, projects it when asked."""

    def __init__(self, journey: Journey) -> None:
        """Belong to a journey."""
        self._journey = journey
        self._ledger: ClockLedger | None = None
        self._view: ClockView | None = None

    @property
    def ledger(self) -> ClockLedger:
        """The ledger as it stands in this transaction."""
        if self._ledger is None:
            rows = self._journey.tx.history.clock(self._journey.dossier.id)
            self._ledger = read_ledger([dict(row) for row in rows])
        return self._ledger

    @property
    def calendar(self) -> WorkingCalendar:
        """The calendar of the unit that decides the dossier: every date of the dossier follows it."""
        return self._journey.office.calendar_of(self._journey.dossier.deciding_unit_id)

    @property
    def view(self) -> ClockView:
        """The ledger projected on the calendar of the deciding unit."""
        if self._view is None:
            self._view = self._projected(self.ledger)
        return self._view

    def _projected(self, ledger: ClockLedger) -> ClockView:
        return ledger.project(self.calendar, self._cutoff)

    @property
    def has_started(self) -> bool:
        """Whether the dossier was received: its first phase has begun."""
        return bool(self.ledger.phases)

    @property
    def is_reappointed(self) -> bool:
        """Whether the running appointment was made anew before: the law allows that once."""
        current = self.view.current
        return current is not None and current.record.extension is not None

    def move(self, action: str, *, phase: str = NEXT, ground: str = "") -> None:
        """Carry out `move_clock` as a diagram orders it."""
        match action:
            case "start_phase":
                self._start(self._phase(phase))
            case "join_phase":
                joined = self._phase(phase)
                self._append(PhaseJoined(phase=joined.name, limit=joined.limit, **self._stamp))
            case "finish_phase":
                if self.view.current is None:
                    return
                self._append(PhaseFinished(**self._stamp))
            case "pause":
                self._pause(self._journey.office.grounds.get(ground))
            case "resume":
                self._resume()
            case "restart":
                self._append(Restarted(**self._stamp))
            case _:
                message = f"no clock action {action!r}"
                raise ValueError(message)
        self._journey.note(
            "clock_moved",
            action=action,
            phase=self.view.phase,
            ground=ground,
            ground_name=self._journey.office.grounds.get(ground).name if ground else "",
            due_at=_iso(self.view.due_at),
        )

    def with_limit(self, limit: ProcessingTime, document: str) -> ClockView:
        """How the clock would stand if the running phase had another limit; nothing is written."""
        current = self.view.current
        assert current is not None
        entry = LimitChanged(phase=current.name, limit=limit, document=document, **self._stamp)
        return self._projected(self.ledger.append(entry))

    def change_limit(self, limit: ProcessingTime, document: str) -> None:
        """Let the running phase have another limit from now on, counted from where the old one was."""
        current = self.view.current
        assert current is not None
        self._append(LimitChanged(phase=current.name, limit=limit, document=document, **self._stamp))

    def reappoint(self, reason: str, new_due_at: datetime | None = None) -> datetime:
        """Make the appointment anew: for `new_due_at`, or as many working days on as the office promises."""
        new_due_at = new_due_at or self.proposed_due_at()
        self._append(
            Extended(new_due_at=new_due_at, reason=reason, automatic=self._journey.by.is_machine, **self._stamp)
        )
        return new_due_at

    def proposed_due_at(self, missed_due_at: datetime | None = None) -> datetime:
        """The new date that the office promises: so many working days from now, or from a date still to come."""
        amount = Decimal(self._journey.climb.rules.reappointment_working_days)
        counts_from = max(self._journey.at, missed_due_at or self._journey.at)
        new_due_at = due_date(ProcessingTime(amount, LimitUnit.WORKING_DAYS), counts_from, self.calendar).due_at
        assert new_due_at is not None
        return new_due_at

    def step_due_at(self, step: StepDefinition) -> datetime | None:
        """When a step that opens now should be done: its share of the phase's limit, in office time from now."""
        limit = step.limit_for(self._journey.case.id)
        if limit is None or step.phase is None:
            return None
        unit = self._journey.case.phase(step.phase).limit.unit
        return step_due_at(limit, unit, self._journey.at, self.calendar)

    def slack_minutes(self, step: StepDefinition) -> int | None:
        """What the plan of the running phase has left over (+) or overdrawn (-) when a step of it opens now."""
        phase = self.view.current
        if phase is None or step.phase is None or not self._journey.case.phase(step.phase).spans(phase.name):
            return None
        before = self._journey.definition.planned_before(step, self._journey.case)
        return slack_minutes(phase.record, before, self._journey.at, self.calendar)

    def late_minutes(self, due_at: datetime | None) -> int | None:
        """How late a step is that is done now: office minutes after (+) or before (-) its due moment."""
        return late_minutes(self._journey.at, due_at, self.calendar) if due_at else None

    def redate(self, first: int, last: int, done_at: datetime, *, document: str, reason: str) -> bool:
        """Let the lines `first` to `last` count as of `done_at`; answers whether they put a due date out of force.

        Raises `EntryOutOfOrder` if something else of the clock happened between.
        """
        lines = self.ledger.entries[first - 1 : last]
        for number in range(first, last + 1):
            entry = Redated(corrects=number, done_at=done_at, document=document, reason=reason, **self._stamp)
            self._append(entry)
        return ended_a_date(lines)

    def timer_at(self, step: StepDefinition) -> datetime | None:
        """When the timer of a step that opens now goes off; the day of the opening is not counted."""
        if step.timer is None:
            return None
        return timer_at(step.timer, self._journey.at, self.calendar)

    def columns(self) -> dict[str, Any]:
        """What the row of the dossier says of its clock."""
        view, journey = self.view, self._journey
        journey.office.calendars.keep(journey.tx, self.calendar, journey.recorded_at)
        done = any(journey.changes.get(name, getattr(journey.dossier, name)) for name in ("resolved_at", "ended_at"))
        standing = Standing(view.due_at, is_done=done)
        told = journey.climb.words(view.due_at)
        dates = dates_of(view, standing, self.rules, at=journey.at, told=told, timers=self._timers)
        return {**dates.columns(), "rules_version": journey.office.rules_version}

    @property
    def rules(self) -> Rules:
        """What every date of the dossier follows besides its ledger."""
        return Rules(self.calendar, self._cutoff, self._journey.climb.rules.ladder)

    @property
    def _cutoff(self) -> time:
        return self._journey.definition.procedure.same_day_cutoff or self._journey.office.settings.same_day_cutoff

    @property
    def _timers(self) -> list[datetime | None]:
        return [step.timer_at for step in self._journey.open_steps.values()]

    @property
    def _stamp(self) -> dict[str, Any]:
        journey = self._journey
        return {"at": journey.at, "recorded_at": journey.recorded_at, "by": journey.by.username}

    def _pause(self, ground: Ground) -> None:
        """Stop the clock on `ground`, with the document that proves it. Raises `FormRefused` where that is missing.

        What was done elsewhere is repeated as it was: an import names no documents.
        """
        journey = self._journey
        self._check_once(ground)
        document = journey.latest_letter
        if ground.document is not PauseDocument.LETTER:
            document = journey.answers.get(PAUSE_DOCUMENT, "").strip()
        if ground.document is PauseDocument.REQUIRED and not document and not journey.by.is_machine:
            raise FormRefused({PAUSE_DOCUMENT: f"phải ghi số, ngày văn bản làm căn cứ tạm dừng ({ground.name})"})
        entry = Paused(
            ground=ground.id, ground_name=ground.name, charged_to=ground.whose, document=document, **self._stamp
        )
        self._append(entry)

    def _check_once(self, ground: Ground) -> None:
        """Raise `PausedBefore` where the law lets the office do so once; what was done elsewhere is repeated."""
        earlier = [entry for entry in self.ledger.entries if isinstance(entry, Paused) and entry.ground == ground.id]
        if ground.is_once and earlier and not self._journey.by.is_machine:
            zone = self._journey.office.settings.zone
            raise PausedBefore(
                ground=ground.name, when=f"{earlier[0].at.astimezone(zone):%d/%m/%Y}", source=ground.source
            )

    def _resume(self) -> None:
        """End the pause as its ground says, or the procedure where that says otherwise."""
        ground = self.view.pause_ground or ""
        ends = self._journey.definition.procedure.pauses.get(ground)
        match ends or (self._journey.office.grounds.get(ground).clock if ground else PauseEnd.RESUME):
            case PauseEnd.RESTART:
                self._append(Restarted(**self._stamp))
            case PauseEnd.NEXT_PHASE:
                self._append(PhaseFinished(**self._stamp))
                self._start(self._phase(NEXT))
            case _:
                self._append(Resumed(**self._stamp))

    def _start(self, phase: Phase) -> None:
        written = self._journey.dossier.details.get(AGREED_DUE_AT)
        agreed = datetime.fromisoformat(written) if written and phase.limit.unit is LimitUnit.AGREED else None
        entry = PhaseStarted(
            phase=phase.name, limit=phase.limit, starts_on=phase.starts_on, agreed_due_at=agreed, **self._stamp
        )
        self._append(entry)

    def _phase(self, name: str) -> Phase:
        """The phase of the case that a diagram means; ``next`` is the first that has neither run nor joined."""
        if name != NEXT:
            return self._journey.case.phase(name)
        known = {record.name for record in self.ledger.phases} | {
            name for record in self.ledger.phases for name in record.joined
        }
        return next(phase for phase in self._journey.case.phases if phase.name not in known)

    def _append(self, entry: ClockEntry) -> None:
        ledger = self.ledger.append(entry)
        self._journey.tx.history.append_clock(self._journey.dossier.id, len(ledger.entries), **_row(entry))
        self._ledger, self._view = ledger, None


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
