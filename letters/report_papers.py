"""A report on paper: its tables, charts and definitions, in words ready to print. Rendered like posters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from letters.data import Cleaned, Listing
from letters.posters import Poster
from letters.text import Text

MOST_ROWS = 2000
"""Rows that one table on paper takes; a longer one is cut, and says so: Excel has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHead(Cleaned):
    """A heading over so many columns; a figure stands to the right."""

    text: Annotated[str, Text("Tên cột", 200, optional=True)] = ""
    span: int = 1
    is_figure: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow(Cleaned):
    """One row, cell by cell."""

    cells: Annotated[tuple[str, ...], Text("Ô", 2000, optional=True), Listing("Ô", most=40)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable(Cleaned):
    """A table; `groups` stand over `heads`, empty where no columns are grouped. Empty `totals`: there are none."""

    title: Annotated[str, Text("Tên bảng", 1000)]
    groups: Annotated[tuple[ReportHead, ...], Listing("Nhóm cột", most=40)] = ()
    heads: Annotated[tuple[ReportHead, ...], Listing("Cột", fewest=1, most=40)]
    rows: Annotated[tuple[ReportRow, ...], Listing("Dòng", most=MOST_ROWS)] = ()
    totals: Annotated[tuple[str, ...], Text("Tổng", 2000, optional=True), Listing("Tổng", most=40)] = ()
    note: Annotated[str, Text("Ghi chú bảng", 500, optional=True)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportChart(Cleaned):
    """A drawing: SVG from our own drawing machine, never from a person."""

    title: Annotated[str, Text("Tên biểu đồ", 300)]
    svg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCheck(Cleaned):
    """An equation, and whether it holds."""

    text: Annotated[str, Text("Phép kiểm tra", 1000)]
    left: Annotated[str, Text("Vế trái", 40)]
    right: Annotated[str, Text("Vế phải", 40)]
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMeaning(Cleaned):
    """What a figure means, and what it is divided by."""

    name: Annotated[str, Text("Tên số liệu", 300)]
    meaning: Annotated[str, Text("Nghĩa", 2000)]
    denominator: Annotated[str, Text("Mẫu số", 1000, optional=True)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPaper(Poster):
    """A report of a unit and period, A4 across, its head on the first page and the heads of tables on every one."""

    form: ClassVar[str] = "report"

    scope: Annotated[str, Text("Phạm vi", 300)]
    period: Annotated[str, Text("Kỳ", 200)]
    as_of: Annotated[str, Text("Lúc lập", 200)]
    checks: Annotated[tuple[ReportCheck, ...], Listing("Kiểm tra", most=20)] = ()
    charts: Annotated[tuple[ReportChart, ...], Listing("Biểu đồ", most=12)] = ()
    tables: Annotated[tuple[ReportTable, ...], Listing("Bảng", most=60)] = ()
    meanings: Annotated[tuple[ReportMeaning, ...], Listing("Nghĩa", most=80)] = ()
    remarks: Annotated[tuple[str, ...], Text("Ghi chú", 2000), Listing("Ghi chú", most=60)] = ()
    seal: Annotated[str, Text("Dấu băm", 300, optional=True)] = ""
