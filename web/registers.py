"""The register of dossiers of a unit (form 07) and what it handed to others on a day: to read, to print, to keep."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, render_template, request

from engine.domain.print_views import BOOK_COLUMNS
from web.context import actor, engine, now, page_asked, zone
from web.documents import paper_answer
from web.forms import a_day, asked_days

blueprint = Blueprint("registers", __name__)


@blueprint.get("/registers/dossiers")
def dossiers() -> str:
    """A page of the register."""
    page = page_asked()
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


@blueprint.get("/registers/fees")
def fees() -> str:
    """What a desk took on a day, with the sums by method."""
    return render_template("registers/fees.html", book=engine().prints.fees(actor(), *_wanted_day()))


def _wanted() -> tuple[str, date, date]:
    """Unit and period of the address; the month so far unless it says otherwise."""
    today = now().astimezone(zone()).date()
    return request.args.get("unit", ""), *asked_days(today.replace(day=1), today)


def _wanted_day() -> tuple[str, date]:
    today = now().astimezone(zone()).date()
    return request.args.get("unit", ""), request.args.get("on", today, type=a_day)
