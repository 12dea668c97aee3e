"""What commands have in common: the --config and --json options, instants as text, an opened engine."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.domain.errors import BadInput, NotFound
from engine.domain.people import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from zoneinfo import ZoneInfo

    from engine.bootstrap import Engine
    from engine.config import Settings
    from engine.domain.people import Actor
    from engine.persistence.records import PersonRecord


class BadInstant(BadInput):
    """{option}: “{text}” không phải là thời điểm; hãy viết như 2026-11-21T08:30:00+07:00 hoặc 2026-11-21."""

    code = "bad_instant"


def _load_settings(_context: click.Context, _parameter: click.Parameter, path: Path | None) -> Settings:
    from engine.config import load_settings  # `--help` needs none

    return load_settings(path)


def with_config(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option --config and hand it the settings."""
    option = click.option(
        "--config",
        "settings",
        type=click.Path(path_type=Path, dir_okay=False),
        default=None,
        callback=_load_settings,
        help="Tệp cấu hình (mặc định ./config.yaml).",
        metavar="PATH",
    )
    return option(command)


json_option = click.option("--json", "as_json", is_flag=True, help="In đúng một văn bản JSON ra đầu ra chuẩn.")


@contextmanager
def opened(settings: Settings, *, check: bool = True) -> Iterator[Engine]:
    """Open an engine for one command and close it; `check` refuses a database that is not at our revision."""
    from engine.bootstrap import build

    engine = build(settings)
    try:
        if check:
            engine.check_database()
        yield engine
    finally:
        engine.close()


by_option = click.option("--by", default="", help="Tên đăng nhập của người quyết định.", metavar="USERNAME")


def find_person(engine: Engine, username: str) -> PersonRecord:
    """The account of this name; raises `NotFound`."""
    with engine.uow.read() as tx:
        person = tx.people.by_username(username.strip().lower())
    if person is None:
        raise NotFound(what=f"tài khoản “{username}”")
    return person


def person_named(engine: Engine, username: str) -> Actor:
    """Who decides: the account of this name, or (without a name) whoever has the command line; raises `NotFound`."""
    if not username:
        return OPERATOR
    person = find_person(engine, username)
    if not person.is_active:
        raise NotFound(what=f"tài khoản đang làm việc “{username}”")
    with engine.uow.read() as tx:
        return tx.people.actor(person.id, person.username, person.full_name)


def parse_instant(text: str, zone: ZoneInfo, option: str) -> datetime:
    """Read an instant; without an offset it is meant in the office's zone, without a time at the day's first minute."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInstant(option=option, text=text) from None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def check_days(first: datetime, last: datetime) -> None:
    """Raise what is wrong with a period that ends before it begins."""
    if last < first:
        raise click.BadParameter("ngày cuối phải từ ngày đầu trở đi", param_hint="--to")


def plain(value: Any, zone: ZoneInfo) -> Any:  # noqa: PLR0911 - one return a kind of value
    """Turn values of the engine into what JSON can hold; instants get the office's offset."""
    match value:
        case datetime():
            return value.astimezone(zone).isoformat()
        case date() | time():
            return value.isoformat()
        case Enum():
            return value.value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case dict():
            return {str(key): plain(item, zone) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item, zone) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return plain(asdict(value), zone)
        case _:
            return value


def print_json(document: Any, zone: ZoneInfo) -> None:
    """Print one JSON document on standard output."""
    click.echo(json.dumps(plain(document, zone), ensure_ascii=False, indent=2))
