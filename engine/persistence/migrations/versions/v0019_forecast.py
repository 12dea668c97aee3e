"""What the history says of steps: quantiles by month, what is told of open files and was worth, simulations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = (
    *("simulations", "forecasts", "forecast_scores"),
    *("item_months", "remaining_months", "step_months", "history_months"),
)


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "history_months",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("learned_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_history_months")),
    )
    op.create_table(
        "simulations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("unit_ids", sa.JSON(), nullable=False),
        sa.Column("procedure_code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("leased_until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("finished_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulations")),
    )
    op.create_index("ix_simulations_made_by", "simulations", ["made_by", "id"], unique=False)
    op.create_index(
        "ix_simulations_unfinished",
        "simulations",
        ["id"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "forecast_scores",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("bin", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("told", sa.Float(), nullable=False),
        sa.Column("told_square", sa.Float(), nullable=False),
        sa.Column("told_late", sa.Float(), nullable=False),
        sa.Column("said", sa.Float(), nullable=False),
        sa.Column("square", sa.Float(), nullable=False),
        sa.Column("base_square", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_forecast_scores_unit_id")),
        sa.PrimaryKeyConstraint("month", "unit_id", "bin", name=op.f("pk_forecast_scores")),
    )
    op.create_table(
        "item_months",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("procedure_code", sa.String(length=40), nullable=False),
        sa.Column("item_id", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("handed_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_item_months_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_months")),
        sa.UniqueConstraint(
            "month",
            "procedure_code",
            "item_id",
            "unit_id",
            name=op.f("uq_item_months_month_procedure_code_item_id_unit_id"),
        ),
    )
    op.create_table(
        "remaining_months",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("procedure_code", sa.String(length=40), nullable=False),
        sa.Column("step_id", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("remaining", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_remaining_months_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remaining_months")),
        sa.UniqueConstraint(
            "month",
            "procedure_code",
            "step_id",
            "unit_id",
            name=op.f("uq_remaining_months_month_procedure_code_step_id_unit_id"),
        ),
    )
    op.create_table(
        "step_months",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("procedure_code", sa.String(length=40), nullable=False),
        sa.Column("definition_ref", sa.String(), nullable=False),
        sa.Column("step_id", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("element", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("waits_for", sa.String(length=20), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("repeated", sa.Integer(), nullable=False),
        sa.Column("with_limit", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("waited_minutes", sa.Integer(), nullable=False),
        sa.Column("taken_minutes", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.JSON(), nullable=False),
        sa.Column("margins", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_step_months_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_months")),
        sa.UniqueConstraint(
            "month",
            "procedure_code",
            "definition_ref",
            "step_id",
            "unit_id",
            name=op.f("uq_step_months_month_procedure_code_definition_ref_step_id_unit_id"),
        ),
    )
    op.create_index("ix_step_months_heat", "step_months", ["procedure_code", "month"], unique=False)
    op.create_table(
        "forecasts",
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("deciding_unit_id", sa.Integer(), nullable=False),
        sa.Column("spare_minutes", sa.Integer(), nullable=False),
        sa.Column("left_minutes", sa.Integer(), nullable=False),
        sa.Column("usual_minutes", sa.Integer(), nullable=False),
        sa.Column("chance", sa.Float(), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.Column("basis", sa.String(length=12), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("told_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deciding_unit_id"], ["units.id"], name=op.f("fk_forecasts_deciding_unit_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_forecasts_dossier_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_forecasts_task_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_forecasts")),
    )
    op.create_index(op.f("ix_forecasts_dossier_id"), "forecasts", ["dossier_id"], unique=False)
    op.create_index("ix_forecasts_rank", "forecasts", ["deciding_unit_id", "spare_minutes"], unique=False)


def downgrade() -> None:
    """Go back down."""
    for table in TABLES:
        op.drop_table(table)
