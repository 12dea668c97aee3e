"""Tables of those who watch: orders over many dossiers with a line for each, files that were made, screens on walls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base

UNFINISHED = text("state IN ('confirmed', 'running')")


class OversightOrder(Base):
    """What a supervisor ordered about many dossiers. `state`: see `engine.domain.orders.OrderState`.

    `choice` is how the dossiers were chosen, `details` what is to be done; `reverts_id` the order that this one takes
    back. `done` counts only what has no lines (a table of dossiers).
    """

    __tablename__ = "oversight_orders"
    __table_args__ = (
        Index("ix_oversight_orders_unfinished", "id", postgresql_where=UNFINISHED, sqlite_where=UNFINISHED),
        Index("ix_oversight_orders_made_by", "made_by", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12))
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(80))
    made_by_name: Mapped[str] = mapped_column(Text)
    choice: Mapped[dict[str, Any]]
    details: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    reverts_id: Mapped[int | None] = mapped_column(ForeignKey("oversight_orders.id"), index=True)


class OversightLine(Base):
    """What becomes of one dossier: written in the transaction that does it, so it is done once or not at all."""

    __tablename__ = "oversight_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "dossier_id"),
        Index("ix_oversight_lines_state", "order_id", "state", "id"),
        Index("ix_oversight_lines_dossier", "dossier_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("oversight_orders.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    state: Mapped[str] = mapped_column(String(10))
    # What will be or was done, or why it cannot be or was not: a stable code and a sentence.
    reason: Mapped[str] = mapped_column(String(40))
    words: Mapped[str] = mapped_column(Text)
    undo: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime | None]


class OversightFile(Base):
    """A table that was made in the background, kept with its order."""

    __tablename__ = "oversight_files"

    order_id: Mapped[int] = mapped_column(ForeignKey("oversight_orders.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class WallScreen(Base):
    """A screen on a wall: whoever holds its secret link sees figures of one unit, and nothing else. Only its hash."""

    __tablename__ = "wall_screens"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(80))
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(String(80))
    seen_at: Mapped[datetime | None]
