"""While nothing can be written: every page says so, what was typed is kept, and a button sends it again."""

from __future__ import annotations

from flask import Flask, Response, make_response, render_template, request

from engine.persistence.read_only import ReadOnlyNow
from engine.persistence.unit_of_work import DatabaseAway
from web.context import engine, known_actor
from web.i18n import said

# What is never shown again, wherever it was typed.
_SECRETS = ("password", "code", "secret", "csrf_token", "pin", "otp")
_RETRY_SECONDS = "60"


def register(app: Flask) -> None:
    """Answer what cannot be written with a page that keeps it; tell templates whether that is so."""
    app.register_error_handler(ReadOnlyNow, _kept)
    app.register_error_handler(DatabaseAway, _kept)
    app.jinja_env.globals.update(read_only=lambda: engine().uow.read_only)


def _kept(error: ReadOnlyNow | DatabaseAway) -> Response:
    """The page for something that was not written; what was typed stands in it, ready to be sent again."""
    is_account = (request.endpoint or "").partition(".")[0] in {"account", "reauth"}
    kept = [] if is_account or request.method != "POST" or known_actor() is None else _typed()
    page = render_template(
        "read_only.html",
        message=said(error),
        kept=kept,
        shown=[(name, value) for name, value in kept if len(value) > 1 and not name.endswith(("_key", "version"))],
        had_files=bool(request.files),
        path=request.full_path.rstrip("?"),
    )
    answer = make_response(page, 503)
    answer.headers["Retry-After"] = _RETRY_SECONDS
    return answer


def _typed() -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if not any(name == secret or name.endswith(f"_{secret}") for secret in _SECRETS)
    ]
