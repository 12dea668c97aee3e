"""Numbered slips for a time without power: printed, listed until they are keyed in, declared void."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.errors import MotCuaError
from web.context import actor, engine, now
from web.documents import paper_answer
from web.errors import status_of
from web.i18n import said

blueprint = Blueprint("slips", __name__)


@blueprint.get("/counter/slips")
def table() -> str:
    """The slips that are out and not keyed in yet, of one desk of the clerk."""
    return _page(request.args.get("unit", ""))


@blueprint.post("/counter/slips")
def give_out() -> tuple[str, int] | AnyResponse:
    """Take the next numbers and show the pages to print."""
    unit = request.form.get("unit", "")
    typed = request.form.get("how_many", "").strip()
    try:
        how_many = int(typed) if typed.isdecimal() and len(typed) < 5 else 0  # noqa: PLR2004 - the engine says the limit
        batch = engine().slips.give_out(actor(), unit, how_many, at=now())
    except MotCuaError as error:
        return _page(unit, said(error), request.form), status_of(error)
    return redirect(url_for("slips.pdf", unit=unit, batch=batch), 303)


@blueprint.get("/counter/slips/<unit>/<int:batch>.pdf")
def pdf(unit: str, batch: int) -> Response:
    """The slips of one print."""
    return paper_answer(engine().slips.pdf(actor(), unit, batch))


@blueprint.post("/counter/slips/void")
def void() -> tuple[str, int] | AnyResponse:
    """Declare a slip void."""
    unit = request.form.get("unit", "")
    try:
        label = engine().slips.void(
            actor(), unit, request.form.get("number", ""), request.form.get("reason", ""), at=now()
        )
    except MotCuaError as error:
        return _page(unit, said(error), request.form), status_of(error)
    flash(_("Đã hủy phiếu %(label)s.", label=label))
    return redirect(url_for("slips.table", unit=unit), 303)


def _page(unit: str, problem: str = "", typed: object = None) -> str:
    desks = engine().catalogue.desk_units(actor())
    if not desks:
        abort(403)
    chosen = next((desk.code for desk in desks if desk.code == unit), desks[0].code)
    page = engine().slips.page(actor(), chosen)
    return render_template("clerk/slips.html", page=page, desks=desks, problem=problem, typed=typed or {})
