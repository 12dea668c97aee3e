"""People are told of reports that are due and overdue: a notice may be about a unit instead of a dossier."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_ONCE = ["unit_id", "report", "period_code"]


def upgrade() -> None:
    """Go up. Who was told before was told that a report is due soon."""
    with op.batch_alter_table("notices") as notices:
        notices.alter_column("dossier_id", existing_type=sa.Integer(), nullable=True)
    with op.batch_alter_table("report_reminders") as reminders:
        reminders.add_column(sa.Column("kind", sa.String(4), nullable=False, server_default=sa.text("'soon'")))
        reminders.drop_constraint(op.f("uq_report_reminders_unit_id_report_period_code"), type_="unique")
        reminders.create_unique_constraint(
            op.f("uq_report_reminders_unit_id_report_period_code_kind"), [*_ONCE, "kind"]
        )


def downgrade() -> None:
    """Go back down. What was told of reports as a notice is forgotten, and that somebody was told they are overdue."""
    op.execute("DELETE FROM notices WHERE dossier_id IS NULL")
    op.execute("DELETE FROM report_reminders WHERE kind <> 'soon'")
    with op.batch_alter_table("report_reminders") as reminders:
        reminders.drop_constraint(op.f("uq_report_reminders_unit_id_report_period_code_kind"), type_="unique")
        reminders.drop_column("kind")
        reminders.create_unique_constraint(op.f("uq_report_reminders_unit_id_report_period_code"), _ONCE)
    with op.batch_alter_table("notices") as notices:
        notices.alter_column("dossier_id", existing_type=sa.Integer(), nullable=False)
