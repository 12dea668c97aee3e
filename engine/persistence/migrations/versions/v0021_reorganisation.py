"""Units that are merged or split; samples for inspections."""

from __future__ import annotations

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""


def downgrade() -> None:
    """Go back down."""
