"""Worklists: the open steps of a person and of their units, and the steps that the person has done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, and_, bindparam, func, or_, select, tuple_

from engine.domain.people import WORKING_ROLES, Actor
from engine.domain.permissions import units_of
from engine.domain.status import DossierStatus
from engine.domain.views import LetterLine, WorkItem
from engine.persistence.base import table_of
from engine.persistence.models import Dossier, MembershipRow, Notice, OutcomeRow, Person, Task
from engine.persistence.queries.criteria import UNITS, matches, most_urgent_first
from engine.persistence.queries.lines import LINE_COLUMNS, Facts, Lens, StepFacts, count, letters_of

D = table_of(Dossier).c
_T = table_of(Task).c
_P = table_of(Person).c
_N = table_of(Notice).c
_M = table_of(MembershipRow).c
_O = table_of(OutcomeRow).c

OPEN_VIEWS = ("mine", "unit", "unassigned", "supplement", "payment", "results")
VIEWS = (*OPEN_VIEWS, "done")
MOST_NOTICES = 50

_MEMBERSHIPS: BindParameter[Any] = bindparam("memberships", expanding=True)
_ALONE: BindParameter[Any] = bindparam("alone", expanding=True)
_PERSON: BindParameter[Any] = bindparam("person")
_USERNAME: BindParameter[Any] = bindparam("username")

_IS_OPEN = _T.closed_at.is_(None)
_FOR_ME = tuple_(_T.unit_id, _T.role).in_(_MEMBERSHIPS)
_IN_MY_UNITS = or_(_T.unit_id.in_(UNITS), D.deciding_unit_id.in_(UNITS), D.unit_id.in_(UNITS))
_IS_FREE = _T.claimed_by_id.is_(None)


def _waiting(status: DossierStatus) -> ColumnElement[bool]:
    return and_(_IS_OPEN, _T.status == int(status), _IN_MY_UNITS)


# What each view holds. ``mine``: what the person has taken, and what nobody else can take: a step of a role that only
# this person holds in the unit.
_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "mine": and_(_IS_OPEN, or_(_T.claimed_by_id == _PERSON, and_(_IS_FREE, tuple_(_T.unit_id, _T.role).in_(_ALONE)))),
    "unit": and_(_IS_OPEN, _T.unit_id.in_(UNITS)),
    "unassigned": and_(_IS_OPEN, _FOR_ME, _IS_FREE),
    "supplement": _waiting(DossierStatus.SUPPLEMENT_REQUESTED),
    "payment": _waiting(DossierStatus.PAYMENT_REQUESTED),
    "results": _waiting(DossierStatus.RESOLVED),
    "done": and_(_T.closed_by == _USERNAME, _T.is_interrupted.is_(False)),
}
_WITH_DOSSIER = table_of(Task).join(table_of(Dossier), D.id == _T.dossier_id)
_ITEMS = _WITH_DOSSIER.outerjoin(table_of(OutcomeRow), _O.dossier_id == D.id).outerjoin(
    table_of(Person), _P.id == _T.claimed_by_id
)
_ITEM_COLUMNS = (
    _T.id.label("task_id"),
    _T.step_id,
    _T.name.label("step_name"),
    _T.role,
    _T.unit_id.label("step_unit_id"),
    _T.opened_at,
    _T.step_due_at,
    _T.slack_minutes,
    _T.late_minutes,
    _T.claimed_by_id,
    _P.full_name.label("claimed_by_name"),
    *LINE_COLUMNS,
)
_OPEN_COUNTS = (
    select(*(func.count().filter(_CONDITIONS[view]).label(view) for view in OPEN_VIEWS))
    .select_from(_WITH_DOSSIER)
    .where(_IS_OPEN, _IN_MY_UNITS)
)
_DONE_COUNT = select(func.count()).select_from(table_of(Task)).where(_CONDITIONS["done"])
_HELD_ALONE = (
    select(_M.unit_id, _M.role)
    .select_from(table_of(MembershipRow).join(table_of(Person), _P.id == _M.person_id))
    .where(tuple_(_M.unit_id, _M.role).in_(_MEMBERSHIPS), _P.is_active)
    .group_by(_M.unit_id, _M.role)
    .having(func.count() == 1)
)
_NOTICES = (
    select(_N.id, _N.at, _N.message, D.code)
    .select_from(table_of(Notice).join(table_of(Dossier), D.id == _N.dossier_id))
    .where(tuple_(_N.unit_id, _N.role).in_(_MEMBERSHIPS), _N.read_at.is_(None))
    .order_by(_N.at.desc(), _N.id.desc())
    .limit(MOST_NOTICES)
)
_IS_MY_NOTICE = select(_N.id).where(_N.id == bindparam("key"), tuple_(_N.unit_id, _N.role).in_(_MEMBERSHIPS))


@cache
def _page_of(view: str, *, extension_counts: bool) -> Select[*tuple[Any, ...]]:
    latest_first = (_T.closed_at.desc(), _T.id.desc())
    by_urgency = (*most_urgent_first(extension_counts=extension_counts), _T.id.asc())
    order = latest_first if view == "done" else by_urgency
    return select(*_ITEM_COLUMNS).select_from(_ITEMS).where(_CONDITIONS[view]).order_by(*order)


@cache
def _total_of(view: str) -> Select[int]:
    return select(func.count()).select_from(_WITH_DOSSIER).where(_CONDITIONS[view])


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """A notice that nobody has read, before it is put into words."""

    id: int
    at: datetime
    message: str
    dossier_code: str


class Worklists:
    """The worklists of one person, as one transaction sees them."""

    def __init__(self, connection: Connection, lens: Lens, actor: Actor) -> None:
        """Read for `actor`; `lens` holds the moment."""
        self._connection = connection
        self._lens = lens
        memberships = [(m.unit_id, m.role.value) for m in actor.memberships if m.role in WORKING_ROLES]
        held_alone = connection.execute(_HELD_ALONE, {"memberships": memberships})
        self._values = {
            "memberships": memberships,
            "alone": [(row.unit_id, row.role) for row in held_alone],
            "units": sorted(units_of(actor, WORKING_ROLES)),
            "person": actor.id,
            "username": actor.username,
        }

    def counts(self) -> Mapping[str, int]:
        """How many steps each view holds: two statements."""
        if not self._values["units"]:
            return dict.fromkeys(VIEWS, 0)
        open_views = self._connection.execute(_OPEN_COUNTS, self._values).mappings().one()
        return {**open_views, "done": count(self._connection, _DONE_COUNT, self._values)}

    def total(self, view: str, search: str) -> int:
        """How many steps of a view fit a search."""
        return count(self._connection, _total_of(view).where(*matches(search)), self._values)

    def page(self, view: str, search: str, *, limit: int, offset: int) -> tuple[WorkItem, ...]:
        """A page of a view: two statements, however long it is."""
        statement = _page_of(view, extension_counts=self._lens.outlook.extension_counts).where(*matches(search))
        rows = self._connection.execute(statement.limit(limit).offset(offset), self._values).mappings().all()
        letters = letters_of(self._connection, {row["dossier_id"] for row in rows})
        return tuple(self._item(row, letters.get(row["dossier_id"], ())) for row in rows)

    def notices(self) -> tuple[NoticeFacts, ...]:
        """What nobody has read yet of what was left for the person's roles, newest first."""
        rows = self._connection.execute(_NOTICES, self._values)
        return tuple(NoticeFacts(row.id, row.at, row.message, row.code) for row in rows)

    def is_for_me(self, notice_id: int) -> bool:
        """Whether a notice was left for one of the person's roles."""
        return self._connection.scalar(_IS_MY_NOTICE, {**self._values, "key": notice_id}) is not None

    def _item(self, row: Facts, letters: tuple[LetterLine, ...]) -> WorkItem:
        holder = row["claimed_by_name"] or ""
        step = StepFacts(row["step_name"], self._lens.units.get(row["step_unit_id"]).name, holder)
        return WorkItem(
            task_id=row["task_id"],
            step_id=row["step_id"],
            step_name=row["step_name"],
            role=row["role"],
            opened_at=row["opened_at"],
            step_due_at=row["step_due_at"],
            claimed_by_id=row["claimed_by_id"],
            claimed_by_name=holder,
            version=row["version"],
            dossier=self._lens.line(row, step=step, letters=letters),
            slack_minutes=row["slack_minutes"],
            late_minutes=row["late_minutes"],
        )
