"""Bring a dossier's lateness up to date: the warning before its due date, the fact that the date was missed.

The sweep calls it for every dossier that wants attention, and every other act calls it first: whoever touches a
dossier after its due date makes the lateness known in the same transaction, so that no dossier can be closed late
without its apology, however rarely the sweep runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.process import timer_message

if TYPE_CHECKING:
    from datetime import datetime

    from engine.effects.journey import Journey

DUE_SOON = "due_soon"
OVERDUE = "overdue"


def notice_lateness(journey: Journey) -> str | None:
    """Record what `journey.at` makes true of the due date and tell the process; answers what was new, if anything.

    Timers of steps that have gone off are told first. Each fact is recorded once per dossier and due date: its unique
    key decides, whoever comes first.
    """
    _tell_timers(journey)
    due_at = journey.clock.view.due_at
    if due_at is None or journey.dossier.ended_at is not None:
        return None
    if journey.at > due_at:
        return _overdue(journey, due_at)
    due_soon_at = journey.clock.due_soon_at(due_at)
    if journey.at >= due_soon_at and journey.tx.history.record_fact(journey.dossier.id, due_at, DUE_SOON, journey.at):
        journey.note(DUE_SOON, due_at=due_at.isoformat())
        _tell(journey, DUE_SOON)
        return DUE_SOON
    return None


def _tell_timers(journey: Journey) -> None:
    """Throw the message of every timer that has gone off: its step is over, whether anybody did it or not."""
    for key, step in list(journey.open_steps.items()):
        if step.timer_at is not None and journey.at > step.timer_at and key in journey.open_steps:
            journey.note("timer_went_off", step_id=step.step_id, timer_at=step.timer_at.isoformat())
            journey.throw(timer_message(step.step_id))


def _overdue(journey: Journey, due_at: datetime) -> str | None:
    ordinal = journey.dossier.overdue_count + 1
    if not journey.tx.history.record_fact(journey.dossier.id, due_at, OVERDUE, journey.at, ordinal):
        return None
    journey.count_up("overdue_count")
    journey.missed_due_at = due_at
    journey.note("became_overdue", due_at=due_at.isoformat(), ordinal=ordinal)
    _tell(journey, OVERDUE)
    return OVERDUE


def _tell(journey: Journey, message: str) -> None:
    if journey.hears(message):
        journey.throw(message)
