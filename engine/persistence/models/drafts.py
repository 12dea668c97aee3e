"""Table of apologies that wait on the leader's table: a draft has no number, and is no letter yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base


class ApologyDraft(Base):
    """An apology in preparation: one for each appointment of a dossier that will not be kept, or was not."""

    __tablename__ = "apology_drafts"
    __table_args__ = (
        UniqueConstraint("dossier_id", "due_at"),
        Index(
            "ix_apology_drafts_waiting",
            "unit_id",
            "due_at",
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
        CheckConstraint("(decided_at IS NULL) = (state = 'waiting')", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    reason_id: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str]
    new_due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    note: Mapped[str | None]
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id"))
