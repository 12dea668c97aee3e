"""Forms that are carried out once: `fields.once()` puts a hidden key in, this module answers a repetition as before.

The key alone would not do: a page that somebody goes back to, to write something else, holds the old key. So what
counts is the fingerprint of all that was sent, the key among it. What is kept is the fingerprint, never the words.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time

from flask import Flask, flash, redirect, request, session
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.services.once import DoneBefore
from web.auth import home_of_actor, safe_path
from web.context import actor, engine, known_actor, now

FIELD = "once_key"
_FLASHES = "_flashes"
# How long a second sending waits for the answer to the first, and how often it looks.
_PATIENCE_SECONDS, _LOOKS = 3.0, 30


def once_key() -> str:
    """A key for a form that is being shown: nobody guesses it, and no other form has it."""
    return secrets.token_urlsafe(16)


def fingerprint() -> str:
    """What tells this sending from every other: who, where to, every field, the files by name and the length."""
    fields = sorted((name, value) for name, value in request.form.items(multi=True) if name != "csrf_token")
    files = sorted((name, file.filename or "") for name, file in request.files.items(multi=True))
    length = request.content_length if files else 0
    content = json.dumps([actor().id, request.path, fields, files, length], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def _begin() -> Response | None:
    if request.method != "POST" or known_actor() is None or not request.form.get(FIELD):
        return None
    answered = engine().once.begin(actor(), fingerprint(), request.endpoint or "", at=now())
    return None if answered is None else _as_before()


def _as_before(_done: DoneBefore | None = None) -> Response:
    """Answer as the first sending was answered; wait a little while that one is still being answered."""
    engine().once.drop()
    key = fingerprint()
    answered = engine().once.answered(actor(), key)
    for _look in range(_LOOKS):
        if answered is None or answered.location is not None:
            break
        time.sleep(_PATIENCE_SECONDS / _LOOKS)
        answered = engine().once.answered(actor(), key)
    if answered is None or not answered.location:
        flash(_("Việc này đã được ghi ở lần gửi trước, không ghi thêm lần nữa."))
        return redirect(safe_path(request.form.get("next", "")) or home_of_actor(), 303)
    known = {(tone, words) for tone, words in session.get(_FLASHES, [])}
    for tone, words in answered.told:
        if (tone, words) not in known:
            flash(words, tone)
    return redirect(answered.location, 303)


def _end(response: Response) -> Response:
    is_redirect = 300 <= response.status_code < 400  # noqa: PLR2004 - the family of answers that lead on
    told = tuple((str(tone), str(words)) for tone, words in session.get(_FLASHES, [])) if is_redirect else ()
    engine().once.end(response.headers.get("Location", "") if is_redirect else "", told)
    return response


def _drop(_error: BaseException | None) -> None:
    engine().once.drop()


def protect(app: Flask) -> None:
    """Carry every form with a key out once. To be called after the guard of the doors: it needs to know who asks."""
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_drop)
    app.register_error_handler(DoneBefore, _as_before)
    app.jinja_env.globals.update(once_key=once_key)
