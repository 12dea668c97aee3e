"""Tables of the counter: forms that were begun, parcels of dossiers, what bars a parcel, slips printed beforehand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base


class IntakeDraft(Base):
    """A form of receipt that somebody has begun. It goes with the receipt, or when nobody has touched it for days."""

    __tablename__ = "intake_drafts"
    __table_args__ = (Index("ix_intake_drafts_person", "person_id", "updated_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(40), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    procedure_code: Mapped[str] = mapped_column(String(40))
    form: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class DossierParcel(Base):
    """A parcel that a dossier is about: as it is compared, and as it was written."""

    __tablename__ = "dossier_parcels"
    __table_args__ = (
        Index("ix_dossier_parcels_place", "commune", "sheet", "number"),
        UniqueConstraint("dossier_id", "commune", "was", "sheet", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    commune: Mapped[str] = mapped_column(String(80))
    was: Mapped[str] = mapped_column(String(80))
    sheet: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(20))
    written: Mapped[str] = mapped_column(String(80))


class ParcelBlock(Base):
    """A document that bars dossiers about a parcel, until a day or until it is lifted."""

    __tablename__ = "parcel_blocks"
    __table_args__ = (
        Index("ix_parcel_blocks_place", "commune", "sheet", "number"),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    commune: Mapped[str] = mapped_column(String(80))
    was: Mapped[str] = mapped_column(String(80))
    sheet: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(20))
    written: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    effect: Mapped[str] = mapped_column(String(10))
    document: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str]
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None]
    lifted_document: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))


class BlankSlip(Base):
    """A numbered slip printed for a time without power. Each number is keyed in once, or void with a reason."""

    __tablename__ = "blank_slips"
    __table_args__ = (
        UniqueConstraint("unit_id", "number"),
        Index("ix_blank_slips_state", "unit_id", "state", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    number: Mapped[int]
    batch: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    printed_at: Mapped[datetime]
    printed_by: Mapped[str]
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"), unique=True)
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]
    reason: Mapped[str] = mapped_column(String(300), default="", server_default=text("''"))
