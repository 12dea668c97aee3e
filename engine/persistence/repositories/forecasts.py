"""What is kept of the history of steps, what is told of open ones, and what that was worth."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from engine.persistence.base import Base, table_of
from engine.persistence.models import (
    Dossier,
    ForecastRow,
    ForecastScore,
    HistoryMonth,
    ItemMonth,
    RemainingMonth,
    StepMonth,
    Task,
)

_H, _R, _S, _F = (table_of(model).c for model in (HistoryMonth, RemainingMonth, ForecastScore, ForecastRow))
_M, _I, _T, _D = (table_of(model).c for model in (StepMonth, ItemMonth, Task, Dossier))
_SUMS = ("count", "late", "told", "told_square", "told_late", "said", "square", "base_square")
_STILL = (_T.closed_at.is_(None), _D.ended_at.is_(None))


class Forecasts:
    """Kept figures, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    # --- history ---

    def learned(self) -> dict[str, datetime]:
        """Which months were learned when."""
        return {row.month: row.learned_at for row in self._connection.execute(select(_H.month, _H.learned_at))}

    def keep_month(self, month: str, at: datetime, rows: Mapping[type[Base], Sequence[Mapping[str, Any]]]) -> None:
        """Put the figures of a month in the place of what was known of it."""
        kept: tuple[type[Base], ...] = (StepMonth, RemainingMonth, ItemMonth, ForecastScore, HistoryMonth)
        for model in kept:
            self._connection.execute(delete(table_of(model)).where(table_of(model).c.month == month))
        for model, found in rows.items():
            if found:
                self._connection.execute(insert(table_of(model)), [{**row, "month": month} for row in found])
        self._connection.execute(insert(table_of(HistoryMonth)).values(month=month, learned_at=at))

    def remaining(self, first: str, before: str) -> Sequence[Any]:
        """What dossiers answered in the months from `first` on and before `before` still took."""
        columns = (_R.procedure_code, _R.step_id, _R.unit_id, _R.remaining)
        return self._connection.execute(select(*columns).where(_R.month >= first, _R.month < before)).all()

    def scores(self, first: str, before: str, unit_ids: Collection[int] | None = None) -> Sequence[Any]:
        """What was told and came, by month and tenth."""
        sums = (func.sum(_S[name]).label(name) for name in _SUMS)
        statement = select(_S.month, _S.bin, *sums).where(_S.month >= first, _S.month < before)
        if unit_ids is not None:
            statement = statement.where(_S.unit_id.in_(list(unit_ids)))
        return self._connection.execute(statement.group_by(_S.month, _S.bin).order_by(_S.month, _S.bin)).all()

    # --- what is told ---

    def tell(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put what is told now in the place of what was told before."""
        self._connection.execute(delete(table_of(ForecastRow)))
        for place in range(0, len(rows), 1000):
            self._connection.execute(insert(table_of(ForecastRow)), rows[place : place + 1000])

    def rehome(self, dossier_id: int, deciding_unit_id: int) -> None:
        """Let what is told of a dossier stand in the list of the unit that decides on it from now on."""
        values = {"deciding_unit_id": deciding_unit_id}
        self._connection.execute(update(table_of(ForecastRow)).where(_F.dossier_id == dossier_id).values(**values))

    def last_told(self) -> datetime | None:
        """When open steps were last told of."""
        found: datetime | None = self._connection.scalar(select(func.max(_F.told_at)))
        return found

    def page(self, unit_ids: Collection[int], limit: int, offset: int, *, short_only: bool = False) -> Sequence[Any]:
        """Open steps by what is left less what is usual, the least first; those that have moved on are left out."""
        columns = (_D.code, _D.procedure_name, _D.applicant_name, _D.due_at, _T.name, _T.unit_id, _T.opened_at)
        statement = (
            select(*table_of(ForecastRow).c, *columns)
            .select_from(_joined())
            .where(*_listed(unit_ids), *([_F.spare_minutes < 0] if short_only else []))
            .order_by(_F.spare_minutes, _F.task_id)
        )
        return self._connection.execute(statement.limit(limit).offset(offset)).all()

    def count(self, unit_ids: Collection[int]) -> tuple[int, int, datetime | None]:
        """How many stand in the list, how many of them usually take longer than is left, and as of when."""
        negative = func.count().filter(_F.spare_minutes < 0)
        statement = (
            select(func.count(), negative, func.max(_F.told_at)).select_from(_joined()).where(*_listed(unit_ids))
        )
        total, short, told_at = self._connection.execute(statement).one()
        return total, short, told_at

    # --- steps ---

    def steps(
        self, procedure_code: str, months: tuple[str, str], unit_ids: Collection[int], definition_ref: str = ""
    ) -> Sequence[Any]:
        """The figures of the steps of a procedure from a month to another (both included)."""
        wanted = _of_steps(procedure_code, months, unit_ids, definition_ref)
        return self._connection.execute(select(table_of(StepMonth)).where(*wanted).order_by(_M.month, _M.id)).all()

    def procedures(self, unit_ids: Collection[int]) -> Sequence[tuple[str, str]]:
        """Procedures and versions of which steps are known."""
        statement = select(_M.procedure_code, _M.definition_ref).where(_M.unit_id.in_(list(unit_ids))).distinct()
        return [(row[0], row[1]) for row in self._connection.execute(statement)]

    def open_steps(self, unit_ids: Collection[int], at: datetime) -> Sequence[Any]:
        """How many dossiers lie in each step now, and how many of them past its due moment; by version."""
        version = (_D.procedure_code, _D.definition_ref)
        named = (func.max(column).label(column.name) for column in (_T.diagram_element, _T.name, _T.waits_for))
        late = func.count().filter(_T.step_due_at < at).label("late")
        statement = (
            select(*version, _T.step_id, *named, func.count().label("now"), late)
            .select_from(table_of(Task).join(table_of(Dossier), _D.id == _T.dossier_id))
            .where(*_STILL, _T.unit_id.in_(list(unit_ids)))
            .group_by(*version, _T.step_id)
        )
        return self._connection.execute(statement).all()

    def lateness(
        self, procedure_code: str, months: tuple[str, str], unit_ids: Collection[int], definition_ref: str = ""
    ) -> Sequence[Any]:
        """How many of the steps of a procedure had a due moment and how many missed it, by step, unit and month."""
        key = (_M.step_id, _M.unit_id, _M.month)
        sums = (
            func.max(_M.name).label("name"),
            func.sum(_M.late).label("late"),
            func.sum(_M.with_limit).label("limited"),
        )
        statement = select(*key, *sums).where(*_of_steps(procedure_code, months, unit_ids, definition_ref))
        return self._connection.execute(statement.group_by(*key).order_by(*key)).all()

    def items(self, procedure_code: str, months: tuple[str, str], unit_ids: Collection[int]) -> Sequence[Any]:
        """How often each item was handed in."""
        sums = (func.max(_I.name).label("name"), func.sum(_I.files), func.sum(_I.handed_in))
        statement = select(_I.item_id, *sums).where(
            _I.procedure_code == procedure_code,
            _I.month >= months[0],
            _I.month <= months[1],
            _I.unit_id.in_(list(unit_ids)),
        )
        return self._connection.execute(statement.group_by(_I.item_id).order_by(_I.item_id)).all()


def _listed(unit_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return (_F.deciding_unit_id.in_(list(unit_ids)), *_STILL)


def _of_steps(
    procedure_code: str, months: tuple[str, str], unit_ids: Collection[int], definition_ref: str
) -> list[ColumnElement[bool]]:
    wanted = [
        _M.procedure_code == procedure_code,
        _M.month >= months[0],
        _M.month <= months[1],
        _M.unit_id.in_(list(unit_ids)),
    ]
    return [*wanted, _M.definition_ref == definition_ref] if definition_ref else wanted


def _joined() -> Any:
    return (
        table_of(ForecastRow).join(table_of(Task), _T.id == _F.task_id).join(table_of(Dossier), _D.id == _F.dossier_id)
    )
