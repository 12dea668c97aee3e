"""What everybody is told of the work of the office: by month and year, as a page and as a paper for the wall."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, render_template, request

from engine.domain.report_model import shown
from engine.services.reporting.papers import draw
from web.context import engine, now
from web.documents import paper_answer

blueprint = Blueprint("results_told", __name__)


@blueprint.app_context_processor
def _links() -> dict[str, object]:
    return {"tells_results": lambda: engine().reporting.tells_everybody}


@blueprint.get("/cong-khai")
def told() -> str:
    """The results of a period; `ky` is its code, without it the last month."""
    document = engine().reporting.told(request.args.get("ky", ""), at=now())
    if document.is_sound:  # that it adds up interests those who count; that it does not, everybody
        document = replace(document, checks=())
    return render_template(
        "citizen/results.html",
        document=document,
        periods=engine().reporting.told_periods(at=now()),
        charts_drawn=[draw(each) for each in document.drawings],
        shown=shown,
    )


@blueprint.get("/cong-khai.pdf")
def paper() -> Response:
    """The same to print and hang up."""
    return paper_answer(engine().report_papers.pdf(engine().reporting.told(request.args.get("ky", ""), at=now())))
