"""The register of a unit that decides is read by the date of receipt, not through all that the unit ever decided."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.drop_index("ix_dossiers_deciding_unit_id", "dossiers")
    op.create_index("ix_dossiers_deciding_received", "dossiers", ["deciding_unit_id", "received_at"])


def downgrade() -> None:
    """Go down."""
    op.drop_index("ix_dossiers_deciding_received", "dossiers")
    op.create_index("ix_dossiers_deciding_unit_id", "dossiers", ["deciding_unit_id"])
