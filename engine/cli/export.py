"""`motcua export`: whole dossiers carried out of the house. `motcua files`: disk and books of what people brought."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.shared import json_option, opened, parse_instant, print_json, with_config
from engine.domain.people import OPERATOR

if TYPE_CHECKING:
    from engine.config import Settings


@click.command()
@click.argument("code", required=False)
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--unit", help="Xuất mọi hồ sơ mà đơn vị (và đơn vị bên dưới) đã tiếp nhận, mỗi hồ sơ một tệp ZIP.")
@click.option("--since", help="Chỉ hồ sơ tiếp nhận từ ngày này (kèm --unit).", metavar="D")
@with_config
def export(settings: Settings, code: str | None, path: Path | None, unit: str | None, since: str | None) -> None:
    """Xuất trọn một hồ sơ CODE ra tệp PATH.zip hoặc thư mục PATH, đọc được không cần chương trình này.

    Với --unit, đối số đầu là thư mục nhận các tệp ZIP.
    """
    if unit:
        _many(settings, Path(code or "."), unit, since)
        return
    if not code:
        raise click.UsageError("hãy ghi mã hồ sơ, hoặc --unit và thư mục")
    target = path or Path(f"{code}.zip")
    with opened(settings) as engine:
        if target.suffix.lower() == ".zip":
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(engine.exporting.pack(OPERATOR, code))
        else:
            engine.exporting.folder(OPERATOR, code, target)
    click.echo(f"đã xuất hồ sơ {code}: {target}", err=True)


def _many(settings: Settings, folder: Path, unit: str, since: str | None) -> None:
    from tqdm import tqdm

    from engine.domain.errors import MotCuaError

    begin = parse_instant(since, settings.zone, "--since") if since else None
    failed = 0
    with opened(settings) as engine:
        codes = engine.exporting.codes(unit, begin)
        folder.mkdir(parents=True, exist_ok=True)
        for code in tqdm(codes, unit="hồ sơ", file=sys.stderr, disable=None):
            try:
                packed = engine.exporting.pack(OPERATOR, code)
            except MotCuaError as error:
                click.echo(f"motcua: {code}: {error}", err=True)
                failed += 1
                continue
            part = folder / f".{code}.part"
            part.write_bytes(packed)
            part.replace(folder / f"{code}.zip")
    click.echo(f"đã xuất {len(codes) - failed}/{len(codes)} hồ sơ vào {folder}", err=True)
    if failed:
        sys.exit(1)


@click.group()
def files() -> None:
    """Tệp mà người dân, cán bộ đưa vào hồ sơ."""


@files.command()
@click.option("--repair", is_flag=True, help="Xóa khỏi đĩa những tệp không hồ sơ nào ghi.")
@json_option
@with_config
def check(settings: Settings, repair: bool, as_json: bool) -> None:
    """Đọc lại từng tệp và so với sổ: tệp nào mất, hỏng, hoặc nằm trên đĩa mà không hồ sơ nào ghi."""
    from tqdm import tqdm

    with opened(settings) as engine, tqdm(unit="tệp", file=sys.stderr, disable=as_json or None) as bar:
        told = engine.file_keeping.check(engine.clock.now(), repair=repair, on_progress=bar.update)
    if as_json:
        print_json({"ok": told.ok, **_as_dict(told)}, settings.zone)
    else:
        for words, names in (("MẤT", told.missing), ("HỎNG", told.corrupted), ("không ai ghi", told.orphaned)):
            for name in names:
                click.echo(f"{words}  {name}")
        click.echo(
            f"{told.files} tệp, {told.size / 1e6:.1f} MB: mất {len(told.missing)}, hỏng {len(told.corrupted)}, "
            f"không hồ sơ nào ghi {len(told.orphaned)} (đã xóa {told.removed})"
        )
    if not told.ok:
        sys.exit(1)


@files.command()
@json_option
@with_config
def tidy(settings: Settings, as_json: bool) -> None:
    """Làm một lượt việc dọn dẹp: quét vi-rút tệp đang chờ, xóa nội dung đã gỡ quá hạn giữ, dọn tệp dở dang."""
    with opened(settings) as engine:
        done = engine.file_keeping.tidy(engine.clock.now())
    if as_json:
        print_json(done, settings.zone)
    else:
        away = "; chương trình diệt vi-rút không trả lời" if done.scanner_away else ""
        click.echo(f"quét {done.scanned} (mã độc {done.infected}), xóa {done.wiped}, dọn {done.swept}{away}")


def _as_dict(told: object) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(told)  # type: ignore[call-overload, no-any-return]
