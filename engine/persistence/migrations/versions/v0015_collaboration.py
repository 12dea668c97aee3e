"""Notes inside a unit, opinions asked of others, who has a dossier open, acts that may be undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_OPEN = sa.text("answered_at IS NULL AND cancelled_at IS NULL")
_LINKED = sa.text("removed_at IS NULL")
_TABLES = ("undoable_acts", "step_returns", "dossier_links", "presences", "opinions", "dossier_notes", "done_once")


def _instant(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime(timezone=True), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _words(name: str, length: int | None = None, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _text(name: str, *, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text(default) if default else None, nullable=False)


def _to(table: str, name: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}"))


def _key(table: str, *names: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*names, name=op.f(f"pk_{table}"))


def _pair(table: str, name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"({name}_at IS NULL) = ({name}_by IS NULL)", name=op.f(f"ck_{table}_{name}_pair"))


def upgrade() -> None:
    """Go up."""
    _notices()
    _once_and_undo()
    _notes()
    _opinions()
    _presences_links_returns()


def _notices() -> None:
    """A word may be for one person, and may say more than its kind."""
    with op.batch_alter_table("notices") as notices:
        notices.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        notices.add_column(_text("detail", default="''"))
        notices.create_foreign_key(op.f("fk_notices_person_id"), "people", ["person_id"], ["id"])
    mine = sa.text("read_at IS NULL AND person_id IS NOT NULL")
    op.create_index("ix_notices_mine", "notices", ["person_id", "at"], postgresql_where=mine, sqlite_where=mine)


def _once_and_undo() -> None:
    op.create_table(
        "done_once",
        _words("key", 64),
        _number("person_id"),
        _words("endpoint", 80),
        _instant("at", nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("told", sa.JSON(), nullable=True),
        _to("done_once", "person_id", "people"),
        _key("done_once", "key"),
    )
    op.create_index(op.f("ix_done_once_at"), "done_once", ["at"])
    op.create_table(
        "undoable_acts",
        _number("dossier_id"),
        _number("person_id"),
        _number("task_id"),
        _number("version"),
        _instant("until_at", nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        _to("undoable_acts", "dossier_id", "dossiers"),
        _to("undoable_acts", "person_id", "people"),
        _to("undoable_acts", "task_id", "tasks"),
        _key("undoable_acts", "dossier_id"),
    )
    op.create_index(op.f("ix_undoable_acts_until_at"), "undoable_acts", ["until_at"])


def _notes() -> None:
    op.create_table(
        "dossier_notes",
        _number("id"),
        _number("dossier_id"),
        _number("unit_id"),
        _number("author_id"),
        _text("text"),
        _instant("at", nullable=False),
        _instant("edited_at"),
        _instant("removed_at"),
        _words("removed_by", nullable=True),
        _pair("dossier_notes", "removed"),
        _to("dossier_notes", "dossier_id", "dossiers"),
        _to("dossier_notes", "unit_id", "units"),
        _to("dossier_notes", "author_id", "people"),
        _key("dossier_notes", "id"),
    )
    op.create_index("ix_dossier_notes_dossier", "dossier_notes", ["dossier_id", "unit_id", "id"])


def _opinions() -> None:
    op.create_table(
        "opinions",
        _number("id"),
        _number("dossier_id"),
        _number("asking_unit_id"),
        _number("unit_id"),
        _text("question"),
        _instant("asked_at", nullable=False),
        _words("asked_by"),
        _instant("due_at", nullable=False),
        _instant("chased_at"),
        sa.Column("chase_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("verdict", sa.String(12), server_default=sa.text("''"), nullable=False),
        _text("answer", default="''"),
        _instant("answered_at"),
        _words("answered_by", nullable=True),
        _instant("cancelled_at"),
        _words("cancelled_by", nullable=True),
        _pair("opinions", "answered"),
        _pair("opinions", "cancelled"),
        _to("opinions", "dossier_id", "dossiers"),
        _to("opinions", "asking_unit_id", "units"),
        _to("opinions", "unit_id", "units"),
        _key("opinions", "id"),
    )
    op.create_index("ix_opinions_dossier", "opinions", ["dossier_id", "id"])
    for name, unit in (("ix_opinions_open", "unit_id"), ("ix_opinions_asked", "asking_unit_id")):
        op.create_index(name, "opinions", [unit, "due_at", "id"], postgresql_where=_OPEN, sqlite_where=_OPEN)


def _presences_links_returns() -> None:
    op.create_table(
        "presences",
        _number("dossier_id"),
        _number("person_id"),
        _instant("since_at", nullable=False),
        _instant("seen_at", nullable=False),
        _to("presences", "dossier_id", "dossiers"),
        _to("presences", "person_id", "people"),
        _key("presences", "dossier_id", "person_id"),
    )
    op.create_index(op.f("ix_presences_seen_at"), "presences", ["seen_at"])
    op.create_table(
        "dossier_links",
        _number("id"),
        _number("dossier_id"),
        _number("other_id"),
        _text("reason"),
        _instant("linked_at", nullable=False),
        _words("linked_by"),
        _instant("removed_at"),
        _words("removed_by", nullable=True),
        _pair("dossier_links", "removed"),
        _to("dossier_links", "dossier_id", "dossiers"),
        _to("dossier_links", "other_id", "dossiers"),
        _key("dossier_links", "id"),
    )
    op.create_index(
        "ix_dossier_links_pair",
        "dossier_links",
        ["dossier_id", "other_id"],
        unique=True,
        postgresql_where=_LINKED,
        sqlite_where=_LINKED,
    )
    op.create_index("ix_dossier_links_other", "dossier_links", ["other_id"])
    op.create_table(
        "step_returns",
        _number("id"),
        _number("dossier_id"),
        _words("step_id", 80),
        _number("unit_id"),
        _words("to_step_id", 80),
        _number("to_unit_id"),
        _words("reason", 40),
        _instant("at", nullable=False),
        _words("by"),
        _to("step_returns", "dossier_id", "dossiers"),
        _to("step_returns", "unit_id", "units"),
        _to("step_returns", "to_unit_id", "units"),
        _key("step_returns", "id"),
    )
    op.create_index("ix_step_returns_at", "step_returns", ["at", "unit_id"])
    op.create_index("ix_step_returns_dossier", "step_returns", ["dossier_id"])


def downgrade() -> None:
    """Go back down."""
    for table in _TABLES:
        op.drop_table(table)
    op.drop_index("ix_notices_mine", "notices")
    op.execute("DELETE FROM notices WHERE person_id IS NOT NULL")
    with op.batch_alter_table("notices") as notices:
        notices.drop_constraint(op.f("fk_notices_person_id"), type_="foreignkey")
        notices.drop_column("person_id")
        notices.drop_column("detail")
