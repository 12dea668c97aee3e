"""Outcomes in full, feedback, surveys, the sheets of officials and units."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TABLES = (
    "outcome_revisions",
    "ended_days",
    "evaluation_months",
    "feedback_links",
    "survey_ballots",
    "survey_months",
    "survey_kiosks",
    "survey_imports",
    "unit_entries",
    "evaluation_sheets",
)


def _counts(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def upgrade() -> None:
    """Go up. Outcomes of before have no facts yet: `motcua outcomes rebuild` writes them from the record."""
    with op.batch_alter_table("outcomes") as batch:
        batch.add_column(sa.Column("facts", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
    op.create_table(
        "outcome_revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("replaced_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("replaced_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("was", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_outcome_revisions_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome_revisions")),
        sa.UniqueConstraint("dossier_id", "seq", name=op.f("uq_outcome_revisions_dossier_id_seq")),
    )
    op.create_table(
        "ended_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("procedure_code", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        *_counts(
            "finished",
            "refused",
            "early",
            "on_time",
            "late",
            "without_date",
            "counted",
            "punctual",
            "answered",
            "clean",
            "corrected",
            "returned",
            "supplemented",
            "supplemented_again",
            "apology_before",
            "apology_same_day",
            "apology_after",
            "apology_never",
            "recorded_late",
            "upheld",
        ),
        sa.Column("office_minutes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_ended_days_unit_id")),
        sa.PrimaryKeyConstraint("day", "unit_id", "procedure_code", "channel", name=op.f("pk_ended_days")),
    )
    op.create_index("ix_ended_days_unit", "ended_days", ["unit_id", "day"])
    op.create_table(
        "evaluation_months",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=80), nullable=False),
        *_counts(
            "files",
            "early",
            "on_time",
            "late",
            "corrected",
            "returned",
            "supplemented_again",
            "upheld",
            "files_1",
            "points_1",
            "files_2",
            "points_2",
            "files_3",
            "points_3",
            "files_4",
            "points_4",
            "files_7",
            "points_7",
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_evaluation_months_unit_id")),
        sa.PrimaryKeyConstraint("month", "unit_id", "username", name=op.f("pk_evaluation_months")),
    )
    op.create_index("ix_evaluation_months_unit", "evaluation_months", ["unit_id", "month"])
    op.create_table(
        "feedback_links",
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("about_dossier_id", sa.Integer(), nullable=True),
        sa.Column("about_unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("via", sa.String(length=20), nullable=False),
        sa.Column("finding", sa.String(length=20), nullable=False),
        sa.Column("is_upheld", sa.Boolean(), nullable=True),
        sa.Column("is_late", sa.Boolean(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["about_dossier_id"], ["dossiers.id"], name=op.f("fk_feedback_links_about_dossier_id")),
        sa.ForeignKeyConstraint(["about_unit_id"], ["units.id"], name=op.f("fk_feedback_links_about_unit_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_feedback_links_dossier_id")),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_feedback_links")),
    )
    op.create_index("ix_feedback_links_about", "feedback_links", ["about_dossier_id"])
    op.create_index("ix_feedback_links_ended", "feedback_links", ["about_unit_id", "ended_on"])
    op.create_index(
        "ix_feedback_links_open",
        "feedback_links",
        ["about_unit_id", "dossier_id"],
        postgresql_where=sa.text("ended_on IS NULL"),
        sqlite_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "survey_ballots",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("procedure_code", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("timeliness", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("questionnaire", sa.String(length=40), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("batch", sa.String(length=64), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_survey_ballots_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_ballots")),
    )
    op.create_index("ix_survey_ballots_month", "survey_ballots", ["month", "unit_id"])
    op.create_table(
        "survey_months",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("procedure_code", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("timeliness", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("ballots", sa.Integer(), nullable=False),
        sa.Column("tally", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_survey_months_unit_id")),
        sa.PrimaryKeyConstraint(
            "month", "unit_id", "procedure_code", "channel", "timeliness", "source", name=op.f("pk_survey_months")
        ),
    )
    op.create_index("ix_survey_months_unit", "survey_months", ["unit_id", "month"])
    op.create_table(
        "survey_kiosks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.String(length=80), nullable=False),
        sa.Column("opened_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_survey_kiosks_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_kiosks")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_survey_kiosks_key_hash")),
    )
    op.create_index(op.f("ix_survey_kiosks_unit_id"), "survey_kiosks", ["unit_id"])
    op.create_table(
        "survey_imports",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("ballots", sa.Integer(), nullable=False),
        sa.Column("imported_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_survey_imports_unit_id")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_survey_imports")),
    )
    op.create_table(
        "unit_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Numeric(precision=9, scale=4), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_entries_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_entries")),
    )
    op.create_index("ix_unit_entries_unit", "unit_entries", ["unit_id", "month", "code", "id"])
    op.create_table(
        "evaluation_sheets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("username", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_evaluation_sheets_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_sheets")),
        sa.UniqueConstraint(
            "unit_id", "month", "username", "seq", name=op.f("uq_evaluation_sheets_unit_id_month_username_seq")
        ),
    )


def downgrade() -> None:
    """Go back down. What people entered and answered is lost; what the record says is not."""
    for table in reversed(_TABLES):
        op.drop_table(table)
    with op.batch_alter_table("outcomes") as batch:
        batch.drop_column("facts")
