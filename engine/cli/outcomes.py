"""`motcua outcomes`: is what was written at the end of each dossier what its log says, and do the sums add up."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from engine.cli.shared import opened, print_json, with_config

if TYPE_CHECKING:
    from datetime import datetime

    from engine.config import Settings


@click.group()
def outcomes() -> None:
    """Kết quả hồ sơ đã ghi: kiểm tra lại từ nhật ký, hoặc cộng lại các số tổng."""


@outcomes.command()
@click.option("--from", "from_on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Từ ngày.", metavar="D")
@click.option("--to", "to_on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Đến ngày.", metavar="D")
@with_config
def verify(settings: Settings, from_on: datetime, to_on: datetime) -> None:
    """Tính lại từng kết quả từ nhật ký hồ sơ, cộng lại mọi số tổng; mã thoát 1 nếu có chỗ khác."""
    with opened(settings) as engine:
        found = engine.outcomes.verify(from_on.date(), to_on.date(), at=engine.clock.now())
        sums, ballots = engine.outcomes.verify_sums(), engine.surveys.check()
    print_json(
        {
            "ok": found.ok and not sums and not ballots,
            "dossiers": found.dossiers,
            "without_facts": found.without_facts,
            "differences": [_said(each) for each in found.differences],
            "sums": [_said(each) for each in sums],
            "surveys": ballots,
        },
        settings.zone,
    )
    if not found.ok or sums or ballots:
        sys.exit(1)


@outcomes.command()
@with_config
def rebuild(settings: Settings) -> None:
    """Tính bổ sung số liệu cho kết quả ghi trước khi có các số tổng, rồi cộng lại tất cả."""
    with opened(settings) as engine:
        number = engine.outcomes.rebuild(at=engine.clock.now())
    print_json({"outcomes": number}, settings.zone)


def _said(each: object) -> dict[str, object]:
    return {name: getattr(each, name) for name in ("what", "column", "kept", "anew")}
