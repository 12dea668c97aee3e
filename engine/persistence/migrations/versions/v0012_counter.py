"""What the counter keeps: drafts of intake, parcels and what bars them, blank slips; persons found by their number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# What `engine.domain.intake_identity.identity_key` makes of a number, as far as SQL goes; odd ones stay out.
_NUMBER = {
    "sqlite": "json_extract(applicant, '$.identity_number')",
    "postgresql": "(applicant ->> 'identity_number')",
}
_PLAIN = "upper(replace(replace(replace(coalesce({number}, ''), ' ', ''), '.', ''), '-', ''))"


def upgrade() -> None:
    """Go up."""
    op.add_column(
        "dossiers", sa.Column("identity_key", sa.String(length=20), nullable=False, server_default=sa.text("''"))
    )
    plain = _PLAIN.format(number=_NUMBER[op.get_bind().dialect.name])
    op.execute(f"UPDATE dossiers SET identity_key = {plain} WHERE length({plain}) BETWEEN 1 AND 20")  # noqa: S608
    op.create_index(
        "ix_dossiers_identity",
        "dossiers",
        ["identity_key", "id"],
        postgresql_where=sa.text("identity_key <> ''"),
        sqlite_where=sa.text("identity_key <> ''"),
    )
    _drafts()
    _parcels()
    _blocks()
    _slips()


def _drafts() -> None:
    op.create_table(
        "intake_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("procedure_code", sa.String(length=40), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_intake_drafts_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_drafts")),
        sa.UniqueConstraint("token", name=op.f("uq_intake_drafts_token")),
    )
    op.create_index("ix_intake_drafts_person", "intake_drafts", ["person_id", "updated_at"])
    op.create_index(op.f("ix_intake_drafts_updated_at"), "intake_drafts", ["updated_at"])


def _place() -> list[sa.Column[str]]:
    lengths = {"commune": 80, "was": 80, "sheet": 20, "number": 20, "written": 80}
    return [sa.Column(name, sa.String(length=length), nullable=False) for name, length in lengths.items()]


def _parcels() -> None:
    op.create_table(
        "dossier_parcels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        *_place(),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_dossier_parcels_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_parcels")),
        sa.UniqueConstraint(
            "dossier_id",
            "commune",
            "was",
            "sheet",
            "number",
            name=op.f("uq_dossier_parcels_dossier_id_commune_was_sheet_number"),
        ),
    )
    op.create_index("ix_dossier_parcels_place", "dossier_parcels", ["commune", "sheet", "number"])


def _blocks() -> None:
    op.create_table(
        "parcel_blocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        *_place(),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("effect", sa.String(length=10), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("lifted_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lifted_document", sa.String(length=200), nullable=False, server_default=sa.text("''")),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name=op.f("ck_parcel_blocks_lifted_pair")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_parcel_blocks_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel_blocks")),
    )
    op.create_index("ix_parcel_blocks_place", "parcel_blocks", ["commune", "sheet", "number"])


def _slips() -> None:
    op.create_table(
        "blank_slips",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("printed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("printed_by", sa.String(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False, server_default=sa.text("''")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_blank_slips_unit_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_blank_slips_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blank_slips")),
        sa.UniqueConstraint("dossier_id", name=op.f("uq_blank_slips_dossier_id")),
        sa.UniqueConstraint("unit_id", "number", name=op.f("uq_blank_slips_unit_id_number")),
    )
    op.create_index("ix_blank_slips_state", "blank_slips", ["unit_id", "state", "number"])


def downgrade() -> None:
    """Go back down. What was begun, barred and printed is forgotten; dossiers stay."""
    for table in ("blank_slips", "parcel_blocks", "dossier_parcels", "intake_drafts"):
        op.drop_table(table)
    op.drop_index("ix_dossiers_identity", table_name="dossiers")
    op.drop_column("dossiers", "identity_key")
