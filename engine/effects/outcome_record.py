"""What the log of a dossier says of how it was handled: read once at its end, and again by whoever checks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.domain.late_records import LateState
from engine.domain.outcome_facts import Recorded, StepDone, Surroundings, facts_of
from engine.domain.people import is_account
from engine.domain.permissions import ONE_STOP
from engine.domain.status import DossierStatus
from engine.rule_files.evaluation import FOLDER, NINE, load_nine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.domain.indicators import NineRules
    from engine.domain.outcome import Outcome
    from engine.effects.journey import Journey
    from engine.effects.office import Office
    from engine.persistence.records import LetterRecord, TaskRecord

UPHELD = "feedback_upheld"
_NO_TIME = timedelta()


def recorded_facts(
    journey: Journey, outcome: Outcome, apology: LetterRecord | None, time_shares: Mapping[str, int]
) -> dict[str, Any]:
    """The facts of an ended dossier, from its log."""
    office, dossier = journey.office, journey.dossier
    calendar = journey.clock.calendar
    length = calendar.period_on(calendar.local(outcome.finished_at).date()).hours.length
    assert length > _NO_TIME
    around = Surroundings(
        rules=rules_of(office),
        one_stops={unit.id for unit in office.units if unit.kind == ONE_STOP},
        zone=calendar.timezone,
        day_seconds=length.total_seconds(),
    )
    return facts_of(
        outcome, _recorded(journey, apology), time_shares, around, deciding_unit_id=dossier.deciding_unit_id
    )


def rules_of(office: Office) -> NineRules | None:
    """The nine indicators of the installation, where it has their file."""
    folder = office.settings.procedures
    return load_nine(folder) if (folder / FOLDER / NINE).is_file() else None


def _recorded(journey: Journey, apology: LetterRecord | None) -> Recorded:
    tx, dossier = journey.tx, journey.dossier
    kinds = [event["kind"] for event in tx.history.events(dossier.id)]
    requests = [letter for letter in tx.letters.of(dossier.id, "supplement_request") if not letter.cancelled_at]
    late = [record for record in tx.late_records.of(dossier.id) if record.state != LateState.REFUSED]
    overdue_count = int(journey.changes.get("overdue_count", dossier.overdue_count))
    return Recorded(
        steps=tuple(_step(task) for task in tx.tasks.all_of(dossier.id) if _is_done(task)),
        corrections=kinds.count("result_corrected"),
        return_reasons=tx.results.return_reasons(dossier.id),
        returns=int(journey.changes.get("return_count", dossier.return_count)),
        supplements=sum(letter.replaces_id is None for letter in requests),
        apology=_dates(apology),
        was_overdue=overdue_count > 0,
        late_records=len(late),
        upheld=kinds.count(UPHELD),
        channel=dossier.channel.value,
        desk_id=dossier.unit_id,
    )


def _dates(apology: LetterRecord | None) -> tuple[datetime, datetime] | None:
    if apology is None or apology.missed_due_at is None:
        return None
    return apology.issued_at, apology.missed_due_at


def _is_done(task: TaskRecord) -> bool:
    return task.closed_at is not None and not task.is_interrupted


def _step(task: TaskRecord) -> StepDone:
    username = task.closed_by or ""
    return StepDone(
        unit_id=task.unit_id,
        username=username if is_account(username) else "",
        late_minutes=task.late_minutes,
        waits_for_applicant=task.status == DossierStatus.SUPPLEMENT_REQUESTED,
    )
