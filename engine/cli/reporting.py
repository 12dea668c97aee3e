"""`motcua report`: figures that say what they mean and what they are divided by."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.shared import check_days, opened, print_json, with_config
from engine.domain.report_model import Document, as_json
from engine.domain.report_registry import REPORTS, kind_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.bootstrap import Engine
    from engine.config import Settings
    from engine.domain.report import Report

# Reports with a shape of their own, as other programs read them: rows, totals, definitions. `results` and the rest are
# also reports of the one form, with --period.
FLAT = ("results", "overdue", "apologies", "steps", "evaluation", "officials", "satisfaction", "feedback")
_PATIENCE_SECONDS = 600.0
_FILE = click.Path(path_type=Path, dir_okay=False)
_DAY = click.DateTime(["%Y-%m-%d"])
_FILES = ("xlsx", "pdf")


@click.command()
@click.argument("name", type=click.Choice([kind.name for kind in REPORTS]))
@click.option("--from", "from_on", type=_DAY, help="Từ ngày (kể cả).", metavar="D")
@click.option("--to", "to_on", type=_DAY, help="Đến ngày (kể cả).", metavar="D")
@click.option("--period", default="", help="Kỳ: 2026-10, 2026-Q2, 2026-6M, 2026 hoặc hai ngày nối bằng `..`.")
@click.option("--unit", "unit_code", default="", help="Chỉ đơn vị này và các đơn vị trực thuộc.", metavar="CODE")
@click.option(
    "--format",
    "as_format",
    type=click.Choice(["json", "csv", *_FILES]),
    default="json",
    help="Định dạng của kết quả ở đầu ra chuẩn (xlsx, pdf: hãy dẫn vào một tệp).",
)
@click.option("--with", "given", multiple=True, metavar="KEY=VALUE", help="Tham số riêng, như procedure=1.012783.")
@click.option("--json", "_as_json", is_flag=True, help="In một văn bản JSON (mặc định).")
@click.option("--xlsx", type=_FILE, help="Ghi thành tệp Excel.", metavar="FILE")
@click.option("--pdf", type=_FILE, help="Ghi thành tệp PDF.", metavar="FILE")
@with_config
def report(  # noqa: PLR0917 - one argument an option
    settings: Settings,
    name: str,
    from_on: datetime | None,
    to_on: datetime | None,
    period: str,
    unit_code: str,
    as_format: str,
    given: tuple[str, ...],
    _as_json: bool,
    xlsx: Path | None,
    pdf: Path | None,
) -> None:
    """In một báo cáo ra JSON, CSV, Excel hoặc PDF.

    progress (Biểu 06), units (Biểu 07), monthly (quá hạn, xin lỗi, phản ánh), land_lateness (đất đai so với ngưỡng),
    channels (trực tuyến, số hóa, bưu chính), publication (công khai), simplification (trước và sau),
    results (kết quả giải quyết, đặt cạnh tiêu chí IV của SIPAS), steps (thời gian từng bước),
    overdue (từng lần hẹn bị lỡ và văn bản của nó), apologies (văn bản xin lỗi theo đơn vị, hồ sơ quá hạn lần hai),
    evaluation và officials (9 chỉ số theo đơn vị, theo cán bộ), satisfaction (khảo sát tự thực hiện),
    feedback (phản ánh, kiến nghị theo đơn vị).
    """
    wanted = _wanted(period, from_on, to_on)
    with opened(settings) as engine:
        if name in FLAT and not (period or xlsx or pdf or as_format in _FILES):
            assert from_on is not None
            assert to_on is not None
            _print_flat(_make(engine, name, from_on.date(), to_on.date(), unit_code), as_format, settings)
            return
        at = engine.clock.now()
        asked = _parameters(name, given)
        found = engine.reporting.make(None, name, engine.reporting.period(wanted, at=at), unit_code, asked, at=at)
        for kind, path in (("xlsx", xlsx), ("pdf", pdf)):
            if path:
                path.write_bytes(_file(engine, found, kind))
                click.echo(str(path), err=True)
        if as_format in _FILES:
            sys.stdout.buffer.write(_file(engine, found, as_format))
    if not (xlsx or pdf or as_format in _FILES):
        _print_found(found, as_format, settings)


def _wanted(period: str, from_on: datetime | None, to_on: datetime | None) -> str:
    """The period as it is written; two days of one's own are one too."""
    if period:
        return period
    if from_on is None or to_on is None:
        raise click.UsageError("hãy nêu --period, hoặc cả --from và --to")
    check_days(from_on, to_on)
    return f"{from_on:%Y-%m-%d}..{to_on:%Y-%m-%d}"


def _parameters(name: str, given: tuple[str, ...]) -> dict[str, str]:
    """What the report is asked besides unit and period; a name that it does not know is told."""
    known = [key for key, _label in kind_of(name).parameters]
    asked = dict(each.partition("=")[::2] for each in given)
    if stray := next((key for key in asked if key not in known), None):
        takes = f"nhận {', '.join(known)}" if known else "không nhận tham số riêng nào"
        raise click.BadParameter(f"báo cáo {name} {takes}, không có “{stray}”", param_hint="--with")
    return asked


def _file(engine: Engine, found: Document, kind: str) -> bytes:
    if kind == "xlsx":
        return engine.report_papers.workbook(found)
    paper = engine.report_papers.pdf(found, patience=_PATIENCE_SECONDS)
    assert paper.content is not None, "whoever waits ten minutes has the file or an error"
    return paper.content


def _print_found(found: Document, as_format: str, settings: Settings) -> None:
    first = found.tables[0]
    if as_format == "csv":
        _print_csv(tuple(col.key for col in first.columns), first.rows)
        return
    flat = {
        "report": found.name,
        "title": found.title,
        "period": {"from": found.first, "to": found.last, "code": found.period_code},
        "columns": [col.key for col in first.columns],
        "rows": first.rows,
        "totals": first.totals,
    }
    print_json({**as_json(found), **flat}, settings.zone)


def _print_flat(made: Report, as_format: str, settings: Settings) -> None:
    if as_format == "csv":
        _print_csv(made.columns, made.rows)
        return
    print_json(
        {
            "report": made.name,
            "title": made.title,
            "period": {"from": made.from_on, "to": made.to_on},
            "columns": made.columns,
            "rows": made.rows,
            "totals": made.totals,
            "definitions": made.definitions,
            "beside": made.beside,
        },
        settings.zone,
    )


def _make(engine: Engine, name: str, first: date, last: date, unit_code: str) -> Report:
    at = engine.clock.now()
    match name:
        case "evaluation":
            return engine.indicators.evaluation(first, last, unit_code, at=at)
        case "officials":
            return engine.indicators.officials(first, last, unit_code, at=at)
        case "satisfaction":
            return engine.surveys.satisfaction(first, last, unit_code)
        case "feedback":
            return engine.feedback.report(first, last, unit_code, at=at)
        case _:
            found: Report = getattr(engine.reports, name)(first, last, unit_code)
            return found


def _print_csv(columns: tuple[str, ...], rows: object) -> None:
    from engine.tables.comma import csv_line

    assert isinstance(rows, tuple)
    for line in (columns, *([row.get(column) for column in columns] for row in rows)):
        click.echo(csv_line(line), nl=False)
