"""What a unit says of a month in figures that nobody counts: entries, of which the last holds and all stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.evaluation import Said
    from engine.domain.people import Actor
    from engine.persistence.unit_of_work import Transaction


def put_entry(tx: Transaction, unit_id: int, month: str, said: Said, actor: Actor, at: datetime) -> None:
    """Write down what was said; whether the person may is asked before."""
    tx.surveys.enter(
        unit_id=unit_id,
        month=month,
        code=said.code,
        value=said.value,
        evidence=said.evidence.strip(),
        reason=said.reason.strip(),
        entered_at=at,
        entered_by=actor.username,
    )
