"""Which rows a list holds, in which order: statements over narrow indexes, put together once for each kind of list.

A view is a condition on open steps that an index answers, or the union of several such. A filter on what only the
dossier knows joins it to the rows of the view, never the other way round.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, or_, select, tuple_, union

from engine.domain.status import DossierStatus
from engine.domain.views import Urgency
from engine.domain.worklists import ME, NO_DATE, NOBODY, Listing, WorkFilter
from engine.persistence.base import UtcDateTime, table_of
from engine.persistence.models import Dossier, Task
from engine.persistence.queries.criteria import IS_PAUSED, IS_UNRESOLVED, UNITS, D, is_due_soon, is_overdue

T = table_of(Task).c
MEMBERSHIPS: BindParameter[Any] = bindparam("memberships", expanding=True)
_ALONE: BindParameter[Any] = bindparam("alone", expanding=True)
HANDS: BindParameter[Any] = bindparam("hands", expanding=True)
_USERNAME: BindParameter[Any] = bindparam("username")

IS_OPEN = T.closed_at.is_(None)
FOR_ME = tuple_(T.unit_id, T.role).in_(MEMBERSHIPS)
IS_FREE = T.claimed_by_id.is_(None)
# As `permissions.can_do_step` says: what somebody else of the same unit has taken is theirs to do.
IS_DOABLE = and_(FOR_ME, or_(IS_FREE, T.claimed_by_id.in_(HANDS)))
WAITING = {
    "supplement": DossierStatus.SUPPLEMENT_REQUESTED,
    "payment": DossierStatus.PAYMENT_REQUESTED,
    "results": DossierStatus.RESOLVED,
}
WITH_DOSSIER = table_of(Task).join(table_of(Dossier), D.id == T.dossier_id)


def _waiting(status: DossierStatus) -> tuple[ColumnElement[bool], ...]:
    """Wherever a unit of mine has to do with it: it works on it, received it, decides on it."""
    places = (T.unit_id, T.desk_id, T.deciding_unit_id)
    return tuple(and_(IS_OPEN, T.status == int(status), place.in_(UNITS)) for place in places)


# ``mine``: what the person has taken, and what nobody else can take: a step of a role that only they hold in the unit.
_VIEWS: dict[str, tuple[ColumnElement[bool], ...]] = {
    "mine": (
        and_(IS_OPEN, T.claimed_by_id.is_not(None), T.claimed_by_id.in_(HANDS)),
        and_(IS_OPEN, IS_FREE, T.unit_id.in_(UNITS), tuple_(T.unit_id, T.role).in_(_ALONE)),
    ),
    "unit": (and_(IS_OPEN, T.unit_id.in_(UNITS)),),
    "unassigned": (and_(IS_OPEN, T.unit_id.in_(UNITS), FOR_ME, IS_FREE),),
    **{view: _waiting(status) for view, status in WAITING.items()},
    "done": (and_(T.closed_by == _USERNAME, T.is_interrupted.is_(False)),),
}
_SORTS: dict[str, ColumnElement[Any]] = {
    "due": T.urgent_at,
    "step": func.coalesce(T.step_due_at, NO_DATE, type_=UtcDateTime()),
    "opened": T.opened_at,
    "received": D.received_at,
    "code": D.code,
    "procedure": D.procedure_name,
}
_OF_DOSSIER = frozenset({"received", "code", "procedure"})


@cache
def ids_of(view: str, sort: str, *, is_reversed: bool, is_filtered: bool) -> Select[int]:
    """The ids of the steps of a view in an order; join the dossier where filter or order ask for it."""
    statement = rows_of(view, with_dossier=is_filtered or sort in _OF_DOSSIER)
    # What is done is told with the latest first, whatever date it once had to keep.
    key = T.closed_at if view == "done" and sort == "due" else _SORTS[sort]
    if is_reversed != (view == "done" and sort == "due"):
        return statement.order_by(key.desc(), T.id.desc())
    return statement.order_by(key.asc(), T.id.asc())


@cache
def rows_of(view: str, *, with_dossier: bool) -> Select[int]:
    """The ids of the steps of a view, in no order."""
    parts = _VIEWS[view]
    where = parts[0] if len(parts) == 1 else T.id.in_(union(*(select(T.id).where(part) for part in parts)))
    return select(T.id).select_from(WITH_DOSSIER if with_dossier else table_of(Task)).where(where)


def listing_ids(listing: Listing, conditions: tuple[ColumnElement[bool], ...]) -> Select[int]:
    """The ids of the steps of a list."""
    shape = ids_of(
        listing.view, listing.sort, is_reversed=listing.is_reversed, is_filtered=needs_dossier(listing.filter)
    )
    return shape.where(*conditions)


def listing_count(listing: Listing, conditions: tuple[ColumnElement[bool], ...]) -> Select[int]:
    """How many steps a list holds."""
    rows = rows_of(listing.view, with_dossier=needs_dossier(listing.filter))
    return rows.with_only_columns(func.count()).where(*conditions)


def place_of(listing: Listing) -> ColumnElement[Any]:
    """What a step is sorted by in a list."""
    return _SORTS[listing.sort]


def comes_after(listing: Listing, value: Any, task_id: int) -> ColumnElement[bool]:
    """Whether a step stands behind the place of another one in a list."""
    key = _SORTS[listing.sort]
    if listing.is_reversed:
        return or_(key < value, and_(key == value, T.id < task_id))
    return or_(key > value, and_(key == value, T.id > task_id))


def needs_dossier(asked: WorkFilter) -> bool:
    """Whether only the dossier knows what is asked for."""
    return asked != WorkFilter(step=asked.step, unit=asked.unit, holder=asked.holder)


# --- what a filter asks for -------------------------------------------------------------------------------------------


class Conditions:
    """Turns filters into conditions. Days are those of `zone`; `extension_counts` and `elsewhere` as for every list."""

    def __init__(self, zone: tzinfo, *, extension_counts: bool, elsewhere: int, unit_of: dict[str, int]) -> None:
        """Hold what the words of a filter mean in this office."""
        self._zone = zone
        self._unit_of = unit_of
        overdue = is_overdue(extension_counts=extension_counts)
        soon = is_due_soon(extension_counts=extension_counts, elsewhere=elsewhere)
        dated = and_(IS_UNRESOLVED, D.due_at.is_not(None))
        self._bands = {
            Urgency.OVERDUE: overdue,
            Urgency.DUE_SOON: soon,
            Urgency.IN_TIME: and_(dated, ~overdue, ~soon),
            Urgency.PAUSED: IS_PAUSED,
            Urgency.NO_DATE: and_(D.due_at.is_(None), ~IS_PAUSED),
        }

    def of(self, asked: WorkFilter) -> tuple[ColumnElement[bool], ...]:
        """The conditions of a filter."""
        found = [column == value for column, value in self._plain(asked) if value]
        if asked.unit:
            found.append(T.unit_id == self._unit_of.get(asked.unit, 0))
        if asked.holder:
            found.append(_held_by(asked.holder))
        if asked.band:
            found.append(self._bands[Urgency(asked.band)])
        if asked.draft:
            found.append(D.has_draft)
        if asked.returned:
            found.append(D.return_count > 0)
        return (*found, *self._days(asked))

    def _plain(self, asked: WorkFilter) -> tuple[tuple[ColumnElement[Any], str], ...]:
        return (
            (D.procedure_code, asked.procedure),
            (T.step_id, asked.step),
            (D.channel, asked.channel),
            (D.applicant_kind, asked.applicant),
        )

    def _days(self, asked: WorkFilter) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        for column, first, last in (
            (D.received_at, asked.received_from, asked.received_to),
            (D.due_at, asked.due_from, asked.due_to),
        ):
            if first:
                found.append(column >= datetime.combine(first, time.min, self._zone))
            if last:
                found.append(column < datetime.combine(last + timedelta(days=1), time.min, self._zone))
        return found


def _held_by(holder: str) -> ColumnElement[bool]:
    if holder == NOBODY:
        return IS_FREE
    if holder == ME:
        return T.claimed_by_id.in_(HANDS)
    return T.claimed_by_id == int(holder)
