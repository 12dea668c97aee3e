"""How people prove who they are, and who stands in for whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _instant(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime(timezone=True), nullable=nullable)


def _words(name: str, length: int | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.String(length=length), nullable=False, server_default=sa.text("''"))


def _flag(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _added() -> dict[str, tuple[sa.Column[object], ...]]:
    return {
        "people": (
            _flag("must_change_password"),
            _instant("password_changed_at"),
            _words("totp_secret"),
            _instant("totp_since"),
            sa.Column("totp_last_step", sa.Integer(), nullable=False, server_default="0"),
            _words("oidc_subject", 255),
        ),
        "web_sessions": (
            _instant("confirmed_at"),
            _flag("needs_code"),
            _words("method", 12),
            _words("device", 120),
            _words("address", 45),
        ),
    }


def upgrade() -> None:
    """Go up. Accounts of before keep their passwords; sessions of before go on."""
    for table, columns in _added().items():
        for added in columns:
            op.add_column(table, added)
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        _instant("used_at"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("person_id", "code_hash", name=op.f("uq_recovery_codes_person_id_code_hash")),
    )
    op.create_table(
        "delegations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("absent_id", sa.Integer(), nullable=False),
        sa.Column("delegate_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("authority", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        _instant("made_at", nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        _instant("revoked_at"),
        sa.Column("revoked_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["absent_id"], ["people.id"], name=op.f("fk_delegations_absent_id")),
        sa.ForeignKeyConstraint(["delegate_id"], ["people.id"], name=op.f("fk_delegations_delegate_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_delegations_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    op.create_index("ix_delegations_delegate", "delegations", ["delegate_id", "ends_on"])
    for column in ("absent_id", "unit_id"):
        op.create_index(op.f(f"ix_delegations_{column}"), "delegations", [column])
    op.create_table(
        "access_events",
        sa.Column("id", sa.Integer(), nullable=False),
        _instant("at", nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_access_events_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_events")),
    )
    for column in ("at", "person_id"):
        op.create_index(op.f(f"ix_access_events_{column}"), "access_events", [column])


def downgrade() -> None:
    """Go back down. Who had to show codes signs in with the password alone again."""
    for table in ("access_events", "delegations", "recovery_codes"):
        op.drop_table(table)
    for table, columns in _added().items():
        for added in columns:
            op.drop_column(table, added.name)
