"""What a report is: rows and totals, with the definition and the denominator of every figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure of a report means, and what it is divided by."""

    name: str
    meaning: str
    denominator: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A report whose every figure says what it is. `rows` and `totals` hold plain values by column name."""

    name: str
    title: str
    from_on: date
    to_on: date
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, object], ...]
    totals: Mapping[str, object]
    definitions: tuple[Definition, ...]
    beside: Mapping[str, object] = field(default_factory=dict)
