"""The effect `record_outcome`: a dossier ends, and what it counts as is written once, from its own record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.domain.outcome import OutcomeFacts, Result, assess
from engine.domain.status import DossierStatus
from engine.domain.time_shares import in_seconds
from engine.effects.linked import check_hand_over
from engine.effects.time_account import shares_so_far

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    journey.clock.move("finish_phase")
    status = FINAL_STATUS[result]
    journey.final_status = status
    journey.change(ended_at=journey.at)
    if status is DossierStatus.DELIVERED:
        journey.change(delivered_at=journey.at, delivered_by=journey.by.username)
    apologies = journey.tx.letters.of(dossier.id, "apology")
    facts = OutcomeFacts(
        result=result,
        finished_at=dossier.resolved_at or journey.changes.get("resolved_at") or journey.at,
        apologised_at=apologies[0].issued_at if apologies else None,
        correction_count=_count(journey, "correction_count"),
        supplement_rounds=_count(journey, "supplement_rounds"),
        return_count=_count(journey, "return_count"),
    )
    office = journey.office
    outcome = assess(
        journey.clock.view,
        facts,
        journey.clock.calendar,
        extension_counts_as_on_time=office.settings.overdue.extension_counts_as_on_time,
    )
    journey.tx.history.record_outcome(
        dossier_id=dossier.id,
        deciding_unit_id=dossier.deciding_unit_id,
        unit_id=dossier.unit_id,
        procedure_code=dossier.procedure_code,
        recorded_at=journey.recorded_at,
        **_columns(outcome),
        time_shares=in_seconds(shares_so_far(journey, facts.finished_at)),
    )
    journey.note("outcome_recorded", result=result.value, timeliness=outcome.timeliness)


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
