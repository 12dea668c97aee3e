"""Seeing lateness come: the morning list, heat on the diagram, and what another way of working would have brought."""

from __future__ import annotations

from datetime import timedelta
from math import isfinite

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from engine.domain.calendar import WEEKDAY_NAMES
from engine.domain.errors import BadInput
from engine.domain.forecast import Basis
from engine.domain.months import month_of, read_month
from engine.domain.simulation import Conditions
from engine.domain.step_plan import in_days
from engine.services.forecasts import ForecastLine
from web.context import actor, engine, now, page_asked, zone

blueprint = Blueprint("forecast", __name__, url_prefix="/giam-sat")
_MINUTE = timedelta(minutes=1)
HIGH, MIDDLE = 0.6, 0.3


@blueprint.get("/du-bao")
def morning() -> str:
    """Open files by what is left less what is usual, and how good the forecast has been."""
    found = engine().forecasts.morning(actor(), request.args.get("unit", ""), page_asked(), at=now())
    words = {"level": _level, "word": _word, "headline": _headline, "reason": _reason, "basis": _basis}
    return render_template("forecast/morning.html", found=found, share=share, number=number, **words)


@blueprint.get("/nhiet")
def heat() -> str:
    """The steps of a procedure on its diagram: how many now, how long, how late."""
    this = month_of(now().astimezone(zone()).date())
    months = tuple(sorted(_month(name, this) for name in ("from", "to")))
    found = engine().step_heat.look(
        actor(),
        procedure=request.args.get("procedure", ""),
        version=request.args.get("version", ""),
        unit_code=request.args.get("unit", ""),
        months=(months[0], months[1]),
        at=now(),
    )
    # the drawing is ours: every word in it is escaped where it is drawn
    picture = Markup(found.picture)  # noqa: S704
    return render_template("forecast/heat.html", found=found, picture=picture, share=share, days=in_days)


@blueprint.get("/thu-truoc")
def simulations() -> str:
    """What was asked before, and the form to ask."""
    return _simulations(request.args.get("unit", ""))


@blueprint.post("/thu-truoc")
def simulate() -> str | tuple[str, int] | Response:
    """Ask; the answer is worked out in the background."""
    unit = request.form.get("unit", "")
    try:
        number = _ask(unit)
    except BadInput as error:
        return _simulations(unit, error.message), 422
    return redirect(url_for("forecast.simulation", number=number), 303)


@blueprint.get("/thu-truoc/<int:number>")
def simulation(number: int) -> str:
    """What came out, or how far it is."""
    found = engine().simulations.look(actor(), number)
    days = engine().office.calendar.period_on(now().astimezone(zone()).date()).hours.length
    return render_template("forecast/simulation.html", found=found, share=share, number=_plain, days=in_days, day=days)


def _simulations(unit: str, problem: str = "") -> str:
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


def _plain(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def share(value: float | None) -> str:
    """``38%``; a dash for nothing."""
    return "–" if value is None else f"{value:.0%}"


def number(value: float | None) -> str:
    """``0,235``; a dash for nothing."""
    return "–" if value is None else f"{value:.3f}".replace(".", ",")


def _month(name: str, default: str) -> str:
    typed = request.args.get(name, "")
    return read_month(typed) if typed else default


def _level(line: ForecastLine) -> str:
    return "late" if line.chance >= HIGH else "soon" if line.chance >= MIDDLE else "good"


def _word(line: ForecastLine) -> str:
    words = {"late": _("cao"), "soon": _("vừa"), "good": _("thấp")}
    return words[_level(line)]


def _headline(line: ForecastLine) -> str:
    if line.left_minutes < 0:
        return _("Đã quá hạn")
    if line.late_on is None:
        return _("Thường kịp, dư %(days)s ngày làm việc", days=_days(line, line.spare_minutes))
    local = line.late_on.astimezone(zone())
    day = f"{WEEKDAY_NAMES[local.weekday()]} {local:%d/%m}"
    return _("Sẽ trễ trong %(left)s ngày làm việc (%(day)s)", left=_days(line, line.left_minutes), day=day)


def _reason(line: ForecastLine) -> str:
    usual = _days(line, line.usual_minutes)
    if line.left_minutes < 0:
        return _("Từ bước này hồ sơ cùng loại thường còn cần %(usual)s ngày làm việc nữa.", usual=usual)
    return _(
        "Còn %(left)s ngày làm việc; từ chỗ này hồ sơ cùng loại thường cần %(usual)s ngày.",
        left=_days(line, line.left_minutes),
        usual=usual,
    )


def _basis(line: ForecastLine) -> str:
    whose = {
        Basis.UNIT_STEP: _("cùng bước, cùng đơn vị"),
        Basis.STEP: _("cùng bước, mọi đơn vị"),
        Basis.PROCEDURE: _("cùng thủ tục, mọi bước"),
        Basis.ALL: _("mọi thủ tục"),
    }
    return _("Căn cứ: %(count)s lượt %(whose)s, 12 tháng", count=line.count, whose=whose[line.basis])


def _days(line: ForecastLine, minutes: int) -> str:
    return in_days(minutes, line.day_minutes * _MINUTE)
