"""Papers to print of what is posted, for everybody and for staff; how complete the posted facts are, for the office."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from engine.domain.posted_page import spoken
from engine.domain.posting import PUBLIC_BLOCKS
from web.context import engine, now
from web.documents import paper_answer

blueprint = Blueprint("posting", __name__)


@blueprint.get("/thu-tuc/bang-niem-yet.pdf")
def wall_list() -> Response:
    """The list of all procedures for the wall."""
    return paper_answer(engine().posting.list_paper(at=now()))


@blueprint.get("/thu-tuc/<code>/niem-yet.pdf")
def wall_sheet(code: str) -> Response:
    """One procedure on A4, for the wall."""
    return _paper("wall_sheet", code)


@blueprint.get("/thu-tuc/<code>/to-roi.pdf")
def leaflet(code: str) -> Response:
    """One procedure as a leaflet, folded twice."""
    return _paper("leaflet", code)


@blueprint.get("/thu-tuc/<code>/loa.txt")
def speech(code: str) -> Response:
    """One procedure as a text for the loudspeaker or a post."""
    text = spoken(engine().posting.procedure(code, request.args.get("cap", ""), at=now()))
    return Response(text + "\n", mimetype="text/plain", content_type="text/plain; charset=utf-8")


@blueprint.get("/thu-tuc/<code>/quy-trinh-noi-bo.pdf")
def step_sheet(code: str) -> Response:
    """The internal procedure in the form of ISO 9001, for staff."""
    return _paper("step_sheet", code)


@blueprint.get("/admin/niem-yet")
def report() -> str:
    """How complete the posted facts of every procedure are, and what to ask whom."""
    at = now()
    found = engine().posting.report(at=at)
    published = sum(entry.is_published for entry in found)
    codes = [known for known in engine().posting.lists().codes.values() if known.doubts]
    return render_template(
        "admin/posting.html", report=found, published=published, blocks=PUBLIC_BLOCKS, codes=codes, at=at
    )


@blueprint.get("/admin/niem-yet.zip")
def everything() -> Response:
    """Every sheet, leaflet and the list, in one file."""
    return paper_answer(engine().posting.everything(at=now()), mimetype="application/zip")


def _paper(kind: str, code: str) -> Response:
    return paper_answer(engine().posting.paper(kind, code, request.args.get("cap", ""), at=now()))
