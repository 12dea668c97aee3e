"""Who took a result home, and the tokens with which citizens rate the service."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "hand_overs",
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("receiver_kind", sa.String(length=20), nullable=False),
        sa.Column("receiver_name", sa.String(), nullable=False),
        sa.Column("identity_tail", sa.String(length=8), nullable=False),
        sa.Column("authorisation", sa.String(), nullable=False),
        sa.Column("result_number", sa.String(length=80), nullable=False),
        sa.Column("result_on", sa.Date(), nullable=True),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("postal_code", sa.String(length=40), nullable=False),
        sa.CheckConstraint("signed OR method <> 'in_person'", name=op.f("ck_hand_overs_signed")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_hand_overs_dossier_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_hand_overs_unit_id")),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_hand_overs")),
    )
    op.create_index("ix_hand_overs_unit", "hand_overs", ["unit_id", "at"])
    op.create_table(
        "survey_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("issued_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_survey_tokens_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_survey_tokens_token_hash")),
    )
    op.create_index(op.f("ix_survey_tokens_dossier_id"), "survey_tokens", ["dossier_id"])


def downgrade() -> None:
    """Go back down. Who took which result is forgotten; that it was handed over stands in the history of the file."""
    op.drop_table("survey_tokens")
    op.drop_table("hand_overs")
