"""What the reading use cases share: how due dates are looked at, and why a dossier's dates are what they are."""

from __future__ import annotations

from datetime import datetime

from engine.domain.calendar import WorkingCalendar
from engine.domain.clock_ledger import ClockView
from engine.domain.event_text import Telling
from engine.domain.urgency import Outlook
from engine.domain.views import ClockLine
from engine.effects.clock import read_ledger
from engine.effects.office import Office
from engine.persistence.queries.lines import Lens
from engine.persistence.records import DossierRecord
from engine.persistence.unit_of_work import Transaction
from engine.process.definitions import Definition


def telling_of(office: Office, definition: Definition, case_id: str) -> Telling:
    """What sentences about a dossier need: the words of its procedure and of the grounds of the office."""
    labels = {phase.name: phase.label for phase in definition.procedure.case(case_id).phases}
    grounds = {ground.id: ground.name for ground in office.grounds}
    return Telling(office.settings.zone, definition.steps, labels, grounds)


def lens_at(office: Office, at: datetime) -> Lens:
    """Look at dossiers as they stand at `at`, by the rules of the installation."""
    overdue = office.settings.overdue
    seen: dict[str, Outlook] = {}

    def on_calendar(calendar: WorkingCalendar) -> Outlook:
        if calendar.version not in seen:
            seen[calendar.version] = Outlook(at, calendar, overdue.warning_days, overdue.extension_counts_as_on_time)
        return seen[calendar.version]

    return Lens(office.units, on_calendar(office.calendar), lambda unit_id: on_calendar(office.calendar_of(unit_id)))


def clock_of(tx: Transaction, office: Office, dossier: DossierRecord, definition: Definition) -> ClockView:
    """The clock of a dossier: its ledger, projected on the calendar of its deciding unit."""
    ledger = read_ledger([dict(row) for row in tx.history.clock(dossier.id)])
    cutoff = definition.procedure.same_day_cutoff or office.settings.same_day_cutoff
    return ledger.project(office.calendar_of(dossier.deciding_unit_id), cutoff)


def clock_lines(view: ClockView) -> tuple[ClockLine, ...]:
    """Why the dates of a dossier are what they are, phase by phase, each step with its source."""
    return tuple(ClockLine(line.at, line.what, line.source) for line in view.explanation)
