"""One line of an order, inside the transaction that does it: claimed, looked at anew, done, and written down."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from engine.domain.orders import Details, LineState, Officer, OrderKind, plan
from engine.domain.permissions import supervised_units
from engine.effects.journey import Journey
from engine.effects.orders import carry_out, take_back

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction


class Run:
    """An order at work in one transaction."""

    def __init__(self, tx: Transaction, office: Office, order: Any, at: datetime) -> None:
        """Work for whoever made `order` (its row), with the rights that they have today."""
        self._tx = tx
        self._office = office
        self._order = order
        self._at = at
        self._kind = OrderKind(order.kind)

    def do(self, line: Any) -> bool:
        """Do one line; False if somebody else did it meanwhile, or it cannot be done: then the line says why."""
        tx, order = self._tx, self._order
        # Claimed before anything is done and in the same transaction: whoever comes second finds it settled.
        dossier = tx.dossiers.lock(line.code)
        if not tx.orders.settle(line.id, LineState.DONE, at=self._at):
            return False
        by = maker_of(tx, self._office, order, self._at)
        journey = Journey(tx, self._office, dossier, by=by, at=self._at)
        if order.reverts_id is not None:
            words = take_back(journey, self._kind, line.undo, was=order.reverts_id, order=order.id, reason=order.reason)
            self._write(line, words=words)
            journey.finish()
            return True
        return self._act(line, journey, by)

    def _act(self, line: Any, journey: Journey, by: Actor) -> bool:
        tx, order = self._tx, self._order
        details = read_details(order.details)
        officer = self._officer(details)
        about = {"kind": order.kind, "number": order.id, "since": order.made_at}
        subject = next(tx.orders.subjects([line.dossier_id], **about))
        found = plan(
            self._kind,
            subject,
            details,
            supervised=supervised_units(by, self._office.units),
            officer=officer,
            at=self._at,
        )
        if not found.can:
            self._write(line, state=LineState.CANNOT.value, reason=found.reason, words=found.words)
            return False
        undo = carry_out(journey, self._kind, found, details, officer, order=order.id, reason=order.reason)
        self._write(line, reason=found.reason, words=found.words, undo=undo)
        journey.finish()
        return True

    def _officer(self, details: Details) -> Officer | None:
        if details.person_id is None:
            return None
        name, places = self._tx.orders.places_of(details.person_id) or ("Tài khoản đã khóa", frozenset())
        return Officer(details.person_id, name, places)

    def _write(self, line: Any, **columns: Any) -> None:
        self._tx.orders.write_line(line.id, **columns)


def maker_of(tx: Transaction, office: Office, order: Any, at: datetime) -> Actor:
    """Whoever made an order (its row), with the roles that they hold at `at`."""
    person = tx.people.by_username(order.made_by)
    assert person is not None, "accounts are closed, never deleted"
    return tx.people.actor(person.id, person.username, person.full_name, office.local_day(at))


def read_details(plain: Mapping[str, str]) -> Details:
    """What is to be done, as it is kept with the order."""
    on, person = plain.get("new_due_on", ""), plain.get("person_id", "")
    return Details(
        person_id=int(person) if person else None,
        step_id=plain.get("step_id", ""),
        note=plain.get("note", ""),
        new_due_on=date.fromisoformat(on) if on else None,
    )
