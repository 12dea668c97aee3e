"""What is told to everybody about a period: apologies that were sent and feedback that was answered, naming nobody."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from engine.persistence.base import table_of
from engine.persistence.models import Dossier, FeedbackLink, Letter

_D, _F, _L = table_of(Dossier).c, table_of(FeedbackLink).c, table_of(Letter).c
_FORMS = ("apology", "error_apology")


def public_apologies(
    connection: Connection, start: datetime, end: datetime, unit_ids: Collection[int] | None, most: int
) -> list[Mapping[str, Any]]:
    """Letters of apology that were issued from one moment to another and not cancelled, the latest first."""
    statement = (
        select(
            *(_L.form, _L.issued_at, _L.missed_due_at, _L.new_due_at),
            *(_D.deciding_unit_id.label("unit_id"), _D.procedure_code, _D.procedure_name),
        )
        .select_from(table_of(Letter).join(table_of(Dossier), _D.id == _L.dossier_id))
        .where(_L.issued_at >= start, _L.issued_at < end, _L.form.in_(_FORMS), _L.cancelled_at.is_(None))
        .order_by(_L.issued_at.desc(), _L.id.desc())
        .limit(most)
    )
    if unit_ids is not None:
        statement = statement.where(_D.deciding_unit_id.in_(sorted(unit_ids)))
    return [dict(row) for row in connection.execute(statement).mappings()]


def public_apology_counts(
    connection: Connection, start: datetime, end: datetime, unit_ids: Collection[int] | None
) -> list[Mapping[str, Any]]:
    """How many such letters there are, by deciding unit and form."""
    statement = (
        select(_D.deciding_unit_id.label("unit_id"), _L.form, func.count().label("letters"))
        .select_from(table_of(Letter).join(table_of(Dossier), _D.id == _L.dossier_id))
        .where(_L.issued_at >= start, _L.issued_at < end, _L.form.in_(_FORMS), _L.cancelled_at.is_(None))
        .group_by(_D.deciding_unit_id, _L.form)
    )
    if unit_ids is not None:
        statement = statement.where(_D.deciding_unit_id.in_(sorted(unit_ids)))
    return [dict(row) for row in connection.execute(statement).mappings()]


def public_feedback(
    connection: Connection, first: date, last: date, unit_ids: Collection[int], most: int
) -> list[Mapping[str, Any]]:
    """Feedback about some units that was answered on the local days from `first` to `last`, the latest first."""
    statement = (
        select(_F.ended_on, _F.kind, _F.finding, _F.is_late, _F.about_unit_id.label("unit_id"), _D.received_at)
        .select_from(table_of(FeedbackLink).join(table_of(Dossier), _D.id == _F.dossier_id))
        .where(_F.about_unit_id.in_(sorted(unit_ids)), _F.ended_on >= first, _F.ended_on <= last)
        .order_by(_F.ended_on.desc(), _F.dossier_id.desc())
        .limit(most)
    )
    return [dict(row) for row in connection.execute(statement).mappings()]
