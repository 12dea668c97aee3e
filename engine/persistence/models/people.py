"""Tables of the installation: units, people, their roles and sessions, published procedure versions, heartbeats."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.base import Base


class UnitRow(Base):
    """A unit of the tree of config.yaml, kept so that dossiers of old units stay readable."""

    __tablename__ = "units"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(String(40), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    facts: Mapped[dict[str, Any]]
    is_active: Mapped[bool] = mapped_column(default=True)
    # The ids of the units that took its work over when it was merged or split, with commas between.
    succeeded_by: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))


class Person(Base):
    """An account. `totp_secret` is sealed with the installation's key; `totp_since` tells whether codes are asked for.

    `totp_last_step` is the half minute of the code that was used last: none is taken twice.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(80), unique=True)
    full_name: Mapped[str]
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    failed_tries: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    must_change_password: Mapped[bool] = mapped_column(default=False, server_default=false())
    password_changed_at: Mapped[datetime | None]
    totp_secret: Mapped[str] = mapped_column(default="", server_default=text("''"))
    totp_since: Mapped[datetime | None]
    totp_last_step: Mapped[int] = mapped_column(default=0, server_default="0")
    oidc_subject: Mapped[str] = mapped_column(String(255), default="", server_default=text("''"))


class MembershipRow(Base):
    """One role of one person in one unit."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("person_id", "unit_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))


class WebSession(Base):
    """A signed-in browser. Only the hash of its token is kept, so a stolen table opens nothing.

    `confirmed_at`: when the person last proved who they are. `needs_code`: the one-time code is still owed.
    """

    __tablename__ = "web_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    needs_code: Mapped[bool] = mapped_column(default=False, server_default=false())
    method: Mapped[str] = mapped_column(String(12), default="", server_default=text("''"))
    device: Mapped[str] = mapped_column(String(120), default="", server_default=text("''"))
    address: Mapped[str] = mapped_column(String(45), default="", server_default=text("''"))


class ProcedureVersion(Base):
    """A published version of a procedure: its sources whole, so that a running dossier never loses them.

    `levels` are words with commas between, empty for every level. `closed_on` is a last day that was decided later.
    Only versions whose `status` is ``published`` are ever chosen for a new dossier.
    """

    __tablename__ = "procedure_versions"

    ref: Mapped[str] = mapped_column(String(64), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), index=True)
    version: Mapped[str] = mapped_column(String(20))
    name: Mapped[str]
    sector: Mapped[str] = mapped_column(String(40))
    sources: Mapped[bytes] = mapped_column(LargeBinary)
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(80), default="")
    process: Mapped[str] = mapped_column(String(80), default="")
    levels: Mapped[str] = mapped_column(String(40), default="")
    province: Mapped[str] = mapped_column(String(40), default="")
    effective_from: Mapped[date | None]
    effective_to: Mapped[date | None]
    closed_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(20), default="published", server_default="published")


class PublicationEvent(Base):
    """What was done about versions: published, withdrawn, closed; dossiers moved and brought back. Append-only."""

    __tablename__ = "publication_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(ForeignKey("procedure_versions.ref"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    data: Mapped[dict[str, Any]]


class VersionMove(Base):
    """One order to move running dossiers to another version. `finished_at` stays empty while it may be continued."""

    __tablename__ = "version_moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), index=True)
    from_version: Mapped[str] = mapped_column(String(20))
    to_ref: Mapped[str] = mapped_column(ForeignKey("procedure_versions.ref"))
    limit_rule: Mapped[str] = mapped_column(String(10))
    document: Mapped[str]
    allows_later: Mapped[bool]
    started_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]]


class MovedDossier(Base):
    """One dossier of a move: all that is needed to put it back exactly."""

    __tablename__ = "moved_dossiers"
    __table_args__ = (UniqueConstraint("move_id", "dossier_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    move_id: Mapped[int] = mapped_column(ForeignKey("version_moves.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), index=True)
    from_ref: Mapped[str] = mapped_column(ForeignKey("procedure_versions.ref"))
    old_state: Mapped[bytes] = mapped_column(LargeBinary)
    new_state: Mapped[bytes] = mapped_column(LargeBinary)
    old_steps: Mapped[list[Any]]
    clock_seq: Mapped[int]
    old_limit: Mapped[dict[str, Any] | None]
    moved_at: Mapped[datetime]
    reverted_at: Mapped[datetime | None]


class Heartbeat(Base):
    """When a repeated job last finished, and what it found."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]
    detail: Mapped[dict[str, Any]]
