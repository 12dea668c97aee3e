"""Tables of procedures handed in together: the group as it was received, and where each of its members stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base


class LinkedGroupRow(Base):
    """One submission of a group of procedures. Its rules are frozen here; later changes of the group leave it alone."""

    __tablename__ = "linked_groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), index=True)
    name: Mapped[str]
    version: Mapped[str] = mapped_column(String(20))
    hand_over: Mapped[str] = mapped_column(String(20))
    receipts: Mapped[str] = mapped_column(String(20))
    received_at: Mapped[datetime]


class LinkedMemberRow(Base):
    """One procedure of a group. `dossier_id` is its dossier once it has started; `items` is what it starts with."""

    __tablename__ = "linked_members"
    __table_args__ = (
        UniqueConstraint("group_id", "position"),
        UniqueConstraint("dossier_id"),
        CheckConstraint("dossier_id IS NULL OR state = 'started'", name="started_dossier"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("linked_groups.id"))
    position: Mapped[int]
    member_id: Mapped[str] = mapped_column(String(40))
    name: Mapped[str]
    procedure_code: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[str] = mapped_column(String(40))
    definition_ref: Mapped[str] = mapped_column(ForeignKey("procedure_versions.ref"))
    starts_after: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    items: Mapped[list[Any]]
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"))
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
