"""The sign-in, and the guard that asks the table of doors before every request.

The browser holds one signed, HttpOnly cookie with the opaque token of `engine.access`; what a person may do with one
dossier is the engine's decision, `web.doors` only says which doors exist for which role.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Flask, abort, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from engine.domain.errors import BadInput, MotCuaError, Refused
from engine.domain.permissions import is_over_all
from engine.domain.sign_in import Need, SignedIn
from web.context import (
    TOKEN,
    actor,
    browser,
    browser_token,
    engine,
    forget_actor,
    known_actor,
    known_seat,
    now,
    remember_actor,
    remember_seat,
)
from web.doors import ACCESS, FOR_THE_TOP, HOMES
from web.i18n import said
from web.protection import limiter, too_many_refusals

blueprint = Blueprint("account", __name__)

# Demonstration accounts share one password, which `motcua serve` prints too; a real office has no such accounts.
DEMO_PASSWORD = "motcua-2026"  # noqa: S105

_KEPT = "kept:"
# Where somebody goes who still owes a proof.
NEED_PAGES = {Need.CODE: "account.code", Need.PASSWORD: "profile.password", Need.ENROLMENT: "profile.codes"}
# What somebody may open who still owes one: the pages that take it, and the way out.
OPEN_TO_DEBTORS = {
    Need.CODE: {"account.sign_out"},
    Need.PASSWORD: {"account.sign_out", "profile.password", "profile.change_password"},
    Need.ENROLMENT: {"account.sign_out", "profile.codes", "profile.change_codes", "profile.confirm_codes"},
}


def home_of_actor() -> str:
    """The address at which the person who asks starts the day."""
    return url_for(next((endpoint for role, endpoint in HOMES if actor().has_role(role)), "officer.worklist"))


def may_open(endpoint: str) -> bool:
    """Whether the person who asks may open the page of `endpoint`."""
    roles, who = ACCESS.get(endpoint), known_actor()
    if not roles or who is None:
        return roles is not None and not roles
    return who.has_role(*roles) and (not endpoint.startswith(FOR_THE_TOP) or is_over_all(who, engine().office.units))


def safe_path(target: str) -> str:
    """`target` if it is a path inside this application, else nothing: nobody is led elsewhere by a link to sign in."""
    parts = urlsplit(target)
    is_inside = (
        target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    )
    has_control = any(ord(letter) < ord(" ") or letter == "\\" for letter in target)
    return target if is_inside and not has_control else ""


def guard() -> Response | tuple[str, int] | None:
    """Let the request in, ask for a sign-in, or refuse. A page that the table does not name is closed to all."""
    _resume()
    if request.endpoint is None:
        return None
    roles = ACCESS.get(request.endpoint)
    if roles is None:
        abort(403)
    if not roles:
        return None
    seat = known_seat()
    if seat is not None and seat.need:
        if request.endpoint not in OPEN_TO_DEBTORS[seat.need]:
            return _pay_first(seat.need)
        remember_actor(seat.actor)
    if known_actor() is None:
        return _ask_to_sign_in()
    if not may_open(request.endpoint):
        raise Refused(detail=_("trang này dành cho vai trò khác"))
    return None


def _resume() -> None:
    token = session.get(TOKEN)
    if not token or request.endpoint == "static":
        return
    try:
        remember_seat(engine().access.seat(token, at=now()))
    except Refused:
        session.pop(TOKEN, None)


def _pay_first(need: Need) -> Response:
    page = url_for(NEED_PAGES[need])
    if request.headers.get("HX-Request"):
        answer = Response(status=204)
        answer.headers["HX-Redirect"] = page
        return answer
    return redirect(page, 303)


def _ask_to_sign_in() -> Response | tuple[str, int]:
    if request.headers.get("HX-Request"):
        answer = Response(status=204)
        answer.headers["HX-Redirect"] = url_for("account.sign_in")
        return answer
    if request.method == "POST":
        # What was typed travels through the sign-in page and comes out behind it.
        kept = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
        return _sign_in_page(path=request.path, kept=kept, status=401)
    return redirect(url_for("account.sign_in", next=safe_path(request.full_path.rstrip("?"))))


def _sign_in_page(
    *, path: str = "", kept: list[tuple[str, str]] | None = None, username: str = "", error: str = "", status: int = 200
) -> tuple[str, int]:
    words = {"path": path, "kept": kept or [], "username": username, "error": error}
    oidc = engine().settings.oidc
    return render_template(
        "account/sign_in.html",
        **words,
        accounts=_demo_accounts(),
        demo_password=DEMO_PASSWORD,
        other_house=oidc.label if oidc.is_set else "",
    ), status


def _demo_accounts() -> dict[str, tuple[str, list[str]]]:
    """Demonstration accounts by username: the name, and what the person does where."""
    accounts: dict[str, tuple[str, list[str]]] = {}
    for username, full_name, role, unit in engine().access.demo_accounts():
        accounts.setdefault(username, (full_name, []))[1].append(f"{role}, {unit}")
    return accounts


def _kept(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    return [(name.removeprefix(_KEPT), value) for name, value in form.items(multi=True) if name.startswith(_KEPT)]


@blueprint.route("/dang-nhap", methods=["GET", "POST"])
@limiter.limit("20 per 15 minutes", methods=["POST"], deduct_when=too_many_refusals)
def sign_in() -> Response | tuple[str, int] | str:
    """Sign in, then go where the person wanted to go."""
    if request.method == "GET":
        return _sign_in_page(path=safe_path(request.args.get("next", "")))
    path, kept, username = (
        safe_path(request.form.get("path", "")),
        _kept(request.form),
        request.form.get("username", ""),
    )
    try:
        signed_in = engine().access.sign_in(
            username.strip(), request.form.get("password", ""), at=now(), browser=browser()
        )
    except Refused as refusal:
        return _sign_in_page(path=path, kept=kept, username=username, error=said(refusal), status=403)
    return enter(signed_in, path=path, kept=kept)


def enter(
    signed_in: SignedIn, *, path: str = "", kept: list[tuple[str, str]] | None = None
) -> Response | tuple[str, int] | str:
    """Begin a session in this browser and lead on: to what is still owed, to what was typed, or to a page."""
    session.clear()
    take_seat(signed_in)
    if signed_in.need is Need.CODE:
        return _code_page(path=path, kept=kept)
    if signed_in.need:
        return redirect(url_for(NEED_PAGES[signed_in.need]), 303)
    if kept:
        return render_template("account/continue.html", path=path, kept=kept)
    return redirect(path or home_of_actor(), 303)


def take_seat(signed_in: SignedIn) -> None:
    """Let this browser hold a session, under the token that it has now."""
    session[TOKEN] = signed_in.token
    forget_actor()
    if not signed_in.need:
        remember_actor(signed_in.actor)


def _code_page(
    *, path: str = "", kept: list[tuple[str, str]] | None = None, error: MotCuaError | None = None, status: int = 200
) -> tuple[str, int]:
    faults = {"code": said(error)} if error else {}
    return render_template("account/code.html", path=path, kept=kept or [], faults=faults), status


@blueprint.route("/dang-nhap/ma", methods=["GET", "POST"])
@limiter.limit("20 per 15 minutes", methods=["POST"], deduct_when=too_many_refusals)
def code() -> Response | tuple[str, int] | str:
    """Show the one-time code that a session owes."""
    seat = known_seat()
    if seat is None or seat.need is not Need.CODE:
        return redirect(url_for("account.sign_in"), 303)
    if request.method == "GET":
        return _code_page()
    path, kept = safe_path(request.form.get("path", "")), _kept(request.form)
    try:
        signed_in = engine().access.give_code(browser_token(), request.form.get("code", ""), at=now())
    except (BadInput, Refused) as error:
        return _code_page(path=path, kept=kept, error=error, status=403)
    return enter(signed_in, path=path, kept=kept)


@blueprint.post("/dang-xuat")
def sign_out() -> Response:
    """End the session here and in the engine."""
    engine().access.sign_out(browser_token(), at=now())
    session.clear()
    return redirect(url_for("citizen.home"), 303)


def protect(app: Flask) -> None:
    """Ask the table before every request."""
    app.before_request(guard)
    app.jinja_env.globals.update(may_open=may_open, known_actor=known_actor, home_of_actor=home_of_actor)
