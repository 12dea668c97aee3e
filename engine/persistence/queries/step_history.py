"""What steps came to, read once a night: those done in a month, those of dossiers that ended in it, those open now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, exists, func, select

from engine.domain.outcome import Result
from engine.domain.worklists import NO_DATE
from engine.persistence.base import table_of
from engine.persistence.models import AuditEvent, ClockEntryRow, Dossier, OutcomeRow, Task

_T, _D, _O = table_of(Task).c, table_of(Dossier).c, table_of(OutcomeRow).c
_C, _A = table_of(ClockEntryRow).c, table_of(AuditEvent).c
_ROWS_AT_ONCE = 2000
_ANSWERS = [result.value for result in Result if result.is_answer]
_DONE_AT = func.coalesce(_T.done_at, _T.closed_at, type_=_T.closed_at.type)
_OTHER = table_of(Task).alias("other")
_CLOCK_KINDS = ("phase_started", "paused", "resumed", "phase_finished")


def steps_done(connection: Connection, start: datetime, end: datetime, unit_ids: Collection[int]) -> Iterator[Any]:
    """Every step that units recorded as done from `start` on and before `end`; of one that was interrupted, nothing."""
    again = exists(
        select(_OTHER.c.id).where(
            _OTHER.c.dossier_id == _T.dossier_id, _OTHER.c.step_id == _T.step_id, _OTHER.c.id < _T.id
        )
    ).correlate(table_of(Task))
    statement = (
        select(
            *(_T.id, _T.dossier_id, _D.procedure_code, _D.definition_ref, _T.step_id, _T.unit_id),
            *(_T.diagram_element, _T.name, _T.waits_for, _T.opened_at, _DONE_AT.label("done_at"), _T.late_minutes),
            again.label("is_repeated"),
        )
        .select_from(table_of(Task).join(table_of(Dossier), _D.id == _T.dossier_id))
        .where(_T.unit_id.in_(list(unit_ids)), _T.closed_at >= start, _T.closed_at < end, _T.is_interrupted.is_(False))
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    yield from connection.execute(statement)


def claims(connection: Connection, dossier_ids: Collection[int]) -> Mapping[tuple[int, str], list[datetime]]:
    """When somebody took a step of these dossiers, by dossier and step, in order."""
    found = defaultdict[tuple[int, str], list[datetime]](list)
    for some in _batches(dossier_ids):
        statement = select(_A.dossier_id, _A.data, _A.at).where(_A.dossier_id.in_(some), _A.kind == "step_claimed")
        for dossier_id, data, at in connection.execute(statement.order_by(_A.dossier_id, _A.seq)):
            found[dossier_id, data.get("step_id", "")].append(at)
    return found


def ended(connection: Connection, start: datetime, end: datetime) -> Sequence[Any]:
    """Dossiers that were answered from `start` on and before `end`, with the phases of their clocks."""
    statement = (
        select(_O.dossier_id, _O.deciding_unit_id, _O.procedure_code, _O.phases)
        .where(_O.finished_at >= start, _O.finished_at < end, _O.result.in_(_ANSWERS))
        .order_by(_O.dossier_id)
    )
    return connection.execute(statement).all()


def steps_of(connection: Connection, dossier_ids: Collection[int]) -> Mapping[int, list[Any]]:
    """The steps of dossiers that were done, with the phase in which each was opened."""
    found = defaultdict[int, list[Any]](list)
    columns = (_T.dossier_id, _T.step_id, _T.unit_id, _T.phase, _T.opened_at, _DONE_AT.label("done_at"))
    for some in _batches(dossier_ids):
        statement = select(*columns).where(_T.dossier_id.in_(some), _T.closed_at.is_not(None))
        for row in connection.execute(statement.order_by(_T.dossier_id, _T.id)):
            found[row.dossier_id].append(row)
    return found


def clocks(connection: Connection, dossier_ids: Collection[int]) -> Mapping[int, list[Any]]:
    """When the clocks of dossiers started, stood, went on and ended, in the order of their ledgers."""
    found = defaultdict[int, list[Any]](list)
    for some in _batches(dossier_ids):
        statement = select(_C.dossier_id, _C.kind, _C.at, _C.phase).where(
            _C.dossier_id.in_(some), _C.kind.in_(_CLOCK_KINDS)
        )
        for row in connection.execute(statement.order_by(_C.dossier_id, _C.seq)):
            found[row.dossier_id].append(row)
    return found


def items_of(connection: Connection, start: datetime, end: datetime) -> Iterator[Any]:
    """What was handed in with the dossiers that ended from `start` on and before `end`."""
    statement = (
        select(_O.procedure_code, _O.unit_id, _D["items"])
        .select_from(table_of(OutcomeRow).join(table_of(Dossier), _D.id == _O.dossier_id))
        .where(_O.finished_at >= start, _O.finished_at < end)
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    yield from connection.execute(statement)


def first_ended(connection: Connection) -> datetime | None:
    """When the first dossier of all ended."""
    found: datetime | None = connection.scalar(select(func.min(_O.finished_at)))
    return found


def open_with_date(connection: Connection, unit_ids: Collection[int]) -> Iterator[Any]:
    """Every open step whose dossier has a date to keep."""
    statement = (
        select(
            *(_T.id, _T.dossier_id, _T.step_id, _T.unit_id, _T.deciding_unit_id, _T.opened_at),
            *(_D.procedure_code, _D.due_at),
        )
        .select_from(table_of(Task).join(table_of(Dossier), _D.id == _T.dossier_id))
        .where(
            and_(_T.closed_at.is_(None), _T.urgent_at < NO_DATE, _D.ended_at.is_(None), _D.due_at.is_not(None)),
            _T.unit_id.in_(list(unit_ids)),
        )
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    yield from connection.execute(statement)


def _batches(dossier_ids: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(set(dossier_ids))
    yield from (ordered[place : place + 500] for place in range(0, len(ordered), 500))
