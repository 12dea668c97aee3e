"""What every report is: figures in typed tables, what is drawn of them, what each means, and whether they add up.

One value, four ways to show it (page, Excel, PDF, JSON). `as_json` and `from_json` are each other's inverse: a report
that was sent is kept as the text of its JSON and shown again from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from engine.domain.report import Definition

Cell = str | int | float | bool | None


class Kind(StrEnum):
    """What the cells of a column are. Shares are fractions; instants and days are ISO texts."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    FLAG = "flag"

    @property
    def is_figure(self) -> bool:
        return self in {Kind.COUNT, Kind.SHARE, Kind.NUMBER}


@dataclass(frozen=True, slots=True)
class Col:
    """A column; columns of one `group` stand under one heading."""

    key: str
    label: str
    kind: Kind = Kind.COUNT
    group: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; rows hold plain cells by key, and may hold more than is shown."""

    key: str
    title: str
    columns: tuple[Col, ...]
    rows: tuple[Mapping[str, Cell], ...]
    totals: Mapping[str, Cell] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One colour of a drawing."""

    name: str
    tone: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is to be drawn: `form` is bars, columns or lines; `goal` a line across."""

    form: str
    title: str
    head: str
    categories: tuple[str, ...]
    lines: tuple[Line, ...]
    goal: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """An equation that has to hold: what it says, both sides."""

    text: str
    left: float
    right: float

    @property
    def holds(self) -> bool:
        return self.left == self.right


@dataclass(frozen=True, slots=True)
class Document:
    """A report, ready to be shown in any way."""

    name: str
    title: str
    scope: str
    unit_code: str
    period_code: str
    period: str
    first: date
    last: date
    as_of: datetime
    tables: tuple[Table, ...]
    definitions: tuple[Definition, ...]
    drawings: tuple[Drawing, ...] = ()
    checks: tuple[Check, ...] = ()
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)

    def table(self, key: str) -> Table:
        """A table by its key; `KeyError`."""
        return {table.key: table for table in self.tables}[key]


def cell(value: object) -> Cell:
    """A value as a plain cell."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def as_json(document: Document) -> dict[str, Any]:
    """A report as plain values; checks say whether they hold."""
    found: dict[str, Any] = asdict(document)
    found["as_of"] = document.as_of.isoformat()
    found["first"], found["last"] = document.first.isoformat(), document.last.isoformat()
    found["checks"] = [{**asdict(check), "holds": check.holds} for check in document.checks]
    return found


def to_text(document: Document) -> str:
    """The one text of a report: what is kept and hashed."""
    return json.dumps(as_json(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_text(text: str) -> Document:
    """The report that `to_text` wrote."""
    found: dict[str, Any] = json.loads(text)
    found["as_of"] = datetime.fromisoformat(found["as_of"])
    found["first"], found["last"] = date.fromisoformat(found["first"]), date.fromisoformat(found["last"])
    found["tables"] = tuple(_table(each) for each in found["tables"])
    found["drawings"] = tuple(_drawing(each) for each in found["drawings"])
    found["checks"] = tuple(Check(each["text"], each["left"], each["right"]) for each in found["checks"])
    found["definitions"] = tuple(Definition(**each) for each in found["definitions"])
    for name in ("sources", "notes"):
        found[name] = tuple(found[name])
    known = {each.name for each in fields(Document)}
    return Document(**{name: value for name, value in found.items() if name in known})


def _table(each: Mapping[str, Any]) -> Table:
    columns = tuple(Col(col["key"], col["label"], Kind(col["kind"]), col["group"]) for col in each["columns"])
    return Table(each["key"], each["title"], columns, tuple(each["rows"]), each["totals"], each["note"])


def _drawing(each: Mapping[str, Any]) -> Drawing:
    lines = tuple(Line(line["name"], line["tone"], tuple(line["values"])) for line in each["lines"])
    rest = {name: each[name] for name in ("form", "title", "head", "goal", "unit")}
    return Drawing(**rest, categories=tuple(each["categories"]), lines=lines)


def share(part: float, whole: float) -> float | None:
    """A fraction to four digits; None where there is nothing to divide by."""
    return round(part / whole, 4) if whole else None


def percent(value: Cell) -> float | None:
    """A share as a chart shows it, in per cent."""
    return round(value * 100, 2) if isinstance(value, int | float) else None


def shown(value: Cell, kind: Kind) -> str:  # noqa: PLR0911 - one return a kind of cell
    """A cell in Vietnamese words: shares as per cent, a dash where there is nothing."""
    if value is None:
        return "–"
    if kind is Kind.FLAG:
        return "có" if value else "không"
    if kind is Kind.DAY and isinstance(value, str):
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    if kind is Kind.MOMENT and isinstance(value, str):
        return f"{datetime.fromisoformat(value):%H:%M %d/%m/%Y}"
    if isinstance(value, bool | str):
        return str(value)
    if kind is Kind.SHARE:
        return f"{_plain(value * 100, 2)} %"
    return _plain(value, 2)


def _plain(value: float, digits: int) -> str:
    text = f"{value:,.{digits}f}".rstrip("0").rstrip(".") if not float(value).is_integer() else f"{value:,.0f}"
    return text.translate(str.maketrans(",.", ".,"))


def summed(rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> dict[str, int]:
    """The sums of some columns over rows."""
    return {key: sum(int(row[key] or 0) for row in rows) for key in keys}
