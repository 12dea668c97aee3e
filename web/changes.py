"""Before a calendar is changed: which dates would move. After it: how far they have been worked out anew."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, flash, redirect, render_template, request, stream_with_context, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from engine.domain.errors import BadInput, NotAllowedNow, NotFound
from engine.domain.permissions import absence_units
from engine.domain.reprojection import Turn
from engine.services.what_if import PAGE_SIZE, WhatIfLine
from engine.tables.comma import csv_lines
from web import calendar
from web.calendar_entries import entry_of
from web.context import actor, engine, now, page_asked, zone
from web.errors import status_of
from web.forms import typed_in
from web.i18n import said

blueprint = Blueprint("changes", __name__, url_prefix="/admin/calendar")

TURNS = {
    Turn.MOVED: (lazy_gettext("Chuyển ngày"), "soon", "clock"),
    Turn.LATE: (lazy_gettext("Thành quá hạn"), "late", "alert"),
    Turn.CLEARED: (lazy_gettext("Hết quá hạn"), "good", "check"),
}
Answer = str | tuple[str, int] | Response


@blueprint.post("/what-if")
def ask() -> Answer:
    """Ask what an entry would do to dates; nothing is entered."""
    form = typed_in(request.form)
    form |= {name: value for name, value in request.args.items() if name in {"act", "entry"}}
    try:
        entry = entry_of(form.get("act", ""), form)
        number = engine().what_if.ask(
            actor(), entry.title, lambda books: entry.enter(books, actor(), now()), at=now(), form=form
        )
    except (BadInput, NotAllowedNow) as error:
        page = _absence(said(error)) if form.get("act") == "absence" else calendar.refused(said(error))
        return page, status_of(error)
    return redirect(url_for("changes.what_if", number=number), 303)


@blueprint.get("/what-if/<int:number>")
def what_if(number: int) -> str:
    """Which dates would move, late ones first; while that is worked out, how far it is."""
    found = engine().what_if.look(actor(), number, page=page_asked())
    return render_template(
        "admin/what_if.html", found=found, turns=TURNS, act=found.form.get("act", ""), size=PAGE_SIZE
    )


@blueprint.get("/what-if/<int:number>.csv")
def what_if_csv(number: int) -> Response:
    """All dossiers whose dates would move, for a spreadsheet."""
    engine().what_if.look(actor(), number)
    name = f"thay-doi-ngay-hen-{number}.csv"
    lines = engine().what_if.every_line(actor(), number)
    answer = Response(stream_with_context(_table(lines)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.post("/what-if/<int:number>/enter")
def enter(number: int) -> Answer:
    """Enter what was looked at."""
    found = engine().what_if.look(actor(), number)
    form = dict(found.form)
    entry = entry_of(form.get("act", ""), form)
    try:
        entry.enter(engine().calendar_books, actor(), now())
    except (BadInput, NotAllowedNow) as error:
        flash(said(error), "problem")
        return redirect(url_for("changes.what_if", number=number), 303)
    flash(f"{entry.done} {_('Ngày hẹn của các hồ sơ liên quan được tính lại ngay sau đây.')}")
    return redirect(url_for("changes.progress"), 303)


@blueprint.get("/reprojection")
def progress() -> str:
    """How far dates have been worked out anew."""
    runs, waiting = engine().reprojection.runs(10), engine().reprojection.waiting()
    return render_template("admin/reprojection.html", runs=runs, waiting=waiting)


@blueprint.get("/absence")
def absence() -> str:
    """The form with which a supervisor says that a unit is closed."""
    return _absence()


@blueprint.post("/absence")
def announce() -> Answer:
    """Say that a unit is closed for some days."""
    try:
        entry = entry_of("absence", request.form.to_dict())
        entry.enter(engine().calendar_books, actor(), now())
    except (BadInput, NotAllowedNow) as error:
        return _absence(said(error)), status_of(error)
    flash(entry.done)
    return redirect(url_for("changes.progress"), 303)


def _absence(problem: str = "") -> str:
    tree = engine().units
    mine = absence_units(actor(), tree)
    units = [(unit.code, unit.name) for unit in tree if unit.id in mine]
    if not units:
        raise NotFound(what="đơn vị nào do bạn giám sát")
    typed = typed_in(request.form)
    return render_template("admin/absence.html", units=units, typed=typed, problem=problem)


def _table(lines: Iterator[WhatIfLine]) -> Iterator[str]:
    head = [_("Mã hồ sơ"), _("Thủ tục"), _("Cơ quan giải quyết"), _("Hẹn trước"), _("Hẹn sau"), _("Thành"), _("Vì")]
    return csv_lines(head, map(_row, lines))


def _row(line: WhatIfLine) -> list[str]:
    dates = [f"{at.astimezone(zone()):%d/%m/%Y %H:%M}" for at in (line.due_before, line.due_after)]
    return [line.code, line.procedure_name, line.deciding_unit, *dates, str(TURNS[Turn(line.turn)][0]), line.why]
