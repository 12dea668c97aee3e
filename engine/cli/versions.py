"""`motcua publish`, `withdraw`, `versions`, `move-dossiers`: versions of procedures, and dossiers that change."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli.shared import by_option, json_option, opened, person_named, print_json, with_config
from engine.domain.errors import BadInput
from engine.tables.comma import csv_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.bootstrap import Engine
    from engine.config import Settings
    from engine.services.moving import MoveReport

level_option = click.option(
    "--level", type=click.Choice(["province", "commune"]), default=None, help="Cấp giải quyết, khi một mã có ở hai cấp."
)
_STATES = {"in_force": "đang áp dụng", "coming": "sắp áp dụng", "past": "đã hết"}


class BadMove(BadInput):
    """{detail}."""

    code = "bad_move"


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@by_option
@json_option
@with_config
def publish(settings: Settings, path: Path, by: str, as_json: bool) -> None:
    """Kiểm tra rồi công bố phiên bản thủ tục ở PATH (một cặp tệp hoặc thư mục): công bố hết hoặc không gì cả."""
    with opened(settings) as engine:
        published = engine.publication.publish(person_named(engine, by), path, at=engine.clock.now())
    if as_json:
        print_json({"versions": published}, settings.zone)
        return
    for version in published:
        since = f"{version.effective_from:%d/%m/%Y}" if version.effective_from else "không ghi ngày"
        done = "đã công bố" if version.is_new else "đã có từ trước"
        click.echo(f"{version.procedure} phiên bản {version.version}, áp dụng từ {since}: {done}")
        for warning in version.warnings:
            click.echo(f"  cảnh báo: {warning}", err=True)


@click.command()
@click.argument("code")
@click.argument("version")
@click.option(
    "--last-day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Phiên bản đang áp dụng: hết áp dụng sau ngày này.",
    metavar="D",
)
@level_option
@by_option
@with_config
def withdraw(
    settings: Settings, code: str, version: str, last_day: datetime | None, level: str | None, by: str
) -> None:
    """Thu hồi một phiên bản chưa áp dụng; với --last-day, ghi ngày cuối của phiên bản đang áp dụng."""
    with opened(settings) as engine:
        actor, now, service = person_named(engine, by), engine.clock.now(), engine.publication
        if last_day is None:
            service.withdraw(actor, code, version, level=level or "", at=now)
            click.echo(f"đã thu hồi phiên bản {version} của thủ tục {code}")
        else:
            service.close(actor, code, version, last_day.date(), level=level or "", at=now)
            click.echo(f"phiên bản {version} của thủ tục {code} áp dụng đến hết {last_day:%d/%m/%Y}")


@click.command()
@json_option
@with_config
def versions(settings: Settings, as_json: bool) -> None:
    """Liệt kê phiên bản các thủ tục: đang áp dụng, sắp áp dụng, đã hết, và tệp nào khác với bản đã công bố."""
    with opened(settings) as engine:
        lines, unpublished = engine.publication.overview(at=engine.clock.now()), engine.publication.unpublished()
    if as_json:
        print_json({"versions": lines, "unpublished": unpublished}, settings.zone)
        return
    for line in lines:
        starts = f"{line.effective_from:%d/%m/%Y}" if line.effective_from else "–"
        ends = f"{line.last_day:%d/%m/%Y}" if line.last_day else "–"
        state = _STATES[line.state] if line.status == "published" else line.status
        where = f"{line.process}{f' ({line.province})' if line.province else ''}"
        span = f"{starts} … {ends:<10}"
        click.echo(f"{line.procedure:<10} {line.version:<6} {span}  {state:<13} {line.running:>6} hồ sơ  {where}")
    for each in unpublished:
        click.echo(f"{each.file}: {each.reason}", err=True)


@click.command(name="move-dossiers")
@click.option("--procedure", "code", help="Mã thủ tục.", metavar="CODE")
@click.option("--to", "to_version", help="Chuyển sang phiên bản này (đã công bố và đang áp dụng).", metavar="VERSION")
@click.option("--from", "from_version", default="", help="Chỉ hồ sơ của phiên bản này.", metavar="VERSION")
@level_option
@click.option("--dry-run", is_flag=True, help="Chỉ xem hồ sơ nào chuyển được, hồ sơ nào không và vì sao.")
@click.option(
    "--limit-rule",
    type=click.Choice(["keep", "new"]),
    default="keep",
    help="keep: giữ ngày đã hẹn với người dân (mặc định); new: tính theo thời hạn mới, cần --document.",
)
@click.option("--document", default="", help="Văn bản làm căn cứ đổi thời hạn.", metavar="TEXT")
@click.option("--allow-later", is_flag=True, help="Với --limit-rule new: cho phép ngày hẹn lùi lại.")
@click.option("--revert", type=int, help="Trả các hồ sơ của đợt chuyển số BATCH về như trước.", metavar="BATCH")
@click.option(
    "--csv", "csv_path", type=click.Path(path_type=Path, dir_okay=False), help="Ghi thêm báo cáo từng hồ sơ ra tệp CSV."
)
@by_option
@json_option
@with_config
def move_dossiers(
    settings: Settings, revert: int | None, csv_path: Path | None, by: str, as_json: bool, **order: Any
) -> None:
    """Chuyển hồ sơ đang giải quyết sang phiên bản khác của thủ tục. Dừng giữa chừng thì chạy lại sẽ làm tiếp."""
    with opened(settings) as engine:
        report = _revert(engine, by, revert) if revert is not None else _move(engine, by, **order)
    if csv_path is not None:
        _write_csv(csv_path, report)
    if as_json:
        print_json(_document(report), settings.zone)
    else:
        _say(report)
    if not report.ok:
        sys.exit(1)


def _move(engine: Engine, by: str, *, dry_run: bool, limit_rule: str, level: str | None, **order: Any) -> MoveReport:
    from engine.effects.moving import LimitRule
    from engine.services.moving import MoveOrder

    if not order["code"] or not order["to_version"]:
        raise BadMove(detail="thiếu --procedure và --to (hoặc --revert với số của đợt chuyển)")
    wanted = MoveOrder(
        order["code"],
        order["to_version"],
        order["from_version"],
        level or "",
        LimitRule(limit_rule),
        order["document"],
        order["allow_later"],
    )
    actor, now, service = person_named(engine, by), engine.clock.now(), engine.moving
    act = service.look if dry_run else service.move
    return _with_progress(
        service.count(actor, wanted, at=now), lambda step: act(actor, wanted, at=now, on_progress=step)
    )


def _revert(engine: Engine, by: str, batch: int) -> MoveReport:
    actor, now, service = person_named(engine, by), engine.clock.now(), engine.moving
    return _with_progress(None, lambda step: service.revert(actor, batch, at=now, on_progress=step))


def _with_progress(total: int | None, act: Callable[[Callable[[], object]], MoveReport]) -> MoveReport:
    from tqdm import tqdm

    with tqdm(total=total, unit="hồ sơ", file=sys.stderr, disable=None, leave=False) as bar:
        return act(bar.update)


def _document(report: MoveReport) -> dict[str, Any]:
    return {
        "procedure": report.procedure,
        "to_version": report.to_version,
        "batch": report.batch,
        "counts": report.counts,
        "dossiers": [
            {
                "code": line.code,
                "from_version": line.from_version,
                "result": line.result,
                "steps": line.steps,
                "due_before": line.due_before,
                "due_after": line.due_after,
                "reasons": [{"code": code, "message": message} for code, message in line.reasons],
            }
            for line in report.lines
        ],
    }


def _write_csv(path: Path, report: MoveReport) -> None:
    heads = ("code", "from_version", "to_version", "result", "steps", "due_before", "due_after", "reasons")
    rows = (
        (
            line.code,
            line.from_version,
            report.to_version,
            line.result,
            "; ".join(line.steps),
            *(at.isoformat() if at else "" for at in (line.due_before, line.due_after)),
            "; ".join(message for _, message in line.reasons),
        )
        for line in report.lines
    )
    path.write_text(csv_text(heads, rows), encoding="utf-8", newline="")


_WORDS = {
    "can": "chuyển được",
    "cannot": "không chuyển được",
    "moved": "đã chuyển",
    "reverted": "đã trả về",
    "failed": "lỗi",
}


def _say(report: MoveReport) -> None:
    for line in report.lines:
        if line.reasons:
            click.echo(f"{line.code}: {_WORDS[line.result]}: {'; '.join(message for _, message in line.reasons)}")
    counted = ", ".join(f"{_WORDS[result]} {count}" for result, count in sorted(report.counts.items()))
    batch = f" (đợt số {report.batch})" if report.batch is not None else ""
    click.echo(f"thủ tục {report.procedure} → phiên bản {report.to_version}{batch}: {counted or 'không có hồ sơ nào'}")
