"""Tables of procedures that are being designed: their files as they stand, and what was done about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base


class Design(Base):
    """A draft of a procedure. `files` are packed; `look` and `trial` are plain values; `version` counts changes."""

    __tablename__ = "designs"

    id: Mapped[int] = mapped_column(primary_key=True)
    stem: Mapped[str] = mapped_column(String(120))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str]
    state: Mapped[str] = mapped_column(String(20), index=True)
    version: Mapped[int]
    files: Mapped[bytes]
    look: Mapped[dict[str, Any]] = mapped_column(JSON)
    changes: Mapped[list[Any]] = mapped_column(JSON)
    trial: Mapped[dict[str, Any]] = mapped_column(JSON)
    told: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]
    asked_at: Mapped[datetime | None]
    asked_by: Mapped[str]


class DesignEvent(Base):
    """What somebody did about a draft; it stays when the draft is gone."""

    __tablename__ = "design_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    design_id: Mapped[int] = mapped_column(ForeignKey("designs.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    kind: Mapped[str] = mapped_column(String(20))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
