"""An outcome knows the month of receipt: what was open at a past moment is found without all that ended since."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.add_column("outcomes", sa.Column("received_month", sa.String(7), nullable=False, server_default=sa.text("''")))
    is_shared = op.get_bind().dialect.name == "postgresql"
    month = "to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM')" if is_shared else "substr(received_at, 1, 7)"
    op.execute(
        f"UPDATE outcomes SET received_month = "  # noqa: S608 - a constant of this module
        f"(SELECT {month} FROM dossiers WHERE dossiers.id = outcomes.dossier_id)"
    )
    op.create_index("ix_outcomes_received", "outcomes", ["received_month", "finished_at"])


def downgrade() -> None:
    """Go down."""
    op.drop_index("ix_outcomes_received", "outcomes")
    op.drop_column("outcomes", "received_month")
