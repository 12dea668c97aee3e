"""Reports as they were sent; what came in on each day, for the figures of reports."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# The days of before are those of the one zone of the country; `motcua outcomes rebuild` makes them anew in any other.
_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_AT_ONCE = 5000


def upgrade() -> None:
    """Go up."""
    received = op.create_table(
        "received_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("procedure_code", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("moved_in", sa.Integer(), nullable=False),
        sa.Column("moved_out", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_received_days_unit_id")),
        sa.PrimaryKeyConstraint("day", "unit_id", "procedure_code", "channel", name=op.f("pk_received_days")),
    )
    op.create_index("ix_received_days_unit", "received_days", ["unit_id", "day"])
    _count(received)
    _sent()


def _sent() -> None:
    op.create_table(
        "report_snapshots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("unit_code", sa.String(length=60), nullable=False),
        sa.Column("period_code", sa.String(length=30), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sent_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String(length=80), nullable=False),
        sa.Column("sent_by_name", sa.String(), nullable=False),
        sa.Column("sent_to", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_snapshots")),
        sa.UniqueConstraint(
            "name", "unit_code", "period_code", "seq", name=op.f("uq_report_snapshots_name_unit_code_period_code_seq")
        ),
    )
    op.create_index("ix_report_snapshots_sent", "report_snapshots", ["sent_at"])
    op.create_table(
        "report_reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("report", sa.String(length=40), nullable=False),
        sa.Column("period_code", sa.String(length=30), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("told_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_report_reminders_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_reminders")),
        sa.UniqueConstraint(
            "unit_id", "report", "period_code", name=op.f("uq_report_reminders_unit_id_report_period_code")
        ),
    )


def _count(received: sa.Table) -> None:
    """Count what came in before."""
    dossiers = sa.table(
        "dossiers",
        sa.column("received_at", UtcDateTime()),
        sa.column("deciding_unit_id", sa.Integer()),
        sa.column("procedure_code", sa.String()),
        sa.column("channel", sa.String()),
    )
    found: Counter[tuple[object, ...]] = Counter()
    for row in op.get_bind().execute(sa.select(dossiers).execution_options(yield_per=_AT_ONCE)):
        found[row[0].astimezone(_ZONE).date(), *row[1:]] += 1
    names = ("day", "unit_id", "procedure_code", "channel")
    rows = [
        dict(zip(names, key, strict=True)) | {"received": number, "moved_in": 0, "moved_out": 0}
        for key, number in found.items()
    ]
    for start in range(0, len(rows), _AT_ONCE):
        op.bulk_insert(received, rows[start : start + _AT_ONCE])


def downgrade() -> None:
    """Go back down."""
    for table in ("report_reminders", "report_snapshots", "received_days"):
        op.drop_table(table)
