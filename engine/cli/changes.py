"""`motcua reproject` and `motcua what-if`: what changes of calendars do, or would do, to the dates of open dossiers."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import click

from engine.cli.shared import json_option, opened, person_named, print_json, with_config
from engine.domain.errors import BadInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from engine.config import Settings
    from engine.domain.people import Actor
    from engine.services.calendars import CalendarBooks
    from engine.services.what_if import WhatIf

_ASKED = "chỉ xem trước, chưa có hiệu lực"


class BadDay(BadInput):
    """“{text}” không phải một ngày; hãy ghi theo dạng 2026-11-24."""

    code = "bad_day"


@click.command()
@click.option("--retry", is_flag=True, help="Thử lại cả hồ sơ trước đó không tính được.")
@json_option
@with_config
def reproject(settings: Settings, retry: bool, as_json: bool) -> None:
    """Tính lại ngày hẹn của hồ sơ chưa xong theo lịch đang dùng; dừng giữa chừng thì chạy lại là tiếp tục."""
    from tqdm import tqdm

    with opened(settings) as engine:
        total = engine.reprojection.waiting()
        with tqdm(total=total, unit="hồ sơ", disable=as_json or None, file=sys.stderr) as bar:
            run = engine.reprojection.run(engine.clock.now(), on_progress=bar.update, retry=retry)
        left = engine.reprojection.waiting()
    if as_json:
        counts = {name: getattr(run, name) for name in ("done", "moved", "late", "cleared", "failed")}
        print_json({**counts, "waiting": left}, settings.zone)
    else:
        click.echo(
            f"đã tính lại {run.done} hồ sơ: {run.moved} ngày hẹn thay đổi, {run.late} hồ sơ thành quá hạn, "
            f"{run.cleared} hồ sơ hết quá hạn, lỗi {run.failed}, còn chờ {left}"
        )
    if run.failed:
        sys.exit(1)


@click.group("what-if")
def what_if() -> None:
    """Xem trước một thay đổi của lịch hoặc thời hạn làm những ngày hẹn nào thay đổi; không ghi gì vào lịch."""


def _asking(command: Callable[..., Any]) -> Callable[..., Any]:
    person = click.option("--by", "username", required=True, help="Tài khoản của người xem trước.", metavar="USERNAME")
    return person(json_option(with_config(command)))


@what_if.command()
@click.argument("on")
@click.option("--office", "unit_code", default="", help="Mã đơn vị (mặc định: cả nước).", metavar="CODE")
@click.option("--kind", default="holiday", help="Loại ngày: holiday, local_closure, swapped_on, …", metavar="KIND")
@click.option("--closed", "parts", default="", help="Chỉ đóng cửa một phần ngày, ví dụ 13:00-17:00.", metavar="PART")
@_asking
def day(settings: Settings, on: str, unit_code: str, kind: str, parts: str, username: str, as_json: bool) -> None:
    """Nếu ngày ON là ngày đặc biệt của một đơn vị, hoặc của cả nước."""
    from engine.domain.special_days import DayKind, SpecialDay

    try:
        found = DayKind(kind)
    except ValueError:
        raise NotFound(what=f"loại ngày “{kind}”") from None
    special = SpecialDay(_day(on), found, found.label, _ASKED, closed=_parts(parts))
    _ask(
        settings,
        username,
        special.name,
        lambda books, who, at: books.enter_day(who, unit_code, special, at=at),
        as_json,
    )


@what_if.command()
@click.argument("number", type=int)
@_asking
def cancel(settings: Settings, number: int, username: str, as_json: bool) -> None:
    """Nếu hủy mục lịch số NUMBER."""
    from engine.services.calendars import Source

    title, source = f"Hủy mục lịch số {number}", Source(_ASKED, None)
    _ask(settings, username, title, lambda books, who, at: books.cancel(who, number, source, at=at), as_json)


@what_if.command()
@click.argument("name")
@click.argument("state", type=click.Choice(["on", "off"]))
@_asking
def switch(settings: Settings, name: str, state: str, username: str, as_json: bool) -> None:
    """Nếu bật hoặc tắt công tắc NAME của lịch."""
    from engine.services.calendars import Source

    title, source = f"Công tắc {name}: {state}", Source(_ASKED, None)

    def enter(books: CalendarBooks, who: Actor, at: datetime) -> object:
        return books.turn_switch(who, name, source, on=state == "on", at=at)

    _ask(settings, username, title, enter, as_json)


@what_if.command()
@click.argument("unit_code", metavar="OFFICE")
@click.argument("first")
@click.argument("last")
@_asking
def absence(settings: Settings, unit_code: str, first: str, last: str, username: str, as_json: bool) -> None:
    """Nếu đơn vị OFFICE đóng cửa từ ngày FIRST đến hết ngày LAST."""
    from engine.services.calendars import Source

    title, source = f"Đơn vị {unit_code} đóng cửa {first} – {last}", Source(_ASKED, None)

    def enter(books: CalendarBooks, who: Actor, at: datetime) -> object:
        return books.announce_absence(who, unit_code, _day(first), _day(last), "Đơn vị đóng cửa", source, at=at)

    _ask(settings, username, title, enter, as_json)


@what_if.command()
@click.argument("procedure")
@click.argument("version")
@_asking
def limits(settings: Settings, procedure: str, version: str, username: str, as_json: bool) -> None:
    """Nếu thời hạn của phiên bản VERSION áp dụng cho cả hồ sơ đang giải quyết, thay vì chỉ cho hồ sơ mới."""
    with opened(settings) as engine:
        found = engine.moving.foresee_limits(person_named(engine, username), procedure, version, at=engine.clock.now())
    if as_json:
        print_json(found, settings.zone)
        return
    click.echo(
        f"{found.running} hồ sơ đang theo phiên bản khác. Chỉ áp dụng cho hồ sơ mới: không đổi ngày hẹn nào. "
        f"Áp dụng cả hồ sơ đang giải quyết: {found.moved} ngày hẹn thay đổi, {found.late} hồ sơ thành quá hạn, "
        f"{found.cleared} hồ sơ hết quá hạn, {found.cannot} hồ sơ không chuyển được"
    )
    for line in found.lines:
        _say_line(line.code, line.due_before, line.due_after, line.turn or line.why, settings.zone)


def _ask(
    settings: Settings,
    username: str,
    title: str,
    enter: Callable[[CalendarBooks, Actor, datetime], object],
    as_json: bool,
) -> None:
    from tqdm import tqdm

    with opened(settings) as engine:
        actor, at = person_named(engine, username), engine.clock.now()
        number = engine.what_if.ask(actor, title, lambda books: enter(books, actor, at), at=at)
        found = engine.what_if.look(actor, number)
        with tqdm(total=found.total, unit="hồ sơ", disable=as_json or None, file=sys.stderr) as bar:
            engine.what_if.answer(number, at, bar.update)
        found = engine.what_if.look(actor, number)
        lines = list(engine.what_if.every_line(actor, number))
    if as_json:
        counts = {name: getattr(found, name) for name in ("title", "moved", "late", "cleared")}
        print_json({**counts, "looked_at": found.done, "dossiers": [asdict(line) for line in lines]}, settings.zone)
        return
    _say(found)
    for line in lines:
        _say_line(line.code, line.due_before, line.due_after, line.why, settings.zone)


def _say(found: WhatIf) -> None:
    click.echo(
        f"{found.title}: {found.moved} ngày hẹn thay đổi, {found.late} hồ sơ thành quá hạn, "
        f"{found.cleared} hồ sơ hết quá hạn"
    )


def _say_line(code: str, was: datetime | None, now: datetime | None, why: str, zone: ZoneInfo) -> None:
    click.echo(f"  {code}  {_said(was, zone)} → {_said(now, zone)}  {why}")


def _said(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M %d/%m/%Y}" if at else "–"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadDay(text=text) from None


def _parts(text: str) -> tuple[tuple[time, time], ...]:
    if not text:
        return ()
    try:
        first, last = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError:
        raise BadDay(text=text) from None
    return ((first, last),)
