"""Apologies on the leader's table of letters: files that will not make it, or did not, and wait for a signature."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.answers import FormRefused
from engine.domain.draft_views import DraftView
from engine.domain.errors import MotCuaError, NotAllowedNow
from engine.services.apologies import NEW_DATE, NOTE, REASON, Words
from web import reauth
from web.context import actor, engine, now, zone
from web.errors import field_messages, status_of
from web.i18n import said

blueprint = Blueprint("apologies", __name__)


@blueprint.get("/approve/apologies/<code>")
def draft(code: str) -> str | AnyResponse:
    """The table with this draft open beside it."""
    try:
        return page(code)
    except NotAllowedNow as error:
        flash(said(error), "problem")
        return redirect(url_for("letter_table.table"))


@blueprint.post("/approve/apologies/<code>")
def look(code: str) -> str | tuple[str, int]:
    """The same page with the words that were typed, or the prepared reason that was chosen; nothing is written."""
    return page(code, typed=_typed(code))


@blueprint.post("/approve/apologies/<code>/preview.pdf")
def preview(code: str) -> Response | tuple[str, int]:
    """The letter as it will be printed, without a number."""
    typed = _typed(code)
    try:
        pdf = engine().apologies.preview(actor(), code, words_of(typed), at=now())
    except FormRefused as error:
        return page(code, typed=typed, error=error), status_of(error)
    answer = Response(pdf, mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename="du-thao.pdf")
    return answer


@blueprint.post("/approve/apologies/<code>/sign")
def sign(code: str) -> AnyResponse | tuple[str, int]:
    """Issue the letter."""
    typed = _typed(code)
    reauth.require()
    try:
        number = engine().apologies.sign(actor(), code, words_of(typed), at=now())
    except NotAllowedNow as error:
        flash(said(error), "problem")
        return redirect(url_for("letter_table.table"), 303)
    except MotCuaError as error:
        return page(code, typed=typed, error=error), status_of(error)
    flash(_("Đã ban hành văn bản xin lỗi số %(number)s.", number=number))
    return redirect(url_for("letter_table.table"), 303)


@blueprint.post("/approve/apologies/<code>/put-back")
def put_back(code: str) -> AnyResponse:
    """Say that the file will be done in time."""
    try:
        engine().apologies.put_back(actor(), code, request.form.get(NOTE, ""), at=now())
    except NotAllowedNow as error:
        flash(said(error), "problem")
    else:
        flash(_("Đã trả lại dự thảo: hồ sơ sẽ xong đúng hạn."))
    return redirect(url_for("letter_table.table"), 303)


def words_of(typed: Mapping[str, str]) -> Words:
    """What a form says of a new appointment; a day that is none is no day."""
    try:
        day = date.fromisoformat(typed.get(NEW_DATE, ""))
    except ValueError:
        day = None
    return Words(typed.get(REASON, ""), day, typed.get("reason_id", ""))


def _typed(code: str) -> dict[str, str]:
    typed = {name: request.form.get(name, "") for name in (REASON, NEW_DATE)}
    if chosen := request.form.get("use"):
        prepared = {reason.id: reason.text for reason in engine().apologies.view(actor(), code, at=now()).reasons}
        typed[REASON] = prepared.get(chosen, typed[REASON])
    return typed


def page(code: str, *, typed: dict[str, str] | None = None, error: MotCuaError | None = None) -> str:
    """The table with the apology of a dossier open beside it."""
    faults = field_messages(error) if error else {}
    try:
        view = engine().apologies.view(actor(), code, words_of(typed) if typed and not faults else None, at=now())
    except FormRefused as refused:
        faults = field_messages(refused)
        view = engine().apologies.view(actor(), code, at=now())
    waiting = engine().letter_table.table(actor(), at=now())
    ids = [each.id for each in waiting]
    current = next((each.id for each in waiting if each.form == "apology" and each.dossier_code == code), None)
    following = ids[ids.index(current) + 1] if current in ids[:-1] else None
    return render_template(
        "leader/apologies.html",
        waiting=waiting,
        current=current,
        following=following,
        draft=view.line,
        line=view.line.dossier,
        letter=view.preview,
        reasons=view.reasons,
        typed=typed or _written(view),
        faults=faults,
        problem=said(error) if error and not faults else "",
    )


def _written(view: DraftView) -> dict[str, str]:
    """What the draft says, as fields of the form."""
    new_due_on = view.preview.new_due_at.astimezone(zone()).date()
    return {REASON: view.line.reason, NEW_DATE: new_due_on.isoformat()}
