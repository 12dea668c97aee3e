"""Begun forms of receipt: kept by the page every few seconds, or by a button; opened again, thrown away."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import Conflict, MotCuaError
from engine.domain.intake_desk import DraftView
from web.clerk import form_page, offer
from web.context import actor, engine, now, zone
from web.errors import status_of
from web.forms import Intake, typed_in
from web.i18n import said

blueprint = Blueprint("drafts", __name__)


@blueprint.post("/counter/<procedure_code>/draft")
def keep(procedure_code: str) -> str | tuple[str, int] | Response | tuple[Response, int]:
    """Keep what is typed; asked by the page it answers in JSON, asked by a button it shows the form again."""
    procedure, units = offer(procedure_code)
    form = typed_in(request.form)
    by_page = "application/json" in request.headers.get("Accept", "")
    try:
        draft = _keep(procedure_code, form)
    except MotCuaError as error:
        if by_page:
            return jsonify(message=said(error), changed=isinstance(error, Conflict)), status_of(error)
        if not isinstance(error, Conflict):
            raise
        return form_page(procedure, units, Intake(form), changed=True), 409
    if by_page:
        kept_at = f"{draft.updated_at.astimezone(zone()):%H:%M:%S}"
        return jsonify(draft=draft.token, version=draft.version, message=_("Đã lưu nháp lúc %(at)s", at=kept_at))
    flash(_("Đã lưu nháp. Bản nháp nằm ở trang Tiếp nhận cho đến khi hồ sơ được tiếp nhận."))
    return redirect(url_for("drafts.show", token=draft.token), 303)


@blueprint.get("/counter/drafts/<token>")
def show(token: str) -> str:
    """Go on with a begun form."""
    draft = engine().intake_drafts.open(actor(), token)
    procedure, units = offer(draft.procedure_code)
    values = dict(draft.values) | {"draft": draft.token, "draft_version": str(draft.version)}
    return form_page(procedure, units, Intake(values))


@blueprint.post("/counter/drafts/<token>/discard")
def discard(token: str) -> Response:
    """Throw a begun form away."""
    engine().intake_drafts.discard(actor(), token)
    flash(_("Đã xóa bản nháp."))
    return redirect(url_for("clerk.counter"), 303)


def _keep(procedure_code: str, form: dict[str, str]) -> DraftView:
    """Keep a form as it is; `overwrite` says that this page is right and the one kept meanwhile is not."""
    token, version = form.get("draft", ""), form.get("draft_version", "")
    seen = int(version) if version.isdecimal() and len(version) < 9 else 0  # noqa: PLR2004 - no form is kept so often
    if token and "overwrite" in form:
        seen = engine().intake_drafts.open(actor(), token).version
    return engine().intake_drafts.keep(actor(), procedure_code, form, token=token, version=seen, at=now())
