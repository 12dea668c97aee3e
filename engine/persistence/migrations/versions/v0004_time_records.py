"""Whose time it was, and when a step was done apart from when it was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Mapping

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# What the program called its eight grounds, and whose time it took them for, before grounds became data.
_GROUNDS = {
    "supplement": ("chờ bổ sung hồ sơ", "applicant"),
    "financial_obligation": ("chờ thực hiện nghĩa vụ tài chính", "applicant"),
    "other_agency": ("chờ ý kiến cơ quan khác", "other_agency"),
    "applicant_request": ("theo đề nghị của người nộp hồ sơ", "applicant"),
    "public_posting": ("niêm yết công khai", "other_agency"),
    "land_survey": ("đo đạc địa chính", "other_agency"),
    "land_price": ("xác định giá đất cụ thể", "other_agency"),
    "court_order": ("theo văn bản của Tòa án, cơ quan thi hành án", "other_agency"),
}
_OFFICE = "office"


def upgrade() -> None:
    """Go up."""
    with op.batch_alter_table("tasks") as tasks:
        tasks.add_column(sa.Column("done_at", UtcDateTime(timezone=True), nullable=True))
        tasks.add_column(sa.Column("late_minutes", sa.Integer(), nullable=True))
        tasks.add_column(sa.Column("slack_minutes", sa.Integer(), nullable=True))
    with op.batch_alter_table("clock_entries") as entries:
        entries.add_column(sa.Column("ground_name", sa.String(), nullable=True))
        entries.add_column(sa.Column("charged_to", sa.String(length=20), nullable=True))
        entries.add_column(sa.Column("corrects", sa.Integer(), nullable=True))
        entries.add_column(sa.Column("done_at", UtcDateTime(timezone=True), nullable=True))
    with op.batch_alter_table("overdue_facts") as facts:
        facts.add_column(sa.Column("recorded_late", sa.Boolean(), nullable=False, server_default=sa.false()))
    _create_late_records()
    _name_grounds()
    _charge_outcomes()


def _create_late_records() -> None:
    op.create_table(
        "late_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("done_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("first_entry", sa.Integer(), nullable=False),
        sa.Column("last_entry", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_late_records_decided_pair")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_late_records_dossier_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_late_records_task_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_late_records_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_records")),
        sa.UniqueConstraint("task_id", name=op.f("uq_late_records_task_id")),
    )
    op.create_index("ix_late_records_dossier", "late_records", ["dossier_id"])
    op.create_index(
        "ix_late_records_pending",
        "late_records",
        ["unit_id", "id"],
        postgresql_where=sa.text("decided_at IS NULL"),
        sqlite_where=sa.text("decided_at IS NULL"),
    )


def _name_grounds() -> None:
    entries = sa.table("clock_entries", sa.column("ground"), sa.column("ground_name"), sa.column("charged_to"))
    for ground, (name, charged_to) in _GROUNDS.items():
        op.execute(entries.update().where(entries.c.ground == ground).values(ground_name=name, charged_to=charged_to))


def _charge_outcomes() -> None:
    """Spread what outcomes knew by ground over those whose time it is; the office's own goes to the deciding unit."""
    outcomes = sa.table(
        "outcomes", sa.column("dossier_id"), sa.column("deciding_unit_id"), sa.column("time_shares", sa.JSON())
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(outcomes)).mappings().all():
        shares = _charged(row["time_shares"], row["deciding_unit_id"])
        connection.execute(
            outcomes.update().where(outcomes.c.dossier_id == row["dossier_id"]).values(time_shares=shares)
        )


def _charged(shares: Mapping[str, Any], unit_id: int) -> dict[str, int]:
    charged: dict[str, int] = {}
    for key, seconds in shares.items():
        holder = f"unit:{unit_id}" if key == _OFFICE else _GROUNDS.get(key, ("", "applicant"))[1]
        charged[holder] = charged.get(holder, 0) + int(seconds)
    return charged


def downgrade() -> None:
    """Go back down."""
    op.drop_table("late_records")
    with op.batch_alter_table("overdue_facts") as facts:
        facts.drop_column("recorded_late")
    with op.batch_alter_table("clock_entries") as entries:
        for column in ("done_at", "corrects", "charged_to", "ground_name"):
            entries.drop_column(column)
    with op.batch_alter_table("tasks") as tasks:
        for column in ("slack_minutes", "late_minutes", "done_at"):
            tasks.drop_column(column)
