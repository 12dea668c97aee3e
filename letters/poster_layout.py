"""How posters are set: which paper is tried in turn, and what their templates may name."""

from __future__ import annotations

from itertools import groupby
from zoneinfo import ZoneInfo

from markupsafe import Markup

from letters import marks
from letters.layout import Paper, moment, one_line
from letters.posters import Poster, WallList
from letters.prints import BlankSlips, PostList, RegisterBook, RollReceipt
from letters.report_papers import ReportPaper
from letters.titles import TITLES, source_of_form

POSTER_PAPERS: dict[str, tuple[Paper, ...]] = {
    "wall_sheet": (
        Paper("wall-large"),
        Paper("wall"),
        Paper("wall-medium"),
        Paper("wall-close"),
        Paper("wall", most_pages=2),
        Paper("wall-close", most_pages=4),
    ),
    "leaflet": (
        Paper("leaflet-large", 2),
        Paper("leaflet", 2),
        Paper("leaflet-close", 2),
        Paper("leaflet-tight", 2),
        Paper("leaflet-tight", 4),
    ),
    "step_sheet": (Paper("steps", most_pages=30),),
    "wall_list": (Paper("list", most_pages=60),),
    "post_list": (Paper("post", most_pages=60),),
    "register_book": (Paper("register", most_pages=400),),
    "letter_book": (Paper("register", most_pages=400),),
    "hand_over_list": (Paper("handed", most_pages=200),),
    "blank_slips": (Paper("slips", most_pages=100),),
    "roll_receipt": (Paper("roll", is_roll=True),),
    "report": (Paper("report", most_pages=400),),
}
"""Tried in turn until the poster fits: one page for the wall if it can be, both sides of one sheet for the leaflet."""

POSTER_STYLESHEETS = {
    "wall-large": ("poster", "wall", "wall-large"),
    "wall": ("poster", "wall"),
    "wall-medium": ("poster", "wall", "wall-medium"),
    "wall-close": ("poster", "wall", "wall-close"),
    "leaflet-large": ("poster", "leaflet", "leaflet-large"),
    "leaflet": ("poster", "leaflet"),
    "leaflet-close": ("poster", "leaflet", "leaflet-close"),
    "leaflet-tight": ("poster", "leaflet", "leaflet-close", "leaflet-tight"),
    "steps": ("poster", "steps"),
    "list": ("poster", "list"),
    "post": ("poster", "post"),
    "register": ("poster", "register"),
    "handed": ("poster", "handed"),
    "roll": ("poster", "roll"),
    "slips": ("poster", "slips"),
    "report": ("poster", "report"),
}


def context_of_poster(poster: Poster) -> dict[str, object]:
    """Return what a poster's template may name, apart from the functions that every template may call."""
    zone = ZoneInfo(poster.letterhead.timezone)
    printed = poster.issued_at.astimezone(zone)
    context: dict[str, object] = {
        "poster": poster,
        "head": poster.letterhead,
        "agency": one_line(poster.letterhead.agency),
        "issued": printed.isoformat(timespec="seconds"),
        "printed": f"{printed:%d/%m/%Y}",
        "qr": marks.qr(poster.verification_url),
    }
    if isinstance(poster, WallList):
        context["sectors"] = [
            (sector, list(lines)) for sector, lines in groupby(poster.lines, key=lambda line: line.sector)
        ]
        context["qr_of"] = marks.qr
    if isinstance(poster, PostList | BlankSlips):
        context["bars_of"] = marks.bars
    if isinstance(poster, RegisterBook):
        context["source"] = source_of_form(poster.form, poster.regime)
    if isinstance(poster, ReportPaper):
        context["drawn"] = Markup  # our own drawing machine wrote it, no person's word is markup in it
    if isinstance(poster, RollReceipt):
        context |= _of_receipt(poster, zone)
    return context


def _of_receipt(poster: RollReceipt, zone: ZoneInfo) -> dict[str, object]:
    receipt = poster.receipt
    return {
        "source": source_of_form(receipt.form, receipt.regime, receipt.form_number),
        "title_lines": TITLES[receipt.form, receipt.regime].split("\n"),
        "bars": marks.bars(receipt.counter_digits),
        "moment": lambda instant: moment(instant, zone),
    }
