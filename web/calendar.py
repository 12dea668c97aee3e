"""The working calendar of each unit: a year at one glance, and the forms with which people keep it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, time

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from engine.calendars import forecast_year
from engine.domain.calendar_facts import FactKind
from engine.domain.calendar_year import DayLook, say_week
from engine.domain.errors import BadInput, CannotRun, NotAllowedNow
from engine.domain.office_hours import OfficeHours
from engine.domain.special_days import DayKind, SpecialDay
from engine.services.calendars import Source
from web.context import actor, engine, now, zone
from web.errors import status_of

blueprint = Blueprint("calendar", __name__, url_prefix="/admin/calendar")

FIRST_YEAR, LAST_YEAR = 2020, 2100
# What an entry of the log did.
WORDS = {
    FactKind.DAY: lazy_gettext("Ghi ngày"),
    FactKind.PROPOSED: lazy_gettext("Dự thảo ngày"),
    FactKind.CONFIRMED: lazy_gettext("Xác nhận ngày"),
    FactKind.CANCELLED: lazy_gettext("Hủy"),
    FactKind.HOURS: lazy_gettext("Giờ làm việc"),
    FactKind.YEAR: lazy_gettext("Xác nhận năm"),
    FactKind.SWITCH: lazy_gettext("Công tắc"),
}
Answer = str | tuple[str, int] | Response


class BadField(BadInput):
    """{detail}."""

    code = "bad_calendar_field"


def keep_up(app: Flask) -> None:
    """Let every request see calendars as they are: it looks now and then whether somebody has changed one."""

    @app.before_request
    def look_again() -> None:
        with suppress(CannotRun):  # the page itself says what is wrong with the database
            engine().calendars.look_again()


@blueprint.get("")
def year() -> str:
    """Twelve months of a unit, with the source of each special day, and who entered what."""
    return _page()


@blueprint.post("/days")
def enter_day() -> Answer:
    """Enter a special day."""
    return _act(_enter_day, _("Đã ghi ngày vào lịch."))


@blueprint.post("/hours")
def enter_hours() -> Answer:
    """Enter office hours from a day on."""
    return _act(_enter_hours, _("Đã ghi giờ làm việc."))


@blueprint.post("/switches")
def turn_switch() -> Answer:
    """Turn a day on or off that depends on a switch."""
    return _act(_turn_switch, _("Đã ghi công tắc."))


@blueprint.post("/entries/<int:entry_id>/cancel")
def cancel(entry_id: int) -> Answer:
    """Take an entry back."""
    return _act(
        lambda: engine().calendar_books.cancel(actor(), entry_id, _source(), at=now()),
        _("Đã hủy; mục cũ vẫn còn trong nhật ký."),
    )


@blueprint.post("/entries/<int:entry_id>/confirm")
def confirm_day(entry_id: int) -> Answer:
    """Make one day of a draft law."""
    return _act(
        lambda: engine().calendar_books.confirm_day(actor(), entry_id, _source(), at=now()), _("Đã xác nhận ngày.")
    )


@blueprint.post("/draft")
def draft() -> Answer:
    """Put the days that are expected in a year before the people who confirm them."""
    return _act(
        lambda: engine().calendar_books.propose_year(actor(), _year(), forecast_year(_year()), at=now()),
        _("Đã lập dự thảo; chưa có hiệu lực trước khi được xác nhận."),
    )


@blueprint.post("/confirm")
def confirm_year() -> Answer:
    """Make a whole draft law, and the year complete."""
    return _act(
        lambda: engine().calendar_books.confirm_year(actor(), _year(), _source(), at=now()), _("Đã xác nhận cả năm.")
    )


def _act(act: Callable[[], object], done: str) -> Answer:
    try:
        act()
    except (BadInput, NotAllowedNow) as error:
        return _page(problem=error.message), status_of(error)
    flash(done)
    return redirect(url_for("calendar.year", unit=request.form.get("unit", ""), year=_year()), 303)


def _page(problem: str = "") -> str:
    typed = {name: value for name, value in request.form.items() if name != "csrf_token"}
    found = engine().calendar_pages.year(actor(), _year(), unit_code=request.values.get("unit", ""), at=now())
    return render_template(
        "admin/calendar.html",
        calendar=found,
        typed=typed,
        problem=problem,
        looks=[look for look in DayLook if look is not DayLook.WORKING],
        kinds=[(kind.value, kind.label[0].upper() + kind.label[1:]) for kind in DayKind],
        say_week=say_week,
        words=WORDS,
        switch_names={switch.name: switch.label for switch in found.switches},
        years=(FIRST_YEAR, LAST_YEAR),
    )


def _year() -> int:
    wanted = request.values.get("year", type=int) or now().astimezone(zone()).year
    return min(max(wanted, FIRST_YEAR), LAST_YEAR)


def _enter_day() -> None:
    form = request.form
    try:
        kind = DayKind(form.get("kind", ""))
    except ValueError:
        raise BadField(detail=_("hãy chọn loại ngày")) from None
    source = _source()
    day = SpecialDay(
        on=_date("on", _("ngày")),
        kind=kind,
        name=form.get("name", "").strip(),
        source=source.document,
        issued_on=source.issued_on,
        mark="R",
        closed=_closed(),
    )
    engine().calendar_books.enter_day(actor(), form.get("unit", ""), day, at=now())


def _enter_hours() -> None:
    week = tuple(
        OfficeHours.parse(typed) if (typed := request.form.get(f"week-{weekday}", "").strip()) else None
        for weekday in range(7)
    )
    from_on = _date("from_on", _("ngày bắt đầu áp dụng"))
    engine().calendar_books.enter_hours(actor(), request.form.get("unit", ""), from_on, week, _source(), at=now())


def _turn_switch() -> None:
    turned_on = request.form.get("state") == "on"
    engine().calendar_books.turn_switch(actor(), request.form.get("name", ""), _source(), on=turned_on, at=now())


def _source() -> Source:
    issued = _date("issued_on", _("ngày ban hành")) if request.form.get("issued_on", "").strip() else None
    return Source(request.form.get("document", "").strip(), issued)


def _closed() -> tuple[tuple[time, time], ...]:
    first, last = (request.form.get(name, "").strip() for name in ("closed_from", "closed_until"))
    if not first and not last:
        return ()
    try:
        return ((time.fromisoformat(first), time.fromisoformat(last)),)
    except ValueError:
        raise BadField(detail=_("giờ đóng cửa: hãy ghi đủ từ và đến, ví dụ 13:00 và 17:00")) from None


def _date(name: str, what: str) -> date:
    typed = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise BadField(detail=_("%(what)s: hãy nhập một ngày, ví dụ 2026-11-24", what=what)) from None
