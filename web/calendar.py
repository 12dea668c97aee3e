"""The working calendar of each unit: a year at one glance, and the forms with which people keep it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from engine.calendars import forecast_year
from engine.domain.calendar_facts import FactKind
from engine.domain.calendar_year import DayLook, say_week
from engine.domain.errors import BadInput, CannotRun, NotAllowedNow
from engine.domain.special_days import DayKind
from web.calendar_entries import entry_of
from web.context import actor, engine, now, zone
from web.errors import status_of
from web.forms import typed_in
from web.i18n import said

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
    return _enter("day")


@blueprint.post("/hours")
def enter_hours() -> Answer:
    """Enter office hours from a day on."""
    return _enter("hours")


@blueprint.post("/switches")
def turn_switch() -> Answer:
    """Turn a day on or off that depends on a switch."""
    return _enter("switch")


@blueprint.post("/entries/<int:entry_id>/cancel")
def cancel(entry_id: int) -> Answer:
    """Take an entry back."""
    return _enter("cancel", entry=str(entry_id))


@blueprint.post("/entries/<int:entry_id>/confirm")
def confirm_day(entry_id: int) -> Answer:
    """Make one day of a draft law."""
    return _enter("confirm_day", entry=str(entry_id))


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
    return _enter("confirm_year", year=str(_year()))


def _enter(act: str, **more: str) -> Answer:
    try:
        entry = entry_of(act, {**request.form.to_dict(), **more})
    except BadInput as error:
        return _page(problem=said(error)), status_of(error)
    return _act(lambda: entry.enter(engine().calendar_books, actor(), now()), entry.done)


def _act(act: Callable[[], object], done: str) -> Answer:
    try:
        act()
    except (BadInput, NotAllowedNow) as error:
        return _page(problem=said(error)), status_of(error)
    flash(done)
    return redirect(url_for("calendar.year", unit=request.form.get("unit", ""), year=_year()), 303)


def refused(problem: str) -> str:
    """The page again, with what was typed and why it cannot be."""
    return _page(problem=problem)


def _page(problem: str = "") -> str:
    typed = typed_in(request.form)
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
        run=next(iter(engine().reprojection.runs(1)), None),
    )


def _year() -> int:
    wanted = request.values.get("year", type=int) or now().astimezone(zone()).year
    return min(max(wanted, FIRST_YEAR), LAST_YEAR)
