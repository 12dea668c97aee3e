"""Processing: people take the open steps of a dossier and complete them, one transaction a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.effects.stepping import Completed, StepAct, claim_step, complete_step, release_step
from engine.effects.undoing import take_back

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.domain.late_records import DoneEarlier
    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import UnitOfWork


class Processing:
    """Claim, release and complete steps."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def claim(self, actor: Actor, code: str, task_id: int, *, at: datetime) -> None:
        """Take an open step; raises `Conflict` if somebody else has it, `Refused` if it is not the person's to take."""
        with self._uow.write() as tx:
            claim_step(tx, self._office, actor, code, task_id, at=at)

    def release(self, actor: Actor, code: str, task_id: int, *, at: datetime) -> None:
        """Give a step back; raises `Conflict` if the person does not hold it any more."""
        with self._uow.write() as tx:
            release_step(tx, self._office, actor, code, task_id, at=at)

    def complete(
        self,
        actor: Actor,
        code: str,
        task_id: int,
        expected_version: int | None,
        answers: Mapping[str, str],
        *,
        at: datetime,
        remark: str = "",
        earlier: DoneEarlier | None = None,
    ) -> Completed:
        """Complete an open step with the answers of its form, as text; the process moves on to the next steps.

        `expected_version` is the version that the person saw (None for machines). Raises `Conflict` if the dossier
        moved since, `FormRefused` naming each field that is not right, `Refused` if the step is not the person's.

        `earlier`: the step was done before `at` and is only recorded now. The recorded instant counts until a
        supervisor approves (`LateRecords.decide`). A result is handed over by `HandingOver`.
        """
        act = StepAct(code, task_id, expected_version, answers, remark, earlier)
        with self._uow.write() as tx:
            return complete_step(tx, self._office, actor, act, at=at)

    def undo(self, actor: Actor, code: str, *, at: datetime) -> str:
        """Take back the step that the person has just completed; answers the name of the step that is open again.

        Raises `NothingToUndo`, `UndoTooLate`, `ActedSince` (somebody has gone on), `Refused`.
        """
        with self._uow.write() as tx:
            return take_back(tx, self._office, actor, code, at=at)
