"""Units that are merged or split; samples for inspections; the audit trail by who, what and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.persistence.base import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_TABLES = ("reorganised", "reorganisations", "sampled_dossiers", "inspection_samples", "audit_checks")


def _instant(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime(timezone=True), nullable=nullable)


def _text(name: str, length: int | None = None, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length) if length else sa.Text(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _days() -> tuple[sa.Column[object], sa.Column[object]]:
    return sa.Column("from_on", sa.Date(), nullable=False), sa.Column("to_on", sa.Date(), nullable=False)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    """Go up."""
    op.add_column("units", sa.Column("succeeded_by", sa.String(200), nullable=False, server_default=sa.text("''")))
    op.create_index("ix_audit_events_written", "audit_events", ["recorded_at", "id"])
    op.create_index("ix_audit_events_by", "audit_events", ["by", "recorded_at", "id"])
    op.create_index("ix_audit_events_kind", "audit_events", ["kind", "recorded_at", "id"])
    op.create_index("ix_access_events_by", "access_events", ["by", "at"])
    op.create_index("ix_access_events_kind", "access_events", ["kind", "at"])
    _inspections()
    _reorganisations()


def _inspections() -> None:
    op.create_table(
        "audit_checks",
        _number("id"),
        _number("unit_id"),
        *_days(),
        _instant("asked_at", nullable=False),
        _text("asked_by", 80),
        *(_number(name) for name in ("total", "after_id", "dossiers", "events")),
        _json("broken"),
        _instant("finished_at"),
        _refers("audit_checks", "unit_id", "units.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_checks")),
    )
    op.create_index("ix_audit_checks_finished", "audit_checks", ["finished_at", "id"])
    op.create_table(
        "inspection_samples",
        _number("id"),
        _number("unit_id"),
        _text("name", 200),
        *_days(),
        _number("percent"),
        _text("seed", 60),
        _json("strata"),
        _text("procedure_code", 40),
        _json("counts"),
        _text("digest", 64),
        _instant("drawn_at", nullable=False),
        _text("drawn_by", 80),
        _refers("inspection_samples", "unit_id", "units.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_samples")),
    )
    op.create_index(op.f("ix_inspection_samples_unit_id"), "inspection_samples", ["unit_id"])
    op.create_table(
        "sampled_dossiers",
        _number("id"),
        _number("sample_id"),
        _number("dossier_id"),
        _text("stratum", 200),
        _text("rank", 64),
        _text("finding", 10),
        _text("remark"),
        _instant("noted_at"),
        _text("noted_by", 80, nullable=True),
        _refers("sampled_dossiers", "sample_id", "inspection_samples.id"),
        _refers("sampled_dossiers", "dossier_id", "dossiers.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampled_dossiers")),
        sa.UniqueConstraint("sample_id", "dossier_id", name=op.f("uq_sampled_dossiers_sample_id_dossier_id")),
    )


def _reorganisations() -> None:
    op.create_table(
        "reorganisations",
        _number("id"),
        _text("document"),
        sa.Column("effective_on", sa.Date(), nullable=False),
        _json("mapping"),
        _json("numbering"),
        _text("state", 12),
        _number("total"),
        _instant("ordered_at", nullable=False),
        _text("ordered_by", 80),
        _instant("finished_at"),
        _instant("reverted_at"),
        _text("reverted_by", 80, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reorganisations")),
    )
    op.create_index("ix_reorganisations_state", "reorganisations", ["state", "id"])
    op.create_table(
        "reorganised",
        _number("id"),
        _number("reorganisation_id"),
        _text("subject", 60),
        _number("ref_id"),
        _number("dossier_id", nullable=True),
        _json("was"),
        _json("now"),
        _text("result", 10),
        _text("words"),
        _instant("at", nullable=False),
        _instant("reverted_at"),
        _refers("reorganised", "reorganisation_id", "reorganisations.id"),
        _refers("reorganised", "dossier_id", "dossiers.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reorganised")),
        sa.UniqueConstraint(
            "reorganisation_id", "subject", "ref_id", name=op.f("uq_reorganised_reorganisation_id_subject_ref_id")
        ),
    )
    op.create_index("ix_reorganised_dossier", "reorganised", ["dossier_id"])


def downgrade() -> None:
    """Go back down."""
    for table in _TABLES:
        op.drop_table(table)
    op.drop_index("ix_access_events_kind", "access_events")
    op.drop_index("ix_access_events_by", "access_events")
    for name in ("kind", "by", "written"):
        op.drop_index(f"ix_audit_events_{name}", "audit_events")
    with op.batch_alter_table("units") as units:
        units.drop_column("succeeded_by")
