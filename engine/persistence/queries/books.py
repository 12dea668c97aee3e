"""Rows of the register of dossiers, and of what a unit handed to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, func, select

from engine.persistence.base import table_of
from engine.persistence.models import Dossier, OutcomeRow, Person, Task

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_D = table_of(Dossier).c
_O = table_of(OutcomeRow).c
_GIVEN, _TAKEN, _BETWEEN = (table_of(Task).alias(name) for name in ("given", "taken", "between"))
# Steps that were done in one moment: what opened the second of them is the first, and not the one before.
_IS_BETWEEN = (
    select(_BETWEEN.c.id)
    .where(
        _BETWEEN.c.dossier_id == _GIVEN.c.dossier_id,
        _BETWEEN.c.closed_at == _TAKEN.c.opened_at,
        _BETWEEN.c.id > _GIVEN.c.id,
        _BETWEEN.c.id < _TAKEN.c.id,
    )
    .exists()
)
_PERIOD = (_D.received_at >= bindparam("start"), _D.received_at < bindparam("end"))
_COLUMNS = (
    _D.code,
    _D.procedure_name,
    _D.definition_ref,
    _D.applicant,
    _D.deciding_unit_id,
    _D.received_at,
    _D.due_at,
    _D.first_due_at,
    _D.delivered_at,
    _D.ended_at,
    _D.result_channel,
    _D.status,
    _O.result,
    _O.timeliness,
)


def _of_unit(*, is_desk: bool) -> Any:
    return (_D.unit_id if is_desk else _D.deciding_unit_id) == bindparam("unit")


def _rows(*, is_desk: bool) -> Select[Any]:
    with_outcome = table_of(Dossier).outerjoin(table_of(OutcomeRow), _O.dossier_id == _D.id)
    wanted = select(*_COLUMNS).select_from(with_outcome).where(_of_unit(is_desk=is_desk), *_PERIOD)
    return wanted.order_by(_D.received_at, _D.id)


def book_rows(
    connection: Connection, unit_id: int, period: tuple[datetime, datetime], *, is_desk: bool, limit: int, offset: int
) -> Sequence[RowMapping]:
    """The dossiers that a desk received, or (not a desk) a unit decides on, in the order of receipt."""
    statement = _rows(is_desk=is_desk).limit(limit).offset(offset)
    return connection.execute(statement, _values(unit_id, period)).mappings().all()


def count_book(connection: Connection, unit_id: int, period: tuple[datetime, datetime], *, is_desk: bool) -> int:
    """How many those are."""
    statement = select(func.count()).select_from(table_of(Dossier)).where(_of_unit(is_desk=is_desk), *_PERIOD)
    return connection.scalar(statement, _values(unit_id, period)) or 0


_HANDED = (
    select(
        _D.code,
        _D.applicant_name,
        _D.procedure_name,
        _D["items"],
        _D.first_due_at,
        _GIVEN.c.closed_at,
        _GIVEN.c.closed_by,
        table_of(Person).c.full_name,
        _TAKEN.c.unit_id,
    )
    .select_from(
        _GIVEN.join(
            _TAKEN,
            (_TAKEN.c.dossier_id == _GIVEN.c.dossier_id)
            & (_TAKEN.c.opened_at == _GIVEN.c.closed_at)
            & (_TAKEN.c.id > _GIVEN.c.id)
            & (_TAKEN.c.unit_id != _GIVEN.c.unit_id),
        )
        .join(table_of(Dossier), _D.id == _GIVEN.c.dossier_id)
        .outerjoin(table_of(Person), table_of(Person).c.username == _GIVEN.c.closed_by)
    )
    .where(
        _GIVEN.c.unit_id == bindparam("unit"),
        _GIVEN.c.closed_at >= bindparam("start"),
        _GIVEN.c.closed_at < bindparam("end"),
        _GIVEN.c.is_interrupted.is_(False),
        ~_IS_BETWEEN,
    )
    .order_by(_GIVEN.c.closed_at, _GIVEN.c.id, _TAKEN.c.id)
)


def handed_rows(connection: Connection, unit_id: int, period: tuple[datetime, datetime]) -> Sequence[RowMapping]:
    """Each step that a unit finished in the period and that another unit goes on with, in the order of time."""
    return connection.execute(_HANDED, _values(unit_id, period)).mappings().all()


def _values(unit_id: int, period: tuple[datetime, datetime]) -> dict[str, object]:
    return {"unit": unit_id, "start": period[0], "end": period[1]}
