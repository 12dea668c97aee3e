"""The one door to XlsxWriter: a heading, rows as they come, an Excel file; its memory does not grow with the rows.

A text stays a text: what begins like a formula is never one, and a long number keeps its zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import tzinfo

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | int | float | bool | date | datetime | None
_NARROWEST, _WIDEST = 8, 60


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading and how wide it is, in letters."""

    head: str
    width: int = 18


def workbook(
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    *,
    notes: Sequence[str] = (),
    zone: tzinfo | None = None,
    on_row: Callable[[int], object] = lambda _count: None,
) -> bytes:
    """One sheet: the title, `notes` (when, what was chosen), headings that stay on top and filter, the rows.

    Instants are written as they are in `zone`. `on_row` hears of each row as it is written.
    """
    import xlsxwriter

    out = BytesIO()
    book = xlsxwriter.Workbook(
        out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    )
    sheet = book.add_worksheet(_sheet_name(title))
    bold, head = (
        book.add_format({"bold": True, "font_size": 14}),
        book.add_format({"bold": True, "bg_color": "#E4F0ED", "border": 1, "text_wrap": True, "valign": "top"}),
    )
    formats: dict[type, Any] = {
        datetime: book.add_format({"num_format": "hh:mm dd/mm/yyyy"}),
        date: book.add_format({"num_format": "dd/mm/yyyy"}),
    }
    for number, column in enumerate(columns):
        sheet.set_column(number, number, min(max(column.width, _NARROWEST), _WIDEST))
    sheet.write_string(0, 0, title, bold)
    for number, note in enumerate(notes, start=1):
        sheet.write_string(number, 0, note)
    top = len(notes) + 2
    for number, column in enumerate(columns):
        sheet.write_string(top, number, column.head, head)
    sheet.freeze_panes(top + 1, 0)
    last = top
    for last, row in enumerate(rows, start=top + 1):
        for number, cell in enumerate(row):
            _write(sheet, last, number, cell, formats, zone)
        on_row(last - top)
    sheet.autofilter(top, 0, max(last, top), len(columns) - 1)
    book.close()
    return out.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Cell, formats: dict[type, Any], zone: tzinfo | None) -> None:
    if isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell.astimezone(zone) if zone else cell, formats[datetime])
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, formats[date])
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell)
    elif cell is not None:
        sheet.write_number(row, column, cell)


def _sheet_name(title: str) -> str:
    return "".join(letter for letter in title if letter not in "[]:*?/\\'")[:31] or "Bảng"
