"""`motcua letters verify FILE.pdf`: signature, hash, register entry."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.shared import json_option, opened, print_json, with_config

if TYPE_CHECKING:
    from engine.config import Settings
    from engine.domain.verification import VerifiedFile


@click.group()
def letters() -> None:
    """Văn bản đã ban hành."""


@letters.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True, readable=True))
@json_option
@with_config
def verify(settings: Settings, file: Path, as_json: bool) -> None:
    """Kiểm tra một tệp PDF: chữ ký số có nguyên vẹn, đáng tin không, có trong sổ văn bản không."""
    content = file.read_bytes()
    with opened(settings) as engine:
        found = engine.verification.file(content)
    if as_json:
        print_json(found, settings.zone)
    else:
        _tell(found, settings)
    if not found.ok:
        sys.exit(1)


def _tell(found: VerifiedFile, settings: Settings) -> None:
    def yes(is_so: bool) -> str:
        return "có" if is_so else "KHÔNG"

    click.echo(f"{'đạt' if found.ok else 'LỖI'}  {found.reason or 'tệp đúng là văn bản đã ban hành'}")
    if found.registered:
        issued = found.issued_at.astimezone(settings.zone) if found.issued_at else None
        click.echo(f"trong sổ: {found.title}, số {found.number}, {found.unit}, ban hành {issued:%H:%M %d/%m/%Y}")
    if found.signed:
        signed = f", lúc {found.signed_at.astimezone(settings.zone).isoformat()}" if found.signed_at else ""
        click.echo(f"chữ ký số: {found.signer}{signed}; nguyên vẹn {yes(found.intact)}, tin cậy {yes(found.trusted)}")
    else:
        click.echo("chữ ký số: không có")
