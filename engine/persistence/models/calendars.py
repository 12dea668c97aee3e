"""Tables of the working calendars: what was entered, and every calendar by which a date was ever computed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base


class CalendarFactRow(Base):
    """One line of the book of calendars. Append-only: a later line cancels (`about_id`), none is changed."""

    __tablename__ = "calendar_facts"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[str] = mapped_column(String(20))
    data: Mapped[dict[str, Any]]
    document: Mapped[str]
    issued_on: Mapped[date | None]
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]
    by_file: Mapped[bool] = mapped_column(default=False)
    # A fact is confirmed or cancelled once; whoever comes second is refused.
    about_id: Mapped[int | None] = mapped_column(ForeignKey("calendar_facts.id"))
    before: Mapped[str]
    after: Mapped[str]


class CalendarVersionRow(Base):
    """A calendar as it was when a date was computed by it, so that the computation can be repeated years later."""

    __tablename__ = "calendar_versions"

    version: Mapped[str] = mapped_column(String(16), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    kept_at: Mapped[datetime]
