"""`motcua check`: every fault of a procedure that can be found before it runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.shared import json_option, print_json, with_config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.cli.stories.check import Told
    from engine.cli.stories.coverage import Covered
    from engine.config import Settings, UnitSettings
    from engine.domain.process import FileReport, Problem


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--stories", "with_stories", is_flag=True, help="Sống qua các câu chuyện (tests/*.yaml cạnh sơ đồ).")
@click.option(
    "--profile",
    type=click.Choice(["own", "import"]),
    default="own",
    help="own: thủ tục của hệ thống; import: BPMN vẽ ở nơi khác (docs/bring-your-own.md).",
)
@click.option(
    "--write",
    "into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Với --profile import: ghi sơ đồ đã chuyển đổi vào thư mục này.",
)
@json_option
@with_config
def check(
    settings: Settings, paths: Sequence[Path], with_stories: bool, profile: str, into: Path | None, as_json: bool
) -> None:
    """Kiểm tra sơ đồ BPMN và tệp thủ tục; thư mục được duyệt hết."""
    from engine.process.checks import check_path

    missing = [path for path in paths if not path.exists()]
    if missing:
        raise click.UsageError(f"không có {', '.join(map(str, missing))}")
    if profile == "import":
        if with_stories:
            raise click.UsageError("--stories không dùng với --profile import")
        _tell(settings, _bring_in(paths, into), None, as_json=as_json)
        return
    if into is not None:
        raise click.UsageError("--write chỉ dùng với --profile import")
    models, stories = _sorted_out(paths, with_stories)
    reports = check_path(
        models,
        unit_kinds=_unit_kinds(settings.units) or None,
        shared=settings.procedures / "shared",
        province=settings.province,
    )
    told = _live(settings, stories, reports) if with_stories else None
    if told is not None:
        reports += told.files
    _tell(settings, reports, told, as_json=as_json)


def _bring_in(paths: Sequence[Path], into: Path | None) -> list[FileReport]:
    from tqdm import tqdm

    from engine.process.importing.folders import import_path

    reports = import_path(paths, into=into)
    return list(tqdm(reports, desc="tệp", unit="tệp", file=sys.stderr, disable=not sys.stderr.isatty()))


def _tell(settings: Settings, reports: Sequence[FileReport], told: Told | None, *, as_json: bool) -> None:
    """Say what was found, and leave with 1 if any file is not in order."""
    if as_json:
        document: dict[str, object] = {"files": [_file(report) for report in reports]}
        if told is not None:
            document["coverage"] = [_coverage(covered) for covered in told.coverage]
        print_json(document, settings.zone)
    else:
        _say(reports)
        if told is not None:
            _say_coverage(told.coverage)
    if not all(report.ok for report in reports):
        sys.exit(1)


def _unit_kinds(units: Sequence[UnitSettings]) -> frozenset[str]:
    """The kinds of units that the installation has; none where there is no config.yaml."""
    return frozenset(kind for unit in units for kind in (unit.kind, *_unit_kinds(unit.units)))


def _sorted_out(paths: Sequence[Path], with_stories: bool) -> tuple[list[Path], list[Path]]:
    """What is to be checked and which story files are to be lived; with a story file comes the model it is about."""
    from engine.cli.stories.files import is_story, models_of, story_files

    named = [path for path in paths if path.is_file() and is_story(path)]
    if named and not with_stories:
        raise click.UsageError(f"{named[0]} là tệp câu chuyện; hãy thêm --stories")
    models = [model for path in paths for model in (models_of(path) if path in named else [path])]
    return list(dict.fromkeys(models)), story_files(paths) if with_stories else []


def _live(settings: Settings, stories: Sequence[Path], reports: Sequence[FileReport]) -> Told:
    from tqdm import tqdm

    from engine.cli.stories.check import check_stories

    faulty = frozenset(Path(report.path).resolve() for report in reports if not report.ok)
    models = [path for path in (Path(report.path) for report in reports) if path.suffix == ".bpmn"]
    with tqdm(
        total=len(stories), desc="câu chuyện", unit="tệp", file=sys.stderr, disable=not sys.stderr.isatty()
    ) as bar:
        return check_stories(settings, stories, models=models, faulty=faulty, on_progress=bar.update)


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
    changes = [
        {
            "code": change.code,
            "element": change.element,
            "name": change.element_name,
            "line": change.line,
            "message": change.message,
            "message_en": change.message_en,
        }
        for change in report.changes
    ]
    found = {"path": report.path, "ok": report.ok, "changes": changes, "problems": problems}
    return {**found, "written": list(report.written)} if report.written else found


def _coverage(covered: Covered) -> dict[str, object]:
    """One diagram; `procedure` is null for a shared one, which the stories of all that call it cover together."""
    return {
        "procedure": covered.procedure or None,
        "process": covered.process,
        "stories": covered.stories,
        "nodes": {"total": covered.nodes, "never_entered": covered.never_nodes},
        "flows": {"total": covered.flows, "never_entered": covered.never_flows},
    }


def _say(reports: Sequence[FileReport]) -> None:
    for report in reports:
        click.echo(f"{'đạt  ' if report.ok else 'LỖI  '}{report.path}")
        for change in report.changes:
            click.echo(f"       đổi: {change.message} ({change.code})")
        for path in report.written:
            click.echo(f"       đã ghi: {path}")
        for problem in report.problems:
            click.echo(f"       {_place(problem)}{problem.message} ({problem.code})")
    faulty = sum(not report.ok for report in reports)
    click.echo(f"{len(reports)} tệp, {faulty} tệp có lỗi", err=True)


def _place(problem: Problem) -> str:
    """Where a problem is: its line, its element with its name, or the name alone."""
    line = f"dòng {problem.line}" if problem.line else ""
    name = f"“{problem.element_name}”" if problem.element_name else ""
    what = " ".join(filter(None, (problem.element, name)))
    place = ", ".join(filter(None, (line, what)))
    return f"{place}: " if place else ""


def _say_coverage(coverage: Sequence[Covered]) -> None:
    told = sum(covered.stories for covered in coverage if covered.procedure)
    parts = sum(covered.nodes + covered.flows for covered in coverage)
    holes = sum(len(covered.holes) for covered in coverage)
    untold = [covered.process for covered in coverage if not covered.stories]
    click.echo(
        f"{told} câu chuyện, {len(coverage)} sơ đồ; {holes} trong {parts} phần tử, luồng chưa được đi qua", err=True
    )
    if untold:
        click.echo(f"chưa có câu chuyện: {', '.join(untold)}", err=True)
