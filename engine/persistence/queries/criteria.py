"""Conditions that several readings share: what is open, what is late, whose dossiers, what was searched for."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, case, exists, func, or_, select, true

from engine.domain.dossier import fold
from engine.persistence.base import UtcDateTime, table_of
from engine.persistence.models import Dossier, Letter, Task

D = table_of(Dossier).c
_T = table_of(Task).c
_L = table_of(Letter).c

AT = bindparam("at", type_=UtcDateTime())
SOON = bindparam("soon", type_=UtcDateTime())
UNITS: BindParameter[Any] = bindparam("units", expanding=True)
MOST_WORDS = 8

IS_OPEN = D.ended_at.is_(None)
# A result that waits to be fetched is no longer late: the work is done.
IS_UNRESOLVED = and_(IS_OPEN, D.resolved_at.is_(None))
# There is one apology for each appointment that was missed first; the one made anew gets none.
HAS_APOLOGY = exists(
    select(_L.id).where(
        _L.dossier_id == D.id,
        _L.form == "apology",
        _L.cancelled_at.is_(None),
        or_(_L.missed_due_at == D.first_due_at, and_(_L.new_due_at == D.due_at, D.first_due_at < D.due_at)),
    )
).correlate(table_of(Dossier))


@cache
def judged_at(*, extension_counts: bool) -> ColumnElement[Any]:
    """The date against which an open dossier is late, as `Outlook.judged_date` says; only where `due_at` is set."""
    return D.due_at if extension_counts else func.coalesce(D.first_due_at, D.due_at, type_=UtcDateTime())


@cache
def is_overdue(*, extension_counts: bool) -> ColumnElement[bool]:
    """Overdue at `AT`."""
    return and_(IS_UNRESOLVED, D.due_at.is_not(None), judged_at(extension_counts=extension_counts) < AT)


@cache
def is_due_soon(*, extension_counts: bool, elsewhere: int = 0) -> ColumnElement[bool]:
    """Due from `AT` on and before `SOON`, or before what `elsewhere` groups of units have of their own."""
    date = judged_at(extension_counts=extension_counts)
    own: list[tuple[ColumnElement[bool], BindParameter[Any]]] = [
        (
            D.deciding_unit_id.in_(bindparam(f"soon_units_{group}", expanding=True)),
            bindparam(f"soon_{group}", type_=UtcDateTime()),
        )
        for group in range(elsewhere)
    ]
    soon = case(*own, else_=SOON) if own else SOON
    return and_(IS_UNRESOLVED, D.due_at.is_not(None), date >= AT, date < soon)


IS_PAUSED = and_(IS_UNRESOLVED, D.due_at.is_(None), D.is_paused)


@cache
def most_urgent_first(*, extension_counts: bool) -> tuple[ColumnElement[Any], ...]:
    """Overdue, due soon, later; then what has no date to keep, the longest waiting first."""
    has_no_date = or_(D.due_at.is_(None), D.resolved_at.is_not(None), D.ended_at.is_not(None))
    return (has_no_date.asc(), judged_at(extension_counts=extension_counts).asc(), D.received_at.asc(), D.id.asc())


@cache
def concerns(*, everything: bool) -> ColumnElement[bool]:
    """Received by, decided by, or ever on the way through one of `UNITS`."""
    if everything:
        return true()
    passed = exists(select(_T.id).where(_T.dossier_id == D.id, _T.unit_id.in_(UNITS))).correlate(table_of(Dossier))
    return or_(D.unit_id.in_(UNITS), D.deciding_unit_id.in_(UNITS), passed)


def matches(search: str) -> tuple[ColumnElement[bool], ...]:
    """Each word of `search`, without accents, stands somewhere in code, name, identity number or phone."""
    return tuple(D.search_key.contains(word, autoescape=True) for word in fold(search).split()[:MOST_WORDS])
