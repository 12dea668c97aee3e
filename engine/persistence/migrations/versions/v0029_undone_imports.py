"""An import of ballots can be undone: what was undone stays on record, and the ballots of a file are found by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_FROM_FILES = sa.text("batch <> ''")


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "undone_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("ballots", sa.Integer(), nullable=False),
        sa.Column("imported_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(length=80), nullable=False),
        sa.Column("undone_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_undone_imports_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undone_imports")),
    )
    op.create_index("ix_undone_imports_unit_id", "undone_imports", ["unit_id"])
    op.create_index(
        "ix_survey_ballots_batch",
        "survey_ballots",
        ["batch"],
        postgresql_where=_FROM_FILES,
        sqlite_where=_FROM_FILES,
    )


def downgrade() -> None:
    """Go down. What was undone is forgotten; its ballots stay away."""
    op.drop_index("ix_survey_ballots_batch", "survey_ballots")
    op.drop_table("undone_imports")
