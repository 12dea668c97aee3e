"""What was answered in the forms of a dossier's steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.effects.journey import Journey


def latest_answer(journey: Journey, field_id: str) -> str:
    """The latest answer to a field: of the step at hand, or of the last one before it that asked."""
    if field_id in journey.answers:
        return journey.answers[field_id]
    for event in reversed(journey.tx.history.standing_events(journey.dossier.id)):
        if event["kind"] == "step_completed" and field_id in event["data"].get("answers", {}):
            return str(event["data"]["answers"][field_id])
    return ""
