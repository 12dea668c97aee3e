"""A dossier of the feedback procedure ends: what was found reaches the dossier that it is about.

Feedback that was found right, wholly or in part, counts against the dossier it is about: a line in that dossier's
history, and its outcome written anew if it has ended. What was wrong or is not decided counts against nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.deadline import Timeliness
from engine.effects.answers import latest_answer
from engine.effects.outcome_record import UPHELD

if TYPE_CHECKING:
    from datetime import datetime

    from engine.effects.journey import Journey

# The answers of the step that verifies: what its field is called, and which of its options say that somebody was right.
FINDING_FIELD, KIND_FIELD = "verification", "feedback_kind"
RIGHT = frozenset({"right", "partly"})


def settle_feedback(journey: Journey, *, timeliness: str | None, finished_at: datetime) -> Journey | None:
    """Write down what was found; answers the journey of the dossier that has to be told, None for any other end.

    A dossier of the procedure that came over the counter without saying what it is about is about its deciding unit.
    """
    dossier, tx = journey.dossier, journey.tx
    link = tx.results.feedback_link(dossier.id)
    if link is None and KIND_FIELD not in _fields(journey):
        return None
    if link is None:
        tx.results.link_feedback(
            dossier_id=dossier.id,
            about_dossier_id=None,
            about_unit_id=dossier.deciding_unit_id,
            kind=latest_answer(journey, KIND_FIELD) or "proposal",
            via="counter",
        )
    finding = latest_answer(journey, FINDING_FIELD)
    tx.results.settle_feedback(
        dossier.id,
        finding=finding,
        is_upheld=finding in RIGHT,
        is_late=timeliness == Timeliness.LATE,
        on=journey.office.local_day(finished_at),
    )
    if link is None or link["about_code"] is None or finding not in RIGHT:
        return None
    target = journey.beside(tx.dossiers.lock(link["about_code"]))
    target.note(UPHELD, number=dossier.code, finding=finding, feedback_kind=link["kind"])
    return target


def _fields(journey: Journey) -> set[str]:
    return {field.id for step in journey.definition.steps.values() for field in step.form}
