"""Screens on walls: the page that they show, and the page on which administrators make and revoke their links."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import BadInput
from web.board import FIGURES
from web.context import actor, engine, now
from web.errors import status_of
from web.i18n import said

blueprint = Blueprint("wall", __name__)

_WALL = "wall"
UNITS_A_SLIDE = 6
SECONDS_A_SLIDE = 15
# On a wall there is room for what needs somebody to act.
SHOWN = ("open", "overdue", "without_letter", "due_today", "due_soon", "paused")


@blueprint.get("/giam-sat/man-hinh/<token>")
def enter(token: str) -> Response:
    """Open a screen by its link: the secret goes into the cookie, and out of the address."""
    engine().walls.show(token, at=now())
    session[_WALL] = token
    session.permanent = True
    return redirect(url_for("wall.show"))


@blueprint.get("/giam-sat/man-hinh")
def show() -> str:
    """Figures to be read across a room, a slide at a time: the whole first, then the units."""
    found = engine().walls.show(session.get(_WALL, ""), at=now())
    slides = 1 + -(-len(found.units) // UNITS_A_SLIDE)
    slide = (request.args.get("slide", 0, type=int) or 0) % slides
    first = (slide - 1) * UNITS_A_SLIDE
    return render_template(
        "supervisor/wall.html",
        wall=found,
        figures=FIGURES,
        shown=SHOWN,
        slide=slide,
        slides=slides,
        units=found.units[first : first + UNITS_A_SLIDE] if slide else (),
        seconds=SECONDS_A_SLIDE,
        is_paused="paused" in request.args,
    )


@blueprint.get("/admin/screens")
def screens() -> str:
    """Every screen, and a form for a new one."""
    return _screens()


@blueprint.post("/admin/screens")
def make() -> str | tuple[str, int]:
    """Make a link; it is shown this once."""
    name = request.form.get("name", "")
    try:
        token = engine().walls.make(actor(), name, request.form.get("unit", ""), at=now())
    except BadInput as error:
        return _screens(problem=said(error)), status_of(error)
    return _screens(link=url_for("wall.enter", token=token, _external=True))


@blueprint.post("/admin/screens/<int:number>/revoke")
def revoke(number: int) -> Response:
    """Take a link back."""
    engine().walls.revoke(actor(), number, at=now())
    flash(_("Đã thu hồi: màn hình này không hiện số liệu nữa."))
    return redirect(url_for("wall.screens"), 303)


def _screens(problem: str = "", link: str = "") -> str:
    found, units = engine().walls.screens(actor()), engine().walls.units(actor())
    return render_template(
        "admin/screens.html", screens=found, units=units, problem=problem, link=link, typed=request.form
    )
