"""The supervisor's figures and the queues behind them: one statement counts, one reads a page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, select

from engine.domain.board import KINDS
from engine.domain.views import DossierLine
from engine.persistence.base import UtcDateTime, table_of
from engine.persistence.models import Dossier
from engine.persistence.queries.criteria import (
    AT,
    HAS_APOLOGY,
    IS_OPEN,
    IS_PAUSED,
    IS_UNRESOLVED,
    concerns,
    is_due_soon,
    is_overdue,
    judged_at,
    most_urgent_first,
)
from engine.persistence.queries.lines import DOSSIERS_WITH_OUTCOME, LINE_COLUMNS, Lens, count

_D = table_of(Dossier).c
_TODAY_ENDS = bindparam("today_ends", type_=UtcDateTime())


@cache
def condition(kind: str, *, extension_counts: bool, elsewhere: int) -> ColumnElement[bool]:
    """What a figure of the board counts."""
    judged = judged_at(extension_counts=extension_counts)
    overdue = is_overdue(extension_counts=extension_counts)
    no_date = and_(IS_UNRESOLVED, _D.due_at.is_(None), _D.is_paused.is_(False))
    conditions: Mapping[str, ColumnElement[bool]] = {
        "overdue": overdue,
        "due_soon": is_due_soon(extension_counts=extension_counts, elsewhere=elsewhere),
        "due_today": and_(IS_UNRESOLVED, _D.due_at.is_not(None), judged >= AT, judged < _TODAY_ENDS),
        "open": IS_OPEN,
        "without_letter": and_(overdue, ~HAS_APOLOGY),
        "paused": IS_PAUSED,
        "second_lateness": and_(IS_UNRESOLVED, _D.first_due_at < _D.due_at, _D.due_at < AT),
        "no_date": no_date,
        "drafts": and_(IS_OPEN, _D.has_draft),
        "results": and_(IS_OPEN, _D.resolved_at.is_not(None)),
    }
    return conditions[kind]


@cache
def _counts(*, extension_counts: bool, elsewhere: int, everything: bool) -> Select[*tuple[Any, ...]]:
    figures = (
        func.count().filter(condition(kind, extension_counts=extension_counts, elsewhere=elsewhere)).label(kind)
        for kind in KINDS
    )
    return select(*figures).select_from(table_of(Dossier)).where(IS_OPEN, concerns(everything=everything))


@cache
def _total(kind: str, *, extension_counts: bool, elsewhere: int, everything: bool) -> Select[int]:
    counted = condition(kind, extension_counts=extension_counts, elsewhere=elsewhere)
    return select(func.count()).select_from(table_of(Dossier)).where(counted, concerns(everything=everything))


@cache
def _queue(kind: str, *, extension_counts: bool, elsewhere: int, everything: bool) -> Select[*tuple[Any, ...]]:
    return (
        select(*LINE_COLUMNS)
        .select_from(DOSSIERS_WITH_OUTCOME)
        .where(condition(kind, extension_counts=extension_counts, elsewhere=elsewhere), concerns(everything=everything))
        .order_by(*most_urgent_first(extension_counts=extension_counts))
    )


class Queues:
    """Open dossiers of some units, by how they stand at one moment."""

    def __init__(self, connection: Connection, lens: Lens, unit_ids: Collection[int]) -> None:
        """Look at the dossiers that `unit_ids` have to do with; naming every unit of the tree means all dossiers."""
        self.connection = connection
        self.lens = lens
        outlook, elsewhere = lens.outlook, lens.soon_elsewhere()
        self.variant = {
            "extension_counts": outlook.extension_counts,
            "elsewhere": len(elsewhere),
            "everything": len(set(unit_ids)) >= len(lens.units),
        }
        tomorrow = outlook.calendar.local(outlook.at).date() + timedelta(days=1)
        self.values: dict[str, Any] = {
            "at": outlook.at,
            "soon": outlook.due_soon_until,
            "units": sorted(unit_ids),
            "today_ends": outlook.calendar.at(tomorrow, time.min),
        }
        for group, (until, units) in enumerate(elsewhere):
            self.values |= {f"soon_{group}": until, f"soon_units_{group}": list(units)}

    def counts(self) -> Mapping[str, int]:
        """Every figure of the board in one statement."""
        return dict(self.connection.execute(_counts(**self.variant), self.values).mappings().one())

    def total(self, kind: str) -> int:
        """How many dossiers a queue holds."""
        return count(self.connection, _total(kind, **self.variant), self.values)

    def page(self, kind: str, *, limit: int, offset: int = 0) -> tuple[DossierLine, ...]:
        """A page of a queue, most urgent first: three statements, however long it is."""
        statement = _queue(kind, **self.variant).limit(limit).offset(offset)
        return self.lens.lines(self.connection, self.connection.execute(statement, self.values).mappings().all())
