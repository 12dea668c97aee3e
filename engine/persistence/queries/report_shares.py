"""How dossiers came, results left, fees were paid, papers were scanned: over ranges of days, by their indexes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, case, distinct, func, select

from engine.domain.outcome import Result
from engine.persistence.base import table_of
from engine.persistence.models import Attachment, Dossier, FeeEntry, OutcomeRow

_D, _O, _A = table_of(Dossier).c, table_of(OutcomeRow).c, table_of(Attachment).c
_F, _UNDONE = table_of(FeeEntry).c, table_of(FeeEntry).alias("undone")
_ANSWERS = tuple(result.value for result in Result if result.is_answer)


def result_channels(
    connection: Connection, start: datetime, end: datetime, unit_ids: Collection[int] | None
) -> list[Mapping[str, Any]]:
    """How the results of what was answered from one moment to another leave, by deciding unit and procedure."""
    groups = (_O.deciding_unit_id.label("unit_id"), _O.procedure_code, _D.result_channel)
    statement = (
        select(*groups, func.count().label("answered"))
        .select_from(table_of(OutcomeRow).join(table_of(Dossier), _D.id == _O.dossier_id))
        .where(_O.finished_at >= start, _O.finished_at < end, _O.result.in_(_ANSWERS))
        .group_by(_O.deciding_unit_id, _O.procedure_code, _D.result_channel)
    )
    if unit_ids is not None:
        statement = statement.where(_O.deciding_unit_id.in_(sorted(unit_ids)))
    return [dict(row) for row in connection.execute(statement).mappings()]


def scanned(
    connection: Connection, start: datetime, end: datetime, unit_ids: Collection[int] | None
) -> list[Mapping[str, Any]]:
    """What was answered from one moment to another and how much of it has a file, by deciding unit and procedure."""
    has_file = func.count(distinct(case((_A.removed_at.is_(None), _A.dossier_id))))
    statement = (
        select(_O.deciding_unit_id.label("unit_id"), _O.procedure_code, has_file.label("scanned"))
        .select_from(table_of(OutcomeRow).join(table_of(Attachment), _A.dossier_id == _O.dossier_id))
        .where(_O.finished_at >= start, _O.finished_at < end, _O.result.in_(_ANSWERS))
        .group_by(_O.deciding_unit_id, _O.procedure_code)
    )
    if unit_ids is not None:
        statement = statement.where(_O.deciding_unit_id.in_(sorted(unit_ids)))
    return [dict(row) for row in connection.execute(statement).mappings()]


def payments(
    connection: Connection, first: date, last: date, unit_ids: Collection[int] | None, desks: Collection[int]
) -> list[Mapping[str, Any]]:
    """How often and how was paid from `first` to `last` (local days), by deciding unit and procedure.

    What was taken back later does not count. `desks`: every unit that may take money, so that their days are found.
    """
    groups = (_D.deciding_unit_id.label("unit_id"), _D.procedure_code, _F.method)
    taken_back = select(_UNDONE.c.id).where(_UNDONE.c.corrects_id == _F.id).exists()
    statement = (
        select(*groups, func.count().label("payments"))
        .select_from(table_of(FeeEntry).join(table_of(Dossier), _D.id == _F.dossier_id))
        .where(_F.unit_id.in_(sorted(desks)), _F.paid_on >= first, _F.paid_on <= last)
        .where(_F.corrects_id.is_(None), ~taken_back)
        .group_by(_D.deciding_unit_id, _D.procedure_code, _F.method)
    )
    if unit_ids is not None:
        statement = statement.where(_D.deciding_unit_id.in_(sorted(unit_ids)))
    return [dict(row) for row in connection.execute(statement).mappings()]


def results_of(
    connection: Connection, start: datetime, end: datetime, unit_ids: Collection[int] | None, result: Result
) -> list[Mapping[str, Any]]:
    """How many dossiers came to a result from one moment to another, by deciding unit and procedure."""
    groups = (_O.deciding_unit_id.label("unit_id"), _O.procedure_code)
    statement = (
        select(*groups, func.count().label("files"))
        .where(_O.finished_at >= start, _O.finished_at < end, _O.result == result.value)
        .group_by(_O.deciding_unit_id, _O.procedure_code)
    )
    if unit_ids is not None:
        statement = statement.where(_O.deciding_unit_id.in_(sorted(unit_ids)))
    return [dict(row) for row in connection.execute(statement).mappings()]
