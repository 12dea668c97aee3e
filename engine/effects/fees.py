"""What was taken for a dossier: written down by a clerk, at receipt, later or with the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.answers import FormRefused
from engine.domain.fees import (
    EXEMPT,
    EXEMPT_WORDS,
    FeeAccount,
    FeeLine,
    amount_of,
    can_take_fee,
    dong,
    payment_faults,
    still_owed,
)
from engine.effects.assessing import FEE_DUE
from engine.effects.desk import desk_of
from engine.persistence.queries.dossier_page import DossierPage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.domain.fees import Payment
    from engine.domain.people import Actor
    from engine.effects.journey import Journey
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord
    from engine.persistence.repositories.fees import FeeRecord
    from engine.persistence.unit_of_work import Transaction


def methods_of(office: Office) -> dict[str, str]:
    """How a fee may be paid at the desks, by id, and that it need not be."""
    return {**{each.id: each.name for each in desk_of(office).payments}, EXEMPT: EXEMPT_WORDS}


def due_of(dossier: DossierRecord) -> int | None:
    """What the tables of its procedure found to be due for a dossier; None where they say no amount."""
    due = dossier.details.get(FEE_DUE)
    return None if due is None else int(due)


def owed_of(tx: Transaction, dossier: DossierRecord) -> int:
    """What is still to be paid for a dossier; 0 where no amount is known."""
    due = due_of(dossier)
    return still_owed(due, sum(record.amount for record in tx.fees.of(dossier.id))) if due else 0


def account_of(tx: Transaction, office: Office, dossier: DossierRecord, actor: Actor) -> FeeAccount:
    """The fees of a dossier as a person sees them."""
    may_take = can_take_fee(actor, dossier.unit_id)
    lines = lines_of(tx, office, tx.fees.of(dossier.id), may_counter=may_take)
    return FeeAccount(due_of(dossier), lines, tuple(methods_of(office).items()), may_take)


def lines_of(
    tx: Transaction, office: Office, records: Iterable[FeeRecord], *, may_counter: bool = False
) -> tuple[FeeLine, ...]:
    """Entries as people read them."""
    found = list(records)
    names = DossierPage(tx.connection).names({record.by for record in found})
    countered = {record.corrects_id for record in found}
    words = methods_of(office)
    return tuple(
        FeeLine(
            id=record.id,
            dossier_code=record.code,
            applicant_name=record.applicant_name,
            amount=record.amount,
            method=words.get(record.method, record.method),
            receipt_number=record.receipt_number,
            paid_on=record.paid_on,
            at=record.at,
            by_name=names.get(record.by, record.by),
            reason=record.reason,
            is_exempt=record.method == EXEMPT,
            is_countered=record.id in countered,
            may_counter=may_counter and record.corrects_id is None and record.id not in countered,
        )
        for record in found
    )


def take_fee(journey: Journey, unit_id: int, payment: Payment) -> None:
    """Write down what was paid for a dossier; raises `FormRefused` naming each field that is not right."""
    office, dossier = journey.office, journey.dossier
    methods, today = methods_of(office), office.local_day(journey.at)
    if faults := payment_faults(payment, methods, today):
        raise FormRefused(faults)
    amount, receipt = amount_of(payment.amount), payment.receipt_number.strip()
    known = journey.tx.fees.of(dossier.id)
    countered = {record.corrects_id for record in known}
    if any(record.receipt_number == receipt and record.id not in countered for record in known if record.amount > 0):
        raise FormRefused({"fee_receipt": f"Biên lai {receipt} đã được ghi cho hồ sơ này"})
    journey.tx.fees.add(
        dossier_id=dossier.id,
        unit_id=unit_id,
        due=due_of(dossier),
        amount=amount,
        method=payment.method,
        receipt_number=receipt,
        paid_on=payment.paid_on or today,
        at=journey.recorded_at,
        by=journey.by.username,
    )
    journey.note("fee_taken", amount=amount, method=methods[payment.method], receipt_number=receipt)


def told_on_receipt(records: Iterable[FeeRecord], methods: Mapping[str, str]) -> str:
    """What form 01 says of what was taken already; empty if nothing was."""
    return "; ".join(
        f"đã thu {dong(record.amount)}, {methods.get(record.method, record.method).lower()}, số {record.receipt_number}"
        if record.method != EXEMPT
        else f"miễn, giảm {dong(record.amount)}, giấy tờ {record.receipt_number}"
        for record in records
    )
