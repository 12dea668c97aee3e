"""`motcua reorganise look|carry-out|revert`: merge or split units, by an order in a file."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml

from engine.cli.shared import by_option, json_option, opened, person_named, print_json, with_config
from engine.domain.reorganisation import BadReorganisation, Plan, Take
from engine.plain_yaml import plain

if TYPE_CHECKING:
    from engine.config import Settings
    from engine.domain.reorganisation import FileLine

file_argument = click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))


def read_plan(path: Path) -> Plan:
    """Read an order from YAML; raises `BadReorganisation` with what is wrong."""
    try:
        said: Any = plain(path.read_text(encoding="utf-8"))
        takes = tuple(
            Take(
                str(each["ends"]),
                str(each["successor"]),
                _names(each, "procedures"),
                _names(each, "people"),
            )
            for each in said["units"]
        )
        numbering = {str(form): str(code) for form, code in (said.get("numbering") or {}).items()}
        on = said["effective_on"]
        return Plan(
            str(said["document"]).strip(), on if isinstance(on, date) else date.fromisoformat(str(on)), takes, numbering
        )
    except KeyError as error:
        raise BadReorganisation(detail=f"Tệp {path.name} thiếu khóa {error}") from error
    except (yaml.YAMLError, TypeError, ValueError, AttributeError) as error:
        raise BadReorganisation(detail=f"Không đọc được {path.name} (cách viết: docs/audit.md): {error}") from error


def _names(line: Any, key: str) -> tuple[str, ...]:
    names = line.get(key) or []
    if not isinstance(names, list):
        raise TypeError(f"{key}: [{names}]")
    return tuple(map(str, names))


@click.group()
def reorganise() -> None:
    """Sáp nhập, chia tách đơn vị."""


@reorganise.command()
@file_argument
@by_option
@json_option
@with_config
def look(settings: Settings, path: Path, by: str, as_json: bool) -> None:
    """Xem trước đợt sắp xếp ở PATH sẽ làm gì; không ghi gì."""
    with opened(settings) as engine:
        found = engine.reorganisation.look(person_named(engine, by), read_plan(path))
    if as_json:
        print_json(found, settings.zone)
        return
    click.echo(f"{found.dossiers} hồ sơ đang giải quyết sẽ chuyển")
    for name, count in found.goes_along:
        click.echo(f"  chuyển  {name}: {count}")
    for name, count, why in found.stays:
        click.echo(f"  Ở LẠI   {name}: {count} ({why})")
    for words in found.numbers:
        click.echo(f"  số      {words}")
    _tell(found.lines)
    if found.dossiers > len(found.lines):
        click.echo(f"  … và {found.dossiers - len(found.lines)} hồ sơ khác")


@reorganise.command("carry-out")
@file_argument
@by_option
@json_option
@with_config
def carry_out(settings: Settings, path: Path, by: str, as_json: bool) -> None:
    """Thực hiện đợt sắp xếp ở PATH đến hết; đợt dở dang hoặc còn hồ sơ lỗi thì làm tiếp."""
    from tqdm import tqdm

    with opened(settings) as engine:
        actor, plan, at = person_named(engine, by), read_plan(path), engine.clock.now()
        begun = [each for each in engine.reorganisation.orders(actor) if each.can_go_on and each.plan == plan]
        number = begun[0].id if begun else engine.reorganisation.order(actor, plan, at=at)
        engine.reorganisation.resume(actor, number)
        with tqdm(unit="hồ sơ", disable=as_json or None, file=sys.stderr) as bar:
            engine.reorganisation.run(at, on_progress=bar.update)
        order = engine.reorganisation.see(actor, number)
    if as_json:
        print_json(order, settings.zone)
    else:
        click.echo(f"đợt số {order.id}: đã chuyển {order.counts['moved']}, lỗi {order.counts['failed']}")
        _tell(line for line in order.lines if line.result == "failed")
    if order.counts["failed"]:
        sys.exit(1)


@reorganise.command()
@click.argument("number", type=int)
@by_option
@json_option
@with_config
def revert(settings: Settings, number: int, by: str, as_json: bool) -> None:
    """Hoàn tác đợt số NUMBER nếu từ đó chưa hồ sơ nào được xử lý tiếp."""
    from tqdm import tqdm

    with opened(settings) as engine:
        actor, at = person_named(engine, by), engine.clock.now()
        lines = engine.reorganisation.revert(actor, number, at=at)
        if not lines:
            with tqdm(unit="hồ sơ", disable=as_json or None, file=sys.stderr) as bar:
                engine.reorganisation.run(at, on_progress=bar.update)
        order = engine.reorganisation.see(actor, number)
        done = order.state == "reverted"
        lines = lines or tuple(line for line in order.lines if line.words)
    if as_json:
        print_json({"ok": done, "lines": lines}, settings.zone)
    elif done:
        click.echo(f"đã hoàn tác: {order.counts['reverted']} hồ sơ trở về")
    else:
        click.echo("KHÔNG hoàn tác:")
        _tell(lines)
    if not done:
        sys.exit(1)


def _tell(lines: Any) -> None:
    line: FileLine
    for line in lines:
        click.echo(f"  {line.code}: {line.was} → {line.now}{' – ' + line.words if line.words else ''}")
