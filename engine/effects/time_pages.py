"""The time account of a dossier made ready for a page: shares in words and numbers, the clock as a picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.domain.grounds import Holder
from engine.domain.time_shares import in_wholes, total, within
from engine.domain.time_views import Mark, ShareView, StepLine, TimeAccount, Timeline
from engine.effects.time_account import account, share_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from engine.domain.calendar import WorkingCalendar
    from engine.domain.clock_ledger import ClockView, PhaseView
    from engine.domain.limits import ClockPause
    from engine.domain.units import UnitTree
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord, LateRecordRow, TaskRecord

_MINUTE = timedelta(minutes=1)
# Numbers on the picture that stand nearer than this, in percent of its width, go one below the other.
_ROOM = 7.0


class TimePage:
    """Reads the time account of one dossier as it stands at `at`."""

    def __init__(
        self, office: Office, dossier: DossierRecord, tasks: Sequence[TaskRecord], view: ClockView, at: datetime
    ) -> None:
        """Charge the time of a dossier up to its end, or up to now."""
        self._office, self._dossier, self._tasks, self._view = office, dossier, tasks, view
        self._calendar: WorkingCalendar = office.calendar_of(dossier.deciding_unit_id)
        self._done_at = dossier.resolved_at or dossier.ended_at
        self._until = max(self._done_at or at, dossier.received_at)
        phases = [phase.record for phase in view.phases]
        self.stretches = account(office, dossier, tasks, phases, self._until)

    def account(self, claims: Iterable[LateRecordRow] = (), *, with_units: bool = True) -> TimeAccount:
        """Everything together; without `with_units` the units of the office count as one (for the public page)."""
        stretches = self.stretches
        if not with_units:
            unit = self._dossier.deciding_unit_id
            stretches = tuple(replace(each, unit_id=unit) if each.holder is Holder.UNIT else each for each in stretches)
        whole = sum((each.office_time for each in stretches), timedelta(0))
        shares = total(stretches)
        minutes = in_wholes(shares, _MINUTE)
        percents = in_wholes(shares, whole / 100) if whole else {}
        return TimeAccount(
            whole_minutes=whole // _MINUTE,
            shares=tuple(
                ShareView(
                    share_name(self._office.units, share.holder, share.unit_id),
                    share.holder.value,
                    minutes[share.key],
                    percents[share.key],
                )
                for share in shares
                if minutes[share.key]
            ),
            timeline=self._timeline(),
            steps=step_lines(self._office.units, self._tasks, claims),
        )

    def charged(self, since: datetime, until: datetime) -> tuple[tuple[str, int], ...]:
        """Whose time it was between two instants: names with office minutes, nobody without a whole minute."""
        shares = total(within(self.stretches, since, until, self._calendar))
        named = ((share_name(self._office.units, share.holder, share.unit_id), share) for share in shares)
        return tuple((name, share.office_time // _MINUTE) for name, share in named if share.office_time >= _MINUTE)

    def _timeline(self) -> Timeline | None:
        if not self._view.phases:
            return None
        marks = [mark for phase in self._view.phases for mark in self._phase_marks(phase)]
        if self._done_at is None:
            marks.append(_mark("now", "", self._until))
        start = min(self._dossier.received_at, *(mark.start for mark in marks))
        end = max(mark.end or mark.start for mark in marks)
        marks.sort(key=lambda mark: (mark.start, mark.kind != "phase"))
        return Timeline(start, end, tuple(_place(marks, start, max(end - start, _MINUTE))))

    def _phase_marks(self, phase: PhaseView) -> Iterator[Mark]:
        record, until = phase.record, phase.finished_at or max(self._until, phase.started_at)
        yield self._stretch("phase", record.limit.label, phase.started_at, until)
        for pause in record.pauses:
            yield self._pause(pause, until)
        if record.open_pause is None or phase.finished_at is None:
            yield _mark("due", "", phase.first_due_at)
        if phase.extended is not None and record.extension is not None:
            first, new = phase.first_due_at, phase.standing_due_at
            yield self._stretch("extension", record.extension.reason, min(first, new), max(first, new))
        if until > phase.first_due_at and record.open_pause is None:
            yield self._stretch("late", "", phase.first_due_at, until)

    def _pause(self, pause: ClockPause, until: datetime) -> Mark:
        mark = self._stretch("pause", pause.ground_label, pause.from_at, pause.until_at or until)
        return replace(mark, whose=pause.charged_to.label, source=pause.document)

    def _stretch(self, kind: str, label: str, start: datetime, end: datetime) -> Mark:
        minutes = self._calendar.office_time(start, end) // _MINUTE
        return replace(_mark(kind, label, start), end=end, minutes=minutes)


def step_lines(units: UnitTree, tasks: Iterable[TaskRecord], claims: Iterable[LateRecordRow]) -> tuple[StepLine, ...]:
    """Every step that was opened, against its due moment and the plan."""
    claimed = {claim.task_id: claim for claim in claims}
    lines = []
    for task in tasks:
        claim = claimed.get(task.id)
        lines.append(
            StepLine(
                name=task.name,
                unit_name=units.get(task.unit_id).name,
                opened_at=task.opened_at,
                due_at=task.step_due_at,
                finished_at=task.finished_at,
                is_interrupted=task.is_interrupted,
                late_minutes=task.late_minutes,
                slack_minutes=task.slack_minutes,
                recorded_at=claim.recorded_at if claim else None,
                claimed_done_at=claim.done_at if claim else None,
                late_state=claim.state if claim else "",
            )
        )
    return tuple(lines)


def charged_between(page: TimePage, moments: Sequence[datetime], since: datetime) -> list[tuple[tuple[str, int], ...]]:
    """For each moment of a history in order, whose time it was since the one before."""
    found, reached = [], since
    for at in moments:
        found.append(page.charged(reached, at) if at > reached else ())
        reached = max(reached, at)
    return found


def _mark(kind: str, label: str, at: datetime) -> Mark:
    return Mark(0, kind, label, at, None, 0.0, 0.0, 0)


def _place(marks: Iterable[Mark], start: datetime, length: timedelta) -> Iterator[Mark]:
    """Give every mark its number, its place in percent, and a line for its number on which there is room."""
    reached: list[float] = []
    for number, mark in enumerate(marks, start=1):
        left = round(100 * ((mark.start - start) / length), 2)
        width = round(100 * ((mark.end - mark.start) / length), 2) if mark.end else 0.0
        row = next((row for row, last in enumerate(reached) if left - last >= _ROOM), len(reached))
        if row == len(reached):
            reached.append(left)
        reached[row] = left
        yield replace(mark, number=number, left=left, width=width, row=row)
