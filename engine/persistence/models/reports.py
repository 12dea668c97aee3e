"""Tables of reports: what came in on each day, reports as they were sent, what was reminded of."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base


class ReceivedDay(Base):
    """How many dossiers came in on a local day for a deciding unit: kept in the transaction that receives each.

    `moved_in`, `moved_out`: open dossiers that were given to another deciding unit on that day.
    """

    __tablename__ = "received_days"
    __table_args__ = (Index("ix_received_days_unit", "unit_id", "day"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    procedure_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    received: Mapped[int] = mapped_column(default=0)
    moved_in: Mapped[int] = mapped_column(default=0)
    moved_out: Mapped[int] = mapped_column(default=0)


class ReportSnapshot(Base):
    """A report as it was sent: the text of its JSON and its hash. Append-only; `seq` counts what was sent again."""

    __tablename__ = "report_snapshots"
    __table_args__ = (
        UniqueConstraint("name", "unit_code", "period_code", "seq"),
        Index("ix_report_snapshots_sent", "sent_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    unit_code: Mapped[str] = mapped_column(String(60))
    period_code: Mapped[str] = mapped_column(String(30))
    seq: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime]
    sent_by: Mapped[str] = mapped_column(String(80))
    sent_by_name: Mapped[str]
    sent_to: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")


class ReportReminder(Base):
    """That was told of a report that a unit owes: once that it is due soon, once that its day has passed (`kind`)."""

    __tablename__ = "report_reminders"
    __table_args__ = (UniqueConstraint("unit_id", "report", "period_code", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    report: Mapped[str] = mapped_column(String(40))
    period_code: Mapped[str] = mapped_column(String(30))
    kind: Mapped[str] = mapped_column(String(4), default="soon", server_default=text("'soon'"))
    due_on: Mapped[date]
    told_at: Mapped[datetime]
