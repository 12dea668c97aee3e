"""Orders over many dossiers, screens on walls, and what the board counts by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_OPEN = sa.text("ended_at IS NULL")
_OPEN_STEP = sa.text("closed_at IS NULL")
_UNFINISHED = sa.text("state IN ('confirmed', 'running')")
# Everything that the figures of the board look at, so that they are counted in the index alone.
_BOARD = ["deciding_unit_id", "procedure_code", "due_at", "first_due_at", "resolved_at", "is_paused"]


def _instant(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime(timezone=True), nullable=nullable)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    """Go up."""
    op.create_index(
        "ix_dossiers_board",
        "dossiers",
        [*_BOARD, "has_draft", "unit_id", "id", "ended_at"],
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    )
    op.create_index(
        "ix_tasks_board",
        "tasks",
        ["dossier_id", "step_id", "claimed_by_id", "unit_id", "name", "closed_at"],
        postgresql_where=_OPEN_STEP,
        sqlite_where=_OPEN_STEP,
    )
    op.create_index("ix_outcomes_trend", "outcomes", ["finished_at", "timeliness", "deciding_unit_id"])
    op.add_column("notices", sa.Column("note", sa.Text(), nullable=False, server_default=sa.text("''")))
    _orders()
    op.create_table(
        "wall_screens",
        sa.Column("id", sa.Integer(), nullable=False),
        _words("name"),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        _instant("made_at", nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        _instant("revoked_at"),
        sa.Column("revoked_by", sa.String(length=80), nullable=True),
        _instant("seen_at"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_wall_screens_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wall_screens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_wall_screens_token_hash")),
    )
    op.create_index(op.f("ix_wall_screens_unit_id"), "wall_screens", ["unit_id"])


def _orders() -> None:
    op.create_table(
        "oversight_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        _instant("made_at", nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        _words("made_by_name"),
        sa.Column("choice", sa.JSON(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        _words("reason"),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        _instant("confirmed_at"),
        _instant("leased_until"),
        _instant("finished_at"),
        sa.Column("reverts_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["reverts_id"], ["oversight_orders.id"], name=op.f("fk_oversight_orders_reverts_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oversight_orders")),
    )
    op.create_index(
        "ix_oversight_orders_unfinished",
        "oversight_orders",
        ["id"],
        postgresql_where=_UNFINISHED,
        sqlite_where=_UNFINISHED,
    )
    op.create_index("ix_oversight_orders_made_by", "oversight_orders", ["made_by", "id"])
    op.create_index(op.f("ix_oversight_orders_reverts_id"), "oversight_orders", ["reverts_id"])
    op.create_table(
        "oversight_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        _words("words"),
        sa.Column("undo", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _instant("at"),
        sa.ForeignKeyConstraint(["order_id"], ["oversight_orders.id"], name=op.f("fk_oversight_lines_order_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_oversight_lines_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oversight_lines")),
        sa.UniqueConstraint("order_id", "dossier_id", name=op.f("uq_oversight_lines_order_id_dossier_id")),
    )
    op.create_index("ix_oversight_lines_state", "oversight_lines", ["order_id", "state", "id"])
    op.create_index("ix_oversight_lines_dossier", "oversight_lines", ["dossier_id", "state"])
    op.create_table(
        "oversight_files",
        sa.Column("order_id", sa.Integer(), nullable=False),
        _words("name"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["oversight_orders.id"], name=op.f("fk_oversight_files_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_oversight_files")),
    )


def downgrade() -> None:
    """Go back down."""
    for table in ("wall_screens", "oversight_files", "oversight_lines", "oversight_orders"):
        op.drop_table(table)
    op.drop_index("ix_outcomes_trend", "outcomes")
    op.drop_index("ix_tasks_board", "tasks")
    op.drop_index("ix_dossiers_board", "dossiers")
    with op.batch_alter_table("notices") as notices:
        notices.drop_column("note")
