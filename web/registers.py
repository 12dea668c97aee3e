"""The register of dossiers of a unit (form 07) and what it handed to others on a day: to read, to print, to keep."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, render_template, request

from engine.domain.print_views import BOOK_COLUMNS
from web.context import actor, engine, now, zone
from web.documents import paper_answer

blueprint = Blueprint("registers", __name__)


@blueprint.get("/registers/dossiers")
def dossiers() -> str:
    """A page of the register."""
    page = max(request.args.get("page", 1, type=int) or 1, 1)
    book = engine().prints.book(actor(), *_wanted(), page=page)
    return render_template("registers/dossiers.html", book=book, columns=BOOK_COLUMNS)


@blueprint.get("/registers/dossiers.pdf")
def dossiers_pdf() -> Response:
    """The register on A4 across."""
    return paper_answer(engine().prints.book_pdf(actor(), *_wanted(), at=now()))


@blueprint.get("/registers/dossiers.csv")
def dossiers_csv() -> Response:
    """The register for a spreadsheet."""
    return paper_answer(engine().prints.book_csv(actor(), *_wanted()), mimetype="text/csv")


@blueprint.get("/registers/hand-over")
def hand_over() -> str:
    """What was handed over on a day, by receiver."""
    return render_template("registers/hand_over.html", given=engine().prints.hand_overs(actor(), *_wanted_day()))


@blueprint.get("/registers/hand-over.pdf")
def hand_over_pdf() -> Response:
    """The same to sign."""
    return paper_answer(engine().prints.hand_overs_pdf(actor(), *_wanted_day()))


def _wanted() -> tuple[str, date, date]:
    """Unit and period of the address; the month so far unless it says otherwise."""
    today = now().astimezone(zone()).date()
    from_on, to_on = _day("from", today.replace(day=1)), _day("to", today)
    return request.args.get("unit", ""), min(from_on, to_on), max(from_on, to_on)


def _wanted_day() -> tuple[str, date]:
    return request.args.get("unit", ""), _day("on", now().astimezone(zone()).date())


def _day(name: str, default: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return default
