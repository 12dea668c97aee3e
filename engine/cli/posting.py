"""`motcua facts`: how complete the posted facts are. `motcua posters`: every sheet for the wall, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.shared import json_option, opened, print_json, with_config

if TYPE_CHECKING:
    from engine.config import Settings
    from engine.domain.posting import Completeness

# Longer than any catalogue takes to print: a page of an hour is a fault, not patience.
_PATIENCE_SECONDS = 3600.0


@click.command()
@json_option
@with_config
def facts(settings: Settings, as_json: bool) -> None:
    """Báo cáo mức đầy đủ của thông tin niêm yết từng thủ tục: thiếu gì, điều nào chỉ ghi theo trí nhớ, cần hỏi ai."""
    with opened(settings) as engine:
        report = engine.posting.report(at=engine.clock.now())
        known = [entry for entry in engine.posting.lists().codes.values() if entry.doubts]
    published = sum(entry.is_published for entry in report)
    if as_json:
        document = {
            "procedures": [_entry(entry) for entry in report],
            "other_doubts": [
                {"code": entry.code, "text": doubt.text, "ask": doubt.ask} for entry in known for doubt in entry.doubts
            ],
            "totals": {
                "procedures": len(report),
                "published": published,
                "percent": round(100 * published / len(report), 1) if report else 0.0,
            },
            "definition": "published: all six public blocks hold everything (items, ways, steps, time, fees, basis)",
        }
        print_json(document, settings.zone)
        return
    for entry in report:
        click.echo(f"{'đủ   ' if entry.is_published else 'THIẾU'} {entry.code} {entry.name}")
        for gap in entry.gaps:
            click.echo(f"        {gap.block.label}: {gap.text} ({gap.path})")
        for doubt in entry.doubts:
            click.echo(f"        Cần hỏi: {doubt.ask}")
    click.echo(f"{published}/{len(report)} thủ tục đủ sáu nội dung công khai", err=True)


def _entry(entry: Completeness) -> dict[str, object]:
    return {
        "code": entry.code,
        "name": entry.name,
        "levels": list(entry.levels),
        "published": entry.is_published,
        "complete": [str(block) for block in entry.complete_blocks],
        "missing": [{"block": str(gap.block), "path": gap.path, "text": gap.text} for gap in entry.gaps],
        "recalled": [fact.text for fact in entry.recalled],
        "doubts": [{"about": doubt.about, "text": doubt.text, "ask": doubt.ask} for doubt in entry.doubts],
        "outdated": [{"number": act.number, "ends_on": act.ends_on} for act in entry.outdated],
    }


@click.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@with_config
def posters(settings: Settings, path: Path) -> None:
    """In mọi tờ niêm yết A4, tờ rơi và bảng niêm yết vào một tệp zip."""
    if not path.parent.is_dir():
        raise click.UsageError(f"không có thư mục {path.parent}")
    with opened(settings) as engine:
        packed = engine.posting.everything(at=engine.clock.now(), patience=_PATIENCE_SECONDS)
    assert packed.content is not None, "whoever waits an hour has the file or an error"
    path.write_bytes(packed.content)
    click.echo(f"{path}: {len(packed.content) // 1024} kB", err=True)
