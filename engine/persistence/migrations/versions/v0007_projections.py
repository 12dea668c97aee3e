"""Changes of calendars and rules that move dates, and how far they are carried out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    with op.batch_alter_table("dossiers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rules_version", sa.String(length=16), server_default="", nullable=False))
        batch_op.create_index(
            "ix_dossiers_open_rules",
            ["rules_version", "id"],
            unique=False,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )
    with op.batch_alter_table("overdue_facts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("moved_at", UtcDateTime(timezone=True), nullable=True))
    op.create_table(
        "reprojection_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("fact_id", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("done", "moved", "late", "cleared", "failed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reprojection_runs")),
    )
    op.create_table(
        "what_ifs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("fact_id", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("done", "moved", "late", "cleared", "cursor")),
        sa.Column("cursor_rules", sa.String(length=16), nullable=False),
        sa.Column("leased_until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("finished_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_what_ifs")),
    )
    op.create_table(
        "what_if_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what_if_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("due_before", UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_after", UtcDateTime(timezone=True), nullable=False),
        sa.Column("turn", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_what_if_lines_dossier_id")),
        sa.ForeignKeyConstraint(["what_if_id"], ["what_ifs.id"], name=op.f("fk_what_if_lines_what_if_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_what_if_lines")),
    )
    op.create_index("ix_what_if_lines_page", "what_if_lines", ["what_if_id", "turn", "id"], unique=False)


def downgrade() -> None:
    """Go back down."""
    op.drop_table("what_if_lines")
    op.drop_table("what_ifs")
    op.drop_table("reprojection_runs")
    with op.batch_alter_table("overdue_facts", schema=None) as batch_op:
        batch_op.drop_column("moved_at")
    with op.batch_alter_table("dossiers", schema=None) as batch_op:
        batch_op.drop_index("ix_dossiers_open_rules")
        batch_op.drop_column("rules_version")
