"""A list narrowed by its dossiers, a search of open ones and whether a unit ever had a dossier begin in an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_OPEN, _WAITING = sa.text("closed_at IS NULL"), sa.text("state = 'waiting'")
_INDEXES = {
    "ix_tasks_open": (
        ("unit_id", "urgent_at", "id", "role", "claimed_by_id", "status", "closed_at"),
        ("dossier_id",),
    ),
    "ix_tasks_board": (
        ("dossier_id", "step_id", "claimed_by_id", "unit_id", "name", "closed_at"),
        ("desk_id", "deciding_unit_id"),
    ),
}


def _steps_of_dossier(*more: str) -> None:
    op.drop_index("ix_tasks_dossier", "tasks")
    op.create_index("ix_tasks_dossier", "tasks", ["dossier_id", "id", *more])


def _index(name: str, columns: tuple[str, ...]) -> None:
    op.drop_index(name, "tasks")
    op.create_index(name, "tasks", list(columns), postgresql_where=_OPEN, sqlite_where=_OPEN)


def upgrade() -> None:
    """Go up."""
    for name, (columns, more) in _INDEXES.items():
        _index(name, (*columns, *more))
    _steps_of_dossier("unit_id")
    op.create_index("ix_dossier_words_dossier", "dossier_words", ["dossier_id", "word"])
    op.drop_index("ix_letter_drafts_waiting", "letter_drafts")
    op.create_index("ix_letter_drafts_state", "letter_drafts", ["unit_id", "state", "due_at"])


def downgrade() -> None:
    """Go down."""
    op.drop_index("ix_letter_drafts_state", "letter_drafts")
    op.create_index(
        "ix_letter_drafts_waiting",
        "letter_drafts",
        ["unit_id", "due_at"],
        postgresql_where=_WAITING,
        sqlite_where=_WAITING,
    )
    op.drop_index("ix_dossier_words_dossier", "dossier_words")
    _steps_of_dossier()
    for name, (columns, _more) in _INDEXES.items():
        _index(name, columns)
