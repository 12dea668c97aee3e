"""Sign-in at another house: off to it, and back. What the browser carries along stands in its signed cookie."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import Refused
from engine.effects.identity_provider import AnswerNotTrusted, Errand
from web.auth import enter, home_of_actor, safe_path
from web.context import actor, browser, browser_token, engine, known_actor, now, remember_actor
from web.protection import limiter, too_many_refusals

blueprint = Blueprint("external", __name__)

_ERRAND = "errand"


def _go(*, path: str, again: bool) -> Response:
    errand = engine().external_sign_in.begin(again=again)
    session[_ERRAND] = {
        "state": errand.state,
        "nonce": errand.nonce,
        "verifier": errand.verifier,
        "path": path,
        "again": again,
    }
    return redirect(errand.address)


@blueprint.get("/dang-nhap/noi-khac")
def begin() -> Response:
    """Send somebody to the other house to sign in."""
    return _go(path=safe_path(request.args.get("next", "")), again=False)


@blueprint.get("/account/confirm-elsewhere")
def confirm() -> Response:
    """Send somebody who is signed in to the other house for a new proof of who they are."""
    return _go(path="", again=True)


@blueprint.get("/dang-nhap/noi-khac/ve")
@limiter.limit("30 per 15 minutes", deduct_when=too_many_refusals)
def finish() -> Response | tuple[str, int] | str:
    """Take what the browser brought back: the state has to be the one that this browser was sent off with."""
    kept = session.pop(_ERRAND, None)
    if not isinstance(kept, dict) or kept.get("state") != request.args.get("state"):
        raise AnswerNotTrusted(detail="state")
    errand = Errand("", str(kept["state"]), str(kept["nonce"]), str(kept["verifier"]))
    service = engine().external_sign_in
    if not kept["again"]:
        signed_in = service.finish(request.url, errand, at=now(), browser=browser())
        return enter(signed_in, path=safe_path(str(kept["path"])))
    if known_actor() is None:
        raise Refused(detail=_("phiên làm việc đã kết thúc; hãy đăng nhập lại"))
    remember_actor(service.confirm(browser_token(), actor(), request.url, errand, at=now()))
    flash(_("Đã xác nhận danh tính. Bạn có thể làm lại việc vừa rồi."))
    return redirect(home_of_actor() or url_for("profile.page"), 303)
