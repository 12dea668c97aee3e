"""The live board and the lists behind it: one statement counts, one breaks down, two read a page.

Only open dossiers are read, by an index that holds everything the figures need (`ix_dossiers_board`); a page of a list
first finds its numbers there and then reads so many rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    select,
)

from engine.domain.board import AGES, NO_STEP, NOBODY, Choice, band_ends
from engine.domain.views import DossierLine
from engine.persistence.base import UtcDateTime, table_of
from engine.persistence.models import Dossier, Person, ProcedureVersion, Task
from engine.persistence.queries.criteria import HAS_APOLOGY, IS_OPEN, IS_UNRESOLVED, concerns, judged_at
from engine.persistence.queries.criteria import most_urgent_first as by_urgency
from engine.persistence.queries.figures import condition, figures
from engine.persistence.queries.lines import DOSSIERS_WITH_OUTCOME, LINE_COLUMNS, Lens, count

_D, _T, _P = table_of(Dossier).c, table_of(Task).c, table_of(Person).c
_V = table_of(ProcedureVersion).c
_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_LINES = select(*LINE_COLUMNS).select_from(DOSSIERS_WITH_OUTCOME).where(_D.id.in_(_KEYS))
_AT_ONCE = 500
# As an expression: grouped by the column itself, SQLite would walk the index of all dossiers by procedure.
_PROCEDURE = _D.procedure_code.concat("")
_OPEN_STEP = and_(_T.dossier_id == _D.id, _T.closed_at.is_(None))

# What each break-down groups by, with the open steps of a dossier counted once for each group.
_STEPS = (
    select(_T.dossier_id, _T.step_id, func.max(_T.name).label("name"))
    .where(_T.closed_at.is_(None))
    .group_by(_T.dossier_id, _T.step_id)
    .subquery("steps")
)
_HOLDERS = (
    select(
        _T.dossier_id,
        _T.claimed_by_id.label("person_id"),
        case((_T.claimed_by_id.is_(None), _T.unit_id)).label("waits_at"),
    )
    .where(_T.closed_at.is_(None))
    .distinct()
    .subquery("holders")
)


class BoardReader:
    """Open dossiers of some units, counted, broken down and listed, as one transaction sees them."""

    def __init__(self, connection: Connection, lens: Lens, unit_ids: Collection[int]) -> None:
        """Look at the dossiers that `unit_ids` have to do with; naming every unit of the tree means all dossiers."""
        self.connection = connection
        self._lens = lens
        outlook, elsewhere = lens.outlook, lens.soon_elsewhere()
        self.everything = len(set(unit_ids)) >= len(lens.units)
        self._rules = {"extension_counts": outlook.extension_counts, "elsewhere": len(elsewhere)}
        tomorrow = outlook.calendar.local(outlook.at).date() + timedelta(days=1)
        self.values: dict[str, Any] = {
            "at": outlook.at,
            "soon": outlook.due_soon_until,
            "units": sorted(unit_ids),
            "today_ends": outlook.calendar.at(tomorrow, time.min),
        }
        for group, (until, units) in enumerate(elsewhere):
            self.values |= {f"soon_{group}": until, f"soon_units_{group}": list(units)}

    # --- figures ---

    def counts(self) -> Mapping[str, int]:
        """Every figure in one statement."""
        statement = _counts(everything=self.everything, **self._rules)
        return dict(self.connection.execute(statement, self.values).mappings().one())

    def pivot(self, by: str) -> Sequence[Any]:
        """The figures of each unit, procedure, step or officer: rows of two keys, a name, and the figures in order."""
        return self.connection.execute(_pivot(by, everything=self.everything, **self._rules), self.values).all()

    def ages(self) -> Mapping[str, int]:
        """How many unresolved dossiers have their date in each band of `AGES`."""
        counted = (func.count().filter(self._in_band(band.id)).label(band.id) for band in AGES)
        scope = concerns(everything=self.everything)
        statement = select(*counted).select_from(table_of(Dossier)).where(IS_UNRESOLVED, _D.due_at.is_not(None), scope)
        return dict(self.connection.execute(statement, self.values).mappings().one())

    # --- lists ---

    def total(self, choice: Choice) -> int:
        """How many dossiers fit a choice."""
        statement = select(func.count()).select_from(table_of(Dossier)).where(*self._fits(choice))
        return count(self.connection, statement, self.values)

    def page(self, choice: Choice, *, limit: int, offset: int = 0) -> tuple[DossierLine, ...]:
        """A page of a list: four statements, however long it is."""
        statement = select(_D.id).where(*self._fits(choice)).order_by(*self._order(choice)).limit(limit).offset(offset)
        return self.lines(list(self.connection.scalars(statement, self.values)))

    def lines(self, dossier_ids: Sequence[int]) -> tuple[DossierLine, ...]:
        """Dossiers as lines, in the order in which they are named."""
        found = {row["dossier_id"]: row for row in self.connection.execute(_LINES, {"keys": dossier_ids}).mappings()}
        return self._lens.lines(self.connection, [found[key] for key in dossier_ids if key in found])

    def ids(self, choice: Choice, codes: Sequence[str] = ()) -> list[int]:
        """Every dossier that fits, or those of `codes` that do, in order."""
        statement = select(_D.id).where(*self._fits(choice)).order_by(*self._order(choice))
        if not codes:
            return list(self.connection.scalars(statement, self.values))
        found: list[int] = []
        for start in range(0, len(codes), _AT_ONCE):
            some = statement.where(_D.code.in_(codes[start : start + _AT_ONCE]))
            found += self.connection.scalars(some, self.values)
        return found

    def every_line(self, choice: Choice) -> Iterator[DossierLine]:
        """Every dossier that fits, some hundreds at a time."""
        ids = self.ids(choice)
        for start in range(0, len(ids), _AT_ONCE):
            yield from self.lines(ids[start : start + _AT_ONCE])

    # --- what may be chosen ---

    def procedures(self) -> Mapping[str, str]:
        """The names of procedures by their codes."""
        rows = self.connection.execute(select(_V.code, func.max(_V.name)).group_by(_V.code))
        return {row[0]: row[1] for row in rows}

    def people(self, ids: Sequence[int]) -> Mapping[int, str]:
        """The names of some accounts."""
        rows = self.connection.execute(select(_P.id, _P.full_name).where(_P.id.in_(ids))) if ids else ()
        return {row[0]: row[1] for row in rows}

    # --- the rest ---

    def _fits(self, choice: Choice) -> tuple[ColumnElement[bool], ...]:
        found = [IS_OPEN, concerns(everything=self.everything), condition(choice.kind, **self._rules)]
        if choice.unit:
            found.append(_D.deciding_unit_id == self._lens.units.by_code(choice.unit).id)
        if choice.procedure:
            found.append(_D.procedure_code == choice.procedure)
        if choice.age:
            found.append(self._in_band(choice.age))
        if choice.letter:
            found.append({"none": ~HAS_APOLOGY, "draft": _D.has_draft, "issued": HAS_APOLOGY}[choice.letter])
        return (*found, *self._at_steps(choice))

    def _at_steps(self, choice: Choice) -> list[ColumnElement[bool]]:
        """Conditions on one and the same open step."""
        steps = select(_T.id).where(_OPEN_STEP).correlate(table_of(Dossier))
        if choice.step == NO_STEP or (choice.officer == NOBODY and choice.place == NO_STEP):
            return [~exists(steps)]
        narrowed = steps
        if choice.step:
            narrowed = narrowed.where(_T.step_id == choice.step)
        if choice.officer:
            person = int(choice.officer)
            narrowed = narrowed.where(_T.claimed_by_id == person if person else _T.claimed_by_id.is_(None))
        if choice.place:
            narrowed = narrowed.where(_T.unit_id == self._lens.units.by_code(choice.place).id)
        return [] if narrowed is steps else [exists(narrowed)]

    def _in_band(self, age: str) -> ColumnElement[bool]:
        band = next(band for band in AGES if band.id == age)
        outlook = self._lens.outlook
        start, end = band_ends(band, outlook.calendar, outlook.at)
        date = judged_at(extension_counts=self._lens.outlook.extension_counts)
        within = [IS_UNRESOLVED, _D.due_at.is_not(None)]
        if start is not None:
            within.append(date >= literal(start, UtcDateTime()))
        if end is not None:
            within.append(date < literal(end, UtcDateTime()))
        return and_(*within)

    def _order(self, choice: Choice) -> tuple[ColumnElement[Any], ...]:
        urgent = by_urgency(extension_counts=self._lens.outlook.extension_counts)
        first: Mapping[str, tuple[ColumnElement[Any], ...]] = {
            "received": (_D.received_at.asc(), _D.id.asc()),
            "unit": (_D.deciding_unit_id.asc(), *urgent),
            "procedure": (_D.procedure_code.asc(), *urgent),
        }
        return first.get(choice.sort, urgent)


@cache
def _counts(*, extension_counts: bool, elsewhere: int, everything: bool) -> Select[*tuple[Any, ...]]:
    counted = figures(extension_counts=extension_counts, elsewhere=elsewhere).values()
    return select(*counted).select_from(table_of(Dossier)).where(IS_OPEN, concerns(everything=everything))


@cache
def _pivot(by: str, *, extension_counts: bool, elsewhere: int, everything: bool) -> Select[*tuple[Any, ...]]:
    dossiers = table_of(Dossier)
    keys: Mapping[str, tuple[Any, tuple[Any, ...], Any]] = {
        "unit": (dossiers, (_D.deciding_unit_id, literal("")), literal("")),
        "procedure": (dossiers, (_PROCEDURE, literal("")), literal("")),
        "step": (
            dossiers.outerjoin(_STEPS, _STEPS.c.dossier_id == _D.id),
            (_PROCEDURE, _STEPS.c.step_id),
            func.max(_STEPS.c.name),
        ),
        "officer": (
            dossiers.outerjoin(_HOLDERS, _HOLDERS.c.dossier_id == _D.id),
            (_HOLDERS.c.person_id, _HOLDERS.c.waits_at),
            literal(""),
        ),
    }
    source, groups, name = keys[by]
    counted = figures(extension_counts=extension_counts, elsewhere=elsewhere)
    urgent = (counted["overdue"].desc(), counted["due_today"].desc(), counted["open"].desc())
    return (
        select(*groups, name, *counted.values())
        .select_from(source)
        .where(IS_OPEN, concerns(everything=everything))
        .group_by(*(group for group in groups if group is not groups[1] or by in {"step", "officer"}))
        .order_by(*urgent)
    )
