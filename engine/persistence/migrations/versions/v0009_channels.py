"""The ways on which letters and notices leave the house."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_DUE = sa.text("state IN ('waiting', 'sending')")
_OPEN = sa.text("state NOT IN ('sent', 'delivered', 'cancelled')")


def _instant(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime(timezone=True), nullable=nullable)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    """Go up. What was issued before goes nowhere by itself: it stays on the page, as it was."""
    op.create_table(
        "post_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _instant("made_at", nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        _instant("posted_at"),
        sa.Column("posted_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_post_batches_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_batches")),
        sa.UniqueConstraint("unit_id", "year", "number", name=op.f("uq_post_batches_unit_id_year_number")),
    )
    op.create_table(
        "channel_rests",
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        _instant("since"),
        _instant("until"),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_rests")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("event_key", sa.String(length=80), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("fallbacks", sa.JSON(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("is_trial", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _instant("created_at", nullable=False),
        _instant("next_at", nullable=False),
        _instant("tried_at"),
        _instant("leased_until"),
        _instant("sent_at"),
        _instant("delivered_at"),
        _instant("ended_at"),
        sa.Column("reference", sa.String(length=80), nullable=False),
        _words("receiver"),
        _words("note"),
        _words("last_error"),
        sa.Column("acted_by", sa.String(length=80), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_deliveries_dossier_id")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_deliveries_letter_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_deliveries_unit_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["post_batches.id"], name=op.f("fk_deliveries_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("key", name=op.f("uq_deliveries_key")),
    )
    op.create_index(
        "ix_deliveries_due", "deliveries", ["channel", "next_at", "id"], postgresql_where=_DUE, sqlite_where=_DUE
    )
    op.create_index(
        "ix_deliveries_open", "deliveries", ["unit_id", "state", "id"], postgresql_where=_OPEN, sqlite_where=_OPEN
    )
    op.create_index("ix_deliveries_sent", "deliveries", ["unit_id", "sent_at", "id"])
    for column in ("dossier_id", "letter_id", "batch_id"):
        op.create_index(op.f(f"ix_deliveries_{column}"), "deliveries", [column])


def downgrade() -> None:
    """Go back down."""
    for table in ("deliveries", "channel_rests", "post_batches"):
        op.drop_table(table)
