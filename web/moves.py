"""Running dossiers move to another version: what would become of each, and the order itself."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from engine.domain.errors import BadInput, NotAllowedNow
from engine.services.moving import MoveOrder, MoveReport
from web import reauth
from web.context import actor, engine, now
from web.errors import status_of
from web.i18n import said

blueprint = Blueprint("moves", __name__, url_prefix="/admin/versions/move")

WORDS = {
    "can": (lazy_gettext("Chuyển được"), "good", "check"),
    "cannot": (lazy_gettext("Không chuyển được"), "late", "cross"),
}


@blueprint.get("")
def look() -> str | tuple[str, int]:
    """What would become of each running dossier; nothing is written."""
    return _page()


@blueprint.post("")
def carry_out() -> str | tuple[str, int] | Response:
    """Move those that can; everybody keeps the date that was promised."""
    reauth.require()
    try:
        report = engine().moving.move(actor(), _order(), at=now(), on_progress=lambda: None)
    except (BadInput, NotAllowedNow) as error:
        return _page(said(error))[0], status_of(error)
    moved, cannot = report.counts.get("moved", 0), report.counts.get("cannot", 0)
    flash(_("Đã chuyển %(moved)s hồ sơ, không chuyển được %(cannot)s.", moved=moved, cannot=cannot))
    if report.batch is not None:
        flash(_("Đợt số %(batch)s; trả về bằng lệnh motcua move-dossiers --revert %(batch)s.", batch=report.batch))
    return redirect(url_for("admin.versions"), 303)


def _order() -> MoveOrder:
    asked = request.values
    return MoveOrder(asked.get("code", ""), asked.get("to", ""), asked.get("from", ""), asked.get("level", ""))


def _page(problem: str = "") -> tuple[str, int]:
    order, status = _order(), 200
    report: MoveReport | None = None
    if order.code and order.to_version:
        try:
            report = engine().moving.look(actor(), order, at=now(), on_progress=lambda: None)
        except (BadInput, NotAllowedNow) as error:
            problem, status = problem or said(error), status_of(error)
    return render_template("admin/moves.html", order=order, report=report, problem=problem, words=WORDS), status
