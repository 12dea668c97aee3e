"""What every answer carries and every form must show: headers, the token against forged forms, limits on guessing."""

from __future__ import annotations

import secrets

import structlog
from flask import Flask, Response, abort, current_app, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

from engine.config import Settings
from engine.settings.files import FileSettings

csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address, storage_uri="memory://")

_POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; {more}"
# A browser shows a PDF in a plug-in of its own, which `object-src 'none'` would forbid.
PAGE_POLICY = _POLICY.format(more="object-src 'none'; form-action 'self'; frame-ancestors 'none'")
DOCUMENT_POLICY = _POLICY.format(more="frame-ancestors 'none'")

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # The code of a dossier or the token of a letter stands in some addresses: no other page learns where one came from.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}
MAX_FORM_BYTES = 1024 * 1024
# Pages that take files: what is larger than any draft may be is turned away before it is read.
MAX_UPLOAD_BYTES = 8 * 1024 * 1024
UPLOADS = frozenset({"designer.upload", "designer.replace", "survey.read_in", "reports.reconciled"})
# Files that people brought: sent only by people who signed in, handed out so that no browser runs anything in them.
ATTACHING = frozenset({"attachments.add", "beside.answer"})
HANDED_OUT = frozenset({"attachments.download", "attachments.export"})
FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def too_many_refusals(answer: Response) -> bool:
    """Whether an answer counts as a wrong guess: only those use up the limit."""
    return answer.status_code in {403, 404}


def _set_headers(answer: Response) -> Response:
    answer.headers.update(HEADERS)
    is_document = answer.mimetype == "application/pdf"
    answer.headers["Content-Security-Policy"] = DOCUMENT_POLICY if is_document else PAGE_POLICY
    if request.endpoint in HANDED_OUT and answer.mimetype != "text/html":
        answer.headers["Content-Security-Policy"] = FILE_POLICY
    if request.endpoint != "static":
        answer.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        answer.headers["Strict-Transport-Security"] = "max-age=31536000"
    return answer


def _allow_uploads() -> None:
    if request.endpoint in UPLOADS:
        request.max_content_length = MAX_UPLOAD_BYTES
    if request.endpoint in ATTACHING and session:
        files: FileSettings = current_app.config["FILES"]
        request.max_content_length = files.largest_request


def _refuse_unreadable() -> None:
    """Turn away the sign NUL: no keyboard writes it, and PostgreSQL fails at a text that has it."""
    sent = (value for values in (request.args, request.form) for _name, each in values.lists() for value in each)
    if "\0" in request.path or any("\0" in value for value in sent):
        abort(422)


def _close_uploads(_error: BaseException | None) -> None:
    request.close()  # a large file lies in a temporary one until somebody closes it


def configure(app: Flask, settings: Settings) -> None:
    """Set cookies, sizes, headers, form tokens and limits."""
    if not settings.secret_key:
        structlog.get_logger().warning(
            "web.secret_key_missing", remedy="set MOTCUA_SECRET_KEY; sessions end at restart"
        )
    app.config.update(
        SECRET_KEY=settings.secret_key or secrets.token_hex(32),
        SESSION_COOKIE_NAME="motcua",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.web.secure_cookies,
        SEND_FILE_MAX_AGE_DEFAULT=31536000,  # every address of a static file carries the hash of its content
        FILES=settings.files,
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form that stayed open over lunch still works
        WTF_CSRF_SSL_STRICT=False,  # it asks for a Referer, which our own policy holds back
    )
    app.before_request(_allow_uploads)
    app.teardown_request(_close_uploads)
    csrf.init_app(app)
    limiter.init_app(app)
    app.before_request(_refuse_unreadable)
    app.after_request(_set_headers)
