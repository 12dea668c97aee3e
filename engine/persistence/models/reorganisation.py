"""Tables of inspections (checks of chains, samples) and of units merged or split (orders with what they moved)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base


class AuditCheck(Base):
    """That the chains of a unit's dossiers, received on some days, are computed again: how far it is, what it found.

    `after_id`: the last dossier that was looked at; `total`: how many there were when it was asked for.
    """

    __tablename__ = "audit_checks"
    __table_args__ = (Index("ix_audit_checks_finished", "finished_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    from_on: Mapped[date]
    to_on: Mapped[date]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(80))
    total: Mapped[int]
    after_id: Mapped[int] = mapped_column(default=0)
    dossiers: Mapped[int] = mapped_column(default=0)
    events: Mapped[int] = mapped_column(default=0)
    broken: Mapped[list[Any]]
    finished_at: Mapped[datetime | None]


class InspectionSample(Base):
    """A sample of dossiers for an inspection: how it was drawn, so that whoever draws it again gets the same."""

    __tablename__ = "inspection_samples"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    from_on: Mapped[date]
    to_on: Mapped[date]
    percent: Mapped[int]
    seed: Mapped[str] = mapped_column(String(60))
    strata: Mapped[list[Any]]
    procedure_code: Mapped[str] = mapped_column(String(40))
    counts: Mapped[list[Any]]
    digest: Mapped[str] = mapped_column(String(64))
    drawn_at: Mapped[datetime]
    drawn_by: Mapped[str] = mapped_column(String(80))


class SampledDossier(Base):
    """One dossier of a sample, and what the inspector found."""

    __tablename__ = "sampled_dossiers"
    __table_args__ = (UniqueConstraint("sample_id", "dossier_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("inspection_samples.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    stratum: Mapped[str] = mapped_column(String(200))
    rank: Mapped[str] = mapped_column(String(64))
    finding: Mapped[str] = mapped_column(String(10), default="")
    remark: Mapped[str] = mapped_column(Text, default="")
    noted_at: Mapped[datetime | None]
    noted_by: Mapped[str | None] = mapped_column(String(80))


class ReorganisationRow(Base):
    """That units end and others take their work over. `state`: see `engine.domain.reorganisation.State`."""

    __tablename__ = "reorganisations"
    __table_args__ = (Index("ix_reorganisations_state", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    effective_on: Mapped[date]
    mapping: Mapped[list[Any]]
    numbering: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12))
    total: Mapped[int]
    ordered_at: Mapped[datetime]
    ordered_by: Mapped[str] = mapped_column(String(80))
    finished_at: Mapped[datetime | None]
    reverted_at: Mapped[datetime | None]
    reverted_by: Mapped[str | None] = mapped_column(String(80))


class ReorganisedRow(Base):
    """One thing that a reorganisation moved, with all that puts it back: a dossier, or a table and column."""

    __tablename__ = "reorganised"
    __table_args__ = (
        UniqueConstraint("reorganisation_id", "subject", "ref_id"),
        Index("ix_reorganised_dossier", "dossier_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reorganisation_id: Mapped[int] = mapped_column(ForeignKey("reorganisations.id"))
    subject: Mapped[str] = mapped_column(String(60))
    ref_id: Mapped[int]
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"))
    was: Mapped[dict[str, Any]]
    now: Mapped[dict[str, Any]]
    result: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    reverted_at: Mapped[datetime | None]
