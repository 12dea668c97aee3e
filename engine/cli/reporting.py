"""`motcua report`: figures that say what they mean and what they are divided by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine.cli.shared import opened, print_json, with_config

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.bootstrap import Engine
    from engine.config import Settings
    from engine.domain.report import Report

# Each report is a method of the reports service of the same name, or one of those in `_make`.
REPORTS = (
    *("results", "overdue", "apologies", "steps"),
    *("evaluation", "officials", "satisfaction", "feedback"),
)


@click.command()
@click.argument("name", type=click.Choice(REPORTS))
@click.option(
    "--from", "from_on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Từ ngày (kể cả).", metavar="D"
)
@click.option("--to", "to_on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Đến ngày (kể cả).", metavar="D")
@click.option("--unit", "unit_code", default="", help="Chỉ đơn vị này và các đơn vị trực thuộc.", metavar="CODE")
@click.option("--format", "as_format", type=click.Choice(["json", "csv"]), default="json", help="Định dạng kết quả.")
@with_config
def report(settings: Settings, name: str, from_on: datetime, to_on: datetime, unit_code: str, as_format: str) -> None:
    """In một báo cáo.

    results (kết quả giải quyết, đặt cạnh tiêu chí IV của SIPAS), steps (thời gian từng bước),
    overdue (từng lần hẹn bị lỡ và văn bản của nó), apologies (văn bản xin lỗi theo đơn vị, hồ sơ quá hạn lần hai),
    evaluation và officials (9 chỉ số theo đơn vị, theo cán bộ), satisfaction (khảo sát tự thực hiện),
    feedback (phản ánh, kiến nghị theo đơn vị).
    """
    first, last = from_on.date(), to_on.date()
    if last < first:
        raise click.BadParameter("ngày cuối phải từ ngày đầu trở đi", param_hint="--to")
    with opened(settings) as engine:
        made = _make(engine, name, first, last, unit_code)
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
    import csv
    import sys

    writer = csv.writer(sys.stdout)
    writer.writerow(columns)
    assert isinstance(rows, tuple)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])


def _cell(value: object) -> object:
    """Keep a spreadsheet from running a text as a formula."""
    is_formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if is_formula else value
