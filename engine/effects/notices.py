"""The effect `notify`: a word to the people who hold a dossier, or to its applicant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.people import Role
from engine.effects.linked import results_wait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.effects.journey import Journey


def notify(journey: Journey, arguments: Mapping[str, str]) -> None:
    """Leave a notice for `audience` (assignee, leader, applicant) about `message`.

    The assignee is whoever has an open step of the dossier; the leader is the leader of the deciding unit. A word to
    the applicant stands in the history, which the look-up page shows at once.
    """
    audience, message = arguments["audience"], arguments["message"]
    if message == "result_ready" and results_wait(journey):
        message = "result_waits"
    leave_for(journey, audience, message)


def leave_for(journey: Journey, audience: str, message: str) -> None:
    """Leave a word for `audience`, and write down that it was left."""
    journey.notified.add(audience)
    journey.note("notified", audience=audience, message=message)
    if audience == "leader":
        _leave(journey, journey.deciding_unit.id, Role.LEADER.value, message)
    elif audience == "assignee":
        for unit_id, role in sorted(
            {(task.unit_id, task.role) for task in journey.tx.tasks.open_of(journey.dossier.id)}
        ):
            _leave(journey, unit_id, role, message)


def escalate(journey: Journey, message: str) -> None:
    """Leave a word for the head of the unit above: the nearest one that has a leader, at last the unit itself."""
    units = journey.office.units
    above, parent_id = [], journey.deciding_unit.parent_id
    while parent_id is not None:
        above.append(parent_id)
        parent_id = units.get(parent_id).parent_id
    led = journey.tx.people.units_led(above)
    unit_id = next((unit_id for unit_id in above if unit_id in led), journey.deciding_unit.id)
    journey.note("escalated", message=message, unit=units.get(unit_id).name)
    if unit_id != journey.deciding_unit.id or "leader" not in journey.notified:
        _leave(journey, unit_id, Role.LEADER.value, message)


def _leave(journey: Journey, unit_id: int, role: str, message: str) -> None:
    journey.tx.history.notify(journey.dossier.id, unit_id=unit_id, role=role, message=message, at=journey.at)
