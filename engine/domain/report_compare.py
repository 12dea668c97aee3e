"""A report beside an earlier one: every figure then, now, and the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.domain.report_model import Cell, Col, Document, Kind, Table


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of one row, then and now; `by` is None where one side has no number."""

    table: str
    row: str
    label: str
    kind: Kind
    then: Cell
    now: Cell

    @property
    def by(self) -> float | None:
        if isinstance(self.then, int | float) and isinstance(self.now, int | float):
            return round(self.now - self.then, 4)
        return None


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs from an earlier report; `same` figures are alike."""

    label: str
    period: str
    changes: tuple[Change, ...]
    same: int


def compare(now: Document, then: Document, label: str) -> Compared:
    """The totals of every table, or its rows where it has none; rows are the same where their texts are."""
    earlier = {table.key: table for table in then.tables}
    changes: list[Change] = []
    for table in now.tables:
        changes += _changes(table, earlier.get(table.key))
    told = tuple(change for change in changes if change.then != change.now)
    return Compared(label, then.period, told, len(changes) - len(told))


def _changes(now: Table, then: Table | None) -> list[Change]:
    figures = [col for col in now.columns if col.kind.is_figure]
    before, after = _lines(then, now.columns), _lines(now, now.columns)
    names = [*after, *(name for name in before if name not in after)]
    return [
        Change(
            now.title, name, _label(col), col.kind, before.get(name, {}).get(col.key), after.get(name, {}).get(col.key)
        )
        for name in names
        for col in figures
    ]


def _lines(table: Table | None, columns: Sequence[Col]) -> dict[str, Mapping[str, Cell]]:
    if table is None:
        return {}
    if table.totals:
        return {"Tổng": table.totals}
    texts = [col.key for col in columns if not col.kind.is_figure]
    return {" · ".join(str(row.get(key, "")) for key in texts) or "Tổng": row for row in table.rows}


def _label(col: Col) -> str:
    return f"{col.group}: {col.label}" if col.group else col.label
