"""Oversight: how the office stands, what is late, does each late dossier have its letter. Reads, decides nothing."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, render_template, request
from flask_babel import lazy_gettext

from web.context import actor, engine, now, zone

blueprint = Blueprint("supervisor", __name__)

QUEUES = {
    "overdue": lazy_gettext("Quá hạn"),
    "due_soon": lazy_gettext("Sắp đến hạn"),
    "without_letter": lazy_gettext("Quá hạn chưa có thư xin lỗi"),
    "second_lateness": lazy_gettext("Quá hạn lần hai"),
    "paused": lazy_gettext("Tạm dừng tính"),
    "no_date": lazy_gettext("Chưa có ngày hẹn"),
    "results": lazy_gettext("Chờ người dân nhận kết quả"),
    "open": lazy_gettext("Tất cả hồ sơ đang mở"),
}
PAGE_SIZE = 50


def _page() -> int:
    return max(request.args.get("page", 1, type=int) or 1, 1)


@blueprint.get("/oversight")
def board() -> str:
    """Figures first, and the two queues that cannot wait."""
    found = engine().oversight.board(actor(), at=now(), unit_code=request.args.get("unit", ""))
    return render_template("supervisor/board.html", board=found, queues=QUEUES)


@blueprint.get("/oversight/queue/<kind>")
def queue(kind: str) -> str:
    """The dossiers behind one figure of the board."""
    if kind not in QUEUES:
        abort(404)
    lines, total = engine().oversight.queue(actor(), kind, page=_page(), page_size=PAGE_SIZE, at=now())
    at_page = {"page": _page(), "page_size": PAGE_SIZE}
    return render_template("supervisor/queue.html", lines=lines, total=total, kind=kind, queues=QUEUES, **at_page)


@blueprint.get("/oversight/results")
def results() -> str:
    """What finished dossiers counted as, per unit and procedure, between two days."""
    today = now().astimezone(zone()).date()
    from_on, to_on = _day("from", today.replace(month=1, day=1)), _day("to", today)
    report = engine().reports.results(min(from_on, to_on), max(from_on, to_on), unit_code=request.args.get("unit", ""))
    return render_template("supervisor/results.html", report=report)


@blueprint.get("/oversight/steps")
def steps() -> str:
    """Which steps were late, also in files that were on time, and which were only recorded late."""
    today = now().astimezone(zone()).date()
    from_on, to_on = _day("from", today.replace(day=1)), _day("to", today)
    report = engine().reports.steps(min(from_on, to_on), max(from_on, to_on), unit_code=request.args.get("unit", ""))
    return render_template("supervisor/steps.html", report=report)


def _day(name: str, default: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return default
