"""The audit trail and its chains, for those who watch; what inspectors look at is written down itself."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, Flask, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as Answer

from engine.domain.audit import ACCESS_KINDS, SOURCES, AuditChoice, AuditLine
from engine.domain.errors import BadInput, NotFound
from engine.domain.event_text import EVENT_KINDS
from engine.domain.permissions import OVERSEEING
from engine.tables.comma import csv_text
from engine.tables.excel import Cell, Column, workbook
from web.board import excel
from web.context import actor, engine, known_actor, now, zone
from web.errors import status_of
from web.forms import asked_days
from web.i18n import said

blueprint = Blueprint("inspection", __name__)
_DAYS = 31
# What is no look: parts of pages that come by themselves, what everybody may see, a person's own account.
_NO_LOOKS = ("static", "supervisor.live", "operations.", "profile.", "account.", "external.")
_FIELDS = ("source", "code", "by", "kind", "unit", "words", "before")
SOURCE_NAMES = {SOURCES[0]: lazy_gettext("Hồ sơ"), SOURCES[1]: lazy_gettext("Tài khoản, làm thay, lượt xem")}


def note_looks(app: Flask) -> None:
    """Write down every page that an inspector was shown."""

    @app.after_request
    def note(answer: Response) -> Response:
        who = known_actor()
        endpoint = request.endpoint or "static"
        if who is not None and answer.status_code == HTTPStatus.OK and not endpoint.startswith(_NO_LOOKS):
            engine().audit_trail.note_look(who, endpoint, request.view_args or {}, at=now())
        return answer


@blueprint.route("/audit", methods=["GET", "POST"])
def trail() -> str | tuple[str, int]:
    """What happened, searched; words go by POST, so that no name stands in an address."""
    return _trail(_choice())


def _trail(choice: AuditChoice, message: str = "") -> str | tuple[str, int]:
    page = None
    try:
        page = engine().audit_trail.search(actor(), choice)
    except (BadInput, NotFound) as error:
        message = said(error)
    units = [(unit.code, unit.name) for unit in engine().office.units]
    shown = render_template(
        "audit/trail.html",
        choice=choice,
        page=page,
        message=message,
        units=units,
        sources=SOURCE_NAMES,
        kinds=ACCESS_KINDS if choice.source == SOURCES[1] else EVENT_KINDS,
    )
    return shown if not message else (shown, 422)


@blueprint.post("/audit/table")
def table() -> Answer | str | tuple[str, int]:
    """What is shown, whole: as an Excel file or as CSV; the page with the reason where it is too much for one."""
    choice = _choice()
    try:
        lines = list(engine().audit_trail.every(actor(), choice))
    except (BadInput, NotFound) as error:
        return _trail(choice, said(error))
    heads = (_("Lúc"), _("Người thực hiện"), _("Tài khoản"), _("Mã hồ sơ"), _("Đơn vị"), _("Loại"), _("Nội dung"))
    if request.form.get("format") == "csv":
        return _csv(heads, lines)
    widths = (18, 28, 14, 28, 32, 20, 60)
    columns = [Column(head, width) for head, width in zip(heads, widths, strict=True)]
    notes = (f"{choice.from_on:%d/%m/%Y} – {choice.to_on:%d/%m/%Y}",)
    rows: list[tuple[Cell, ...]] = [(line.at, *_cells(line)) for line in lines]
    return excel(workbook(_("Nhật ký"), columns, rows, notes=notes, zone=zone()), "nhat-ky")


@blueprint.get("/audit/dossiers/<code>")
def chain(code: str) -> str:
    """The history of one dossier, every hash computed again."""
    return render_template("audit/chain.html", chain=engine().audit.chain(actor(), code))


@blueprint.get("/audit/checks")
def checks() -> str:
    """Checks of whole units, how far they are and what they found."""
    return _checks()


@blueprint.post("/audit/checks")
def ask() -> Answer | tuple[str, int]:
    """Ask that the chains of a unit are checked in the background."""
    try:
        today = now().astimezone(zone()).date()
        engine().audit.ask(actor(), request.form.get("unit", ""), *asked_days(today, today), at=now())
    except (BadInput, NotFound) as error:
        return _checks(said(error)), status_of(error)
    return redirect(url_for("inspection.checks"), 303)


def _checks(message: str = "") -> str:
    today = now().astimezone(zone()).date()
    found = engine().audit.checks(actor())
    units = [(unit.code, unit.name) for unit in engine().office.units]
    days = {"from_on": today - timedelta(days=365), "to_on": today}
    return render_template("audit/checks.html", checks=found, units=units, message=message, **days)


def _cells(line: AuditLine) -> tuple[str, ...]:
    return line.by_name, line.by, line.code, line.unit_name, line.kind, line.sentence


def _csv(heads: tuple[str, ...], lines: list[AuditLine]) -> Answer:
    rows = ((f"{line.at.astimezone(zone()):%Y-%m-%d %H:%M:%S}", *_cells(line)) for line in lines)
    answer = Answer(csv_text(heads, rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="nhat-ky.csv"'
    return answer


def _choice() -> AuditChoice:
    values = {name: request.values.get(name, "").strip()[:120] for name in _FIELDS}
    today = now().astimezone(zone()).date()
    first, last = asked_days(today - timedelta(days=_DAYS), today)
    # Who only looks after accounts reads what happened to them, and no history of a dossier.
    usual = SOURCES[0] if actor().has_role(*OVERSEEING) else SOURCES[1]
    source = values["source"] if values["source"] in SOURCES else usual
    return AuditChoice(
        from_on=first,
        to_on=last,
        source=source,
        code=values["code"],
        by=values["by"],
        kind=values["kind"],
        unit_code=values["unit"],
        words=values["words"],
        before=values["before"],
    )
