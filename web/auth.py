"""Who may open which page, in one table, and the sign-in that it rests on.

The browser holds one signed, HttpOnly cookie with the opaque token of `engine.access`; what a person may do with one
dossier is the engine's decision, this table only says which doors exist for which role.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Flask, abort, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from engine.domain.errors import Refused
from engine.domain.people import WORKING_ROLES, Role
from engine.domain.permissions import REGISTER_ROLES
from web.context import actor, engine, known_actor, now, remember_actor
from web.protection import limiter, too_many_refusals

blueprint = Blueprint("account", __name__)

PUBLIC = frozenset[Role]()  # no role asked for: anybody
STAFF = frozenset(Role)
CALENDAR_KEEPERS = frozenset({Role.ADMIN, Role.LEADER})
CLOSERS = CALENDAR_KEEPERS | {Role.SUPERVISOR}
BOOK_KEEPERS = frozenset({Role.CLERK, Role.RECORDS, Role.LEADER, Role.SUPERVISOR})
MESSENGERS = frozenset({Role.CLERK, Role.RECORDS, Role.LEADER, Role.SUPERVISOR})
READERS = WORKING_ROLES | {Role.SUPERVISOR}
REGISTERS = REGISTER_ROLES | {Role.SUPERVISOR}

ACCESS: dict[str, frozenset[Role]] = {
    "static": PUBLIC,
    "operations.healthz": PUBLIC,
    "operations.readyz": PUBLIC,
    "operations.metrics": PUBLIC,
    "citizen.home": PUBLIC,
    "citizen.lookup": PUBLIC,
    "citizen.by_receipt": PUBLIC,
    "citizen.letter": PUBLIC,
    "citizen.procedures": PUBLIC,
    "citizen.procedure": PUBLIC,
    "citizen.verify": PUBLIC,
    "verification.ask": PUBLIC,
    "verification.check": PUBLIC,
    "posting.wall_list": PUBLIC,
    "posting.wall_sheet": PUBLIC,
    "posting.leaflet": PUBLIC,
    "posting.speech": PUBLIC,
    "posting.step_sheet": STAFF,
    "posting.report": frozenset({Role.ADMIN, Role.SUPERVISOR}),
    "posting.everything": frozenset({Role.ADMIN, Role.SUPERVISOR}),
    "account.sign_in": PUBLIC,
    "account.sign_out": STAFF,
    "clerk.counter": frozenset({Role.CLERK}),
    "clerk.intake": frozenset({Role.CLERK}),
    "clerk.check": frozenset({Role.CLERK}),
    "clerk.decide": frozenset({Role.CLERK}),
    "clerk.done": frozenset({Role.CLERK}),
    "officer.worklist": WORKING_ROLES,
    "officer.dossier": READERS,
    "officer.open_by_code": READERS,
    "officer.diagram": READERS,
    "officer.letter": READERS,
    "officer.claim": WORKING_ROLES,
    "officer.release": WORKING_ROLES,
    "officer.complete": WORKING_ROLES,
    "officer.withdraw": WORKING_ROLES,
    "officer.ask_extension": WORKING_ROLES,
    "papers.routing_slip": READERS,
    "papers.roll_receipt": READERS,
    "papers.cover_result": WORKING_ROLES,
    "papers.apologise_for_error": frozenset({Role.LEADER}),
    "registers.dossiers": BOOK_KEEPERS,
    "registers.dossiers_pdf": BOOK_KEEPERS,
    "registers.dossiers_csv": BOOK_KEEPERS,
    "registers.hand_over": BOOK_KEEPERS,
    "registers.hand_over_pdf": BOOK_KEEPERS,
    "officer.read_notice": WORKING_ROLES,
    "officer.read_notices": WORKING_ROLES,
    "leader.queue": frozenset({Role.LEADER}),
    "leader.dossier": frozenset({Role.LEADER}),
    "apologies.table": frozenset({Role.LEADER}),
    "letter_table.table": frozenset({Role.LEADER}),
    "letter_table.draft": frozenset({Role.LEADER}),
    "letter_table.preview": frozenset({Role.LEADER}),
    "letter_table.approve": frozenset({Role.LEADER}),
    "letter_table.put_back": frozenset({Role.LEADER}),
    "letter_table.many": frozenset({Role.LEADER}),
    "letter_table.approve_many": frozenset({Role.LEADER}),
    "letter_table.rewrite": WORKING_ROLES,
    "letter_table.resubmit": WORKING_ROLES,
    "letters.life": READERS,
    "letters.cancel": WORKING_ROLES,
    "letters.reprint": READERS,
    "letters.register": REGISTERS,
    "letters.search": REGISTERS,
    "letters.table": REGISTERS,
    "letters.book": REGISTERS,
    "letters.questions": frozenset({Role.SUPERVISOR, Role.LEADER}),
    "letter_templates.page": frozenset({Role.ADMIN}),
    "letter_templates.preview": frozenset({Role.ADMIN}),
    "letter_templates.publish": frozenset({Role.ADMIN}),
    "apologies.draft": frozenset({Role.LEADER}),
    "apologies.look": frozenset({Role.LEADER}),
    "apologies.preview": frozenset({Role.LEADER}),
    "apologies.sign": frozenset({Role.LEADER}),
    "apologies.put_back": frozenset({Role.LEADER}),
    "supervisor.board": frozenset({Role.SUPERVISOR}),
    "supervisor.queue": frozenset({Role.SUPERVISOR}),
    "supervisor.results": frozenset({Role.SUPERVISOR}),
    "supervisor.steps": frozenset({Role.SUPERVISOR}),
    "late_records.table": frozenset({Role.SUPERVISOR}),
    "late_records.decide": frozenset({Role.SUPERVISOR}),
    "messages.table": MESSENGERS,
    "messages.handle": MESSENGERS,
    "messages.scan": MESSENGERS,
    "messages.make_batch": MESSENGERS,
    "messages.batch": MESSENGERS,
    "messages.batch_pdf": MESSENGERS,
    "messages.batch_csv": MESSENGERS,
    "messages.posted": MESSENGERS,
    "messages.trials": frozenset({Role.ADMIN}),
    "admin.health": frozenset({Role.ADMIN}),
    "admin.versions": frozenset({Role.ADMIN}),
    "moves.look": frozenset({Role.ADMIN}),
    "moves.carry_out": frozenset({Role.ADMIN}),
    "designer.drafts": frozenset({Role.ADMIN}),
    "designer.upload": frozenset({Role.ADMIN}),
    "designer.copy": frozenset({Role.ADMIN}),
    "designer.draft": frozenset({Role.ADMIN}),
    "designer.diagram": frozenset({Role.ADMIN}),
    "designer.download": frozenset({Role.ADMIN}),
    "designer.replace": frozenset({Role.ADMIN}),
    "designer.save_facts": frozenset({Role.ADMIN}),
    "designer.save_work": frozenset({Role.ADMIN}),
    "designer.add_standard": frozenset({Role.ADMIN}),
    "designer.begin_trial": frozenset({Role.ADMIN}),
    "designer.act_trial": frozenset({Role.ADMIN}),
    "designer.undo_trial": frozenset({Role.ADMIN}),
    "designer.tell_stories": frozenset({Role.ADMIN}),
    "designer.ask": frozenset({Role.ADMIN}),
    "designer.take_back": frozenset({Role.ADMIN}),
    "designer.publish": frozenset({Role.ADMIN}),
    "designer.delete": frozenset({Role.ADMIN}),
    "calendar.year": CALENDAR_KEEPERS,
    "calendar.enter_day": CALENDAR_KEEPERS,
    "calendar.enter_hours": CALENDAR_KEEPERS,
    "calendar.turn_switch": frozenset({Role.ADMIN}),
    "calendar.cancel": CALENDAR_KEEPERS,
    "calendar.confirm_day": frozenset({Role.ADMIN}),
    "calendar.draft": frozenset({Role.ADMIN}),
    "calendar.confirm_year": frozenset({Role.ADMIN}),
    "changes.ask": CLOSERS,
    "changes.what_if": CLOSERS,
    "changes.what_if_csv": CLOSERS,
    "changes.enter": CLOSERS,
    "changes.progress": CLOSERS,
    "changes.absence": CLOSERS,
    "changes.announce": CLOSERS,
}

# Where a person of each role starts; the first that fits.
HOMES = (
    (Role.LEADER, "leader.queue"),
    (Role.CLERK, "clerk.counter"),
    (Role.SUPERVISOR, "supervisor.board"),
    (Role.ADMIN, "admin.health"),
)

# Demonstration accounts share one password, which `motcua serve` prints too; a real office has no such accounts.
DEMO_PASSWORD = "motcua-2026"  # noqa: S105

_TOKEN = "token"  # noqa: S105 - the name of the place in the cookie
_KEPT = "kept:"


def home_of_actor() -> str:
    """The address at which the person who asks starts the day."""
    return url_for(next((endpoint for role, endpoint in HOMES if actor().has_role(role)), "officer.worklist"))


def may_open(endpoint: str) -> bool:
    """Whether the person who asks may open the page of `endpoint`."""
    roles = ACCESS.get(endpoint)
    who = known_actor()
    return roles is not None and (not roles or (who is not None and who.has_role(*roles)))


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
    if known_actor() is None:
        return _ask_to_sign_in()
    if not may_open(request.endpoint):
        raise Refused(detail=_("trang này dành cho vai trò khác"))
    return None


def _resume() -> None:
    token = session.get(_TOKEN)
    if not token or request.endpoint == "static":
        return
    try:
        remember_actor(engine().access.resume(token, at=now()))
    except Refused:
        session.pop(_TOKEN, None)


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
    return render_template(
        "account/sign_in.html", **words, accounts=_demo_accounts(), demo_password=DEMO_PASSWORD
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
        signed_in = engine().access.sign_in(username.strip(), request.form.get("password", ""), at=now())
    except Refused as refusal:
        return _sign_in_page(path=path, kept=kept, username=username, error=refusal.message, status=403)
    session.clear()
    session[_TOKEN] = signed_in.token
    remember_actor(signed_in.actor)
    if kept:
        return render_template("account/continue.html", path=path, kept=kept)
    return redirect(path or home_of_actor(), 303)


@blueprint.post("/dang-xuat")
def sign_out() -> Response:
    """End the session here and in the engine."""
    engine().access.sign_out(session.get(_TOKEN, ""), at=now())
    session.clear()
    return redirect(url_for("citizen.home"), 303)


def protect(app: Flask) -> None:
    """Ask the table before every request."""
    app.before_request(guard)
    app.jinja_env.globals.update(may_open=may_open, known_actor=known_actor, home_of_actor=home_of_actor)
