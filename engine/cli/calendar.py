"""`motcua calendar`: the draft of a year, its confirmation by a person, and the days of a year as they are in force."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from engine.cli.shared import json_option, opened, person_named, print_json, with_config
from engine.domain.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.config import Settings
    from engine.domain.special_days import SpecialDay


class BadIssueDay(BadInput):
    """--issued: “{text}” không phải một ngày; hãy ghi theo dạng 2026-10-02."""

    code = "bad_issue_day"


@click.group()
def calendar() -> None:
    """Lịch làm việc: dự thảo một năm, xác nhận, xem các ngày đặc biệt."""


@calendar.command()
@click.argument("year", type=int)
@json_option
@with_config
def draft(settings: Settings, year: int, as_json: bool) -> None:
    """Lập dự thảo ngày nghỉ một năm theo thư viện “holidays”; chưa có hiệu lực trước khi được xác nhận."""
    from engine.calendars import forecast_year
    from engine.domain.people import OPERATOR

    expected = forecast_year(year)
    with opened(settings) as engine:
        proposed = engine.calendar_books.propose_year(OPERATOR, year, expected, at=engine.clock.now())
        known = {each.on: each for each in engine.calendar.special_days if each.on.year == year}
    found = {
        "year": year,
        "proposed": [_line(each.day) for each in proposed],
        "not_expected": [_line(day) for on, day in sorted(known.items()) if on not in {each.on for each in expected}],
    }
    if as_json:
        print_json(found, settings.zone)
        return
    click.echo(f"dự thảo năm {year}: {len(proposed)} ngày chờ xác nhận (chưa có hiệu lực)")
    _say(each.day for each in proposed)
    if found["not_expected"]:
        click.echo("lịch đang dùng có, thư viện không có (hãy đối chiếu văn bản):")
        _say(day for on, day in sorted(known.items()) if on not in {each.on for each in expected})


@calendar.command()
@click.argument("year", type=int)
@click.option("--by", "username", required=True, help="Tài khoản của người xác nhận.", metavar="USERNAME")
@click.option("--document", required=True, help="Số, ký hiệu văn bản làm căn cứ.", metavar="TEXT")
@click.option("--issued", default="", help="Ngày ban hành văn bản, ví dụ 2026-10-02.", metavar="DATE")
@json_option
@with_config
def confirm(settings: Settings, year: int, username: str, document: str, issued: str, as_json: bool) -> None:
    """Xác nhận lịch một năm: mọi ngày dự thảo có hiệu lực, năm được coi là đầy đủ."""
    from engine.services.calendars import Source

    source = Source(document, _day(issued))
    with opened(settings) as engine:
        actor = person_named(engine, username)
        published = engine.calendar_books.confirm_year(actor, year, source, at=engine.clock.now())
    if as_json:
        print_json({"year": year, "calendar_version": published.version}, settings.zone)
    else:
        click.echo(f"đã xác nhận lịch năm {year}; phiên bản lịch {published.version}")


@calendar.command()
@click.argument("year", type=int)
@click.option("--office", "unit_code", default="", help="Mã đơn vị (mặc định: toàn hệ thống).", metavar="CODE")
@json_option
@with_config
def show(settings: Settings, year: int, unit_code: str, as_json: bool) -> None:
    """In các ngày đặc biệt của một năm theo lịch của một đơn vị, mỗi ngày kèm văn bản."""
    with opened(settings) as engine:
        units = engine.units
        found = engine.calendars.of(units.by_code(unit_code).id) if unit_code else engine.calendar
    days = [day for day in found.special_days if day.on.year == year]
    if as_json:
        facts: dict[str, Any] = {"year": year, "office": unit_code, "calendar_version": found.version}
        facts |= {"confirmed": found.is_confirmed(year), "days": [_line(day) for day in days]}
        print_json(facts, settings.zone)
        return
    state = "đã xác nhận" if found.is_confirmed(year) else "chưa xác nhận"
    click.echo(f"năm {year}: {len(days)} ngày đặc biệt, {state}; phiên bản lịch {found.version}")
    _say(days)


def _line(day: SpecialDay) -> dict[str, Any]:
    facts = {"on": day.on, "kind": day.kind, "name": day.name, "source": day.source, "issued_on": day.issued_on}
    return {**facts, "closed": day.parts} if day.closed else facts


def _say(days: Iterable[SpecialDay]) -> None:
    for day in days:
        parts = f" {day.parts}" if day.closed else ""
        click.echo(f"  {day.on:%d/%m/%Y}  {day.kind.label}{parts}: {day.name}  [{day.source}]")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadIssueDay(text=text) from None
