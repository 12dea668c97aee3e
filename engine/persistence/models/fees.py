"""The table of what was taken for dossiers: lines are added, never changed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base


class FeeEntry(Base):
    """That so many đồng were taken by a desk for a dossier. A counter entry is below zero and names what it undoes.

    `due` is what was due when it was written; None where the tables of the procedure say no amount.
    """

    __tablename__ = "fee_entries"
    __table_args__ = (
        Index("ix_fee_entries_dossier", "dossier_id", "id"),
        Index("ix_fee_entries_day", "unit_id", "paid_on", "id"),
        CheckConstraint("(corrects_id IS NULL) = (amount > 0)", name="counter"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    due: Mapped[int | None] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    method: Mapped[str] = mapped_column(String(40))
    receipt_number: Mapped[str] = mapped_column(String(40))
    paid_on: Mapped[date]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("fee_entries.id"), unique=True)
    reason: Mapped[str] = mapped_column(Text)
