"""The choice between Vietnamese and English on every page, kept in a cookie of this browser, as pages' look is."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, current_app, redirect, request
from werkzeug.wrappers import Response

from web.auth import home_of_actor, safe_path
from web.context import known_actor
from web.i18n import COOKIE, LANGUAGES, SOURCE_LANGUAGE

blueprint = Blueprint("language", __name__)

_KEPT_FOR = timedelta(days=365)


@blueprint.post("/ngon-ngu")
def choose() -> Response:
    """Keep the language that was chosen, and go back to the page."""
    asked = request.form.get("language", "")
    default = home_of_actor() if known_actor() is not None else "/"
    answer = redirect(safe_path(request.form.get("next", "")) or default, 303)
    answer.set_cookie(
        COOKIE,
        asked if asked in LANGUAGES else SOURCE_LANGUAGE,
        max_age=_KEPT_FOR,
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
    return answer
