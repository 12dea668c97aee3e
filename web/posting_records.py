"""The record of posting: what a unit did and found about its walls, lists and leaflets, month by month."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.answers import FormRefused
from engine.domain.errors import BadInput
from engine.domain.months import month_of, read_month
from web.context import actor, engine, now, zone

blueprint = Blueprint("posting_records", __name__)


def _month() -> str:
    try:
        return read_month(request.values.get("month", ""))
    except BadInput:
        return month_of(now().astimezone(zone()).date())


@blueprint.get("/oversight/postings")
def page() -> str:
    """What was recorded for a unit and month, and the form."""
    return _page({})


def _page(errors: dict[str, str]) -> str:
    records = engine().posting_records
    units = records.units(actor())
    unit = request.values.get("unit", "") or units[0][0]
    return render_template(
        "results/postings.html",
        units=units,
        unit=unit,
        month=_month(),
        figures=records.figures,
        entries=records.entries(actor(), unit, _month()),
        errors=errors,
        values=request.form,
    )


@blueprint.post("/oversight/postings")
def enter() -> AnyResponse | tuple[str, int]:
    """Record a figure."""
    form = request.form
    try:
        value = Decimal(form.get("value", "").replace(",", ".").strip())
    except InvalidOperation:
        value = Decimal(-1)
    unit, code, evidence = form.get("unit", ""), form.get("code", ""), form.get("evidence", "")
    try:
        engine().posting_records.enter(actor(), unit, _month(), code, value, evidence, at=now())
    except FormRefused as error:
        return _page(error.fields), 422
    flash(_("Đã ghi vào sổ niêm yết, công khai."))
    return redirect(url_for("posting_records.page", unit=unit, month=_month()), 303)
