"""What makes long worklists quick: narrow indexes, words to find dossiers by; kept filters, acts on many rows."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from engine.domain.worklists import applicant_kind, search_words
from engine.persistence.base import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_BATCH = 2000
_OPEN = sa.text("closed_at IS NULL")
_TAKEN = sa.text("closed_at IS NULL AND claimed_by_id IS NOT NULL")
_OLD_INDEX = ["unit_id", "role", "dossier_id"]
_INDEXES = {
    "ix_tasks_open": (["unit_id", "urgent_at", "id", "role", "claimed_by_id", "status", "closed_at"], _OPEN),
    "ix_tasks_open_desk": (["desk_id", "status", "urgent_at", "id", "closed_at"], _OPEN),
    "ix_tasks_open_deciding": (["deciding_unit_id", "status", "urgent_at", "id", "closed_at"], _OPEN),
    "ix_tasks_taken": (["claimed_by_id", "urgent_at", "id", "closed_at"], _TAKEN),
}
_WORD = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")


def upgrade() -> None:
    """Go up. Open steps learn their dossier's units and date; every dossier is entered into the words."""
    for name in ("desk_id", "deciding_unit_id"):
        op.add_column("tasks", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    no_date: sa.Column[datetime] = sa.Column(
        "urgent_at", UtcDateTime(timezone=True), nullable=False, server_default=_no_date()
    )
    op.add_column("tasks", no_date)
    kind = sa.Column("applicant_kind", sa.String(12), nullable=False, server_default="person")
    op.add_column("dossiers", kind)
    op.drop_index("ix_tasks_open", table_name="tasks")
    _tables()
    _fill()
    for name, (columns, where) in _INDEXES.items():
        op.create_index(name, "tasks", columns, postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    """Go back down."""
    for table in ("bulk_rows", "bulk_orders", "work_choices", "saved_filters", "dossier_words"):
        op.drop_table(table)
    for name in _INDEXES:
        op.drop_index(name, table_name="tasks")
    with op.batch_alter_table("tasks") as tasks:
        for name in ("desk_id", "deciding_unit_id", "urgent_at"):
            tasks.drop_column(name)
    with op.batch_alter_table("dossiers") as dossiers:
        dossiers.drop_column("applicant_kind")
    op.create_index("ix_tasks_open", "tasks", _OLD_INDEX, postgresql_where=_OPEN, sqlite_where=_OPEN)


def _no_date() -> sa.TextClause:
    return sa.text("'9000-01-01 00:00:00.000000'")


def _tables() -> None:
    op.create_table(
        "dossier_words",
        sa.Column("word", _WORD, nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_dossier_words_dossier_id")),
        sa.PrimaryKeyConstraint("word", "dossier_id", name=op.f("pk_dossier_words")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("asked", sa.String(1000), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_saved_filters_owner_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_saved_filters_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_saved_filters_owner_id_name")),
    )
    op.create_index("ix_saved_filters_unit_id", "saved_filters", ["unit_id"])
    op.create_table(
        "work_choices",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("opens_next", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("sort", sa.String(20), nullable=False, server_default="due"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_work_choices_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_work_choices")),
    )
    op.create_table(
        "bulk_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_bulk_orders_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_orders")),
        sa.UniqueConstraint("key", name=op.f("uq_bulk_orders_key")),
    )
    op.create_index(op.f("ix_bulk_orders_person_id"), "bulk_orders", ["person_id"])
    op.create_table(
        "bulk_rows",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["bulk_orders.id"], name=op.f("fk_bulk_rows_order_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_bulk_rows_task_id")),
        sa.PrimaryKeyConstraint("order_id", "task_id", name=op.f("pk_bulk_rows")),
    )


def _fill() -> None:
    """Copy what is known; a dossier is entered into the words a batch at a time."""
    connection = op.get_bind()
    of_dossier = "(SELECT {0} FROM dossiers WHERE dossiers.id = tasks.dossier_id)"
    connection.execute(
        sa.text(
            f"UPDATE tasks SET desk_id = {of_dossier.format('unit_id')}, "  # noqa: S608 - our own words
            f"deciding_unit_id = {of_dossier.format('deciding_unit_id')} WHERE closed_at IS NULL"
        )
    )
    is_dated = "dossiers.due_at IS NOT NULL AND dossiers.resolved_at IS NULL AND dossiers.ended_at IS NULL"
    date = f"SELECT due_at FROM dossiers WHERE dossiers.id = tasks.dossier_id AND {is_dated}"  # noqa: S608
    connection.execute(
        sa.text(f"UPDATE tasks SET urgent_at = ({date}) WHERE closed_at IS NULL AND EXISTS ({date})")  # noqa: S608
    )
    dossiers = sa.table(
        "dossiers", *map(sa.column, ("id", "search_key", "applicant_kind")), sa.column("applicant", sa.JSON)
    )
    words = sa.table("dossier_words", sa.column("word"), sa.column("dossier_id"))
    last = 0
    while rows := connection.execute(
        sa.select(dossiers.c.id, dossiers.c.search_key, dossiers.c.applicant)
        .where(dossiers.c.id > last)
        .order_by(dossiers.c.id)
        .limit(_BATCH)
    ).all():
        last = rows[-1].id
        found = [{"word": word, "dossier_id": row.id} for row in rows for word in sorted(search_words(row.search_key))]
        connection.execute(words.insert(), found)
        firms = [row.id for row in rows if applicant_kind(row.applicant.get("identity_number", "")) != "person"]
        if firms:
            chosen = dossiers.update().where(dossiers.c.id.in_(firms))
            connection.execute(chosen.values(applicant_kind="organisation"))
