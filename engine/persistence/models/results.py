"""Tables of what came of it: kept figures of ended dossiers, surveys, feedback, the sheets of officials and units."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base


class OutcomeRevision(Base):
    """What an outcome said before it was written anew, and why it was. Append-only."""

    __tablename__ = "outcome_revisions"
    __table_args__ = (UniqueConstraint("dossier_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    seq: Mapped[int]
    replaced_at: Mapped[datetime]
    replaced_by: Mapped[str]
    reason: Mapped[str] = mapped_column(String(40))
    was: Mapped[dict[str, Any]]


class EndedDay(Base):
    """How many dossiers ended on a local day, as what: kept in the transaction that ends each, never counted anew.

    `unit_id` is the deciding unit. `office_minutes` is the office time that all of them took together.
    """

    __tablename__ = "ended_days"
    __table_args__ = (Index("ix_ended_days_unit", "unit_id", "day"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    procedure_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    finished: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    early: Mapped[int] = mapped_column(default=0)
    on_time: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    without_date: Mapped[int] = mapped_column(default=0)
    counted: Mapped[int] = mapped_column(default=0)
    punctual: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)
    clean: Mapped[int] = mapped_column(default=0)
    corrected: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    supplemented: Mapped[int] = mapped_column(default=0)
    supplemented_again: Mapped[int] = mapped_column(default=0)
    apology_before: Mapped[int] = mapped_column(default=0)
    apology_same_day: Mapped[int] = mapped_column(default=0)
    apology_after: Mapped[int] = mapped_column(default=0)
    apology_never: Mapped[int] = mapped_column(default=0)
    recorded_late: Mapped[int] = mapped_column(default=0)
    upheld: Mapped[int] = mapped_column(default=0)
    office_minutes: Mapped[int] = mapped_column(BigInteger, default=0)


class EvaluationMonth(Base):
    """Points that the ended dossiers of a local month brought a unit (`username` empty) or an official of it.

    `files_N` dossiers were scored by indicator N and brought `points_N` together.
    """

    __tablename__ = "evaluation_months"
    __table_args__ = (Index("ix_evaluation_months_unit", "unit_id", "month"),)

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    username: Mapped[str] = mapped_column(String(80), primary_key=True)
    files: Mapped[int] = mapped_column(default=0)
    early: Mapped[int] = mapped_column(default=0)
    on_time: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    corrected: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    supplemented_again: Mapped[int] = mapped_column(default=0)
    upheld: Mapped[int] = mapped_column(default=0)
    files_1: Mapped[int] = mapped_column(default=0)
    points_1: Mapped[int] = mapped_column(default=0)
    files_2: Mapped[int] = mapped_column(default=0)
    points_2: Mapped[int] = mapped_column(default=0)
    files_3: Mapped[int] = mapped_column(default=0)
    points_3: Mapped[int] = mapped_column(default=0)
    files_4: Mapped[int] = mapped_column(default=0)
    points_4: Mapped[int] = mapped_column(default=0)
    files_7: Mapped[int] = mapped_column(default=0)
    points_7: Mapped[int] = mapped_column(default=0)


class FeedbackLink(Base):
    """What a dossier of the feedback procedure is about, and what was found in the end."""

    __tablename__ = "feedback_links"
    __table_args__ = (
        Index("ix_feedback_links_ended", "about_unit_id", "ended_on"),
        Index("ix_feedback_links_about", "about_dossier_id"),
        Index(
            "ix_feedback_links_open",
            "about_unit_id",
            "dossier_id",
            postgresql_where=text("ended_on IS NULL"),
            sqlite_where=text("ended_on IS NULL"),
        ),
    )

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), primary_key=True)
    about_dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"))
    about_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[str] = mapped_column(String(20))
    via: Mapped[str] = mapped_column(String(20))
    finding: Mapped[str] = mapped_column(String(20), default="")
    is_upheld: Mapped[bool | None]
    is_late: Mapped[bool | None]
    ended_on: Mapped[date | None]


class SurveyBallot(Base):
    """One anonymous answer sheet. Its id is drawn by lot, its time is a day: it cannot be led back to a dossier."""

    __tablename__ = "survey_ballots"
    __table_args__ = (
        Index("ix_survey_ballots_month", "month", "unit_id"),
        Index(
            "ix_survey_ballots_batch", "batch", postgresql_where=text("batch <> ''"), sqlite_where=text("batch <> ''")
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    month: Mapped[str] = mapped_column(String(7))
    day: Mapped[date]
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    procedure_code: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(20))
    timeliness: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(10))
    questionnaire: Mapped[str] = mapped_column(String(40))
    answers: Mapped[dict[str, Any]]
    comment: Mapped[str] = mapped_column(Text, default="")
    batch: Mapped[str] = mapped_column(String(64), default="")
    entered_by: Mapped[str] = mapped_column(String(80), default="")


class SurveyMonth(Base):
    """The answers of a month added up by unit, procedure, channel, timeliness and source. `tally`: item → level → n."""

    __tablename__ = "survey_months"
    __table_args__ = (Index("ix_survey_months_unit", "unit_id", "month"),)

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    procedure_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    timeliness: Mapped[str] = mapped_column(String(10), primary_key=True)
    source: Mapped[str] = mapped_column(String(10), primary_key=True)
    ballots: Mapped[int] = mapped_column(default=0)
    tally: Mapped[dict[str, Any]]


class SurveyKiosk(Base):
    """A screen at a counter that may take answers: opened by somebody, for one unit, until a date."""

    __tablename__ = "survey_kiosks"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    opened_by: Mapped[str] = mapped_column(String(80))
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(80))


class SurveyImport(Base):
    """A file of ballots that was read in, by its fingerprint: the same file is never counted twice."""

    __tablename__ = "survey_imports"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    file_name: Mapped[str] = mapped_column(Text)
    ballots: Mapped[int]
    imported_at: Mapped[datetime]
    imported_by: Mapped[str] = mapped_column(String(80))


class UndoneImport(Base):
    """A file of ballots that was read in and taken back, whole: its ballots are gone, this stays. Append-only."""

    __tablename__ = "undone_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    file_name: Mapped[str] = mapped_column(Text)
    ballots: Mapped[int]
    imported_at: Mapped[datetime]
    imported_by: Mapped[str] = mapped_column(String(80))
    undone_at: Mapped[datetime]
    undone_by: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)


class UnitEntry(Base):
    """A figure of a unit that somebody entered for a month, with its evidence. Append-only: the last one holds."""

    __tablename__ = "unit_entries"
    __table_args__ = (Index("ix_unit_entries_unit", "unit_id", "month", "code", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    month: Mapped[str] = mapped_column(String(7))
    code: Mapped[str] = mapped_column(String(40))
    value: Mapped[Decimal] = mapped_column(Numeric(9, 4))
    evidence: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    entered_at: Mapped[datetime]
    entered_by: Mapped[str] = mapped_column(String(80))


class EvaluationSheet(Base):
    """The sheet of a unit (`username` empty) or official for a month as it was confirmed. The greatest `seq` holds."""

    __tablename__ = "evaluation_sheets"
    __table_args__ = (UniqueConstraint("unit_id", "month", "username", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    month: Mapped[str] = mapped_column(String(7))
    username: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int]
    figures: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text, default="")
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[str] = mapped_column(String(80))
