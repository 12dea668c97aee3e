"""Tables of what the history says of steps: kept by a nightly job, read by pages, never counted on a page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base

UNFINISHED = text("finished_at IS NULL")


class HistoryMonth(Base):
    """When the figures of a month were last worked out."""

    __tablename__ = "history_months"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    learned_at: Mapped[datetime]


class StepMonth(Base):
    """What the steps came to that were done in a month, by version of the procedure and unit.

    `minutes` and `margins` are quantiles: office minutes from opening to closing, and after (+) or before (-) the due
    moment. `repeated`: done again in the same dossier. `waited_minutes` lay with nobody, of the `taken`
    ones, whose office minutes together are `taken_minutes`.
    """

    __tablename__ = "step_months"
    __table_args__ = (
        UniqueConstraint("month", "procedure_code", "definition_ref", "step_id", "unit_id"),
        Index("ix_step_months_heat", "procedure_code", "month"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7))
    procedure_code: Mapped[str] = mapped_column(String(40))
    definition_ref: Mapped[str]
    step_id: Mapped[str] = mapped_column(String(80))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    element: Mapped[str] = mapped_column(String(80))
    name: Mapped[str]
    waits_for: Mapped[str] = mapped_column(String(20))
    done: Mapped[int]
    repeated: Mapped[int]
    with_limit: Mapped[int]
    late: Mapped[int]
    taken: Mapped[int]
    waited_minutes: Mapped[int]
    taken_minutes: Mapped[int]
    minutes: Mapped[list[Any]]
    margins: Mapped[list[Any]]


class RemainingMonth(Base):
    """What dossiers answered in a month still took from a step: `remaining` is by landmark, a count and quantiles."""

    __tablename__ = "remaining_months"
    __table_args__ = (UniqueConstraint("month", "procedure_code", "step_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7))
    procedure_code: Mapped[str] = mapped_column(String(40))
    step_id: Mapped[str] = mapped_column(String(80))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    remaining: Mapped[dict[str, Any]]


class ItemMonth(Base):
    """How often an item was handed in with the dossiers that ended in a month."""

    __tablename__ = "item_months"
    __table_args__ = (UniqueConstraint("month", "procedure_code", "item_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7))
    procedure_code: Mapped[str] = mapped_column(String(40))
    item_id: Mapped[str] = mapped_column(String(80))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str] = mapped_column(Text)
    files: Mapped[int]
    handed_in: Mapped[int]


class ForecastScore(Base):
    """What had been told of dossiers answered in a month: sums of a tenth of the chances (`bin`).

    `told`, `told_square`, `told_late` are sums of chances as history gave them, `said` of what was told in
    the end, `square` and `base_square` the square
    misses of that and of the late share that was known then.
    """

    __tablename__ = "forecast_scores"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    bin: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]
    late: Mapped[int]
    told: Mapped[float] = mapped_column(Float)
    told_square: Mapped[float] = mapped_column(Float)
    told_late: Mapped[float] = mapped_column(Float)
    said: Mapped[float] = mapped_column(Float)
    square: Mapped[float] = mapped_column(Float)
    base_square: Mapped[float] = mapped_column(Float)


class ForecastRow(Base):
    """What is told of an open step whose dossier has a date: `spare_minutes` is what is left less what is usual."""

    __tablename__ = "forecasts"
    __table_args__ = (Index("ix_forecasts_rank", "deciding_unit_id", "spare_minutes"),)

    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), index=True)
    deciding_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    spare_minutes: Mapped[int]
    left_minutes: Mapped[int]
    usual_minutes: Mapped[int]
    chance: Mapped[float] = mapped_column(Float)
    low: Mapped[float] = mapped_column(Float)
    high: Mapped[float] = mapped_column(Float)
    basis: Mapped[str] = mapped_column(String(12))
    count: Mapped[int]
    told_at: Mapped[datetime]


class Simulation(Base):
    """A replay of arrivals on recorded durations: what was asked, how far it is, what came out."""

    __tablename__ = "simulations"
    __table_args__ = (
        Index("ix_simulations_unfinished", "id", postgresql_where=UNFINISHED, sqlite_where=UNFINISHED),
        Index("ix_simulations_made_by", "made_by", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(80))
    unit_ids: Mapped[list[Any]]
    procedure_code: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(Text)
    question: Mapped[dict[str, Any]]
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None]
    leased_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
