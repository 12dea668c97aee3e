"""`motcua outcomes`: is what was written at the end of each dossier what its log says, and do the sums add up."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from engine.cli.shared import check_days, json_option, opened, print_json, with_config

if TYPE_CHECKING:
    from datetime import datetime

    from engine.config import Settings


@click.group()
def outcomes() -> None:
    """Kết quả hồ sơ đã ghi: kiểm tra lại từ nhật ký, hoặc cộng lại các số tổng."""


@outcomes.command()
@click.option("--from", "from_on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Từ ngày.", metavar="D")
@click.option("--to", "to_on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Đến ngày.", metavar="D")
@json_option
@with_config
def verify(settings: Settings, from_on: datetime, to_on: datetime, as_json: bool) -> None:
    """Tính lại từng kết quả từ nhật ký hồ sơ, cộng lại mọi số tổng; mã thoát 1 nếu có chỗ khác."""
    check_days(from_on, to_on)
    with opened(settings) as engine:
        found = engine.outcomes.verify(from_on.date(), to_on.date(), at=engine.clock.now())
        sums, ballots = engine.outcomes.verify_sums(), engine.surveys.check()
    is_ok = found.ok and not sums and not ballots
    if as_json:
        differences, totals = map(_said, found.differences), map(_said, sums)
        facts = {"ok": is_ok, "dossiers": found.dossiers, "without_facts": found.without_facts}
        print_json({**facts, "differences": list(differences), "sums": list(totals), "surveys": ballots}, settings.zone)
    else:
        for each in (*found.differences, *sums):
            click.echo(f"KHÁC  {each.what}  {each.column}: đã ghi {each.kept}, tính lại {each.anew}")
        for line in ballots:
            click.echo(f"KHÁC  {line}")
        missing = f", {found.without_facts} kết quả thiếu số liệu (motcua outcomes rebuild)" * bool(found.without_facts)
        click.echo(f"{found.dossiers} kết quả, {'đều khớp' if is_ok else 'CÓ CHỖ KHÁC'}{missing}")
    if not is_ok:
        sys.exit(1)


@outcomes.command()
@json_option
@with_config
def rebuild(settings: Settings, as_json: bool) -> None:
    """Tính bổ sung số liệu cho kết quả ghi trước khi có các số tổng, rồi cộng lại tất cả."""
    with opened(settings) as engine:
        number = engine.outcomes.rebuild(at=engine.clock.now())
    if as_json:
        print_json({"outcomes": number}, settings.zone)
    else:
        click.echo(f"đã cộng lại {number} kết quả")


def _said(each: object) -> dict[str, object]:
    return {name: getattr(each, name) for name in ("what", "column", "kept", "anew")}
