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
    """A column: its heading, how wide it is in letters, and whether its fractions are shown as per cent."""

    head: str
    width: int = 18
    is_percent: bool = False


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
    return workbook_of([Sheet(title, columns, rows, notes, title)], zone=zone, on_row=on_row)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook; `name` is what its tab says. `totals` stands under the rows, in bold."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    notes: Sequence[str] = ()
    title: str = ""
    totals: Sequence[Cell] = ()


def workbook_of(
    sheets: Sequence[Sheet], *, zone: tzinfo | None = None, on_row: Callable[[int], object] = lambda _count: None
) -> bytes:
    """Several sheets in one file; tabs of one name are numbered."""
    import xlsxwriter

    out = BytesIO()
    book = xlsxwriter.Workbook(
        out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    )
    formats = _Formats(book)
    taken: set[str] = set()
    for each in sheets:
        _fill(book.add_worksheet(_free_name(each.name, taken)), each, formats, zone, on_row)
    book.close()
    return out.getvalue()


class _Formats:
    """How cells look, made once a workbook."""

    def __init__(self, book: Any) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.head = book.add_format(
            {"bold": True, "bg_color": "#E4F0ED", "border": 1, "text_wrap": True, "valign": "top"}
        )
        self.total = {
            "": book.add_format({"bold": True, "top": 1}),
            "percent": book.add_format({"bold": True, "top": 1, "num_format": "0.00%"}),
        }
        self.percent = book.add_format({"num_format": "0.00%"})
        self.of_type: dict[type, Any] = {
            datetime: book.add_format({"num_format": "hh:mm dd/mm/yyyy"}),
            date: book.add_format({"num_format": "dd/mm/yyyy"}),
        }


def _fill(sheet: Any, each: Sheet, formats: _Formats, zone: tzinfo | None, on_row: Callable[[int], object]) -> None:
    for number, column in enumerate(each.columns):
        sheet.set_column(
            number, number, min(max(column.width, _NARROWEST), _WIDEST), formats.percent if column.is_percent else None
        )
    sheet.write_string(0, 0, each.title, formats.title)
    for number, note in enumerate(each.notes, start=1):
        sheet.write_string(number, 0, note)
    top = len(each.notes) + 2
    for number, column in enumerate(each.columns):
        sheet.write_string(top, number, column.head, formats.head)
    sheet.freeze_panes(top + 1, 0)
    last = top
    for last, row in enumerate(each.rows, start=top + 1):
        for number, cell in enumerate(row):
            _write(sheet, last, number, cell, formats.of_type, zone)
        on_row(last - top)
    sheet.autofilter(top, 0, max(last, top), len(each.columns) - 1)
    for number, (cell, column) in enumerate(zip(each.totals, each.columns, strict=False)):
        if cell is not None:
            sheet.write(last + 1, number, cell, formats.total["percent" if column.is_percent else ""])


def _free_name(name: str, taken: set[str]) -> str:
    """A name for a tab that no other tab has, as Excel allows it."""
    found, number = _sheet_name(name), 1
    while found.lower() in taken:
        number += 1
        found = f"{_sheet_name(name)[:27]} {number}"
    taken.add(found.lower())
    return found


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
