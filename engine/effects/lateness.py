"""Bring a dossier's lateness up to date: the rungs of the warning ladder, and the fact that the date was missed.

The sweep calls it for every dossier that wants attention, and every other act calls it first: whoever touches a
dossier after its due date makes the lateness known in the same transaction, so that no dossier can be closed late
without its apology, however rarely the sweep runs.

Several rungs may have come since somebody last looked (the machine was off for days). What is told then:

- of warnings only the highest, and none once the date is missed: "two days left" is no news when one is left;
- what is work rather than a word (a draft, an escalation) is made up for with it;
- the missed date, always; and what comes after it, in order, unless the apology has moved the date meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.process import timer_message
from engine.domain.rungs import DUE_SOON, OVERDUE, WORK, RungAction
from engine.effects.apologies import draft_if_late
from engine.effects.notices import escalate, leave_for
from engine.effects.reprojecting import follow_calendar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.domain.rungs import Rung
    from engine.effects.journey import Journey

__all__ = ["DUE_SOON", "OVERDUE", "notice_lateness"]


def notice_lateness(journey: Journey) -> tuple[str, ...]:
    """Record what `journey.at` makes true of the due date and tell the process; answers the rungs that were new.

    What a change of the calendar did to its dates comes first, then timers of steps that have gone off. Each rung is
    told once per dossier and due date: its unique key decides, whoever comes first.
    """
    follow_calendar(journey)
    _tell_timers(journey)
    due_at = journey.clock.view.due_at
    if due_at is None or journey.dossier.ended_at is not None:
        return ()
    return tuple(_missed(journey, due_at) if journey.at > due_at else _warned(journey, due_at))


def _tell_timers(journey: Journey) -> None:
    """Throw the message of every timer that has gone off: its step is over, whether anybody did it or not."""
    for key, step in list(journey.open_steps.items()):
        if step.timer_at is not None and journey.at > step.timer_at and key in journey.open_steps:
            journey.note("timer_went_off", step_id=step.step_id, timer_at=step.timer_at.isoformat())
            journey.throw(timer_message(step.step_id))


def _warned(journey: Journey, due_at: datetime) -> Iterable[str]:
    come = [moment for moment in journey.climb.untold(due_at) if moment.has_come(journey.at)]
    if not come:
        return
    rung = journey.climb.highest(come).rung
    if not journey.climb.claim(rung, due_at):
        return
    made_up = {action for moment in come for action in moment.rung.actions if action in WORK}
    _note(journey, rung, due_at)
    _tell(journey, rung, {*rung.actions, *made_up})
    yield rung.name


def _missed(journey: Journey, due_at: datetime) -> Iterable[str]:
    for moment in journey.climb.untold(due_at):
        rung = moment.rung
        if rung.is_warning or not moment.has_come(journey.at):
            continue
        if journey.clock.view.due_at != due_at:
            return
        if _missed_rung(journey, rung, due_at):
            yield rung.name


def _missed_rung(journey: Journey, rung: Rung, due_at: datetime) -> bool:
    if rung.name != OVERDUE:
        is_new = journey.climb.claim(rung, due_at)
        if is_new:
            _note(journey, rung, due_at)
            _tell(journey, rung, set(rung.actions))
        return is_new
    ordinal = journey.dossier.overdue_count + 1
    if not journey.climb.claim(rung, due_at, ordinal):
        return False
    journey.count_up("overdue_count")
    journey.missed_due_at = due_at
    journey.note("became_overdue", due_at=due_at.isoformat(), ordinal=ordinal)
    _tell(journey, rung, set(rung.actions))
    return True


def _note(journey: Journey, rung: Rung, due_at: datetime) -> None:
    if rung.name == DUE_SOON:
        journey.note(DUE_SOON, due_at=due_at.isoformat())
    else:
        journey.note("rung_reached", rung=rung.name, label=rung.label, due_at=due_at.isoformat())


def _tell(journey: Journey, rung: Rung, actions: set[RungAction]) -> None:
    """Let the process hear of the rung, then do what the ladder wants besides. Nobody is told twice of one rung."""
    journey.notified.clear()
    if journey.hears(rung.message):
        journey.throw(rung.message)
    message = rung.name if rung.name in {DUE_SOON, OVERDUE} else f"rung:{rung.label}"
    for action, audience in ((RungAction.NOTIFY_ASSIGNEE, "assignee"), (RungAction.NOTIFY_LEADER, "leader")):
        if action in actions and audience not in journey.notified:
            leave_for(journey, audience, message)
    if RungAction.DRAFT_APOLOGY in actions:
        draft_if_late(journey)
    if RungAction.ESCALATE in actions:
        escalate(journey, message)
