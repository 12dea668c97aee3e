"""The sheets of the nine indicators by unit and official, their year, and the index of Decision 766."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.answers import FormRefused
from engine.domain.errors import BadInput, NotAllowedNow
from engine.domain.evaluation import Said, Sheet
from engine.domain.months import first_day, last_day, month_of, read_month
from engine.domain.report import Report
from engine.domain.results_reports import sheets_report
from engine.tables.comma import csv_text
from web.context import actor, engine, now, zone
from web.i18n import said

blueprint = Blueprint("indicators", __name__)


def _today() -> date:
    return now().astimezone(zone()).date()


def _unit() -> str:
    """The unit that was asked for, or the first of the person's."""
    asked = request.values.get("unit", "")
    return asked or engine().indicators.units(actor())[0][0]


def _month() -> str:
    try:
        return read_month(request.values.get("month", ""))
    except BadInput:
        return month_of(_today())


def _sheet() -> Sheet:
    return engine().indicators.sheet(actor(), _unit(), _month(), at=now())


@blueprint.get("/oversight/evaluation")
def sheet() -> str:
    """The sheet of a unit and its officials for a month."""
    return _page({})


def _page(errors: dict[str, str]) -> str:
    return render_template(
        "results/sheet.html",
        sheet=_sheet(),
        units=engine().indicators.units(actor()),
        period=f"{first_day(_month())}..{last_day(_month())}",
        errors=errors,
        values=request.form,
    )


@blueprint.get("/my/evaluation")
def own() -> str:
    """The person's own sheet of a month, and their year so far."""
    month = _month()
    return render_template(
        "results/own.html",
        sheets=engine().indicators.own(actor(), month, at=now()),
        years=engine().indicators.own_year(actor(), int(month[:4])),
        rules=engine().indicators.rules,
        month=month,
    )


@blueprint.post("/oversight/evaluation/enter")
def enter() -> AnyResponse | tuple[str, int]:
    """Enter indicator 5, 6 or 9, or correct it once the sheet is confirmed."""
    number = request.form.get("number", 0, type=int)
    points, evidence = request.form.get("points", -1, type=int), request.form.get("evidence", "")
    reason = request.form.get("reason", "")
    try:
        if reason:
            corrected = Said("", Decimal(points), evidence, reason)
            engine().indicators.correct(actor(), _unit(), _month(), number, corrected, at=now())
        else:
            engine().indicators.enter(actor(), _unit(), _month(), number, points, evidence, at=now())
    except FormRefused as error:
        return _page(error.fields), 422
    except NotAllowedNow as error:
        return _page({"reason": said(error)}), 409
    flash(_("Đã ghi chỉ số %(number)s.", number=number))
    return _back()


@blueprint.post("/oversight/evaluation/confirm")
def confirm() -> AnyResponse | tuple[str, int]:
    """Freeze the sheets of a month."""
    try:
        engine().indicators.confirm(actor(), _unit(), _month(), at=now())
    except NotAllowedNow as error:
        return _page({"confirm": said(error)}), 409
    flash(_("Đã xác nhận và khóa bảng đánh giá."))
    return _back()


def _back() -> AnyResponse:
    return redirect(url_for("indicators.sheet", unit=_unit(), month=_month()), 303)


def _report(*, officials: bool) -> Report:
    found, on = _sheet(), date.fromisoformat(f"{_month()}-01")
    return sheets_report([found], found.rules, on, on, officials=officials)


@blueprint.get("/oversight/evaluation.csv")
def table() -> Response:
    """The sheets of a month for a spreadsheet: the unit first, then its officials."""
    unit, people = _report(officials=False), _report(officials=True)
    rows = ([row.get(column) for column in people.columns] for row in (*unit.rows, *people.rows))
    name = f"attachment; filename=danh-gia-{_month()}.csv"
    return Response(
        csv_text(people.columns, rows), mimetype="text/csv; charset=utf-8", headers={"Content-Disposition": name}
    )


@blueprint.get("/oversight/evaluation.json")
def data() -> Response:
    """The same for programs."""
    unit, people = _report(officials=False), _report(officials=True)
    definitions = [
        {"name": each.name, "meaning": each.meaning, "denominator": each.denominator} for each in people.definitions
    ]
    return jsonify(
        report=unit.name, month=_month(), rows=list(unit.rows), officials=list(people.rows), definitions=definitions
    )


@blueprint.get("/oversight/evaluation/year")
def year() -> str:
    """The year of a unit and its officials, from the months that were confirmed."""
    asked = request.args.get("year", _today().year, type=int)
    lines = engine().indicators.year(actor(), _unit(), asked)
    return render_template(
        "results/year.html",
        named=[(line.name, line) for line in lines],
        rules=engine().indicators.rules,
        year=asked,
        unit=_unit(),
        units=engine().indicators.units(actor()),
    )


# --- the index of Decision 766 ---


@blueprint.get("/oversight/index")
def index() -> str:
    """The index of a unit on a day."""
    return _index({})


def _index(errors: dict[str, str]) -> str:
    try:
        on = min(date.fromisoformat(request.values.get("on", "")), _today())
    except ValueError:
        on = _today()
    found = engine().indices.index(actor(), _unit(), on, at=now())
    units = engine().indicators.units(actor())
    return render_template("results/index766.html", index=found, units=units, errors=errors, values=request.form)


@blueprint.post("/oversight/index/enter")
def enter_share() -> AnyResponse | tuple[str, int]:
    """Enter the share of a component that nobody measures here."""
    form = request.form
    try:
        share = Decimal(form.get("share", "").replace(",", ".").strip())
        share = share if share.is_finite() else Decimal(-1)
        engine().indices.enter_share(
            actor(), _unit(), _month(), form.get("code", ""), share, form.get("evidence", ""), at=now()
        )
    except InvalidOperation:
        return _index({"share": _("Tỷ lệ từ 0 đến 100 %")}), 422
    except FormRefused as error:
        return _index(error.fields), 422
    flash(_("Đã ghi tỷ lệ."))
    return redirect(url_for("indicators.index", unit=_unit(), on=form.get("on", "")), 303)
