"""`motcua accounts`: the people who work here, from the command line of the machine."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.shared import find_person, json_option, opened, print_json, with_config
from engine.domain.people import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.config import Settings
    from engine.domain.accounts import AccountLine, FirstPassword
    from engine.domain.units import UnitTree


@click.group()
def accounts() -> None:
    """Tài khoản của người làm việc: xem, mở, đổi vai trò, đóng, mở lại, cấp lại mật khẩu, mở từ danh sách."""


@accounts.command("list")
@click.option("--search", default="", help="Một phần tên hoặc tên đăng nhập, không cần dấu.")
@json_option
@with_config
def list_(settings: Settings, search: str, as_json: bool) -> None:
    """In các tài khoản, vai trò và tình trạng."""
    with opened(settings) as engine:
        lines = engine.accounts.page(OPERATOR, search, page_size=100_000).lines
        units = engine.office.units
        if as_json:
            print_json([_facts(line, units) for line in lines], settings.zone)
            return
        for line in lines:
            roles = "; ".join(f"{each.role.value}@{units.get(each.unit_id).code}" for each in line.memberships)
            state = "" if line.is_active else "  (đã đóng)"
            click.echo(f"{line.username:<20} {line.full_name:<30} {roles}{state}")


def _facts(line: AccountLine, units: UnitTree) -> dict[str, object]:
    roles = [f"{each.role.value}@{units.get(each.unit_id).code}" for each in line.memberships]
    state = {"is_active": line.is_active, "has_codes": line.has_codes, "locked_until": line.locked_until}
    return {"username": line.username, "full_name": line.full_name, "roles": roles, **state}


@accounts.command("open")
@click.argument("username")
@click.argument("full_name")
@click.option("--roles", required=True, help="Ví dụ: clerk@AP-TTPVHCC; nhiều vai trò cách nhau bằng dấu chấm phẩy.")
@with_config
def open_(settings: Settings, username: str, full_name: str, roles: str) -> None:
    """Mở một tài khoản và in mật khẩu dùng lần đầu."""
    from engine.effects.hiring import read_places

    with opened(settings) as engine:
        places = read_places(roles, engine.office.units)
        _print((engine.accounts.open(OPERATOR, username, full_name, places, at=engine.clock.now()),))


@accounts.command()
@click.argument("username")
@click.argument("roles")
@with_config
def roles(settings: Settings, username: str, roles: str) -> None:
    """Cho một người giữ đúng các vai trò này, thay các vai trò đang có."""
    from engine.effects.hiring import read_places

    with opened(settings) as engine:
        person = find_person(engine, username)
        places = read_places(roles, engine.office.units)
        engine.accounts.change(OPERATOR, person.id, person.full_name, places, at=engine.clock.now())
    click.echo(f"đã ghi vai trò của {username}", err=True)


@accounts.command()
@click.argument("username")
@with_config
def deactivate(settings: Settings, username: str) -> None:
    """Đóng một tài khoản và kết thúc các phiên đăng nhập của người đó."""
    with opened(settings) as engine:
        ended = engine.accounts.close(OPERATOR, find_person(engine, username).id, at=engine.clock.now())
    click.echo(f"đã đóng tài khoản {username}, kết thúc {ended} phiên", err=True)


@accounts.command("reset-password")
@click.argument("username")
@with_config
def reset_password(settings: Settings, username: str) -> None:
    """Cấp lại mật khẩu dùng lần đầu và in ra."""
    with opened(settings) as engine:
        _print((engine.accounts.reset_password(OPERATOR, find_person(engine, username).id, at=engine.clock.now()),))


@accounts.command()
@click.argument("username")
@with_config
def reopen(settings: Settings, username: str) -> None:
    """Mở lại một tài khoản đã đóng và in mật khẩu dùng lần đầu."""
    with opened(settings) as engine:
        _print((engine.accounts.reopen(OPERATOR, find_person(engine, username).id, at=engine.clock.now()),))


@accounts.command("reset-codes")
@click.argument("username")
@with_config
def reset_codes(settings: Settings, username: str) -> None:
    """Bỏ mã xác thực của người mất điện thoại, để họ đặt lại; kết thúc các phiên đăng nhập của người đó."""
    with opened(settings) as engine:
        engine.accounts.reset_codes(OPERATOR, find_person(engine, username).id, at=engine.clock.now())
    click.echo(f"đã bỏ mã xác thực của {username}", err=True)


@accounts.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--apply", is_flag=True, help="Mở thật các tài khoản (mặc định chỉ xem thử, không ghi gì).")
@with_config
def import_(settings: Settings, file: Path, apply: bool) -> None:
    """Mở nhiều tài khoản từ tệp CSV (username, full_name, roles); có dòng sai thì không mở tài khoản nào."""
    content = file.read_text(encoding="utf-8-sig", errors="replace")
    with opened(settings) as engine:
        lines = engine.accounts.read_list(OPERATOR, content)
        wrong = [line for line in lines if line.error]
        for line in wrong:
            click.echo(f"dòng {line.number}: {line.error}", err=True)
        click.echo(f"{len(lines)} dòng, {len(wrong)} dòng sai", err=True)
        if wrong:
            sys.exit(1)
        if apply:
            _print(engine.accounts.open_list(OPERATOR, content, at=engine.clock.now()))


def _print(first: Iterable[FirstPassword]) -> None:
    """Print first passwords as CSV: they are told this once."""
    writer = csv.writer(sys.stdout)
    writer.writerow(("username", "full_name", "first_password"))
    for each in first:
        writer.writerow((each.username, each.full_name, each.password))
