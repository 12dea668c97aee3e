"""Pages for everybody: what this is, where my dossier stands, which procedures there are, is this letter real.

They work without JavaScript and without cookies, say nothing that names a person, and are kept by no cache.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.errors import NotFound
from engine.domain.posted_page import PostedProcedure
from engine.domain.public_views import PublicDossier
from web.context import engine, known_actor, now
from web.documents import letter_answer
from web.protection import csrf, limiter, too_many_refusals

blueprint = Blueprint("citizen", __name__)


def _tries() -> str:
    return f"{current_app.extensions['motcua'].settings.web.lookup_tries_per_quarter_hour} per 15 minutes"


# Only wrong guesses count, so that the one shared computer of a commune office is not locked out by honest use.
guesses = limiter.shared_limit(_tries, scope="citizen", deduct_when=too_many_refusals, methods=["GET", "POST"])


@blueprint.get("/")
def home() -> str:
    """What this is, and the two ways in."""
    return render_template("citizen/home.html", is_staff=known_actor() is not None)


@blueprint.route("/tra-cuu", methods=["GET", "POST"])
@csrf.exempt  # it changes nothing, and must work where cookies are refused
@guesses
def lookup() -> tuple[str, int] | str:
    """Code and second fact come in the body of the request: neither stands in an address or a log."""
    if request.method == "GET":
        return render_template("citizen/lookup.html", code="", errors={}, not_found=False)
    code, fact = request.form.get("code", "").strip(), request.form.get("fact", "").strip()
    errors = {} if code else {"code": _("Hãy nhập mã hồ sơ in trên Giấy tiếp nhận.")}
    if not (fact.isdecimal() and len(fact) == 4):  # noqa: PLR2004 - the last four digits
        errors["fact"] = _("Hãy nhập đúng 4 chữ số.")
    if errors:
        return render_template("citizen/lookup.html", code=code, errors=errors, not_found=False), 422
    try:
        found = engine().lookup.find(code, fact, at=now())
    except NotFound:
        return render_template("citizen/lookup.html", code=code, errors={}, not_found=True), 404
    return _result(found)


@blueprint.get("/tra-cuu/<token>")
@guesses
def by_receipt(token: str) -> str:
    """Open from the QR code of the receipt."""
    return _result(engine().lookup.by_receipt(token, at=now()))


def _result(found: PublicDossier) -> str:
    return render_template("citizen/result.html", dossier=found, at=now())


@blueprint.get("/van-ban/<token>.pdf")
@guesses
def letter(token: str) -> Response:
    """Fetch a letter whose token the holder of the dossier was given."""
    return letter_answer(engine().lookup.pdf(token))


@blueprint.get("/xac-minh/<token>")
@guesses
def verify(token: str) -> str:
    """Say whether a paper is the letter that was issued."""
    return render_template("citizen/verify.html", letter=engine().lookup.verify(token))


@blueprint.get("/thu-tuc")
def procedures() -> str:
    """The public list; `q` searches it, with or without accents, `linh-vuc` keeps to one sector."""
    text, sector = request.args.get("q", "").strip(), request.args.get("linh-vuc", "")
    every = engine().posting.procedures(at=now())
    found = engine().posting.search(text, sector, at=now()) if text or sector else every
    sectors = dict.fromkeys((page.facts.sector, page.facts.sector_name) for page in every)
    groups: dict[str, list[PostedProcedure]] = {}
    for page in found:
        groups.setdefault(page.facts.sector_name, []).append(page)
    return render_template("citizen/procedures.html", groups=groups, text=text, sector=sector, sectors=list(sectors))


@blueprint.get("/thu-tuc/<code>")
def procedure(code: str) -> str | AnyResponse:
    """Everything that is posted about one procedure; `cap` says the level where one code is done at several."""
    page = engine().posting.procedure(code, request.args.get("cap", ""), at=now())
    if page.facts.code != code:
        return redirect(url_for("citizen.procedure", code=page.facts.code))
    return render_template("citizen/procedure.html", page=page)
