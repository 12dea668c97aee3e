"""The signing table: what waits for a leader's decision, and several decisions after they were looked at together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.errors import MotCuaError, NotAllowedNow
from engine.domain.people import Role
from engine.domain.signing_views import Decision, Grounds, Signed, SigningList, decision_in, usual_answer
from engine.effects.reading import lens_at
from engine.effects.stepping import StepAct, complete_step, find_open_step
from engine.persistence.queries.signing_table import waiting_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.domain.views import DossierView, StepView
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import UnitOfWork

TABLE_SIZE = 100
MOST_TOGETHER = 20


class MoreToAnswer(NotAllowedNow):
    """Bước “{step}” cần trả lời thêm; hãy mở riêng hồ sơ {dossier_code} rồi ký."""

    code = "more_to_answer"


class NotASignature(NotAllowedNow):
    """Bước “{step}” của hồ sơ {dossier_code} không phải bước lãnh đạo quyết định."""

    code = "not_a_signature"


class SigningTable:
    """Decisions of leaders."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def waiting(self, actor: Actor, *, at: datetime) -> SigningList:
        """What waits for the person in the units that they lead, most urgent first."""
        with self._uow.read() as tx:
            items, total = waiting_for(tx.connection, lens_at(self._office, at), actor, TABLE_SIZE)
        return SigningList(items, total, at)

    def decision(self, step: StepView) -> Decision | None:
        """The question that an open step asks its leader."""
        return decision_in(step.fields, self._office.returns)

    def grounds(self, view: DossierView) -> Grounds:
        """By what law a dossier is decided, as the version says that it follows."""
        with self._uow.read() as tx:
            procedure = self._office.library.get(tx, view.definition_ref).procedure
        return Grounds(procedure.legal_basis, procedure.result)

    def is_signature(self, actor: Actor, code: str, task_id: int) -> bool:
        """Whether to complete this step is to sign for a unit: then the person proves first who they are."""
        if not actor.has_role(Role.LEADER):
            return False
        with self._uow.read() as tx:
            dossier = tx.dossiers.find(code)
            return any(task.id == task_id and task.role == Role.LEADER for task in tx.tasks.open_of(dossier.id))

    def sign_many(self, actor: Actor, chosen: Sequence[tuple[str, int, int]], *, at: datetime) -> tuple[Signed, ...]:
        """Send several dossiers (code, step, version that was seen) forward, each by itself, in the usual answer.

        What cannot be signed now stays on the table and says why: one of them never holds up the others.
        """
        return tuple(self._sign(actor, *each, at=at) for each in chosen[:MOST_TOGETHER])

    def _sign(self, actor: Actor, code: str, task_id: int, version: int, *, at: datetime) -> Signed:
        try:
            with self._uow.write() as tx:
                dossier, task = find_open_step(tx, code, task_id)
                if task.role != Role.LEADER:
                    raise NotASignature(step=task.name, dossier_code=code)
                form = self._office.library.get(tx, dossier.definition_ref).steps[task.step_id].form
                answers = usual_answer(form, self._office.returns)
                if answers is None:
                    raise MoreToAnswer(step=task.name, dossier_code=code)
                done = complete_step(tx, self._office, actor, StepAct(code, task_id, version, answers), at=at)
        except MotCuaError as error:
            return Signed(code, is_done=False, said=error.message)
        return Signed(code, is_done=True, said=", ".join(done.next_steps))
