"""What was missed in a period is found by its date; forms 06 and 07 count what is open in the index alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_WRITTEN, _OPEN = sa.text("missed_due_at IS NOT NULL"), sa.text("ended_at IS NULL")
_BOARD = (
    *("deciding_unit_id", "procedure_code", "due_at", "first_due_at", "resolved_at", "is_paused"),
    *("has_draft", "unit_id", "id", "ended_at"),
)


def _board(*more: str) -> None:
    op.drop_index("ix_dossiers_board", "dossiers")
    op.create_index("ix_dossiers_board", "dossiers", [*_BOARD, *more], postgresql_where=_OPEN, sqlite_where=_OPEN)


def upgrade() -> None:
    """Go up."""
    _board("received_at")
    op.create_index("ix_overdue_facts_missed", "overdue_facts", ["kind", "missed_due_at", "dossier_id"])
    op.create_index(
        "ix_letters_missed",
        "letters",
        ["missed_due_at", "form", "dossier_id"],
        postgresql_where=_WRITTEN,
        sqlite_where=_WRITTEN,
    )


def downgrade() -> None:
    """Go down."""
    _board()
    op.drop_index("ix_letters_missed", "letters")
    op.drop_index("ix_overdue_facts_missed", "overdue_facts")
