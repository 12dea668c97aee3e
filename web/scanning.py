"""Bar codes: what the scanner of the counter typed on any page opens the file, the letter or the slip that it is on."""

from __future__ import annotations

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.errors import MotCuaError
from engine.domain.messages import item_digits
from engine.domain.scans import ScanKind, Scanned
from web.auth import home_of_actor, may_open
from web.context import actor, engine, now
from web.errors import status_of
from web.i18n import said

blueprint = Blueprint("scanning", __name__)

# Where a blank slip is keyed in.
SLIPS = "slips.found"


@blueprint.post("/scan")
def open_scanned() -> AnyResponse | tuple[Response, int]:
    """Lead to what was scanned. A script is told where, so that a wrong code takes nobody away from their page."""
    wants_json = request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    try:
        path = _path_of(engine().scanning.find(actor(), request.form.get("digits", "")))
    except MotCuaError as error:
        if wants_json:
            return jsonify(problem=said(error)), status_of(error)
        flash(said(error), "problem")
        return redirect(home_of_actor(), 303)
    return jsonify(path=path) if wants_json else redirect(path, 303)


@blueprint.get("/scan/envelopes/<int:delivery_id>")
def envelope(delivery_id: int) -> str:
    """The letter whose bar code was scanned."""
    line = engine().post.scanned(actor(), item_digits(delivery_id), at=now())
    return render_template("messages/one.html", line=line, typed=request.form)


def _path_of(found: Scanned) -> str:
    if found.kind is ScanKind.ENVELOPE:
        return url_for("scanning.envelope", delivery_id=found.number)
    if found.kind is ScanKind.SLIP:
        return _slip(found)
    endpoint = "handing_over.page" if found.is_waiting_for_hand_over else "officer.dossier"
    return url_for(endpoint, code=found.code)


def _slip(found: Scanned) -> str:
    try:
        return url_for(SLIPS, number=found.number, unit=found.code) if may_open(SLIPS) else home_of_actor()
    except BuildError:
        return home_of_actor()
