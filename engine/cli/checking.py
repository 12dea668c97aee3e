"""`motcua check`: every fault of a procedure that can be found before it runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.shared import json_option, print_json, with_config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.config import Settings
    from engine.domain.process import FileReport


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
@with_config
def check(settings: Settings, paths: Sequence[Path], as_json: bool) -> None:
    """Kiểm tra sơ đồ BPMN và tệp thủ tục; thư mục được duyệt hết."""
    from engine.process.checks import check_path

    missing = [path for path in paths if not path.exists()]
    if missing:
        raise click.UsageError(f"không có {', '.join(map(str, missing))}")
    reports = check_path(list(paths))
    if as_json:
        print_json({"files": [_file(report) for report in reports]}, settings.zone)
    else:
        _say(reports)
    if not all(report.ok for report in reports):
        sys.exit(1)


def _file(report: FileReport) -> dict[str, object]:
    problems = [
        {
            "code": problem.code,
            "severity": problem.severity,
            "element": problem.element,
            "name": problem.element_name,
            "line": problem.line,
            "message": problem.message,
            "message_en": problem.message_en,
        }
        for problem in report.problems
    ]
    return {"path": report.path, "ok": report.ok, "changes": [], "problems": problems}


def _say(reports: Sequence[FileReport]) -> None:
    for report in reports:
        click.echo(f"{'đạt  ' if report.ok else 'LỖI  '}{report.path}")
        for problem in report.problems:
            where = f"dòng {problem.line}, " if problem.line else ""
            what = f"{problem.element} “{problem.element_name}”" if problem.element_name else problem.element
            click.echo(f"       {where}{what}: {problem.message} ({problem.code})")
    faulty = sum(not report.ok for report in reports)
    click.echo(f"{len(reports)} tệp, {faulty} tệp có lỗi", err=True)
