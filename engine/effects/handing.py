"""A desk that wants it sends form 06 along with every dossier that it hands to another unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.effects.correspondence import request_letter

if TYPE_CHECKING:
    from engine.effects.journey import Journey
    from engine.persistence.records import TaskRecord

FORM = "routing_slip"


def send_slip_along(journey: Journey, completed: TaskRecord | None) -> None:
    """Issue the routing slip when the desk has just handed the dossier to another unit, if the desk wants that."""
    desk = journey.unit
    if (
        completed is None
        or completed.unit_id != desk.id
        or desk.code not in journey.office.settings.letters.routing_slip_at_hand_over
    ):
        return
    open_tasks = journey.tx.tasks.open_of(journey.dossier.id)
    if any(task.unit_id != desk.id and task.opened_at == journey.at for task in open_tasks):
        earlier = journey.tx.letters.of(journey.dossier.id, FORM)
        request_letter(journey, FORM, event_key=f"{FORM}-{len(earlier) + 1}")
