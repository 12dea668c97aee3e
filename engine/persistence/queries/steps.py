"""Steps that were done in a period, counted by unit, procedure and step: how late, and how late they were recorded."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, func, select

from engine.domain.deadline import Timeliness
from engine.domain.late_records import LateState
from engine.domain.step_report import StepCount
from engine.persistence.base import UtcDateTime, table_of
from engine.persistence.models import Dossier, LateRecord, OutcomeRow, Task
from engine.persistence.queries.criteria import UNITS

_T = table_of(Task).c
_D = table_of(Dossier).c
_O = table_of(OutcomeRow).c
_R = table_of(LateRecord).c
_IS_LATE = _T.late_minutes > 0
_IN_TIME = _O.timeliness.in_([Timeliness.EARLY.value, Timeliness.ON_TIME.value])


@cache
def _statement(*, everything: bool) -> Select[*tuple[Any, ...]]:
    def of(condition: Any) -> Any:
        return func.count(case((condition, 1)))

    columns = (
        _T.unit_id,
        _D.procedure_code,
        func.max(_D.procedure_name),
        _T.step_id,
        func.max(_T.name),
        func.count(),
        func.count(_T.late_minutes),
        of(_IS_LATE),
        func.coalesce(func.sum(case((_IS_LATE, _T.late_minutes))), 0),
        of(_IS_LATE & _IN_TIME),
        func.count(_R.id),
        of(_R.state == LateState.APPROVED.value),
    )
    joined = (
        table_of(Task)
        .join(table_of(Dossier), _D.id == _T.dossier_id)
        .outerjoin(table_of(OutcomeRow), _O.dossier_id == _T.dossier_id)
        .outerjoin(table_of(LateRecord), _R.task_id == _T.id)
    )
    statement = (
        select(*columns)
        .select_from(joined)
        .where(
            _T.closed_at >= bindparam("start", type_=UtcDateTime()),
            _T.closed_at < bindparam("end", type_=UtcDateTime()),
            _T.is_interrupted.is_(False),
            _T.waits_for.is_(None),
        )
        .group_by(_T.unit_id, _D.procedure_code, _T.step_id)
        .order_by(of(_IS_LATE).desc(), _T.unit_id, _D.procedure_code, _T.step_id)
    )
    return statement if everything else statement.where(_T.unit_id.in_(UNITS))


def steps_between(
    connection: Connection, start: datetime, end: datetime, unit_ids: Collection[int] | None = None
) -> tuple[StepCount, ...]:
    """Steps recorded from `start` on and before `end`, those with most late ones first; of `unit_ids` (None: any)."""
    values = {"start": start, "end": end, "units": sorted(unit_ids or ())}
    return tuple(StepCount(*row) for row in connection.execute(_statement(everything=unit_ids is None), values))
