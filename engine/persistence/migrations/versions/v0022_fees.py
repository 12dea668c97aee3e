"""What was taken for dossiers, entry by entry; files that came with the answer of another unit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "fee_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("receipt_number", sa.String(length=40), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("(corrects_id IS NULL) = (amount > 0)", name=op.f("ck_fee_entries_counter")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_fee_entries_dossier_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_fee_entries_unit_id")),
        sa.ForeignKeyConstraint(["corrects_id"], ["fee_entries.id"], name=op.f("fk_fee_entries_corrects_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_entries")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_fee_entries_corrects_id")),
    )
    op.create_index("ix_fee_entries_dossier", "fee_entries", ["dossier_id", "id"])
    op.create_index("ix_fee_entries_day", "fee_entries", ["unit_id", "paid_on", "id"])
    with op.batch_alter_table("attachments") as attachments:
        attachments.add_column(sa.Column("opinion_id", sa.Integer(), nullable=True))
        attachments.create_foreign_key(op.f("fk_attachments_opinion_id"), "opinions", ["opinion_id"], ["id"])


def downgrade() -> None:
    """Go back down. What was paid is forgotten as a sum; that it was paid stands in the history of the file."""
    with op.batch_alter_table("attachments") as attachments:
        attachments.drop_constraint(op.f("fk_attachments_opinion_id"), type_="foreignkey")
        attachments.drop_column("opinion_id")
    op.drop_table("fee_entries")
