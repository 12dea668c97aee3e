"""Tables of changes that move dates: how far a re-projection has come, and what a change would do before it is made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base


class ReprojectionRun(Base):
    """One re-projection, for people who watch it. What has still to be done the dossiers tell, not this row."""

    __tablename__ = "reprojection_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    # The number of the last calendar fact when it began.
    fact_id: Mapped[int]
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    cleared: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)


class WhatIfRow(Base):
    """What somebody thought of entering: the facts, the form they were typed in, and what they would do to dates."""

    __tablename__ = "what_ifs"

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    title: Mapped[str]
    facts: Mapped[list[Any]]
    form: Mapped[dict[str, Any]]
    # The number of the last calendar fact on which the answer rests.
    fact_id: Mapped[int]
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    cleared: Mapped[int] = mapped_column(default=0)
    cursor: Mapped[int] = mapped_column(default=0)
    cursor_rules: Mapped[str] = mapped_column(String(16), default="")
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class WhatIfLine(Base):
    """One dossier whose date would move."""

    __tablename__ = "what_if_lines"
    __table_args__ = (Index("ix_what_if_lines_page", "what_if_id", "turn", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    what_if_id: Mapped[int] = mapped_column(ForeignKey("what_ifs.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    due_before: Mapped[datetime]
    due_after: Mapped[datetime]
    turn: Mapped[str] = mapped_column(String(10))
    why: Mapped[str]
