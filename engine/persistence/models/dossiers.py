"""Tables of the dossier: its facts, the compact state of its process, open steps, clock ledger, history, outcome."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.domain.worklists import NO_DATE
from engine.persistence.base import Base


class Dossier(Base):
    """A dossier. `due_at` is projected from its clock ledger; at `attention_at` the sweep looks at it next."""

    __tablename__ = "dossiers"
    __table_args__ = (
        # The sweep reads only what is newly due: paused, finished and already told dossiers are not in this index.
        Index(
            "ix_dossiers_attention",
            "attention_at",
            postgresql_where=text("attention_at IS NOT NULL"),
            sqlite_where=text("attention_at IS NOT NULL"),
        ),
        Index(
            "ix_dossiers_open_due",
            "due_at",
            "id",
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        # Which open dossiers were last projected on another calendar than their unit keeps now.
        Index(
            "ix_dossiers_open_calendar",
            "deciding_unit_id",
            "calendar_version",
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        # Open dossiers by number; nearly all carry one fingerprint of the rules, so those of another are found at once.
        Index(
            "ix_dossiers_open_rules",
            "rules_version",
            "id",
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        # Everything that the figures of the board and of forms 06 and 07 look at: they are counted in the index alone.
        Index(
            "ix_dossiers_board",
            *("deciding_unit_id", "procedure_code", "due_at", "first_due_at", "resolved_at", "is_paused"),
            *("has_draft", "unit_id", "id", "ended_at", "received_at"),
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        # The registers of a desk and of a unit that decides: a page of them reads what came in a period.
        Index("ix_dossiers_unit_received", "unit_id", "received_at"),
        Index("ix_dossiers_deciding_received", "deciding_unit_id", "received_at"),
        # Earlier files of a person, at the counter.
        Index(
            "ix_dossiers_identity",
            "identity_key",
            "id",
            postgresql_where=text("identity_key <> ''"),
            sqlite_where=text("identity_key <> ''"),
        ),
        CheckConstraint("(delivered_at IS NULL) = (delivered_by IS NULL)", name="delivered_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    external_code: Mapped[str] = mapped_column(String(80), default="", index=True)
    idempotency_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    receipt_token: Mapped[str] = mapped_column(String(40), unique=True)
    procedure_code: Mapped[str] = mapped_column(String(40), index=True)
    procedure_name: Mapped[str]
    case_id: Mapped[str] = mapped_column(String(40))
    definition_ref: Mapped[str] = mapped_column(ForeignKey("procedure_versions.ref"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    deciding_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    status: Mapped[int]
    channel: Mapped[str] = mapped_column(String(20))
    result_channel: Mapped[str] = mapped_column(String(20))
    applicant_name: Mapped[str]
    applicant: Mapped[dict[str, Any]]
    identity_key: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    submitter: Mapped[dict[str, Any] | None]
    items: Mapped[list[Any]]
    details: Mapped[dict[str, Any]]
    content: Mapped[str]
    search_key: Mapped[str]
    applicant_kind: Mapped[str] = mapped_column(String(12), default="person", server_default="person")
    received_at: Mapped[datetime]
    received_by: Mapped[str]
    due_at: Mapped[datetime | None]
    first_due_at: Mapped[datetime | None]
    attention_at: Mapped[datetime | None]
    calendar_version: Mapped[str | None] = mapped_column(String(16))
    rules_version: Mapped[str] = mapped_column(String(16), default="", server_default=text("''"))
    is_paused: Mapped[bool] = mapped_column(default=False)
    overdue_count: Mapped[int] = mapped_column(default=0)
    supplement_rounds: Mapped[int] = mapped_column(default=0)
    return_count: Mapped[int] = mapped_column(default=0)
    correction_count: Mapped[int] = mapped_column(default=0)
    resolved_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    delivered_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    # The last rung of the warning ladder that was told for `due_at`, and its words; `act_version`: the version that the
    # last act of a person made, or the last act of the machine that changed what people have to do.
    rung: Mapped[str] = mapped_column(String(40), default="", server_default=text("''"))
    rung_label: Mapped[str] = mapped_column(String(40), default="", server_default=text("''"))
    has_draft: Mapped[bool] = mapped_column(default=False, server_default=false())
    act_version: Mapped[int] = mapped_column(default=1, server_default="1")
    event_count: Mapped[int] = mapped_column(default=0)
    event_hash: Mapped[str] = mapped_column(String(64), default="")


class Instance(Base):
    """The compact state of the process of one dossier; narrow lists never read it."""

    __tablename__ = "instances"

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), primary_key=True)
    state: Mapped[bytes] = mapped_column(LargeBinary)


class Task(Base):
    """A step that was opened for somebody. Open steps are the worklists."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index(
            "ix_tasks_open",
            "unit_id",
            "urgent_at",
            "id",
            "role",
            "claimed_by_id",
            "status",
            "closed_at",  # SQLite looks at the row again for what is not in the index, even where it is its condition
            "dossier_id",
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
        # What waits for papers, a payment, somebody to fetch it: of the desk, and of the unit that decides.
        *(
            Index(
                f"ix_tasks_open_{name}",
                f"{column}_id",
                "status",
                "urgent_at",
                "id",
                "closed_at",
                postgresql_where=text("closed_at IS NULL"),
                sqlite_where=text("closed_at IS NULL"),
            )
            for name, column in (("desk", "desk"), ("deciding", "deciding_unit"))
        ),
        Index(
            "ix_tasks_taken",
            "claimed_by_id",
            "urgent_at",
            "id",
            "closed_at",
            postgresql_where=text("closed_at IS NULL AND claimed_by_id IS NOT NULL"),
            sqlite_where=text("closed_at IS NULL AND claimed_by_id IS NOT NULL"),
        ),
        # The steps of a dossier; whether a unit ever had it is read in the index alone.
        Index("ix_tasks_dossier", "dossier_id", "id", "unit_id"),
        # The board by step and by officer; from the newest back, the open files that a unit has anything to do with.
        Index(
            "ix_tasks_board",
            *("dossier_id", "step_id", "claimed_by_id", "unit_id", "name", "closed_at", "desk_id", "deciding_unit_id"),
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
        # What a person has done: the list grows for years, its count is asked for with every worklist.
        Index(
            "ix_tasks_done",
            "closed_by",
            "is_interrupted",
            "closed_at",
            "id",
            postgresql_where=text("closed_by IS NOT NULL"),
            sqlite_where=text("closed_by IS NOT NULL"),
        ),
        # What a unit finished on a day, for the hand-over list.
        Index(
            "ix_tasks_closed",
            "unit_id",
            "closed_at",
            postgresql_where=text("closed_at IS NOT NULL"),
            sqlite_where=text("closed_at IS NOT NULL"),
        ),
        Index(
            "ix_tasks_open_key",
            "dossier_id",
            "task_key",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("closed_by IS NULL OR closed_at IS NOT NULL", name="closed_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    task_key: Mapped[str] = mapped_column(String(60))
    step_id: Mapped[str] = mapped_column(String(80))
    diagram_element: Mapped[str] = mapped_column(String(80))
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    status: Mapped[int]
    phase: Mapped[str | None] = mapped_column(String(60))
    waits_for: Mapped[str | None] = mapped_column(String(20))
    opened_at: Mapped[datetime]
    step_due_at: Mapped[datetime | None]
    timer_at: Mapped[datetime | None]
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    is_interrupted: Mapped[bool] = mapped_column(default=False)
    # When the step was done, where a supervisor has approved that it was recorded late; else it was when it closed.
    done_at: Mapped[datetime | None]
    # Office minutes after (+) or before (-) the due moment of the step, once it is closed.
    late_minutes: Mapped[int | None]
    # Office minutes that the plan had left (+), or had been overdrawn by (-), when the step opened.
    slack_minutes: Mapped[int | None]
    # What lists are cut and sorted by, copied from the dossier while the step is open (`Dossiers.save` keeps it): its
    # desk, the unit that decides, and the appointment in force; `NO_DATE` while there is none to keep.
    desk_id: Mapped[int] = mapped_column(default=0, server_default="0")
    deciding_unit_id: Mapped[int] = mapped_column(default=0, server_default="0")
    urgent_at: Mapped[datetime] = mapped_column(default=NO_DATE, server_default=text("'9000-01-01 00:00:00.000000'"))


class ClockEntryRow(Base):
    """One line of the clock ledger of a dossier. Append-only."""

    __tablename__ = "clock_entries"
    __table_args__ = (UniqueConstraint("dossier_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    by: Mapped[str]
    phase: Mapped[str | None] = mapped_column(String(60))
    limit_amount: Mapped[Decimal | None] = mapped_column(Numeric(9, 3))
    limit_unit: Mapped[str | None] = mapped_column(String(20))
    starts_on: Mapped[str | None] = mapped_column(String(40))
    ground: Mapped[str | None] = mapped_column(String(40))
    ground_name: Mapped[str | None]
    charged_to: Mapped[str | None] = mapped_column(String(20))
    document: Mapped[str | None]
    reason: Mapped[str | None]
    agreed_due_at: Mapped[datetime | None]
    new_due_at: Mapped[datetime | None]
    corrects: Mapped[int | None]
    done_at: Mapped[datetime | None]
    automatic: Mapped[bool] = mapped_column(default=False)


class AuditEvent(Base):
    """One thing that happened to a dossier. Each line carries the hash of the one before it."""

    __tablename__ = "audit_events"
    __table_args__ = (
        UniqueConstraint("dossier_id", "seq"),
        # The audit trail of an installation: by when it was written, who wrote, what kind it is.
        Index("ix_audit_events_written", "recorded_at", "id"),
        Index("ix_audit_events_by", "by", "recorded_at", "id"),
        Index("ix_audit_events_kind", "kind", "recorded_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    by: Mapped[str]
    data: Mapped[dict[str, Any]]
    hash: Mapped[str] = mapped_column(String(64))


class LateRecord(Base):
    """That a step was recorded later than it was done, and whether a supervisor believes it.

    `first_entry` to `last_entry` are the lines of the clock ledger that the step wrote; none if the first is greater.
    """

    __tablename__ = "late_records"
    __table_args__ = (
        Index("ix_late_records_dossier", "dossier_id"),
        Index(
            "ix_late_records_pending",
            "unit_id",
            "id",
            postgresql_where=text("decided_at IS NULL"),
            sqlite_where=text("decided_at IS NULL"),
        ),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    done_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    reason: Mapped[str]
    evidence: Mapped[str]
    first_entry: Mapped[int]
    last_entry: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    note: Mapped[str | None]


class OverdueFact(Base):
    """That a rung of the warning ladder was told: once per dossier, due date and name of the rung (`kind`)."""

    __tablename__ = "overdue_facts"
    __table_args__ = (
        UniqueConstraint("dossier_id", "missed_due_at", "kind"),
        # What was missed in a period, for the reports on lateness.
        Index("ix_overdue_facts_missed", "kind", "missed_due_at", "dossier_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    missed_due_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    found_at: Mapped[datetime] = mapped_column(index=True)
    ordinal: Mapped[int] = mapped_column(default=1)
    # The work was done in time and recorded late: a supervisor has approved so. The fact stays, and counts no more.
    recorded_late: Mapped[bool] = mapped_column(default=False, server_default=false())
    # When a change of the calendar moved the date to a later one. The fact stays, and counts no more.
    moved_at: Mapped[datetime | None]


class Notice(Base):
    """A word to the people of a unit who hold a role, or to one person of it: a date comes near, somebody asks.

    About a dossier, or about what the unit itself owes (a report). One with `at` in the future is shown from then on.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index(
            "ix_notices_unread",
            "unit_id",
            "role",
            postgresql_where=text("read_at IS NULL"),
            sqlite_where=text("read_at IS NULL"),
        ),
        Index(
            "ix_notices_mine",
            "person_id",
            "at",
            postgresql_where=text("read_at IS NULL AND person_id IS NOT NULL"),
            sqlite_where=text("read_at IS NULL AND person_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    role: Mapped[str] = mapped_column(String(20))
    message: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    read_by: Mapped[str | None]
    # What somebody wrote to go with it.
    note: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    detail: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
