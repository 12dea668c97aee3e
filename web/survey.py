"""Our own satisfaction survey: the citizen's page, the screen at the counter, ballots typed in and imported, figures.

The pages of citizens need neither cookie nor script, show no name and no code, and are left as they were entered.
"""

from __future__ import annotations

import secrets
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.answers import FormRefused
from engine.domain.ballot_files import Ballot, read_digits
from engine.domain.deadline import Timeliness
from engine.domain.dossier import Channel
from engine.domain.errors import BadInput
from engine.domain.months import month_of, read_month
from engine.domain.survey import BadBallot
from engine.domain.survey_tokens import read_token
from engine.tables.comma import csv_text
from web.citizen import guesses
from web.context import actor, engine, now, zone
from web.i18n import said
from web.protection import csrf

blueprint = Blueprint("survey", __name__)
_MOST_ROWS = 40
_LONGEST_TOKEN = 40
_KIOSK_MINUTES = 5


def percent(value: Decimal | None) -> str:
    """85,15 %; a dash for what is not known."""
    return "–" if value is None else f"{value:.2f} %".replace(".", ",")


def points(value: Decimal | None) -> str:
    """15; 11,42; a dash for what is not known."""
    return "–" if value is None else f"{value.normalize():f}".replace(".", ",")


@blueprint.app_context_processor
def _words() -> dict[str, object]:
    return {"percent": percent, "points": points}


def _answers() -> dict[str, int]:
    """What was tapped: fields are called by the code of their item."""
    questionnaire = engine().surveys.questionnaire
    codes, levels = {item.code for item in questionnaire.items}, {str(each.level) for each in questionnaire.levels}
    return {code: int(value) for code, value in request.form.items() if code in codes and value in levels}


def _form(asked: object, action: str, *, error: str = "", is_kiosk: bool = False) -> str:
    return render_template(
        "results/survey.html",
        asked=asked,
        questionnaire=engine().surveys.questionnaire,
        given=_answers() if request.method == "POST" else {},
        comment=request.form.get("comment", ""),
        action=action,
        error=error,
        is_kiosk=is_kiosk,
        kiosk_minutes=_KIOSK_MINUTES,
        once=request.form.get("once", "") or secrets.token_urlsafe(12),
    )


# --- citizens ---


@blueprint.route("/danh-gia", methods=["GET", "POST"])
@csrf.exempt  # it changes nothing, and must work where cookies are refused
@guesses
def enter() -> str | AnyResponse | tuple[str, int]:
    """Type the code that stands on the slip."""
    if request.method == "GET":
        return render_template("results/survey_enter.html", error="")
    token = read_token(request.form.get("token", ""))
    if not 0 < len(token) <= _LONGEST_TOKEN:
        return render_template("results/survey_enter.html", error=_("Hãy nhập mã in trên phiếu.")), 422
    return redirect(url_for("survey.rate", token=token), 303)


@blueprint.route("/danh-gia/<token>", methods=["GET", "POST"])
@csrf.exempt  # the token is what gives the right, once
@guesses
def rate(token: str) -> str | tuple[str, int]:
    """Rate the service once."""
    asked, action = engine().surveys.ask(token, at=now()), url_for("survey.rate", token=token)
    if request.method == "GET":
        return _form(asked, action)
    try:
        engine().surveys.answer(token, _answers(), request.form.get("comment", ""), at=now())
    except BadBallot:
        return _form(asked, action, error=_("Hãy chọn ít nhất một câu trả lời.")), 422
    return render_template("results/survey_thanks.html", again="")


# --- the screen at the counter ---


@blueprint.route("/khao-sat/<key>", methods=["GET", "POST"])
@csrf.exempt  # a screen without cookies: the key is what gives the right
@guesses
def kiosk(key: str) -> str | tuple[str, int]:
    """Ask whoever stands before the screen; it goes back to the beginning by itself."""
    asked, action = engine().surveys.kiosk(key, at=now()), url_for("survey.kiosk", key=key)
    if request.method == "GET":
        return _form(asked, action, is_kiosk=True)
    try:
        engine().surveys.answer_kiosk(key, _answers(), request.form.get("once", ""), at=now())
    except BadBallot:
        return _form(asked, action, error=_("Hãy chọn ít nhất một câu trả lời."), is_kiosk=True), 422
    return render_template("results/survey_thanks.html", again=action)


# --- staff ---


@blueprint.route("/counter/survey", methods=["GET", "POST"])
def ballots() -> str | tuple[str, int] | AnyResponse:
    """Type paper ballots in, one line each; open and close screens; read a file in."""
    if request.method == "GET":
        return _desk({})
    values = request.form
    try:
        digits = read_digits(values.get("digits", ""), engine().surveys.questionnaire)
        ballot = Ballot(
            _day(values.get("on", "")),
            values.get("unit", ""),
            digits,
            procedure_code=values.get("procedure", "").strip()[:40],
            channel=values.get("channel", ""),
            timeliness=values.get("timeliness", ""),
            comment=values.get("comment", ""),
        )
        engine().surveys.type_in(actor(), ballot, at=now())
    except BadBallot as error:
        return _desk({"digits": said(error)}), 422
    flash(_("Đã ghi một phiếu: %(n)s mục có trả lời.", n=len(digits)))
    kept = {name: values[name] for name in ("on", "unit", "procedure", "channel", "timeliness") if values.get(name)}
    return redirect(f"{url_for('survey.ballots')}?{urlencode(kept)}", 303)


@blueprint.post("/counter/survey/import")
def read_in() -> str | tuple[str, int]:
    """Try a file of ballots, or read it in: all of it or nothing."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _desk({"file": _("Hãy chọn tệp CSV hoặc Excel.")}), 422
    is_trial = request.form.get("act") != "write"
    try:
        found = engine().surveys.read_in(actor(), file.read(), file.filename, is_trial=is_trial, at=now())
    except BadInput as error:
        return _desk({"file": said(error)}), 422
    return _desk({}, imported=found, is_trial=is_trial), 422 if found.faults else 200


@blueprint.get("/counter/survey/columns.csv")
def heading() -> Response:
    """An empty file of ballots with its heading."""
    text = csv_text(engine().surveys.heading(), ())
    disposition = "attachment; filename=phieu-khao-sat.csv"
    return Response(text, mimetype="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})


@blueprint.get("/counter/survey/imports/<import_key>")
def imported(import_key: str) -> str:
    """What goes if a file of ballots is taken back."""
    return _import_page(import_key, {})


@blueprint.post("/counter/survey/imports/<import_key>/undo")
def undo_import(import_key: str) -> tuple[str, int] | AnyResponse:
    """Take a file of ballots back: all of it."""
    try:
        number = engine().ballot_imports.undo(actor(), import_key, request.form.get("reason", ""), at=now())
    except FormRefused as error:
        return _import_page(import_key, dict(error.fields)), 422
    flash(_("Đã hoàn tác: rút %(n)s phiếu. Có thể nhập lại tệp đúng.", n=number))
    return redirect(url_for("survey.ballots"), 303)


def _import_page(import_key: str, errors: dict[str, str]) -> str:
    look = engine().ballot_imports.look(actor(), import_key)
    return render_template("results/ballot_import.html", look=look, values=request.form, errors=errors)


@blueprint.post("/counter/survey/kiosk")
def open_kiosk() -> str:
    """Open a screen; its address is shown once."""
    key = engine().surveys.open_kiosk(actor(), request.form.get("unit", ""), at=now())
    return _desk({}, kiosk_key=key)


@blueprint.post("/counter/survey/kiosk/<int:kiosk_id>/close")
def close_kiosk(kiosk_id: int) -> AnyResponse:
    """Close a screen for good."""
    engine().surveys.close_kiosk(actor(), kiosk_id, at=now())
    flash(_("Đã đóng màn hình khảo sát."))
    return redirect(url_for("survey.ballots"), 303)


def _desk(errors: dict[str, str], **more: object) -> str:
    surveys = engine().surveys
    values = dict((request.form if request.method == "POST" else request.args).items())
    values.setdefault("on", now().astimezone(zone()).date().isoformat())
    units = surveys.ballot_units(actor())
    if len(units) == 1:
        values.setdefault("unit", units[0][0])
    shown: dict[str, object] = {"imported": None, "is_trial": False, "kiosk_key": ""} | more
    return render_template(
        "results/ballots.html",
        units=units,
        questionnaire=surveys.questionnaire,
        kiosks=surveys.kiosks(actor(), at=now()),
        files=engine().ballot_imports.files(actor()),
        procedures=engine().posting.procedures(at=now()),
        channels=tuple(Channel),
        times=tuple(Timeliness),
        values=values,
        errors=errors,
        **shown,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadBallot(detail=_("chưa ghi đúng ngày")) from None


@blueprint.get("/oversight/survey")
def report() -> str:
    """What the survey came to: figures, how far to trust them, and the two sources of the results criterion."""
    this = month_of(now().astimezone(zone()).date())
    first, last = sorted((_month("from", this[:5] + "01"), _month("to", this)))
    unit = request.args.get("unit", "")
    found = engine().surveys.report(actor(), first, last, unit)
    return render_template(
        "results/survey_report.html",
        report=found,
        most_rows=_MOST_ROWS,
        comments=engine().surveys.comments(actor(), first, last, unit),
        published=engine().surveys.published(),
        units=engine().indicators.units(actor()),
        unit=unit,
    )


def _month(name: str, default: str) -> str:
    try:
        return read_month(request.args.get(name, default))
    except BadInput:
        return default
