"""The effect `record_outcome`: a dossier ends, and what it counts as is written once, from its own record."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from engine.domain.months import month_of
from engine.domain.outcome import OutcomeFacts, Result, assess
from engine.domain.status import DossierStatus
from engine.domain.time_shares import in_seconds
from engine.effects.apologies import settle_missed
from engine.effects.feedback import settle_feedback
from engine.effects.linked import check_hand_over
from engine.effects.outcome_record import recorded_facts
from engine.effects.time_account import shares_so_far
from engine.persistence.repositories.results import kept_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.domain.outcome import Outcome, PhaseOutcome
    from engine.effects.journey import Journey

FINAL_STATUS = {
    Result.DELIVERED: DossierStatus.DELIVERED,
    Result.REJECTED: DossierStatus.DELIVERED,
    Result.REFUSED: DossierStatus.REFUSED,
    Result.DISCONTINUED: DossierStatus.DISCONTINUED,
    Result.WITHDRAWN: DossierStatus.DISCONTINUED,
}


def record_outcome(journey: Journey, arguments: Mapping[str, str]) -> None:
    """End the dossier with `result`, stop what is left of its clock, and write down what it counts as."""
    result = Result(arguments["result"])
    dossier = journey.dossier
    if result in {Result.DELIVERED, Result.REJECTED}:
        check_hand_over(journey)
    settle_missed(journey)
    journey.clock.move("finish_phase")
    status = FINAL_STATUS[result]
    journey.final_status = status
    journey.change(ended_at=journey.at)
    if status is DossierStatus.DELIVERED:
        journey.change(delivered_at=journey.at, delivered_by=journey.by.username)
    finished_at = dossier.resolved_at or journey.changes.get("resolved_at") or journey.at
    columns = assessed(journey, result, finished_at)
    is_first = journey.tx.history.record_outcome(
        dossier_id=dossier.id,
        deciding_unit_id=dossier.deciding_unit_id,
        unit_id=dossier.unit_id,
        procedure_code=dossier.procedure_code,
        received_month=month_of(dossier.received_at.astimezone(UTC).date()),
        recorded_at=journey.recorded_at,
        **columns,
    )
    journey.note("outcome_recorded", result=result.value, timeliness=columns["timeliness"])
    if is_first:
        _keep(journey, columns)
    about = settle_feedback(journey, timeliness=columns["timeliness"], finished_at=finished_at)
    if about is not None:
        reassess(about, reason="feedback")
        about.finish()


def reassess(journey: Journey, *, reason: str = "record_corrected") -> None:
    """Write anew what a dossier that has ended counts as, because its record was corrected; what it said stays."""
    was = journey.tx.results.outcome(journey.dossier.id)
    if was is None:
        return
    dates = {name: journey.changes.get(name, getattr(journey.dossier, name)) for name in ("resolved_at", "ended_at")}
    columns = assessed(journey, Result(was["result"]), dates["resolved_at"] or dates["ended_at"] or journey.at)
    journey.tx.results.revise(was, at=journey.recorded_at, by=journey.by.username, reason=reason)
    journey.tx.history.replace_outcome(journey.dossier.id, **columns)
    if was["facts"]:  # an outcome from before the sums were kept is in none of them
        _keep(journey, was, sign=-1)
    _keep(journey, columns)
    journey.note("outcome_recorded", result=was["result"], timeliness=columns["timeliness"])


def _keep(journey: Journey, columns: Mapping[str, Any], *, sign: int = 1) -> None:
    dossier = journey.dossier
    journey.tx.results.keep(
        kept_of(columns, journey.office.settings.zone),
        deciding_unit_id=dossier.deciding_unit_id,
        procedure_code=dossier.procedure_code,
        sign=sign,
    )


def assessed(journey: Journey, result: Result, finished_at: datetime) -> dict[str, Any]:
    """What a dossier counts as by its record as it stands, as columns of its outcome. Writes nothing."""
    issued = (letter for letter in journey.tx.letters.of(journey.dossier.id, "apology") if not letter.cancelled_at)
    apology = next(issued, None)
    facts = OutcomeFacts(
        result=result,
        finished_at=finished_at,
        apologised_at=apology.issued_at if apology else None,
        correction_count=_count(journey, "correction_count"),
        supplement_rounds=_count(journey, "supplement_rounds"),
        return_count=_count(journey, "return_count"),
    )
    counts = journey.office.settings.overdue.extension_counts_as_on_time
    outcome = assess(journey.clock.view, facts, journey.clock.calendar, extension_counts_as_on_time=counts)
    shares = in_seconds(shares_so_far(journey, finished_at))
    return {**_columns(outcome), "time_shares": shares, "facts": recorded_facts(journey, outcome, apology, shares)}


def _count(journey: Journey, column: str) -> int:
    return int(journey.changes.get(column, getattr(journey.dossier, column)))


def _columns(outcome: Outcome) -> dict[str, Any]:
    margin = outcome.margin
    return {
        "result": outcome.result.value,
        "timeliness": outcome.timeliness.value if outcome.timeliness else None,
        "days": margin.days if margin else None,
        "office_minutes": margin.office_minutes if margin else None,
        "elapsed_minutes": margin.elapsed_minutes if margin else None,
        "is_apologised": outcome.is_apologised,
        "is_corrected": outcome.is_corrected,
        "supplement_rounds": outcome.supplement_rounds,
        "return_count": outcome.return_count,
        "finished_at": outcome.finished_at,
        "phases": [_phase(phase) for phase in outcome.phases],
    }


def _phase(phase: PhaseOutcome) -> dict[str, Any]:
    return {
        "name": phase.name,
        "started_at": phase.started_at.isoformat(),
        "first_due_at": phase.first_due_at.isoformat(),
        "extended_due_at": phase.extended_due_at.isoformat() if phase.extended_due_at else None,
        "finished_at": phase.finished_at.isoformat(),
        "timeliness": phase.timeliness.value if phase.timeliness else None,
    }
