"""Work lists: the open steps of a person and of their units, and the steps that the person has done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
    tuple_,
    union,
)

from engine.domain.people import WORKING_ROLES, Actor, Role
from engine.domain.permissions import places_of
from engine.domain.views import WorkItem
from engine.domain.worklists import MOST_DONE, OPEN_VIEWS, VIEWS, Facets, Listing
from engine.persistence.base import table_of
from engine.persistence.models import Dossier, MembershipRow, Notice, Person
from engine.persistence.queries.criteria import UNITS, D
from engine.persistence.queries.lines import Lens, count, letters_of
from engine.persistence.queries.work_items import ITEM_COLUMNS, ITEMS, work_item
from engine.persistence.queries.work_rows import (
    FOR_ME,
    IS_DOABLE,
    IS_FREE,
    IS_OPEN,
    MEMBERSHIPS,
    WAITING,
    WITH_DOSSIER,
    Conditions,
    T,
    comes_after,
    listing_count,
    listing_ids,
    place_of,
    rows_of,
)

_P = table_of(Person).c
_N = table_of(Notice).c
_M = table_of(MembershipRow).c

MOST_NOTICES = 50
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_PAGE = select(*ITEM_COLUMNS).select_from(ITEMS).where(T.id.in_(_IDS))
# One pass over the index of the open steps of a unit; each status that waits is looked up by the three ways to it.
_AT_WORK = select(func.count().label("unit"), func.count().filter(FOR_ME, IS_FREE).label("unassigned")).where(
    IS_OPEN, T.unit_id.in_(UNITS)
)
_MINE = rows_of("mine", with_dossier=False).with_only_columns(func.count())
_STATUSES = tuple(int(status) for status in WAITING.values())
_STANDING = union(
    *(
        select(T.id, T.status).where(IS_OPEN, T.status.in_(_STATUSES), place.in_(UNITS))
        for place in (T.unit_id, T.desk_id, T.deciding_unit_id)
    )
).subquery()
_WAITING = select(_STANDING.c.status, func.count()).group_by(_STANDING.c.status)
_SOME_DONE = select(func.count()).select_from(rows_of("done", with_dossier=False).limit(MOST_DONE + 1).subquery())
_HELD_ALONE = (
    select(_M.unit_id, _M.role)
    .select_from(table_of(MembershipRow).join(table_of(Person), _P.id == _M.person_id))
    .where(tuple_(_M.unit_id, _M.role).in_(MEMBERSHIPS), _P.is_active)
    .group_by(_M.unit_id, _M.role)
    .having(func.count() == 1)
)
# Supervisors hear of what their unit owes; steps they have none.
_TOLD: BindParameter[Any] = bindparam("told", expanding=True)
# Left for a role that the person holds, or for nobody but them; one with a later moment is a reminder yet to come.
_IS_FOR_ME = or_(
    and_(tuple_(_N.unit_id, _N.role).in_(_TOLD), _N.person_id.is_(None)), _N.person_id == bindparam("person")
)
_NOTICES = (
    select(
        _N.id, _N.at, _N.message, _N.unit_id, D.code, case((_N.detail != "", _N.detail), else_=_N.note).label("note")
    )
    .select_from(table_of(Notice).outerjoin(table_of(Dossier), D.id == _N.dossier_id))
    .where(_IS_FOR_ME, _N.read_at.is_(None), _N.at <= bindparam("now", type_=_N.at.type))
    .order_by(_N.at.desc(), _N.id.desc())
    .limit(MOST_NOTICES)
)
_IS_MY_NOTICE = select(_N.id).where(_N.id == bindparam("key"), _IS_FOR_ME)
# A list is read by many people at once: helpers for one of them, on PostgreSQL, would be taken from the others.
_WITHOUT_HELPERS = text("SET LOCAL max_parallel_workers_per_gather = 0")
_FACETS = (D.procedure_code, D.procedure_name, T.step_id, T.name, T.unit_id, T.claimed_by_id, _P.full_name)


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """A notice that nobody has read, before it is put into words; without a code it is about the unit."""

    id: int
    at: datetime
    message: str
    dossier_code: str
    note: str
    unit_id: int


class Worklists:
    """The work lists of one person, as one transaction sees them."""

    def __init__(self, connection: Connection, lens: Lens, actor: Actor, zone: tzinfo) -> None:
        """Read for `actor`; `lens` holds the moment, `zone` says what a day is."""
        self._connection = connection
        self._lens = lens
        if connection.dialect.name == "postgresql":
            connection.execute(_WITHOUT_HELPERS)
        outlook, elsewhere = lens.outlook, lens.soon_elsewhere()
        self._conditions = Conditions(
            zone,
            extension_counts=outlook.extension_counts,
            elsewhere=len(elsewhere),
            unit_of={unit.code: unit.id for unit in lens.units},
        )
        places = sorted(places_of(actor, WORKING_ROLES))
        held_alone = connection.execute(_HELD_ALONE, {"memberships": places})
        self._values: dict[str, Any] = {
            "memberships": places,
            "told": sorted(places_of(actor, WORKING_ROLES | {Role.SUPERVISOR})),
            "alone": [(row.unit_id, row.role) for row in held_alone],
            "units": sorted({unit_id for unit_id, _role in places}),
            "hands": sorted(actor.hands),
            "person": actor.id,
            "username": actor.username,
            "at": outlook.at,
            "soon": outlook.due_soon_until,
        }
        for group, (until, units) in enumerate(elsewhere):
            self._values |= {f"soon_{group}": until, f"soon_units_{group}": list(units)}

    def counts(self) -> Mapping[str, int]:
        """How many steps each view holds: four statements, each over an index alone.

        What a person has done grows for years; beyond `MOST_DONE` it is not counted on, the answer is one more.
        """
        if not self._values["units"]:
            return dict.fromkeys(VIEWS, 0)
        at_work = self._connection.execute(_AT_WORK, self._values).mappings().one()
        waiting = {row.status: row[1] for row in self._connection.execute(_WAITING, self._values)}
        found = {**at_work, "mine": count(self._connection, _MINE, self._values)}
        found |= {view: waiting.get(int(status), 0) for view, status in WAITING.items()}
        return {**{view: found[view] for view in OPEN_VIEWS}, "done": count(self._connection, _SOME_DONE, self._values)}

    def total(self, listing: Listing) -> int:
        """How many steps a list holds."""
        statement = listing_count(listing, self._conditions.of(listing.filter))
        return count(self._connection, statement, self._values)

    def totals(self, listings: Sequence[Listing]) -> tuple[int, ...]:
        """How many steps each of several lists holds, in one statement."""
        if not listings:
            return ()
        counts = (listing_count(each, self._conditions.of(each.filter)).scalar_subquery() for each in listings)
        return tuple(self._connection.execute(select(*counts), self._values).one())

    def page(self, listing: Listing, *, limit: int, offset: int) -> tuple[WorkItem, ...]:
        """A page of a list: three statements, however long it is."""
        ids = self._ids(listing).limit(limit).offset(offset)
        return self.items(list(self._connection.scalars(ids, self._values)))

    def items(self, task_ids: Sequence[int]) -> tuple[WorkItem, ...]:
        """Steps as rows of a list, in the order in which they are named: two statements."""
        if not task_ids:
            return ()
        rows = {row["task_id"]: row for row in self._connection.execute(_PAGE, {"ids": list(task_ids)}).mappings()}
        letters = letters_of(self._connection, {row["dossier_id"] for row in rows.values()})
        found = (rows[task_id] for task_id in task_ids if task_id in rows)
        return tuple(work_item(self._lens, row, letters.get(row["dossier_id"], ())) for row in found)

    def next_code(self, listing: Listing, task_id: int) -> str:
        """The dossier of the step that comes next in a list, behind one that was done; the first one after the last.

        Only steps that the person may do. Empty where there is none.
        """
        where = select(place_of(listing)).select_from(WITH_DOSSIER).where(T.id == task_id)
        value = self._connection.scalar(where)
        statement = self._ids(listing).where(IS_DOABLE, T.id != task_id).limit(1)
        behind = statement.where(comes_after(listing, value, task_id))
        found = self._connection.scalar(behind, self._values) or self._connection.scalar(statement, self._values)
        code = self._connection.scalar(select(D.code).select_from(WITH_DOSSIER).where(T.id == found))
        return str(code or "")

    def facets(self, view: str) -> Facets:
        """What the rows of a view can be narrowed to: one statement over all of them."""
        rows = rows_of(view, with_dossier=True).with_only_columns(*_FACETS, func.count().label("many"))
        people = rows.outerjoin(table_of(Person), _P.id == T.claimed_by_id).group_by(*_FACETS)
        found = self._connection.execute(people, self._values).all()
        return Facets(
            procedures=_tally((row.procedure_code, row.procedure_name, row.many) for row in found),
            steps=_tally((row.step_id, row.name, row.many) for row in found),
            units=_tally((unit.code, unit.name, row.many) for row in found for unit in [self._unit(row.unit_id)]),
            holders=_tally((str(row.claimed_by_id), row.full_name, row.many) for row in found if row.claimed_by_id),
        )

    def notices(self) -> tuple[NoticeFacts, ...]:
        """What nobody has read yet of what was left for the person's roles, newest first."""
        rows = self._connection.execute(_NOTICES, {**self._values, "now": self._lens.outlook.at})
        return tuple(NoticeFacts(row.id, row.at, row.message, row.code or "", row.note, row.unit_id) for row in rows)

    def is_for_me(self, notice_id: int) -> bool:
        """Whether a notice was left for one of the person's roles."""
        return self._connection.scalar(_IS_MY_NOTICE, {**self._values, "key": notice_id}) is not None

    def _ids(self, listing: Listing) -> Select[int]:
        conditions: tuple[ColumnElement[bool], ...] = self._conditions.of(listing.filter)
        return listing_ids(listing, conditions)

    def _unit(self, unit_id: int) -> Any:
        return self._lens.units.get(unit_id)


def _tally(found: Any) -> tuple[tuple[str, str, int], ...]:
    """Add up what has the same value, the most frequent first."""
    words: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for value, word, number in found:
        words[value] = word
        numbers[value] = numbers.get(value, 0) + number
    ordered = sorted(numbers, key=lambda value: (-numbers[value], words[value]))
    return tuple((value, words[value], numbers[value]) for value in ordered)
