"""Versions of procedures by date and province, and the moving of running dossiers between them."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import yaml
from alembic import op

from engine.persistence.base import UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Mapping

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("published_by", sa.String(length=80), nullable=False, server_default=""),
        sa.Column("process", sa.String(length=80), nullable=False, server_default=""),
        sa.Column("levels", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("province", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False, server_default="published"),
    )


def upgrade() -> None:
    """Go up."""
    with op.batch_alter_table("procedure_versions", schema=None) as batch_op:
        for column in _columns():
            batch_op.add_column(column)
    with op.batch_alter_table("procedure_versions", schema=None) as batch_op:  # only rows of before needed a default
        for name in ("published_by", "process", "levels", "province"):
            batch_op.alter_column(name, server_default=None)
    _read_what_was_published()
    op.create_table(
        "publication_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["ref"], ["procedure_versions.ref"], name=op.f("fk_publication_events_ref")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication_events")),
    )
    with op.batch_alter_table("publication_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_publication_events_ref"), ["ref"], unique=False)
    _create_moves()


def _create_moves() -> None:
    op.create_table(
        "version_moves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("from_version", sa.String(length=20), nullable=False),
        sa.Column("to_ref", sa.String(length=64), nullable=False),
        sa.Column("limit_rule", sa.String(length=10), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("allows_later", sa.Boolean(), nullable=False),
        sa.Column("started_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("finished_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["to_ref"], ["procedure_versions.ref"], name=op.f("fk_version_moves_to_ref")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_moves")),
    )
    with op.batch_alter_table("version_moves", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_version_moves_code"), ["code"], unique=False)
    op.create_table(
        "moved_dossiers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("move_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("from_ref", sa.String(length=64), nullable=False),
        sa.Column("old_state", sa.LargeBinary(), nullable=False),
        sa.Column("new_state", sa.LargeBinary(), nullable=False),
        sa.Column("old_steps", sa.JSON(), nullable=False),
        sa.Column("clock_seq", sa.Integer(), nullable=False),
        sa.Column("old_limit", sa.JSON(), nullable=True),
        sa.Column("moved_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("reverted_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_moved_dossiers_dossier_id")),
        sa.ForeignKeyConstraint(["from_ref"], ["procedure_versions.ref"], name=op.f("fk_moved_dossiers_from_ref")),
        sa.ForeignKeyConstraint(["move_id"], ["version_moves.id"], name=op.f("fk_moved_dossiers_move_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moved_dossiers")),
        sa.UniqueConstraint("move_id", "dossier_id", name=op.f("uq_moved_dossiers_move_id_dossier_id")),
    )
    with op.batch_alter_table("moved_dossiers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_moved_dossiers_dossier_id"), ["dossier_id"], unique=False)


def _read_what_was_published() -> None:
    """Give every version its days and levels out of its own sources.

    Before this step the folder decided what was in force, and it could be edited without a new date. So of versions
    that would begin on the same day the one published last is kept in force; running dossiers keep theirs in any case.
    """
    table = sa.table(
        "procedure_versions",
        *(sa.column(name) for name in ("ref", "code", "sources")),
        sa.column("published_at", UtcDateTime(timezone=True)),
        *(sa.column(column.name, column.type) for column in _columns()),
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(table.c.ref, table.c.code, table.c.sources).order_by(table.c.published_at))
    last: dict[tuple[str, str, date | None], str] = {}
    for ref, code, sources in rows.all():
        facts = _facts(bytes(sources))
        connection.execute(sa.update(table).where(table.c.ref == ref).values(**facts))
        key = (code, facts["levels"], facts["effective_from"])
        if key in last:
            connection.execute(sa.update(table).where(table.c.ref == last[key]).values(status="superseded"))
        last[key] = ref


def _facts(sources: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(sources)) as archive:
        sheet = next((name for name in archive.namelist() if name.endswith(".yaml")), "")
        facts: Mapping[str, Any] = (yaml.safe_load(archive.read(sheet)) or {}) if sheet else {}
    return {
        "process": str(facts.get("process") or ""),
        "levels": ",".join(facts.get("levels") or ()),
        "effective_from": _day(facts.get("effective_from")),
        "effective_to": _day(facts.get("effective_to")),
    }


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def downgrade() -> None:
    """Go back down."""
    op.drop_table("moved_dossiers")
    op.drop_table("version_moves")
    op.drop_table("publication_events")
    with op.batch_alter_table("procedure_versions", schema=None) as batch_op:
        for column in reversed(_columns()):
            batch_op.drop_column(column.name)
