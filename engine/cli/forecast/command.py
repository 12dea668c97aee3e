"""The commands `motcua forecast evaluate` and `motcua forecast learn`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from engine.cli.shared import json_option, opened, print_json, with_config

if TYPE_CHECKING:
    from engine.cli.forecast.judging import Judgement
    from engine.config import Settings

_NAMES = {
    "product": "như phần mềm: học dần, tự hiệu chỉnh",
    "growing": "lịch sử, học dần, chưa hiệu chỉnh",
    "fixed": "lịch sử, chỉ học phần đầu",
    "base_rate": "tỷ lệ trễ chung",
}


@click.group()
def forecast() -> None:
    """Dự báo hồ sơ trễ hẹn: chấm điểm trên nhật ký thật, học từ hồ sơ đã xong."""


@forecast.command()
@click.option("--log", required=True, type=click.Path(path_type=Path), help="Nhật ký sự kiện (CSV, có thể nén gzip).")
@click.option("--mapping", required=True, type=click.Path(path_type=Path), help="Tệp ánh xạ cột.", metavar="M.yaml")
@json_option
@with_config
def evaluate(settings: Settings, log: Path, mapping: Path, as_json: bool) -> None:
    """Học từ phần đầu của nhật ký, chấm từng buổi sáng của phần sau: điểm Brier và bảng hiệu chuẩn."""
    from engine.cli.forecast.judging import judge
    from engine.cli.replay.log import latest_instant, read_log
    from engine.cli.replay.mapping import load_mapping
    from engine.domain.calendar import WorkingCalendar

    columns = load_mapping(mapping)
    cases = read_log(log, columns)
    found = judge(cases, WorkingCalendar(timezone=ZoneInfo(columns.timezone)), latest_instant(cases))
    if as_json:
        print_json(asdict(found), settings.zone)
    else:
        _print(found)


@forecast.command()
@json_option
@with_config
def learn(settings: Settings, as_json: bool) -> None:
    """Học ngay từ hồ sơ đã xong và tính lại dự báo của hồ sơ đang mở (bộ lập lịch tự làm hằng đêm)."""
    with opened(settings) as engine:
        done = engine.forecasts.learn(engine.clock.now())
    if as_json:
        print_json(asdict(done), settings.zone)
    else:
        click.echo(f"học {len(done.months)} tháng; {done.forecasts} bước đang mở có dự báo")


def _print(found: Judgement) -> None:
    click.echo(f"Học từ {found.learned} hồ sơ xong trước {found.cut_at:%d/%m/%Y %H:%M}.")
    click.echo(
        f"Chấm {found.mornings} lần của {found.files} hồ sơ; {found.late_share:.1%} số lần là của hồ sơ sau đó trễ."
    )
    click.echo(f"\n{'cách dự báo':<46}{'Brier':>8}{'mỗi hồ sơ một lần':>20}{'xếp hạng':>10}")
    for score in found.scores:
        name = _NAMES.get(score.name) or _rule(score.name)
        once = "–" if score.once_each is None else f"{score.once_each:.4f}"
        ranking = "–" if score.ranking is None else f"{score.ranking:.3f}"
        click.echo(f"{name:<46}{score.brier:>8.4f}{once:>20}{ranking:>10}")
    click.echo(f"\n{'đã nói':<12}{'số lần':>8}{'trung bình đã nói':>20}{'thực tế trễ':>14}")
    for each in found.bins:
        if each.told is not None and each.came is not None:
            click.echo(
                f"{each.low:.0%}–{each.high:.0%}".ljust(12) + f"{each.count:>8}{each.told:>20.1%}{each.came:>14.1%}"
            )


def _rule(name: str) -> str:
    kind, _, days = name.rpartition("_")
    return f"còn dưới {days} ngày: " + ("có/không" if kind == "rule" else "theo tỷ lệ trễ trước đó")
