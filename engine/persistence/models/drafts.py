"""Table of letters that wait on a leader's table: a draft has no number, and is no letter yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base


class LetterDraft(Base):
    """A letter in preparation.

    An apology: one for each appointment of a dossier that will not be kept, or was not; built anew whenever it is
    looked at. Any other form: one for each event, with what was written when it was ordered (`data`).
    """

    __tablename__ = "letter_drafts"
    __table_args__ = (
        UniqueConstraint("dossier_id", "form", "event_key"),
        # What waits for a leader, what was put back to a unit: asked for with every page of a work list.
        Index("ix_letter_drafts_state", "unit_id", "state", "due_at"),
        CheckConstraint("(decided_at IS NULL) = (state = 'waiting')", name="decided"),
        CheckConstraint("(form = 'apology') = (data IS NULL)", name="frozen"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    form: Mapped[str] = mapped_column(String(30), default="apology", server_default="apology")
    event_key: Mapped[str] = mapped_column(String(60))
    due_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(10))
    reason_id: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str]
    new_due_at: Mapped[datetime | None]
    data: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    note: Mapped[str | None]
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id"))
