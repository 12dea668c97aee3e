"""Work the dates of a dossier out anew and say so: for one dossier on its way, and for the parts of a bulk run.

Whoever comes first, a person's act or the run, tells why the date moved; nobody tells it twice, because the row of the
dossier names the calendar that its dates were told by.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from engine.domain.calendar_changes import EVERYTHING, changes
from engine.domain.calendar_facts import FactKind
from engine.domain.errors import NotFound
from engine.domain.people import SCHEDULER, Role
from engine.domain.reprojection import OpenStep, Standing, Turn, reproject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from engine.domain.calendar import WorkingCalendar
    from engine.domain.calendar_book import CalendarBook
    from engine.domain.calendar_changes import CalendarChange
    from engine.domain.reprojection import Moved
    from engine.effects.journey import Journey
    from engine.persistence.unit_of_work import Transaction
    from engine.process.definitions import Definition

MOVED = "due_date_moved"
_REMEMBERED = 64


class Changes:
    """How calendars differ from earlier ones, each pair worked out once."""

    def __init__(self) -> None:
        """Know nothing."""
        self._known: OrderedDict[tuple[str, str], tuple[WorkingCalendar | None, CalendarChange]] = OrderedDict()

    def since(
        self, tx: Transaction, version: str | None, calendar: WorkingCalendar, book: CalendarBook
    ) -> tuple[WorkingCalendar | None, CalendarChange]:
        """The calendar of `version` (None if it was not kept), and what changed from it to `calendar`."""
        key = (version or "", calendar.version)
        if key not in self._known:
            self._known[key] = self._work_out(tx, version, calendar, book)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return self._known[key]

    def between(self, before: WorkingCalendar, calendar: WorkingCalendar, book: CalendarBook) -> CalendarChange:
        """What changes from one calendar to another, both at hand; `book` is the one that has the later."""
        key = (before.version, calendar.version)
        if key not in self._known:
            self._known[key] = (before, changes(before, calendar, lambda day: document_about(book, day)))
        return self._known[key][1]

    @staticmethod
    def _work_out(
        tx: Transaction, version: str | None, calendar: WorkingCalendar, book: CalendarBook
    ) -> tuple[WorkingCalendar | None, CalendarChange]:
        try:
            before = tx.calendars.version(version or "")
        except NotFound:
            return None, EVERYTHING
        return before, changes(before, calendar, lambda day: document_about(book, day))


def document_about(book: CalendarBook, day: date) -> str:
    """The document of the last entry about a day: the one that took it out of the calendar, where one did."""
    text = day.isoformat()
    for fact in reversed(book.facts):
        about = book.get(fact.about_id) if fact.about_id is not None else fact
        is_switch = fact.kind is FactKind.SWITCH and any(
            each.switch == fact.data["name"] and each.day.on == day
            for unit_id in {other.unit_id for other in book.facts}
            for each in book.days(unit_id)
        )
        if about.data.get("on") == text or is_switch:
            return fact.document
    return ""


def standing_of(row: Any, steps: Iterable[Any], definition: Definition) -> Standing:
    """What the rows of a dossier and of its open steps say of its dates."""
    case = definition.procedure.case(row.case_id)
    return Standing(
        due_at=row.due_at,
        is_done=row.resolved_at is not None,
        rung=row.rung,
        rung_label=row.rung_label,
        steps=tuple(_open_step(step, definition, case) for step in steps),
    )


def _open_step(row: Any, definition: Definition, case: Any) -> OpenStep:
    step = definition.steps.get(row.step_id)
    phase = step.phase if step else None
    limit = step.limit_for(case.id) if step and phase else None
    unit = case.phase(phase).limit.unit if limit is not None and phase else None
    timer = step.timer if step else None
    return OpenStep(row.id, row.opened_at, limit, unit, timer, row.step_due_at, row.timer_at)


def event_data(moved: Moved) -> dict[str, Any]:
    """What the history keeps of an appointment that moved."""
    return {"was": moved.was.isoformat(), "now": moved.now.isoformat(), "why": list(moved.why), "turn": moved.turn}


def whom_to_tell(moved: Moved, steps: Iterable[Any], deciding_unit_id: int) -> list[tuple[int, str]]:
    """Unit and role of those who are told: who has an open step; the leader too, where the file is late or no longer.

    The applicant reads it on the look-up page at once.
    """
    told = {(step.unit_id, step.role) for step in steps}
    if moved.turn is not Turn.MOVED:
        told.add((deciding_unit_id, Role.LEADER.value))
    return sorted(told)


def follow_calendar(journey: Journey, known: Changes | None = None) -> Moved | None:
    """Bring the dates of a locked dossier up to its unit's calendar of now, and tell it, before anything else is done.

    The columns of the dossier itself are written when the journey is finished.
    """
    dossier, tx, clock = journey.dossier, journey.tx, journey.clock
    if dossier.calendar_version == clock.calendar.version or dossier.ended_at is not None:
        return None
    book = journey.office.calendars.book
    before, change = (known or Changes()).since(tx, dossier.calendar_version, clock.calendar, book)
    tasks = tx.tasks.open_of(dossier.id)
    standing = standing_of(dossier, tasks, journey.definition)
    found = reproject(clock.ledger, standing, clock.rules, at=journey.at, change=change, before=before)
    tx.reprojections.save([], found.steps)
    journey.forget_steps()
    if found.moved is not None:
        _tell(journey, found.moved, tasks)
    return found.moved


def _tell(journey: Journey, moved: Moved, tasks: Iterable[Any]) -> None:
    journey.note_by(SCHEDULER, MOVED, **event_data(moved))
    for unit_id, role in whom_to_tell(moved, tasks, journey.deciding_unit.id):
        journey.tx.history.notify(journey.dossier.id, unit_id=unit_id, role=role, message=MOVED, at=journey.at)
    if moved.turn is Turn.CLEARED and journey.tx.reprojections.mark_moved(journey.dossier.id, moved.was, journey.at):
        journey.change(overdue_count=max(0, journey.dossier.overdue_count - 1))


def notices_of(
    moved: Moved, steps: Iterable[Any], *, dossier_id: int, deciding_unit_id: int, at: datetime
) -> list[Mapping[str, Any]]:
    """The rows of the words that a bulk run leaves."""
    facts = {"dossier_id": dossier_id, "message": MOVED, "at": at}
    return [
        {**facts, "unit_id": unit_id, "role": role} for unit_id, role in whom_to_tell(moved, steps, deciding_unit_id)
    ]
