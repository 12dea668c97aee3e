"""Tables of the files that people bring: each content once, and every place where it was brought to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base

_WAITING = text("scan = 'waiting'")
_REMOVED = text("removed_at IS NOT NULL AND wiped_at IS NULL")


class StoredFile(Base):
    """A content that is kept. `refs`: how many attachments whose content is not wiped have it."""

    __tablename__ = "stored_files"
    __table_args__ = (Index("ix_stored_files_waiting", "stored_at", postgresql_where=_WAITING, sqlite_where=_WAITING),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(10))
    facts: Mapped[dict[str, Any]]
    scan: Mapped[str] = mapped_column(String(10))
    scan_note: Mapped[str]
    scanned_at: Mapped[datetime | None]
    stored_at: Mapped[datetime]
    refs: Mapped[int]


class Attachment(Base):
    """A file of a dossier. It is never deleted: it is removed with a reason, and its content wiped much later.

    `opinion_id`: it came with what another unit answered.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        Index("ix_attachments_dossier", "dossier_id", "id"),
        Index("ix_attachments_removed", "removed_at", postgresql_where=_REMOVED, sqlite_where=_REMOVED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    item_id: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(10))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(80))
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None] = mapped_column(String(80))
    removed_reason: Mapped[str]
    wiped_at: Mapped[datetime | None]
    opinion_id: Mapped[int | None] = mapped_column(ForeignKey("opinions.id"))
