"""Fees at the counter: what was taken for a dossier is written down, and taken back by a counter entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.answers import FormRefused
from engine.domain.errors import NotAllowedNow, NotFound
from engine.domain.fees import check_can_take_fee
from engine.effects.fees import account_of, due_of, methods_of, take_fee
from engine.effects.journey import Journey
from engine.effects.seeing import find_visible

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.fees import FeeAccount, Payment
    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

LONGEST_REASON = 500


class Fees:
    """What was taken for dossiers."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    @property
    def methods(self) -> dict[str, str]:
        """How a fee may be paid at the desks, by id."""
        return methods_of(self._office)

    def account(self, actor: Actor, code: str) -> FeeAccount:
        """The fees of a dossier; raises `NotFound` for one that is none of the person's business."""
        with self._uow.read() as tx:
            return account_of(tx, self._office, find_visible(tx, self._office, actor, code).dossier, actor)

    def take(self, actor: Actor, code: str, payment: Payment, *, at: datetime) -> None:
        """Write down what was paid. Raises `FormRefused` naming each field that is not right, `Refused`, `NotFound`."""
        with self._uow.write() as tx:
            journey = self._journey(tx, actor, code, at)
            take_fee(journey, journey.dossier.unit_id, payment)
            journey.finish()

    def counter(self, actor: Actor, code: str, entry_id: int, reason: str, *, at: datetime) -> None:
        """Undo an entry by one of the same amount below zero, booked today. Raises as `take`, and `NotAllowedNow`."""
        said = reason.strip()[:LONGEST_REASON]
        if not said:
            raise FormRefused({f"counter_reason_{entry_id}": "Hãy ghi lý do bỏ lần thu này"})
        with self._uow.write() as tx:
            journey = self._journey(tx, actor, code, at)
            entries = tx.fees.of(journey.dossier.id)
            wrong = next((entry for entry in entries if entry.id == entry_id), None)
            if wrong is None:
                raise NotFound(what=f"lần thu của hồ sơ {code}")
            if wrong.corrects_id is not None or any(entry.corrects_id == entry_id for entry in entries):
                raise NotAllowedNow(detail="lần thu này đã được bỏ")
            tx.fees.add(
                dossier_id=wrong.dossier_id,
                unit_id=journey.dossier.unit_id,
                due=due_of(journey.dossier),
                amount=-wrong.amount,
                method=wrong.method,
                receipt_number=wrong.receipt_number,
                paid_on=self._office.local_day(at),
                at=at,
                by=actor.username,
                corrects_id=entry_id,
                reason=said,
            )
            journey.note("fee_countered", amount=wrong.amount, receipt_number=wrong.receipt_number, reason=said)
            journey.finish()

    def _journey(self, tx: Transaction, actor: Actor, code: str, at: datetime) -> Journey:
        dossier = find_visible(tx, self._office, actor, code, locked=True).dossier
        check_can_take_fee(actor, dossier.unit_id)
        return Journey(tx, self._office, dossier, by=actor, at=at)
