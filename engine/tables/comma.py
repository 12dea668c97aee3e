"""Rows as CSV for a spreadsheet: UTF-8 with its mark, so that Excel reads the accents; no cell is ever a formula."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MARK = "\ufeff"
_COMMANDS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(heads: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """The whole table."""
    return "".join(csv_lines(heads, rows))


def csv_lines(heads: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The table line by line: for what is too long to be held at once."""
    yield _MARK + csv_line(heads)
    yield from map(csv_line, rows)


def csv_line(cells: Iterable[object]) -> str:
    """One line, without the mark. A text that a spreadsheet would read as a command is kept a text."""
    out = StringIO()
    csv.writer(out).writerow([_harmless(cell) for cell in cells])
    return out.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_COMMANDS) else cell
