"""Finished dossiers of a period, one narrow value each: what the reports on results count."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from engine.persistence.base import UtcDateTime, table_of
from engine.persistence.models import Dossier, OutcomeRow
from engine.persistence.queries.criteria import UNITS

_D = table_of(Dossier).c
_O = table_of(OutcomeRow).c
_ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Finished:
    """One finished dossier. `time_shares`: seconds of office time by whoever held it."""

    deciding_unit_id: int
    procedure_code: str
    procedure_name: str
    result: str
    timeliness: str | None
    is_apologised: bool
    is_corrected: bool
    overdue_count: int
    finished_at: datetime
    time_shares: Mapping[str, int]


@cache
def _statement(*, everything: bool) -> Select[*tuple[Any, ...]]:
    columns = [_O[name] if name in _O else _D[name] for name in Finished.__dataclass_fields__]
    statement = (
        select(*columns)
        .select_from(table_of(OutcomeRow).join(table_of(Dossier), _D.id == _O.dossier_id))
        .where(
            _O.finished_at >= bindparam("start", type_=UtcDateTime()),
            _O.finished_at < bindparam("end", type_=UtcDateTime()),
        )
        .order_by(_O.finished_at, _O.dossier_id)
    )
    return statement if everything else statement.where(_O.deciding_unit_id.in_(UNITS))


def finished_between(
    connection: Connection, start: datetime, end: datetime, unit_ids: Collection[int] | None = None
) -> Iterator[Finished]:
    """Dossiers that ended from `start` on and before `end`, oldest first; decided by `unit_ids` (None: by any unit)."""
    statement = _statement(everything=unit_ids is None).execution_options(yield_per=_ROWS_AT_ONCE)
    values = {"start": start, "end": end, "units": sorted(unit_ids or ())}
    for row in connection.execute(statement, values):
        yield Finished(*row)
