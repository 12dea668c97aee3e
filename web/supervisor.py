"""Oversight: what finished dossiers counted as, and which steps were late. The board is in `web.board`."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request

from web.context import engine, now, zone

blueprint = Blueprint("supervisor", __name__)


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
