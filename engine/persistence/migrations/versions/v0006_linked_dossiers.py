"""Dossiers received together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "linked_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("hand_over", sa.String(length=20), nullable=False),
        sa.Column("receipts", sa.String(length=20), nullable=False),
        sa.Column("received_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_groups")),
    )
    with op.batch_alter_table("linked_groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_linked_groups_code"), ["code"], unique=False)
    op.create_table(
        "linked_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("procedure_code", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("definition_ref", sa.String(length=64), nullable=False),
        sa.Column("starts_after", sa.String(length=20), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.CheckConstraint("dossier_id IS NULL OR state = 'started'", name=op.f("ck_linked_members_started_dossier")),
        sa.ForeignKeyConstraint(
            ["definition_ref"], ["procedure_versions.ref"], name=op.f("fk_linked_members_definition_ref")
        ),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_linked_members_dossier_id")),
        sa.ForeignKeyConstraint(["group_id"], ["linked_groups.id"], name=op.f("fk_linked_members_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_members")),
        sa.UniqueConstraint("dossier_id", name=op.f("uq_linked_members_dossier_id")),
        sa.UniqueConstraint("group_id", "position", name=op.f("uq_linked_members_group_id_position")),
    )


def downgrade() -> None:
    """Go back down."""
    op.drop_table("linked_members")
    with op.batch_alter_table("linked_groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_linked_groups_code"))
    op.drop_table("linked_groups")
