"""Feedback: anybody's page, the form at the counter, the register. Nothing that names a person is shown back."""

from __future__ import annotations

import secrets

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.answers import FormRefused
from engine.domain.feedback_words import KINDS
from engine.services.feedback import PAGE_SIZE, Told
from web.context import actor, engine, now, page_asked
from web.protection import csrf, limiter

blueprint = Blueprint("feedback", __name__)
_FIELDS = ("full_name", "phone", "email", "kind", "content", "dossier_code", "unit_code", "key")


def _told() -> Told:
    return Told(**{name: request.form.get(name, "")[:4000] for name in _FIELDS})


def _form(template: str, errors: dict[str, str]) -> str:
    values = {name: request.form.get(name, "") for name in _FIELDS}
    values["key"] = values["key"] or secrets.token_urlsafe(12)
    kinds = tuple(KINDS.items())
    feedback = engine().feedback
    shown = {"kinds": kinds, "units": feedback.units(), "limit": feedback.limit}
    return render_template(template, values=values, errors=errors, **shown)


@blueprint.route("/phan-anh", methods=["GET", "POST"])
@csrf.exempt  # must work where cookies are refused; a hidden key keeps it from being filed twice
@limiter.limit("10 per hour", methods=["POST"])
def public() -> str | tuple[str, int]:
    """File feedback; the answer is a number and nothing that was written."""
    if request.method == "GET":
        return _form("results/feedback_public.html", {})
    if request.form.get("website"):  # a field that people do not see: only machines fill it in
        return render_template("results/feedback_thanks.html", number="")
    try:
        number = engine().feedback.file(None, _told(), at=now())
    except FormRefused as error:
        return _form("results/feedback_public.html", error.fields), 422
    has_phone = bool(request.form.get("phone", "").strip())
    return render_template("results/feedback_thanks.html", number=number, has_phone=has_phone)


@blueprint.route("/counter/feedback", methods=["GET", "POST"])
def counter() -> str | tuple[str, int] | AnyResponse:
    """Write down what somebody says at the counter or on the telephone."""
    if request.method == "GET":
        return _form("results/feedback_counter.html", {})
    try:
        number = engine().feedback.file(actor(), _told(), at=now())
    except FormRefused as error:
        return _form("results/feedback_counter.html", error.fields), 422
    flash(_("Đã tiếp nhận phản ánh, số %(number)s.", number=number))
    return redirect(url_for("feedback.register"), 303)


@blueprint.get("/feedback")
def register() -> str:
    """The register: what is open, what was found."""
    is_open = request.args.get("state", "open") != "ended"
    page = page_asked()
    lines, total = engine().feedback.lines(actor(), is_open=is_open, page=page, at=now())
    shown = {"page": page, "page_size": PAGE_SIZE}
    return render_template("results/feedback_register.html", lines=lines, total=total, is_open=is_open, **shown)
