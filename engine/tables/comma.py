"""Rows as CSV for a spreadsheet: UTF-8 with its mark, so that Excel reads the accents; no cell is ever a formula."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_ROWS = 100_000
_MARK = "\ufeff"
_COMMANDS = ("=", "+", "-", "@", "\t", "\r")


class TableTooLong(BadInput):
    """Phần này có {total} dòng, mỗi tệp CSV tối đa {most} dòng. Hãy chọn kỳ ngắn hơn hoặc lọc bớt."""

    code = "table_too_long"


def check_rows(total: int) -> None:
    """Raise `TableTooLong` for what one file is not to hold: nothing is cut off unsaid."""
    if total > MOST_ROWS:
        raise TableTooLong(total=total, most=MOST_ROWS)


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
