"""What was paid for a dossier: written down on its page, and taken back by a counter entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import MotCuaError
from engine.domain.fees import Payment
from web.context import actor, engine, now
from web.officer import refused

blueprint = Blueprint("fees", __name__)


@blueprint.post("/work/<code>/fees")
def take(code: str) -> tuple[str, int] | Response:
    """Write down what was paid."""
    try:
        engine().fees.take(actor(), code, read_payment(request.form), at=now())
    except MotCuaError as error:
        return refused(code, error)
    flash(_("Đã ghi việc thu phí, lệ phí."))
    return redirect(url_for("officer.dossier", code=code, _anchor="fees"), 303)


@blueprint.post("/work/<code>/fees/<int:payment_id>/counter")
def counter(code: str, payment_id: int) -> tuple[str, int] | Response:
    """Undo an entry by one below zero."""
    reason = request.form.get(f"counter_reason_{payment_id}", "")
    try:
        engine().fees.counter(actor(), code, payment_id, reason, at=now())
    except MotCuaError as error:
        return refused(code, error)
    flash(_("Đã ghi bút toán ngược; lần thu cũ vẫn còn trong sổ."))
    return redirect(url_for("officer.dossier", code=code, _anchor="fees"), 303)


def read_payment(form: Mapping[str, str]) -> Payment:
    """What was typed of a payment."""
    try:
        on = date.fromisoformat(form["fee_on"]) if form.get("fee_on") else None
    except ValueError:
        on = date.max  # refused by the engine as a day that has not come
    return Payment(form.get("fee_amount", ""), form.get("fee_method", ""), form.get("fee_receipt", ""), on)
