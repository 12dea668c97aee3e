"""Files that people bring, by their content."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_WAITING = sa.text("scan = 'waiting'")
_REMOVED = sa.text("removed_at IS NOT NULL AND wiped_at IS NULL")


def _instant(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "stored_files",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("scan", sa.String(length=10), nullable=False),
        sa.Column("scan_note", sa.String(), nullable=False),
        _instant("scanned_at"),
        _instant("stored_at", nullable=False),
        sa.Column("refs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_stored_files")),
    )
    op.create_index(
        "ix_stored_files_waiting", "stored_files", ["stored_at"], postgresql_where=_WAITING, sqlite_where=_WAITING
    )
    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        _instant("added_at", nullable=False),
        sa.Column("added_by", sa.String(length=80), nullable=False),
        _instant("removed_at"),
        sa.Column("removed_by", sa.String(length=80), nullable=True),
        sa.Column("removed_reason", sa.String(), nullable=False),
        _instant("wiped_at"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_attachments_dossier_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_attachments_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_index("ix_attachments_dossier", "attachments", ["dossier_id", "id"])
    op.create_index(op.f("ix_attachments_sha256"), "attachments", ["sha256"])
    op.create_index(
        "ix_attachments_removed", "attachments", ["removed_at"], postgresql_where=_REMOVED, sqlite_where=_REMOVED
    )


def downgrade() -> None:
    """Go back down; the contents stay in their folder."""
    for table in ("attachments", "stored_files"):
        op.drop_table(table)
