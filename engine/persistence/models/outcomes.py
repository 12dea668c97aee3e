"""What dossiers counted as when they ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base


class OutcomeRow(Base):
    """What a dossier counted as when it ended. Written once."""

    __tablename__ = "outcomes"
    __table_args__ = (
        Index("ix_outcomes_finished", "finished_at", "deciding_unit_id"),
        # What was open at a past moment: month by month of receipt, what was done after it.
        Index("ix_outcomes_received", "received_month", "finished_at"),
    )

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), primary_key=True)
    deciding_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    procedure_code: Mapped[str] = mapped_column(String(40))
    result: Mapped[str] = mapped_column(String(20))
    timeliness: Mapped[str | None] = mapped_column(String(10))
    days: Mapped[int | None]
    office_minutes: Mapped[int | None]
    elapsed_minutes: Mapped[int | None]
    is_apologised: Mapped[bool]
    is_corrected: Mapped[bool]
    supplement_rounds: Mapped[int]
    return_count: Mapped[int]
    # ``2026-03``, in UTC.
    received_month: Mapped[str] = mapped_column(String(7), server_default=text("''"))
    finished_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    phases: Mapped[list[Any]]
    time_shares: Mapped[dict[str, Any]]
    # Days, corrections, returns, supplements, apology, points: `engine.domain.outcome_facts`.
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
