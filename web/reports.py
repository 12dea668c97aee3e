"""Reports: every one as page, Excel, PDF and JSON; sent, compared, due; our register beside another system's list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.answers import FormRefused
from engine.domain.errors import BadInput
from engine.domain.reconciliation import Differs, Reconciled
from engine.domain.report_model import Col, Document, as_json, shown
from engine.domain.report_period import ReportPeriod
from engine.domain.report_registry import ReportKind, kind_of
from engine.services.reporting.papers import draw, file_name, labels_of
from engine.tables.excel import MEDIA_TYPE, Column, workbook
from web.context import actor, engine, now, zone
from web.documents import paper_answer
from web.i18n import said, told
from web.presenters import Text

blueprint = Blueprint("reports", __name__)

DIFFERS: Mapping[Differs, Text] = {
    Differs.NOT_HERE: lazy_gettext("Bên kia có, ở đây không có"),
    Differs.NOT_THERE: lazy_gettext("Ở đây có, bên kia không có"),
    Differs.STATE: lazy_gettext("Trạng thái khác nhau"),
    Differs.UNKNOWN_STATE: lazy_gettext("Trạng thái bên kia chưa biết là gì"),
    Differs.DATE: lazy_gettext("Ngày khác nhau"),
    Differs.UNKNOWN_DATE: lazy_gettext("Ngày bên kia không đọc được"),
    Differs.TWICE: lazy_gettext("Bên kia ghi hai lần"),
    Differs.NO_CODE: lazy_gettext("Bên kia thiếu mã hồ sơ"),
}
_MOST_SHOWN = 500


@blueprint.app_template_filter("groups_of")
def groups_of(cols: Sequence[Col]) -> list[tuple[str, int]]:
    """What stands over columns, and over how many."""
    return [(group, len(list(members))) for group, members in groupby(cols, key=lambda col: col.group)]


@blueprint.app_template_filter("label_of")
def label_of(document: Document, name: str) -> str:
    """What a figure of a report is called."""
    group, between, label = labels_of(document).get(name, name).rpartition(": ")
    return f"{told(group)}{between}{told(label)}"


@blueprint.get("/oversight/reports")
def shelf() -> str:
    """Every report there is, what is due, what was sent."""
    groups: dict[str, list[ReportKind]] = {}
    for kind in engine().reporting.kinds():
        groups.setdefault(kind.group, []).append(kind)
    reporting = engine().reporting
    return render_template(
        "reports/shelf.html",
        groups=groups,
        reminders=reporting.reminders(actor(), at=now()),
        sent=reporting.all_sent(actor())[:20],
        period=reporting.period("", at=now()),
    )


@blueprint.get("/oversight/reports/calendar")
def calendar() -> str:
    """What is due when, for a unit, and whether it was sent."""
    unit = request.args.get("unit", "") or engine().reporting.units(actor())[0].code
    return render_template(
        "reports/calendar.html",
        lines=engine().reporting.due(actor(), unit, at=now()),
        units=engine().reporting.units(actor()),
        unit=unit,
        rule=engine().reporting.calendar,
    )


@blueprint.get("/oversight/reports/<name>")
def show(name: str) -> str:
    """A report as a page."""
    return _page(name, {})


@blueprint.get("/oversight/reports/<name>.xlsx")
def table(name: str) -> Response:
    """A report as an Excel file."""
    return _excel(_document(name))


@blueprint.get("/oversight/reports/<name>.pdf")
def paper(name: str) -> Response:
    """A report as a PDF."""
    return paper_answer(engine().report_papers.pdf(_document(name)))


@blueprint.get("/oversight/reports/<name>.json")
def data(name: str) -> Response:
    """A report for programs."""
    return jsonify(as_json(_document(name)))


@blueprint.post("/oversight/reports/<name>/send")
def send(name: str) -> AnyResponse | tuple[str, int]:
    """Keep a report as it is sent."""
    document = _document(name)
    try:
        sent_to, note = request.form.get("sent_to", ""), request.form.get("note", "")
        number = engine().reporting.send(actor(), document, sent_to, note, at=now())
    except FormRefused as error:
        return _page(name, error.fields), 422
    flash(_("Đã ghi báo cáo như lúc gửi. In lại sẽ ra đúng các số này."))
    return redirect(url_for("reports.sent", number=number), 303)


@blueprint.get("/oversight/reports/<name>/compare")
def against(name: str) -> str:
    """A report beside its last sending, the period before and the year before."""
    document = _document(name)
    compared = engine().reporting.compared(actor(), document, at=now())
    return render_template("reports/compare.html", document=document, compared=compared, shown=shown, chosen=_chosen())


# --- as it was sent ---


@blueprint.get("/oversight/reports/sent/<int:number>")
def sent(number: int) -> str:
    """A report as it was sent."""
    head, document, is_whole = engine().reporting.sent(actor(), number)
    return render_template("reports/sent.html", head=head, is_whole=is_whole, **_shown(document))


@blueprint.get("/oversight/reports/sent/<int:number>.xlsx")
def sent_table(number: int) -> Response:
    """The same as an Excel file."""
    return _excel(engine().reporting.sent(actor(), number)[1])


@blueprint.get("/oversight/reports/sent/<int:number>.pdf")
def sent_paper(number: int) -> Response:
    """The same as a PDF, which names the hash."""
    head, document, _is_whole = engine().reporting.sent(actor(), number)
    at = head.sent_at.astimezone(zone())
    seal = f"Bản đã gửi {at:%H:%M %d/%m/%Y}, {head.sent_by}; SHA-256: {head.sha256}"
    return paper_answer(engine().report_papers.pdf(document, seal=seal))


@blueprint.get("/oversight/reports/sent/<int:number>.json")
def sent_data(number: int) -> Response:
    """The same for programs."""
    return jsonify(as_json(engine().reporting.sent(actor(), number)[1]))


# --- another system's list ---


@blueprint.get("/oversight/reports/reconcile")
def reconcile() -> str:
    """Ask for a list of another system."""
    return render_template("reports/reconcile.html", found=None, problem="", period=_period(), words=DIFFERS)


@blueprint.post("/oversight/reports/reconcile")
def reconciled() -> Response | str | tuple[str, int]:
    """What differs between the list and our register, as a page or as Excel."""
    period = _period()
    file = request.files.get("list")
    try:
        found = engine().reconciling.compare(actor(), file.read() if file else b"", period)
    except BadInput as error:
        page = render_template("reports/reconcile.html", found=None, problem=said(error), period=period, words=DIFFERS)
        return page, 422
    if request.form.get("as") == "xlsx":
        return _kept(_differences(found, period), "doi-soat")
    return render_template(
        "reports/reconcile.html", found=found, problem="", period=period, words=DIFFERS, most=_MOST_SHOWN
    )


def _differences(found: Reconciled, period: ReportPeriod) -> bytes:
    heads = [
        Column(_("Khác ở đâu"), 34),
        Column(_("Mã hồ sơ"), 30),
        Column(_("Bên kia"), 30),
        Column(_("Ở đây"), 30),
        Column(_("Dòng trong tệp")),
    ]
    rows = [
        (str(DIFFERS[each.what]), each.code, each.theirs, each.ours, each.number or None) for each in found.differences
    ]
    said = (period.label, _("%(lines)s dòng, %(matched)s hồ sơ ghép được", lines=found.lines, matched=found.matched))
    return workbook(_("Đối soát với danh sách của hệ thống khác"), heads, rows, notes=said)


# --- inside ---


def _period() -> ReportPeriod:
    """The period that was asked for: as it is written, or two days."""
    first, last = request.values.get("from", ""), request.values.get("to", "")
    text = request.values.get("period", "").strip()
    return engine().reporting.period(text or (f"{first}..{last}" if first and last else ""), at=now())


def _document(name: str) -> Document:
    parameters = {key: request.values.get(key, "") for key, _label in kind_of(name).parameters}
    unit = request.values.get("unit", "")
    return engine().reporting.make(actor(), name, _period(), unit, parameters, at=now())


def _page(name: str, errors: Mapping[str, str]) -> str:
    document = _document(name)
    return render_template(
        "reports/report.html",
        kind=kind_of(name),
        units=engine().reporting.units(actor()),
        periods=_periods(),
        errors=errors,
        chosen=_chosen(),
        **_shown(document),
    )


def _shown(document: Document) -> dict[str, Any]:
    return {"document": document, "charts_drawn": [draw(each) for each in document.drawings], "shown": shown}


def _chosen() -> dict[str, str]:
    """What the address says, for links to the other shapes of the same report."""
    return {
        key: value for key, value in request.values.items() if key not in {"sent_to", "note", "csrf_token"} and value
    }


def _periods() -> list[ReportPeriod]:
    """The periods that one is likely to want: the last months, and those of this year and the last."""
    reporting, last = engine().reporting, engine().reporting.period("", at=now())
    year, month = last.last.year, last.last.month
    codes = [f"{year - (place >= month)}-{(month - place - 1) % 12 + 1:02d}" for place in range(6)]
    for each in (year, year - 1):
        codes += [f"{each}-Q{quarter}" for quarter in (1, 2, 3, 4)]
        codes += [f"{each}-6M", f"{each}-9M", str(each)]
    return [reporting.period(code, at=now()) for code in codes]


def _excel(document: Document) -> Response:
    return _kept(engine().report_papers.workbook(document), file_name(document))


def _kept(content: bytes, name: str) -> Response:
    answer = Response(content, mimetype=MEDIA_TYPE)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.xlsx")
    return answer
