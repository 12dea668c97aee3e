"""`motcua parcels`: documents that bar parcels, entered from a table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.shared import json_option, opened, print_json, with_config

if TYPE_CHECKING:
    from engine.config import Settings

LARGEST = 8 * 1024 * 1024


@click.group()
def parcels() -> None:
    """Sổ ngăn chặn thửa đất: nhập từ bảng CSV, Excel."""


@parcels.command("import")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--unit", "unit_code", required=True, help="Mã đơn vị ban hành, giữ các mục này.", metavar="CODE")
@click.option("--dry-run", is_flag=True, help="Chỉ kiểm tra, không ghi gì.")
@json_option
@with_config
def import_blocks(settings: Settings, path: Path, unit_code: str, *, dry_run: bool, as_json: bool) -> None:
    """Nhập văn bản ngăn chặn (tranh chấp, kê biên, thu hồi …) từ CSV, Excel; một dòng sai thì không ghi dòng nào."""
    from engine.services.parcels import BadBlockFile

    if path.stat().st_size > LARGEST:
        raise BadBlockFile(detail=f"lớn hơn {LARGEST // 1024 // 1024} MB, hãy chia nhỏ")
    content = path.read_bytes()
    with opened(settings) as engine:
        found = engine.parcel_register.load(unit_code, content, at=engine.clock.now(), by="operator", dry_run=dry_run)
    if as_json:
        faults = [{"line": line, "text": text} for line, text in found.faults]
        facts = {"added": found.added, "known": found.known, "faults": faults, "dry_run": dry_run}
        print_json(facts, settings.zone)
    else:
        for line, text in found.faults:
            click.echo(f"dòng {line}: {text}", err=True)
        verb = "sẽ ghi" if dry_run or found.faults else "đã ghi"
        click.echo(f"{verb} {found.added} mục, {found.known} mục đã có, {len(found.faults)} dòng sai")
    if found.faults:
        sys.exit(1)
