"""The months of the board are added up from the days that are kept: their own index of outcomes goes."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.drop_index("ix_outcomes_trend", "outcomes")


def downgrade() -> None:
    """Go down."""
    op.create_index("ix_outcomes_trend", "outcomes", ["finished_at", "timeliness", "deciding_unit_id"])
