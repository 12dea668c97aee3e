"""What reports on progress count: kept sums of days, open dossiers by index, what ended since a day. No full scan."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from engine.persistence.base import table_of
from engine.persistence.models import Dossier, OutcomeRow, ReceivedDay

_D, _O, _R = table_of(Dossier).c, table_of(OutcomeRow).c, table_of(ReceivedDay).c
RECEIVED_COUNTERS = ("received", "moved_in", "moved_out")


@dataclass(frozen=True, slots=True)
class Held:
    """One dossier whose work was not done at a moment, or was done and waits to be fetched."""

    unit_id: int
    procedure_code: str
    channel: str
    received_at: datetime
    due_at: datetime | None
    first_due_at: datetime | None
    resolved_at: datetime | None
    overdue_count: int


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


_COLUMNS = (
    _D.deciding_unit_id,
    _D.procedure_code,
    _D.channel,
    _D.received_at,
    _D.due_at,
    _D.first_due_at,
    _D.resolved_at,
    _D.overdue_count,
)
_AT_ONCE = 2000


def held_now(connection: Connection, unit_ids: Collection[int] | None) -> Iterator[Held]:
    """Every dossier that has not ended: their number is that of open dossiers, not of all."""
    statement = select(*_COLUMNS).where(_D.ended_at.is_(None))
    if unit_ids is not None:
        statement = statement.where(_D.deciding_unit_id.in_(sorted(unit_ids)))
    for row in connection.execute(statement.execution_options(yield_per=_AT_ONCE)):
        yield Held(*row)


def ended_since(
    connection: Connection, moment: datetime, received_before: datetime, unit_ids: Collection[int] | None
) -> Iterator[Held]:
    """Dossiers that came in before a moment and whose work was done from another moment on, and that have ended."""
    statement = (
        select(
            _O.deciding_unit_id,
            _O.procedure_code,
            _D.channel,
            _D.received_at,
            _D.due_at,
            _D.first_due_at,
            _O.finished_at,
            _D.overdue_count,
        )
        .select_from(table_of(OutcomeRow).join(table_of(Dossier), _D.id == _O.dossier_id))
        .where(_O.finished_at >= moment, _D.received_at < received_before)
    )
    if unit_ids is not None:
        statement = statement.where(_O.deciding_unit_id.in_(sorted(unit_ids)))
    for row in connection.execute(statement.execution_options(yield_per=_AT_ONCE)):
        yield Held(*row)


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
