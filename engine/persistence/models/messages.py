"""Tables of what leaves the house: deliveries by channel, batches for the post office, channels that rest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base

DUE = text("state IN ('waiting', 'sending')")
OPEN = text("state NOT IN ('sent', 'delivered', 'cancelled')")


class Delivery(Base):
    """One message on one channel. `key` (event and channel) is unique: an event goes out once on each.

    Address, subject and body are frozen when it is promised. `fallbacks` are tried in turn when it fails for good;
    `tried_at` is when it was first tried.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_due", "channel", "next_at", "id", postgresql_where=DUE, sqlite_where=DUE),
        Index("ix_deliveries_open", "unit_id", "state", "id", postgresql_where=OPEN, sqlite_where=OPEN),
        Index("ix_deliveries_sent", "unit_id", "sent_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    event_key: Mapped[str] = mapped_column(String(80))
    event: Mapped[str] = mapped_column(String(40))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), index=True)
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    channel: Mapped[str] = mapped_column(String(12))
    fallbacks: Mapped[list[Any]]
    address: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    is_trial: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reference: Mapped[str] = mapped_column(String(80), default="")
    receiver: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    last_error: Mapped[str] = mapped_column(Text, default="")
    acted_by: Mapped[str] = mapped_column(String(80), default="")
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("post_batches.id"), index=True)


class PostBatch(Base):
    """What goes to the post office in one bag: numbered by unit and year."""

    __tablename__ = "post_batches"
    __table_args__ = (UniqueConstraint("unit_id", "year", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    year: Mapped[int]
    number: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    posted_at: Mapped[datetime | None]
    posted_by: Mapped[str | None]


class ChannelRest(Base):
    """A channel whose other side does not answer: since when, how often in a row, and until when it is left alone."""

    __tablename__ = "channel_rests"

    channel: Mapped[str] = mapped_column(String(12), primary_key=True)
    failures: Mapped[int]
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(Text)
