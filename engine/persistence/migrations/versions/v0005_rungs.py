"""The rungs of the warning ladder, and letters that wait on the leader's table."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_IS_WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Go up. Whoever has a dossier open over the upgrade is held to what was done before it, as ever."""
    with op.batch_alter_table("dossiers") as dossiers:
        dossiers.add_column(sa.Column("rung", sa.String(length=40), nullable=False, server_default=""))
        dossiers.add_column(sa.Column("rung_label", sa.String(length=40), nullable=False, server_default=""))
        dossiers.add_column(sa.Column("has_draft", sa.Boolean(), nullable=False, server_default=sa.false()))
        dossiers.add_column(sa.Column("act_version", sa.Integer(), nullable=False, server_default="1"))
    op.execute("UPDATE dossiers SET act_version = version")
    with op.batch_alter_table("overdue_facts") as facts:
        facts.alter_column("kind", type_=sa.String(length=40), existing_type=sa.String(length=20))
    op.create_table(
        "apology_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason_id", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("new_due_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(decided_at IS NULL) = (state = 'waiting')", name=op.f("ck_apology_drafts_decided")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_apology_drafts_dossier_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_apology_drafts_unit_id")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_apology_drafts_letter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apology_drafts")),
        sa.UniqueConstraint("dossier_id", "due_at", name=op.f("uq_apology_drafts_dossier_id_due_at")),
    )
    op.create_index(
        "ix_apology_drafts_waiting",
        "apology_drafts",
        ["unit_id", "due_at"],
        postgresql_where=_IS_WAITING,
        sqlite_where=_IS_WAITING,
    )


def downgrade() -> None:
    """Go back down. Rungs of the office's own naming are forgotten: their names have no room there."""
    op.drop_table("apology_drafts")
    op.execute("DELETE FROM overdue_facts WHERE length(kind) > 20")
    with op.batch_alter_table("overdue_facts") as facts:
        facts.alter_column("kind", type_=sa.String(length=20), existing_type=sa.String(length=40))
    with op.batch_alter_table("dossiers") as dossiers:
        for column in ("act_version", "has_draft", "rung_label", "rung"):
            dossiers.drop_column(column)
