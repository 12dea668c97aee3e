"""Is this letter real? By the code printed on it, or by its file: for everybody, without JavaScript and cookies."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request
from flask_babel import gettext as _

from engine.services.verification import NoPdf
from web.context import engine
from web.i18n import said
from web.protection import csrf, limiter

blueprint = Blueprint("verification", __name__)


def _tries() -> str:
    return f"{current_app.extensions['motcua'].settings.web.lookup_tries_per_quarter_hour} per 15 minutes"


# Every file counts, right or wrong: each costs the machine a second.
uploads = limiter.shared_limit(_tries, scope="verification", methods=["POST"])


@blueprint.get("/xac-minh")
def ask() -> str:
    """Offer to check a file."""
    return render_template("citizen/verify_ask.html", error="")


@blueprint.post("/xac-minh")
@csrf.exempt  # it changes nothing, and must work where cookies are refused
@uploads
def check() -> tuple[str, int]:
    """Check a file against its signature and the register; nothing of it is kept."""
    given = request.files.get("file")
    content = given.read() if given is not None else b""
    if not content:
        return render_template("citizen/verify_ask.html", error=_("Hãy chọn tệp PDF của văn bản.")), 422
    try:
        found = engine().verification.file(content)
    except NoPdf as error:
        return render_template("citizen/verify_ask.html", error=said(error)), 422
    return render_template("citizen/verify_file.html", found=found), 200
