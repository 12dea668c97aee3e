"""The life of a letter, letters of every form that wait for a leader, and what a unit says in its letters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_IS_WAITING = sa.text("state = 'waiting'")
_IS_CLOSED = sa.text("closed_at IS NOT NULL")
_IS_ON_THE_WAY = sa.text("delivered_at IS NULL AND cancelled_at IS NULL")
_STATE = """
UPDATE letters SET state = CASE WHEN cancelled_at IS NOT NULL THEN 'cancelled'
WHEN delivered_at IS NOT NULL THEN 'delivered' WHEN sha256 IS NOT NULL THEN 'rendered'
WHEN failure IS NOT NULL THEN 'broken' ELSE 'issued' END,
sent_at = CASE WHEN cancelled_at IS NULL THEN delivered_at END
"""
# What is known of the letters of before, in the order in which it happened.
_EVENTS = (
    ("issued", "issued_at", "issued_by", "''"),
    ("rendered", "rendered_at", "'scheduler'", "''"),
    ("delivered", "delivered_at", "'scheduler'", "''"),
    ("cancelled", "cancelled_at", "'scheduler'", "COALESCE(cancel_reason, '')"),
)
_DRAFT = (
    "dossier_id, unit_id, due_at, state, reason_id, reason, new_due_at, created_at, created_by, decided_at, "
    "decided_by, note, letter_id"
)


def upgrade() -> None:
    """Go up. Letters of before take the state that their dates say; drafts of apologies become drafts of any form."""
    _create_templates()
    with op.batch_alter_table("letters") as letters:
        letters.add_column(sa.Column("state", sa.String(length=12), nullable=False, server_default="issued"))
        letters.add_column(sa.Column("sent_at", UtcDateTime(timezone=True), nullable=True))
        letters.add_column(sa.Column("cancelled_by", sa.String(), nullable=True))
        letters.add_column(sa.Column("signed_at", UtcDateTime(timezone=True), nullable=True))
        letters.add_column(sa.Column("signed_by", sa.String(), nullable=True))
        letters.add_column(sa.Column("signed_sha256", sa.String(length=64), nullable=True))
        letters.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        letters.add_column(sa.Column("template_id", sa.Integer(), nullable=True))
        letters.add_column(sa.Column("template_set", sa.String(length=64), nullable=True))
        letters.create_foreign_key(op.f("fk_letters_replaces_id"), "letters", ["replaces_id"], ["id"])
        letters.create_foreign_key(op.f("fk_letters_template_id"), "letter_templates", ["template_id"], ["id"])
        letters.create_unique_constraint(op.f("uq_letters_replaces_id"), ["replaces_id"])
    op.create_index(op.f("ix_letters_signed_sha256"), "letters", ["signed_sha256"])
    op.create_index(op.f("ix_letters_sha256"), "letters", ["sha256"])
    op.execute(_STATE)
    with op.batch_alter_table("letters") as letters:
        letters.create_check_constraint(
            op.f("ck_letters_cancelled_state"), "(cancelled_at IS NULL) = (state <> 'cancelled')"
        )
    op.create_index(
        "ix_letters_on_the_way",
        "letters",
        ["issued_at"],
        postgresql_where=_IS_ON_THE_WAY,
        sqlite_where=_IS_ON_THE_WAY,
    )
    op.create_index(
        "ix_tasks_closed",
        "tasks",
        ["unit_id", "closed_at"],
        postgresql_where=_IS_CLOSED,
        sqlite_where=_IS_CLOSED,
    )
    _create_events()
    _create_drafts("letter_drafts", is_any_form=True)
    op.execute(
        f"INSERT INTO letter_drafts (form, event_key, {_DRAFT}) SELECT 'apology', CAST(id AS VARCHAR), {_DRAFT} "  # noqa: S608
        "FROM apology_drafts ORDER BY id"
    )
    op.drop_table("apology_drafts")


def downgrade() -> None:
    """Go back down. Drafts of other forms, templates and the lives of letters are forgotten; letters stay."""
    _create_drafts("apology_drafts", is_any_form=False)
    op.execute(
        f"INSERT INTO apology_drafts ({_DRAFT}) SELECT {_DRAFT} FROM letter_drafts WHERE form = 'apology' ORDER BY id"  # noqa: S608
    )
    op.drop_table("letter_drafts")
    op.drop_table("letter_events")
    op.drop_index("ix_tasks_closed", "tasks")
    op.drop_index("ix_letters_on_the_way", "letters")
    op.drop_index(op.f("ix_letters_signed_sha256"), "letters")
    op.drop_index(op.f("ix_letters_sha256"), "letters")
    with op.batch_alter_table("letters") as letters:
        letters.drop_constraint(op.f("ck_letters_cancelled_state"), type_="check")
        letters.drop_constraint(op.f("uq_letters_replaces_id"), type_="unique")
        letters.drop_constraint(op.f("fk_letters_template_id"), type_="foreignkey")
        letters.drop_constraint(op.f("fk_letters_replaces_id"), type_="foreignkey")
        for column in ("signed_sha256", "signed_by", "signed_at"):
            letters.drop_column(column)
        for column in ("template_set", "template_id", "replaces_id", "cancelled_by", "sent_at", "state"):
            letters.drop_column(column)
    op.drop_table("letter_template_sets")
    op.drop_table("letter_templates")


def _create_templates() -> None:
    op.create_table(
        "letter_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("published_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_letter_templates_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_templates")),
        sa.UniqueConstraint("unit_id", "version", name=op.f("uq_letter_templates_unit_id_version")),
    )
    op.create_table(
        "letter_template_sets",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("kept_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_letter_template_sets")),
    )


def _create_events() -> None:
    op.create_table(
        "letter_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_letter_events_letter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_events")),
    )
    op.create_index(op.f("ix_letter_events_letter_id"), "letter_events", ["letter_id"])
    for what, at, by, note in _EVENTS:
        op.execute(
            f"INSERT INTO letter_events (letter_id, what, at, by, note) SELECT id, '{what}', {at}, {by}, {note} "  # noqa: S608
            f"FROM letters WHERE {at} IS NOT NULL ORDER BY id"
        )


def _create_drafts(name: str, *, is_any_form: bool) -> None:
    added = [
        sa.Column("form", sa.String(length=30), nullable=False, server_default="apology"),
        sa.Column("event_key", sa.String(length=60), nullable=False),
        sa.Column("data", sa.Text(), nullable=True),
        sa.CheckConstraint("(form = 'apology') = (data IS NULL)", name=op.f(f"ck_{name}_frozen")),
        sa.UniqueConstraint("dossier_id", "form", "event_key", name=op.f(f"uq_{name}_dossier_id_form_event_key")),
    ]
    unique = [sa.UniqueConstraint("dossier_id", "due_at", name=op.f(f"uq_{name}_dossier_id_due_at"))]
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=is_any_form),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason_id", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("new_due_at", UtcDateTime(timezone=True), nullable=is_any_form),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(decided_at IS NULL) = (state = 'waiting')", name=op.f(f"ck_{name}_decided")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f(f"fk_{name}_dossier_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f(f"fk_{name}_unit_id")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f(f"fk_{name}_letter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        *(added if is_any_form else unique),
    )
    op.create_index(
        f"ix_{name}_waiting",
        name,
        ["unit_id", "due_at"],
        postgresql_where=_IS_WAITING,
        sqlite_where=_IS_WAITING,
    )
