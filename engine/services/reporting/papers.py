"""A report as an Excel file and as a PDF: the same tables, charts and words that its page has."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from engine.charts import Bar, Chart, Series, bars, columns, lines
from engine.domain.errors import CannotRun
from engine.domain.report_model import Cell, Col, Document, Drawing, Kind, Table, shown
from engine.domain.views import LetterPdf
from engine.effects.letter_templates import letterhead_on
from engine.effects.press import Press
from engine.tables.excel import Column, Sheet, workbook_of
from letters import LetterError
from letters.report_papers import (
    MOST_ROWS,
    ReportChart,
    ReportCheck,
    ReportHead,
    ReportMeaning,
    ReportPaper,
    ReportRow,
    ReportTable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.effects.office import Office
    from engine.persistence.unit_of_work import UnitOfWork
    from letters import Letter, Letterhead
    from letters.posters import Poster
    from letters.rendered import Rendered

_KEPT = 40
_WIDE, _NARROW = 38, 14


class ReportNotPrinted(CannotRun):
    """Chưa lập được bản in của báo cáo: {detail}. Hãy báo người quản trị."""

    code = "report_not_printed"


def draw(drawing: Drawing) -> Chart:
    """The chart of a drawing, with the table that says the same."""
    if drawing.form == "bars":
        line = drawing.lines[0]
        values = [
            Bar(name, value or 0, tone=line.tone, shown="" if value is not None else "–")
            for name, value in zip(drawing.categories, line.values, strict=True)
        ]
        return bars(drawing.title, values, heads=(drawing.head, line.name))
    series = [Series(line.name, line.tone, line.values) for line in drawing.lines]
    if drawing.form == "columns":
        return columns(drawing.title, drawing.categories, series, head=drawing.head)
    return lines(drawing.title, drawing.categories, series, head=drawing.head, goal=drawing.goal)


class ReportPapers:
    """Writes reports down."""

    def __init__(self, uow: UnitOfWork, office: Office, render: Callable[[Letter | Poster], Rendered]) -> None:
        """Work for one installation; `render` prints one paper, in a process of its own."""
        self._uow = uow
        self._office = office
        self._press = Press("reports", kept=_KEPT)
        self._render = self._press.until_closed(render)

    def close(self) -> None:
        """Print nothing more."""
        self._press.close()

    # --- Excel ---

    def workbook(self, document: Document) -> bytes:
        """A sheet a table, then the checks, then what every figure means."""
        said = (document.period, f"Phạm vi: {document.scope}", self._as_of(document), *document.notes)
        sheets = [_sheet(table, document.title, said) for table in document.tables]
        if document.checks:
            heads = (Column("Phép kiểm tra", 60), Column("Vế trái"), Column("Vế phải"), Column("Khớp"))
            rows = [(c.text, c.left, c.right, "có" if c.holds else "KHÔNG") for c in document.checks]
            sheets.append(Sheet("Kiểm tra", heads, rows, title="Kiểm tra"))
        columns_of_meaning = (Column("Số liệu", 30), Column("Nghĩa", 60), Column("Chia cho", 40))
        labels = labels_of(document)
        meanings = [(labels.get(each.name, each.name), each.meaning, each.denominator) for each in document.definitions]
        sheets.append(Sheet("Định nghĩa", columns_of_meaning, meanings, document.sources, "Từng con số nghĩa là gì"))
        return workbook_of(sheets, zone=self._office.settings.zone)

    # --- PDF ---

    def pdf(self, document: Document, *, seal: str = "", patience: float | None = None) -> LetterPdf:
        """The report on A4 across, or that it is being printed; raises `ReportNotPrinted`."""
        try:
            content = self._press.paper(self._paper(document, seal), self._render, patience)
        except (LetterError, TimeoutError) as error:
            raise ReportNotPrinted(detail=str(error).rstrip(".")) from error
        return LetterPdf(f"{file_name(document)}.pdf", content, "", waiting=content is None)

    def _paper(self, document: Document, seal: str) -> ReportPaper:
        labels = labels_of(document)
        remarks = [*document.notes, *(f"Nguồn: {source}" for source in document.sources)]
        checks = (ReportCheck(text=c.text, left=_n(c.left), right=_n(c.right), holds=c.holds) for c in document.checks)
        return ReportPaper(
            letterhead=self._letterhead(document),
            issued_at=document.as_of,
            title=document.title,
            verification_url=self._office.settings.web.address("/tra-cuu"),
            scope=document.scope,
            period=f"{document.period}: {document.first:%d/%m/%Y} – {document.last:%d/%m/%Y}",
            as_of=self._as_of(document),
            checks=tuple(checks),
            charts=tuple(ReportChart(title=each.title, svg=draw(each).in_document()) for each in document.drawings),
            tables=tuple(_paper_table(table) for table in document.tables),
            meanings=tuple(
                ReportMeaning(name=labels.get(each.name, each.name), meaning=each.meaning, denominator=each.denominator)
                for each in document.definitions
            ),
            remarks=tuple(remarks),
            seal=seal,
        )

    def _letterhead(self, document: Document) -> Letterhead:
        units = self._office.units
        unit = units.by_code(document.unit_code) if document.unit_code else next(iter(units))
        with self._uow.read() as tx:
            return letterhead_on(tx, self._office, unit, document.as_of)

    def _as_of(self, document: Document) -> str:
        at = document.as_of.astimezone(self._office.settings.zone)
        return f"Số liệu lúc {at:%H:%M} ngày {at:%d/%m/%Y}"


def file_name(document: Document) -> str:
    """What the file of a report is called, without its ending."""
    return "_".join(filter(None, ("bao-cao", document.name, document.unit_code, document.period_code)))


def labels_of(document: Document) -> dict[str, str]:
    """What figures are called: the heading of their column, with that of its group."""
    found = {}
    for table in document.tables:
        for col in table.columns:
            found[col.key] = f"{col.group}: {col.label}" if col.group else col.label
    return found


def _sheet(table: Table, title: str, said: tuple[str, ...]) -> Sheet:
    heads = [_head(col) for col in table.columns]
    rows = ([_excel(row.get(col.key), col.kind) for col in table.columns] for row in table.rows)
    totals = _totals(table)
    return Sheet(table.title, heads, rows, (*said, table.title), title, totals)


def _head(col: Col) -> Column:
    head = f"{col.group}: {col.label}" if col.group else col.label
    return Column(head, _WIDE if col.kind is Kind.TEXT else _NARROW, col.kind is Kind.SHARE)


def _excel(value: Cell, kind: Kind) -> Cell | datetime:
    if kind is Kind.MOMENT and isinstance(value, str):
        return datetime.fromisoformat(value)
    return shown(value, kind) if kind is Kind.FLAG and value is not None else value


def _totals(table: Table) -> list[Cell]:
    if not table.totals:
        return []
    found: list[Cell] = [table.totals.get(col.key) for col in table.columns]
    return ["Tổng" if place == 0 and value is None else value for place, value in enumerate(found)]


def _paper_table(table: Table) -> ReportTable:
    cut = len(table.rows) > MOST_ROWS
    note = f"Bảng có {len(table.rows)} dòng; bản in ghi {MOST_ROWS} dòng đầu, tệp Excel có đủ." if cut else table.note
    rows = (
        ReportRow(cells=tuple(shown(row.get(col.key), col.kind) for col in table.columns))
        for row in table.rows[:MOST_ROWS]
    )
    totals = _totals(table)
    return ReportTable(
        title=table.title,
        groups=tuple(_groups(table)) if any(col.group for col in table.columns) else (),
        heads=tuple(ReportHead(text=col.label, is_figure=col.kind.is_figure) for col in table.columns),
        rows=tuple(rows),
        totals=tuple(
            ""
            if value is None and col.key not in table.totals
            else shown(value, col.kind if place or value != "Tổng" else Kind.TEXT)
            for place, (value, col) in enumerate(zip(totals, table.columns, strict=False))
        ),
        note=note,
    )


def _groups(table: Table) -> Iterator[ReportHead]:
    for group, members in groupby(table.columns, key=lambda col: col.group):
        yield ReportHead(text=group, span=len(list(members)))


def _n(value: float) -> str:
    return shown(value, Kind.NUMBER)
