"""Proving again who one is, before something that must not be done by whoever finds an open browser.

    @blueprint.post("/leader/letters/<int:draft_id>/approve")
    def approve(draft_id: int) -> ...:
        reauth.require()          # goes on, or the answer is a page that asks, with everything typed kept
        engine().letter_table.approve(actor(), draft_id, ...)

A form that is about to need the proof may ask for it beside its button, so that nobody is asked on a second page:

    {% import 'account/confirm_field.html' as confirm with context %}
    <form …>{{ confirm.field(faults) }}<button …>

The field is shown only while no proof is fresh. `faults` are the messages of `web.errors.field_messages`: a wrong proof
raises `ConfirmRefused`, a `BadInput`, which a handler may catch to show its own page again; otherwise the page that
asks is the answer. Files of an upload are not kept: such a form asks beside its button.
"""

from __future__ import annotations

from flask import Flask, render_template, request
from werkzeug.wrappers import Response

from engine.domain.sign_in import ConfirmNeeded, ConfirmRefused
from web.context import actor, browser_token, engine, known_actor, known_seat, now, remember_actor
from web.i18n import said

FIELD = "confirm_secret"


def is_fresh() -> bool:
    """Whether the person who asks proved who they are a short while ago."""
    who = known_actor()
    return who is not None and engine().access.is_fresh(who, at=now())


def seat_method() -> str:
    """How the person signed in: by password, or at another house (`oidc`)."""
    seat = known_seat()
    return seat.method if seat else ""


def require() -> None:
    """Go on if the proof is fresh or stands in the form; raises `ConfirmNeeded`, `ConfirmRefused`."""
    access = engine().access
    if access.is_fresh(actor(), at=now()):
        return
    secret = request.form.get(FIELD, "")
    if not secret:
        raise ConfirmNeeded
    remember_actor(access.reauthenticate(browser_token(), actor(), secret, at=now()))


def ask(error: ConfirmNeeded | ConfirmRefused) -> Response | tuple[str, int]:
    """The page that asks for the proof and sends the form of before again."""
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in {FIELD, "csrf_token"}]
    if request.headers.get("HX-Request"):
        answer = Response(said(error), status=403, mimetype="text/plain")
        answer.headers["HX-Refresh"] = "true"
        return answer
    wrong = said(error) if isinstance(error, ConfirmRefused) else ""
    is_sent = request.method == "POST"
    page = render_template(
        "account/confirm.html", path=request.full_path.rstrip("?"), kept=kept if is_sent else [], error=wrong
    )
    return page, 422 if wrong else 403


def register(app: Flask) -> None:
    """Answer a missing or wrong proof with the page that asks for it."""
    app.register_error_handler(ConfirmNeeded, ask)
    app.register_error_handler(ConfirmRefused, ask)
    app.jinja_env.globals.update(seat_method=seat_method, is_fresh=is_fresh, confirm_field_name=FIELD)
