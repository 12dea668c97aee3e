"""What reports on progress count: kept sums of days, open dossiers by index, what ended since a day. No full scan."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, false, func, literal, or_, select

from engine.domain.months import month_of, months_between
from engine.domain.progress_report import Frame, Standing
from engine.persistence.base import table_of
from engine.persistence.models import Dossier, OutcomeRow, ReceivedDay, ReorganisedRow
from engine.persistence.queries.criteria import judged_at
from engine.persistence.repositories.reorganisations import DOSSIER

_D, _O, _R = table_of(Dossier).c, table_of(OutcomeRow).c, table_of(ReceivedDay).c
_M = table_of(ReorganisedRow).c
RECEIVED_COUNTERS = ("received", "moved_in", "moved_out")
_DATES = (_D.received_at, _D.due_at, _D.first_due_at)
_ENDED = table_of(OutcomeRow).join(table_of(Dossier), _D.id == _O.dossier_id)
_MOVED = select(_M.dossier_id).where(_M.subject == DOSSIER)


@dataclass(frozen=True, slots=True)
class Held:
    """One dossier whose work was not done at a moment, or was done and waits to be fetched.

    `unit_id`: the unit that decides now, or decided; `home_id`: the one that did at the end of the period.
    """

    id: int
    unit_id: int
    procedure_code: str
    received_at: datetime
    due_at: datetime | None
    first_due_at: datetime | None
    resolved_at: datetime | None
    overdue_count: int
    home_id: int


def received_sums(
    connection: Connection, first: date, last: date, unit_ids: Collection[int] | None, *by: str
) -> list[Mapping[str, Any]]:
    """What came in from `first` to `last` (local days, both included), added up by the columns `by`."""
    groups = [_R[name] for name in by]
    sums = (func.sum(_R[name]).label(name) for name in RECEIVED_COUNTERS)
    statement: Select[Any] = select(*groups, *sums).where(_R.day >= first, _R.day <= last)
    if unit_ids is not None:
        statement = statement.where(_R.unit_id.in_(sorted(unit_ids)))
    if groups:
        statement = statement.group_by(*groups)
    rows = connection.execute(statement).mappings()
    return [{name: row[name] if name in by else int(row[name] or 0) for name in row} for row in rows]


_AT_ONCE = 2000


class StandingReader:
    """Dossiers whose work was not done at the end of a period, as one transaction sees them.

    `homes`: which unit had those that were given to another since; these are read one by one, whatever units are asked
    for, and so is what was done in the period and waits to be fetched. All others are counted in the database.
    """

    def __init__(
        self,
        connection: Connection,
        frame: Frame,
        unit_ids: Collection[int] | None,
        homes: Mapping[int, int],
    ) -> None:
        """Look at a period."""
        self._connection, self._frame, self._unit_ids, self._homes = connection, frame, unit_ids, homes
        late = judged_at(extension_counts=frame.extension_counts) < frame.end
        self._late = and_(_D.due_at.is_not(None), late)
        self._came = _D.received_at < frame.end

    def sums(self) -> Iterator[Standing]:
        """What is still open or was done after the period, without what is read one by one."""
        frame = self._frame
        undone = and_(_D.ended_at.is_(None), or_(_D.resolved_at.is_(None), _D.resolved_at >= frame.end))
        came = func.count(case((self._came, 1)))
        late = func.count(case((and_(self._came, self._late), 1)))
        keys = (_D.deciding_unit_id, _D.procedure_code)
        held = select(*keys, func.count(), came, late).where(undone).group_by(*keys)
        keys = (_O.deciding_unit_id, _O.procedure_code)
        gone = select(*keys, literal(0), came, late).select_from(_ENDED).where(*self._ended()).group_by(*keys)
        for statement, decided_by in ((held, _D.deciding_unit_id), (gone, _O.deciding_unit_id)):
            theirs = [] if self._unit_ids is None else [decided_by.in_(sorted(self._unit_ids))]
            stayed = [_D.id.not_in(_MOVED)] if self._homes else []
            for row in self._connection.execute(statement.where(*theirs, *stayed)):
                yield Standing(*row)

    def waiting(self) -> Iterator[Held]:
        """Dossiers that have not ended and are read one by one."""
        done = and_(_D.resolved_at >= self._frame.start, _D.resolved_at < self._frame.end)
        statement = select(_D.id, _D.deciding_unit_id, _D.procedure_code, *_DATES, _D.resolved_at, _D.overdue_count)
        yield from self._held(statement.where(_D.ended_at.is_(None)), _D.deciding_unit_id, done)

    def gone(self) -> Iterator[Held]:
        """Dossiers that have ended since and are read one by one."""
        if self._homes:
            columns = (_D.id, _O.deciding_unit_id, _O.procedure_code, *_DATES, _O.finished_at, _D.overdue_count)
            statement = select(*columns).select_from(_ENDED).where(*self._ended())
            yield from self._held(statement, _O.deciding_unit_id, false())

    def _ended(self) -> tuple[ColumnElement[bool], ...]:
        """Received before the end of the period and done after it; by the months of receipt, so by an index."""
        return _O.received_month.in_(self._months), _O.finished_at >= self._frame.end, self._came

    @cached_property
    def _months(self) -> list[str]:
        """The months in which anything came that has ended, up to the end of the period."""
        first = self._connection.scalar(select(func.min(_O.received_month)))
        return list(months_between(first, month_of(self._frame.end.astimezone(UTC).date()))) if first else []

    def _held(self, statement: Select[Any], decided_by: Any, one_by_one: ColumnElement[bool]) -> Iterator[Held]:
        # as an expression: by the column itself, SQLite would read everything that the units ever decided
        theirs = one_by_one
        if self._unit_ids is not None:
            theirs = and_(one_by_one, (decided_by + 0).in_(sorted(self._unit_ids)))
        statement = statement.where(or_(theirs, _D.id.in_(_MOVED)) if self._homes else theirs)
        for row in self._connection.execute(statement.execution_options(yield_per=_AT_ONCE)):
            yield Held(*(*row, self._homes.get(row[0], row[1])))


def states_of(connection: Connection, codes: Collection[str]) -> list[Mapping[str, Any]]:
    """What our own register says of some dossiers, found by our code or by the other system's."""
    found: list[Mapping[str, Any]] = []
    wanted = sorted(codes)
    for start in range(0, len(wanted), 400):
        some = wanted[start : start + 400]
        statement = select(
            *(_D.code, _D.external_code, _D.status, _D.deciding_unit_id, _D.unit_id),
            *(_D.received_at, _D.due_at, _D.resolved_at, _D.ended_at),
        ).where(or_(_D.code.in_(some), _D.external_code.in_(some)))
        found += [dict(row) for row in connection.execute(statement).mappings()]
    return found


def received_codes(
    connection: Connection, start: datetime, end: datetime, unit_ids: Collection[int] | None, most: int
) -> list[Mapping[str, Any]]:
    """What came in from one moment to another at the desks or for the decision of some units, at most so many."""
    statement = select(
        *(_D.code, _D.external_code, _D.status, _D.deciding_unit_id, _D.unit_id),
        *(_D.received_at, _D.due_at, _D.resolved_at, _D.ended_at),
    ).where(_D.received_at >= start, _D.received_at < end)
    if unit_ids is not None:
        units = sorted(unit_ids)
        statement = statement.where(or_(_D.unit_id.in_(units), _D.deciding_unit_id.in_(units)))
    rows = connection.execute(statement.order_by(_D.received_at, _D.id).limit(most)).mappings()
    return [dict(row) for row in rows]
