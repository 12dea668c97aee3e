"""What an order that merges or splits units does in the background: dossier by dossier, there and back."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.domain.errors import MotCuaError
from engine.domain.people import OPERATOR
from engine.domain.reorganisation import NotReorganisedNow, Plan, State, Take
from engine.effects.rehoming import Rehoming
from engine.effects.successors import begin_again, hand_on_belongings, put_belongings_back
from engine.persistence.repositories.reorganisations import DOSSIER, Reorganisations

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.domain.units import UnitTree
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord
    from engine.persistence.unit_of_work import UnitOfWork

_LOG = logging.getLogger(__name__)
_AT_ONCE = 100
_STRAGGLERS = timedelta(minutes=10)


class _CannotGoBackError(Exception):
    """Something cannot be put back any more: which row of the order, and why."""

    def __init__(self, row_id: int | None, words: str) -> None:
        super().__init__(words)
        self.row_id, self.words = row_id, words


class Reorganising:
    """Carries orders out, and takes them back. Several processes may: what one has done, the others pass over."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def run(self, at: datetime, on_progress: Callable[[], object]) -> int:
        """Go on with what was begun, there or back; answers how many dossiers were moved.

        What a process that had not heard of it received at an ended unit follows.
        """
        with self._uow.read() as tx:
            rows = Reorganisations(tx.connection)
            waiting = (*rows.latest((State.RUNNING, State.REVERTING)), *rows.finished_since(at - _STRAGGLERS))
        moved = 0
        for order in waiting:
            if order.state == State.REVERTING and self._take_back(order, at, on_progress):
                continue
            moved += self._carry_out(order, at, on_progress)
        return moved

    def _carry_out(self, order: Any, at: datetime, on_progress: Callable[[], object]) -> int:
        plan, by = plan_of(order), self._who(order.ordered_by)
        ends, moved, after = ends_of(plan, self._office.units), 0, 0
        while True:
            with self._uow.read() as tx:
                found = Reorganisations(tx.connection).open_dossiers(ends, but=order.id, after=after, most=_AT_ONCE)
            for dossier_id, code in found:
                moved += self._one(order, plan, dossier_id, code, by, at)
                after = dossier_id
                on_progress()
            if not found:
                break
        if moved or order.state != State.DONE:
            with self._uow.write() as tx:
                if Reorganisations(tx.connection).lock(order.id).state in {State.RUNNING, State.DONE}:
                    hand_on_belongings(tx, self._office, order.id, plan, at)
                    Reorganisations(tx.connection).change(order.id, state=State.DONE.value, finished_at=at)
        return moved

    def _one(self, order: Any, plan: Plan, dossier_id: int, code: str, by: Actor, at: datetime) -> int:
        """One dossier in a transaction of its own; its failure stops no other."""
        try:
            with self._uow.write() as tx:
                dossier = tx.dossiers.lock(code)
                homes = homes_of(plan, self._office.units, dossier.procedure_code)
                return int(Rehoming(tx, self._office, order, by=by, at=at).move(dossier, homes))
        except MotCuaError as error:
            words = error.message
        except Exception as error:  # noqa: BLE001 - one dossier must not stop the others; the log has the trace
            _LOG.exception("dossier %s could not be moved to its new unit", code)
            words = f"Lỗi của chương trình ({type(error).__name__})"
        with self._uow.write() as tx:
            facts = {"dossier_id": dossier_id, "was": {}, "now": {}, "result": "failed", "words": words}
            Reorganisations(tx.connection).keep(order.id, DOSSIER, dossier_id, at=at, **facts)
        return 0

    def _take_back(self, order: Any, at: datetime, on_progress: Callable[[], object]) -> bool:
        """Put back what an order moved; False if something cannot go back any more: the order is to run again."""
        by, after = self._who(order.reverted_by or ""), 0
        try:
            while True:
                with self._uow.read() as tx:
                    found = Reorganisations(tx.connection).kept(order.id, dossiers=True, after=after, most=_AT_ONCE)
                for row in found:
                    after = row.id
                    self._bring_back(order, row, by, at)
                    on_progress()
                if not found:
                    break
            self._begin_again(order, by, at)
        except _CannotGoBackError as error:
            with self._uow.write() as tx:
                rows = Reorganisations(tx.connection)
                if rows.lock(order.id).state == State.REVERTING:
                    rows.change(order.id, state=State.RUNNING.value, finished_at=None, reverted_by=None)
                    if error.row_id is not None:
                        rows.tell(error.row_id, f"Không hoàn tác được: {error.words}")
            return False
        return True

    def _bring_back(self, order: Any, row: Any, by: Actor, at: datetime) -> None:
        """One dossier in a transaction of its own; raises `_CannotGoBackError`."""
        try:
            with self._uow.write() as tx:
                dossier: DossierRecord = tx.dossiers.lock(row.code)
                if Reorganisations(tx.connection).is_kept(row.id):  # else somebody else has just put it back
                    Rehoming(tx, self._office, order, by=by, at=at).bring_back(dossier, row)
        except MotCuaError as error:
            raise _CannotGoBackError(row.id, error.message) from error
        except Exception as error:
            _LOG.exception("dossier %s could not be taken back to its old unit", row.code)
            raise _CannotGoBackError(row.id, f"Lỗi của chương trình ({type(error).__name__})") from error

    def _begin_again(self, order: Any, by: Actor, at: datetime) -> None:
        """The ended units work again, with their people; raises `_CannotGoBackError`."""
        try:
            with self._uow.write() as tx:
                rows = Reorganisations(tx.connection)
                if rows.lock(order.id).state != State.REVERTING:
                    return
                kept = rows.kept(order.id, dossiers=False)
                begin_again(tx, kept)
                put_belongings_back(tx, kept, at)
                rows.change(order.id, state=State.REVERTED.value, reverted_at=at)
                tx.proofs.record("reorganisation_reverted", by=by.username, at=at, number=order.id)
        except NotReorganisedNow as error:
            raise _CannotGoBackError(None, error.message) from error
        self._office.calendars.look_again(at_once=True)

    def _who(self, username: str) -> Actor:
        with self._uow.read() as tx:
            person = tx.people.by_username(username)
            return tx.people.actor(person.id, person.username, person.full_name) if person else OPERATOR


def ends_of(plan: Plan, units: UnitTree) -> frozenset[int]:
    """The units that a plan ends."""
    return frozenset(units.by_code(code).id for code in plan.ends)


def homes_of(plan: Plan, units: UnitTree, procedure: str) -> dict[int, int]:
    """Which unit takes over the dossiers of a procedure, by the unit that ends."""
    return {units.by_code(code).id: units.by_code(plan.successor(code, procedure=procedure)).id for code in plan.ends}


def plan_of(order: Any) -> Plan:
    """What an order (its row) says."""
    takes = tuple(
        Take(each["ends"], each["successor"], tuple(each["procedures"]), tuple(each["people"]))
        for each in order.mapping
    )
    return Plan(order.document, order.effective_on, takes, order.numbering)
