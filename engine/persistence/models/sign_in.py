"""Tables of sign-in: recovery codes, who stands in for whom, and what was done about accounts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base


class RecoveryCode(Base):
    """One of the codes that open an account once when the telephone is lost; only its hash is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("person_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class DelegationRow(Base):
    """From one day to another (both included) `delegate_id` does what `absent_id` does in one role of one unit.

    `authority` and `title` are what stands above the name of the delegate when a letter is signed.
    """

    __tablename__ = "delegations"
    __table_args__ = (Index("ix_delegations_delegate", "delegate_id", "ends_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    absent_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    delegate_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    document: Mapped[str]
    authority: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(80))
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(String(80))


class AccessEvent(Base):
    """What was done about accounts: who, what, whom, when. Append-only; no password, code or token stands here."""

    __tablename__ = "access_events"
    __table_args__ = (Index("ix_access_events_by", "by", "at"), Index("ix_access_events_kind", "kind", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    by: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    data: Mapped[dict[str, Any]]
