"""Imports: what was done elsewhere is repeated under its own clock, through the same process as everything else.

Nothing is forced and nothing is lost: an event that the process does not allow at its moment stays in the history as a
deviation, and one that lies before the receipt or after the end stays as recorded outside the handling.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from engine.domain.answers import read_answers
from engine.effects.journey import Journey
from engine.effects.lateness import notice_lateness
from engine.persistence.queries.imports import import_figures

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.queries.imports import ImportFigures
    from engine.persistence.unit_of_work import UnitOfWork


class Taken(StrEnum):
    """What became of one imported event."""

    DONE = "done"
    DEVIATION = "deviation"
    RECORDED_OUTSIDE = "recorded_outside"


class Imports:
    """Repeats recorded events on dossiers that were received before."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def step(
        self,
        actor: Actor,
        code: str,
        step_id: str,
        answers: Mapping[str, str],
        *,
        at: datetime,
        source: str = "",
        group: str = "",
    ) -> Taken:
        """Complete the open step `step_id` as it was done at `at`; a deviation if it is not open then.

        `source` is what the other system called the event, `group` which team of it did it.
        """
        with self._uow.write() as tx:
            dossier = tx.dossiers.lock(code)
            journey = Journey(tx, self._office, dossier, by=actor, at=at)
            if dossier.ended_at is not None or at < dossier.received_at:
                journey.note(Taken.RECORDED_OUTSIDE.value, step_id=step_id, source=source, group=group)
                journey.finish()
                return Taken.RECORDED_OUTSIDE
            task = next((task for task in tx.tasks.open_of(dossier.id) if task.step_id == step_id), None)
            notice_lateness(journey)
            if task is None:
                journey.note(Taken.DEVIATION.value, step_id=step_id, source=source, group=group)
                journey.finish()
                return Taken.DEVIATION
            form = journey.definition.steps[step_id].form
            journey.answers = dict(answers)
            facts = {"step_id": step_id, "name": task.name, "unit_id": task.unit_id, "answers": dict(answers)}
            journey.note("step_completed", **facts, source=source, group=group)
            journey.complete(task, read_answers(form, answers))
            journey.finish()
            return Taken.DONE

    def figures(self) -> ImportFigures:
        """Count what came of it."""
        with self._uow.read() as tx:
            return import_figures(tx.connection)
