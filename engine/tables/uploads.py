"""A table of cells as people upload it, CSV or Excel → rows of text. The only door that reads Excel files."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime

from openpyxl import load_workbook

from engine.domain.errors import BadInput

MOST_ROWS = 20_000
MOST_COLUMNS = 100
_MOST_UNPACKED = 64 * 1024 * 1024
_TOP, _SEPARATORS = 20, ",;\t"
_ZIP = b"PK\x03\x04"


class UnreadableTable(BadInput):
    """Không đọc được tệp: {detail}."""

    code = "unreadable_table"


def read_table(content: bytes, most: int = MOST_ROWS) -> list[list[str]]:
    """Every row of a CSV (UTF-8, comma, semicolon or tab) or of the first sheet of a workbook; `UnreadableTable`.

    A table of more than `most` rows is refused.
    """
    rows = _workbook(content, most) if content.startswith(_ZIP) else _csv(content)
    if len(rows) > most:
        raise UnreadableTable(detail=f"quá {most} dòng; hãy chia thành nhiều tệp")
    return rows


def _csv(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableTable(detail="không phải CSV mã UTF-8, cũng không phải tệp .xlsx") from None
    if "\0" in text:  # no database keeps it
        raise UnreadableTable(detail="CSV hỏng (có ký tự NUL)")
    top = text.split("\n", _TOP)[:_TOP]  # a title may stand above the heading
    heading = next((line for line in top if max(map(line.count, _SEPARATORS)) > 1), top[0])
    separator = max(_SEPARATORS, key=heading.count)
    try:
        return [row[:MOST_COLUMNS] for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)]
    except csv.Error as error:
        raise UnreadableTable(detail=f"CSV hỏng ({error})") from None


def _workbook(content: bytes, most: int) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            is_small = sum(part.file_size for part in archive.infolist()) <= _MOST_UNPACKED
        rows = _first_sheet(content, most) if is_small else []
    except Exception as error:  # noqa: BLE001 - what openpyxl stumbles over in a stranger's file has no class of its own
        raise UnreadableTable(detail=f"tệp Excel hỏng ({type(error).__name__})") from None
    if not is_small:
        raise UnreadableTable(detail="tệp giải nén ra quá lớn")
    return rows


def _first_sheet(content: bytes, most: int) -> list[list[str]]:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    rows = book.worksheets[0].iter_rows(max_row=most + 1, max_col=MOST_COLUMNS, values_only=True)
    return [[_text(cell) for cell in row] for row in rows]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
