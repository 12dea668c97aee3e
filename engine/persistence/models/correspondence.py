"""Tables of letters: number series, the register, rendered documents, and the outbox of work to do after commit."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base


class NumberSeries(Base):
    """The last number given in a series. Counted up in the transaction that uses the number: no gap, no repeat."""

    __tablename__ = "number_series"

    scope: Mapped[str] = mapped_column(String(120), primary_key=True)
    last_number: Mapped[int]


class Letter(Base):
    """A letter in the register. `data` is frozen: whoever renders it later gets the same bytes."""

    __tablename__ = "letters"
    __table_args__ = (
        UniqueConstraint("dossier_id", "form", "event_key"),
        UniqueConstraint("unit_id", "form", "year", "number"),
        CheckConstraint("(rendered_at IS NULL) = (sha256 IS NULL)", name="rendered_pair"),
        CheckConstraint("(cancelled_at IS NULL) = (state <> 'cancelled')", name="cancelled_state"),
        Index(
            "ix_letters_on_the_way",
            "issued_at",
            postgresql_where=text("delivered_at IS NULL AND cancelled_at IS NULL"),
            sqlite_where=text("delivered_at IS NULL AND cancelled_at IS NULL"),
        ),
        # Which dates of a period were written about, for the reports on lateness.
        Index(
            "ix_letters_missed",
            "missed_due_at",
            "form",
            "dossier_id",
            postgresql_where=text("missed_due_at IS NOT NULL"),
            sqlite_where=text("missed_due_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    form: Mapped[str] = mapped_column(String(30))
    regime: Mapped[str] = mapped_column(String(10))
    title: Mapped[str]
    event_key: Mapped[str] = mapped_column(String(60))
    year: Mapped[int]
    number: Mapped[int]
    number_text: Mapped[str]
    token: Mapped[str] = mapped_column(String(40), unique=True)
    data: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(index=True)
    issued_by: Mapped[str]
    missed_due_at: Mapped[datetime | None]
    new_due_at: Mapped[datetime | None]
    rendered_at: Mapped[datetime | None]
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)  # of the unsigned file
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[str | None]
    signed_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    delivered_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    state: Mapped[str] = mapped_column(String(12), default="issued", server_default="issued")
    sent_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id"), unique=True)
    """The cancelled letter whose place this one takes."""
    template_id: Mapped[int | None] = mapped_column(ForeignKey("letter_templates.id"))
    """The template of a unit that its words were taken from; None: those of the installation."""
    template_set: Mapped[str | None] = mapped_column(String(64))
    """Digest of the forms that it was printed with, so that it is printed again as it was."""


class LetterEvent(Base):
    """What became of a letter, when, by whom: append-only, in the order in which it happened."""

    __tablename__ = "letter_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), index=True)
    what: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]
    by: Mapped[str]
    note: Mapped[str]
    """The channel, the reason, what went wrong."""


class LetterTemplateSet(Base):
    """The forms and stylesheets that letters were printed with, by digest: to print them again as they were."""

    __tablename__ = "letter_template_sets"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    files: Mapped[str] = mapped_column(Text)
    kept_at: Mapped[datetime]


class LetterTemplate(Base):
    """A version of what a unit says in its letters. Append-only; the newest that is in force holds."""

    __tablename__ = "letter_templates"
    __table_args__ = (UniqueConstraint("unit_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    version: Mapped[int]
    valid_from: Mapped[date]
    content: Mapped[str] = mapped_column(Text)
    note: Mapped[str]
    published_at: Mapped[datetime]
    published_by: Mapped[str]


class LetterDocument(Base):
    """The PDF of a letter. In the database, so that a letter and its bytes are committed and backed up together."""

    __tablename__ = "letter_documents"

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    pdf: Mapped[bytes] = mapped_column(LargeBinary)


class OutboxEntry(Base):
    """Work promised by a commit: render a letter, deliver it. `key` makes the promise unique."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "next_at",
            "id",
            postgresql_where=text("done_at IS NULL AND given_up_at IS NULL"),
            sqlite_where=text("done_at IS NULL AND given_up_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    topic: Mapped[str] = mapped_column(String(20))
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), index=True)
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
