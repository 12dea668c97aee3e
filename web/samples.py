"""Samples for inspections: draw, look, note what was found, print."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from engine.domain.errors import BadInput, NotFound
from engine.domain.sampling import METHOD, PERCENTS, STRATA, Finding
from engine.services.sampling import Groups
from web.board import excel
from web.context import actor, engine, now, zone
from web.documents import paper_answer
from web.errors import status_of
from web.forms import asked_days

blueprint = Blueprint("samples", __name__)
STRATUM_NAMES = {
    "procedure": lazy_gettext("Thủ tục"),
    "unit": lazy_gettext("Đơn vị"),
    "outcome": lazy_gettext("Kết quả (trễ, trả lại, từ chối)"),
}
FINDING_NAMES = {
    "": lazy_gettext("Chưa kiểm tra"),
    "pass": lazy_gettext("Đạt"),
    "fault": lazy_gettext("Có sai sót"),
}
Answer = str | tuple[str, int] | Response


@blueprint.get("/audit/samples")
def table() -> str:
    """The latest samples, and a form to draw one."""
    return _table()


@blueprint.post("/audit/samples")
def draw() -> Answer:
    """Draw a sample."""
    form, today = request.form, now().astimezone(zone()).date()
    try:
        number = engine().sampling.draw(
            actor(),
            form.get("name", ""),
            form.get("unit", ""),
            asked_days(today, today),
            percent=form.get("percent", 0, type=int),
            seed=form.get("seed", ""),
            groups=Groups(form.getlist("strata"), form.get("procedure", "").strip()),
            at=now(),
        )
    except (BadInput, NotFound) as error:
        return _table(error.message), status_of(error)
    return redirect(url_for("samples.sample", sample_id=number), 303)


@blueprint.get("/audit/samples/<int:sample_id>")
def sample(sample_id: int) -> str:
    """One sample with its dossiers; the inspector writes there."""
    return _page(sample_id)


@blueprint.post("/audit/samples/<int:sample_id>/<int:line_id>")
def note(sample_id: int, line_id: int) -> Answer:
    """Write down what was found in a dossier."""
    form = request.form
    try:
        finding = Finding(form.get("finding", "")) if form.get("finding", "") in set(Finding) else Finding.NONE
        engine().sampling.note(actor(), sample_id, line_id, finding, form.get("remark", ""), at=now())
    except BadInput as error:
        return _page(sample_id, error.message), status_of(error)
    return redirect(url_for("samples.sample", sample_id=sample_id) + f"#file-{line_id}", 303)


@blueprint.get("/audit/samples/<int:sample_id>.xlsx")
def workbook(sample_id: int) -> Response:
    """The sample as an Excel file."""
    document = engine().sampling.document(actor(), sample_id, at=now())
    return excel(engine().report_papers.workbook(document), f"mau-kiem-tra-{sample_id}")


@blueprint.get("/audit/samples/<int:sample_id>.pdf")
def paper(sample_id: int) -> Response:
    """The sample on paper."""
    return paper_answer(engine().report_papers.pdf(engine().sampling.document(actor(), sample_id, at=now())))


def _page(sample_id: int, message: str = "") -> str:
    found = engine().sampling.see(actor(), sample_id)
    return render_template(
        "audit/sample.html",
        sample=found,
        same=engine().sampling.draws_the_same(actor(), sample_id),
        message=message,
        **_words(),
    )


def _table(message: str = "") -> str:
    today = now().astimezone(zone()).date()
    days = {"from_on": today - timedelta(days=90), "to_on": today}
    units = [(unit.code, unit.name) for unit in engine().office.units]
    found = engine().sampling.latest(actor())
    return render_template("audit/samples.html", samples=found, units=units, message=message, **days, **_words())


def _words() -> dict[str, object]:
    return {
        "strata": STRATUM_NAMES,
        "findings": FINDING_NAMES,
        "percents": PERCENTS,
        "method": METHOD,
        "all_strata": STRATA,
    }
