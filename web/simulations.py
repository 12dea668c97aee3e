"""What another way of working would have brought: asked here, answered in the background."""

from __future__ import annotations

from math import isfinite

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import BadInput
from engine.domain.simulation import Conditions
from engine.domain.step_plan import in_days
from web.context import actor, engine, now, zone
from web.forecast import decimals, share

blueprint = Blueprint("simulations", __name__, url_prefix="/giam-sat")


@blueprint.get("/thu-truoc")
def form() -> str:
    """What was asked before, and the form to ask."""
    return _form(request.args.get("unit", ""))


@blueprint.post("/thu-truoc")
def ask() -> str | tuple[str, int] | Response:
    """Ask; the answer is worked out in the background."""
    unit = request.form.get("unit", "")
    try:
        number = _ask(unit)
    except BadInput as error:
        return _form(unit, error.message), 422
    return redirect(url_for("simulations.one", number=number), 303)


@blueprint.get("/thu-truoc/<int:number>")
def one(number: int) -> str:
    """What came out, or how far it is."""
    found = engine().simulations.look(actor(), number)
    days = engine().office.calendar.period_on(now().astimezone(zone()).date()).hours.length
    return render_template(
        "forecast/simulation.html", found=found, share=share, number=decimals, days=in_days, day=days
    )


def _form(unit: str, problem: str = "") -> str:
    asked, teams = engine().simulations, engine().simulations.teams(actor(), unit, at=now())
    return render_template(
        "forecast/simulations.html",
        rows=asked.mine(actor()),
        units=asked.units(actor()),
        unit=unit,
        teams=teams,
        problem=problem,
        typed=request.form,
    )


def _ask(unit: str) -> int:
    form = request.form
    if form.get("kind") == "design":
        return engine().simulations.ask_design(
            actor(),
            form.get("title", "").strip()[:200],
            _design_steps(form.get("steps", "")),
            per_day=_figure("per_day"),
            limit=_figure("limit"),
            at=now(),
        )
    conditions = Conditions(
        extra_team=form.get("team", ""),
        extra_people=int(_figure("people")) if form.get("team") else 0,
        limits=_figure("limits") / 100,
        hours=_figure("hours") / 100,
    )
    return engine().simulations.ask(actor(), unit, conditions, at=now())


def _figure(name: str) -> float:
    return _read_figure(request.form.get(name, ""))


def _read_figure(typed: str) -> float:
    try:
        value = float(typed.strip().replace(",", "."))
    except ValueError:
        raise BadInput(detail=_("“%(typed)s” không phải là số", typed=typed[:20])) from None
    if not isfinite(value):
        raise BadInput(detail=_("“%(typed)s” không phải là số", typed=typed[:20]))
    return value


def _design_steps(typed: str) -> list[tuple[str, float, int]]:
    """Lines ``name; days; people``."""
    steps = list[tuple[str, float, int]]()
    for line in filter(None, map(str.strip, typed.splitlines()[:60])):
        parts = [part.strip() for part in line.split(";")]
        if len(parts) != 3:  # noqa: PLR2004 - as the form says
            raise BadInput(detail=_("dòng “%(line)s” phải có dạng: tên bước; số ngày; số người", line=line[:60]))
        steps.append((parts[0][:120], _read_figure(parts[1]), int(_read_figure(parts[2]))))
    return steps
