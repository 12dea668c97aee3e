"""Tables of working together: acts done once, notes, opinions, who has a dossier open, links, returns, undo."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base

OPEN_OPINION = text("answered_at IS NULL AND cancelled_at IS NULL")
LINKED = text("removed_at IS NULL")


class DoneOnce(Base):
    """A sending of a form that was carried out. The row comes with the first thing that it wrote, or not at all.

    `key` is a fingerprint of the sending. `location` and `told` are how it was answered; empty while it is answered.
    """

    __tablename__ = "done_once"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    endpoint: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(index=True)
    location: Mapped[str | None] = mapped_column(Text)
    told: Mapped[list[Any] | None]


class DossierNote(Base):
    """A note that the people of one unit leave each other beside a dossier. The applicant never sees it.

    A note that was removed keeps its row without its words.
    """

    __tablename__ = "dossier_notes"
    __table_args__ = (
        Index("ix_dossier_notes_dossier", "dossier_id", "unit_id", "id"),
        CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", name="removed_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None]


class Opinion(Base):
    """What one unit asks another about a dossier, until when, and what was answered. The clock does not hear of it."""

    __tablename__ = "opinions"
    __table_args__ = (
        Index("ix_opinions_dossier", "dossier_id", "id"),
        Index("ix_opinions_open", "unit_id", "due_at", "id", postgresql_where=OPEN_OPINION, sqlite_where=OPEN_OPINION),
        Index(
            "ix_opinions_asked",
            "asking_unit_id",
            "due_at",
            "id",
            postgresql_where=OPEN_OPINION,
            sqlite_where=OPEN_OPINION,
        ),
        CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answered_pair"),
        CheckConstraint("(cancelled_at IS NULL) = (cancelled_by IS NULL)", name="cancelled_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    asking_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    question: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    due_at: Mapped[datetime]
    chased_at: Mapped[datetime | None]
    chase_count: Mapped[int] = mapped_column(default=0, server_default="0")
    verdict: Mapped[str] = mapped_column(String(12), default="", server_default=text("''"))
    answer: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None]


class Presence(Base):
    """That somebody has the page of a dossier open, and when their browser last said so. It locks nothing."""

    __tablename__ = "presences"

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    since_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class DossierLink(Base):
    """That two dossiers belong together, because somebody says so and why."""

    __tablename__ = "dossier_links"
    __table_args__ = (
        Index(
            "ix_dossier_links_pair",
            "dossier_id",
            "other_id",
            unique=True,
            postgresql_where=LINKED,
            sqlite_where=LINKED,
        ),
        Index("ix_dossier_links_other", "other_id"),
        CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", name="removed_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    reason: Mapped[str] = mapped_column(Text)
    linked_at: Mapped[datetime]
    linked_by: Mapped[str]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None]


class StepReturn(Base):
    """That a dossier was sent back to an earlier step, and on what ground: counted by reports."""

    __tablename__ = "step_returns"
    __table_args__ = (Index("ix_step_returns_at", "at", "unit_id"), Index("ix_step_returns_dossier", "dossier_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    step_id: Mapped[str] = mapped_column(String(80))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    to_step_id: Mapped[str] = mapped_column(String(80))
    to_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    reason: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    by: Mapped[str]


class UndoableAct(Base):
    """The last act on a dossier, while it may still be taken back, and all that puts the dossier back exactly."""

    __tablename__ = "undoable_acts"

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))
    version: Mapped[int]
    until_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[bytes] = mapped_column(LargeBinary)
    facts: Mapped[dict[str, Any]]
