"""What another way of working would have brought: asked here, answered in the background."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from engine.domain.errors import BadInput, NotAllowedNow
from engine.domain.simulation import FULL, Assumed, Conditions, Design
from engine.services.simulations import MOST_FILES
from web.context import actor, engine, now, zone
from web.forecast import decimals, share
from web.i18n import said, told

blueprint = Blueprint("simulations", __name__, url_prefix="/giam-sat")
_USUAL = {"limits": "100", "hours": "100", "people": "1"}
_FIELDS = {
    "limits": lazy_gettext("Thời hạn"),
    "hours": lazy_gettext("Giờ làm việc"),
    "people": lazy_gettext("Thêm mấy người"),
    "per_day": lazy_gettext("Số hồ sơ mỗi ngày làm việc"),
    "limit": lazy_gettext("Thời hạn (ngày làm việc)"),
}
_LONGEST_LIST = 4000  # letters, as the field takes them


@blueprint.get("/thu-truoc")
def form() -> str:
    """What was asked before, and the forms to ask."""
    typed = dict(_USUAL)
    asked, code, draft = engine().simulations, request.args.get("from", ""), request.args.get("draft", type=int)
    if code or draft is not None:
        name, steps = (
            asked.steps_of(actor(), code, at=now()) if draft is None else asked.steps_of_draft(actor(), draft, at=now())
        )
        limit = _days(sum(step.days for step in steps))
        typed |= {"title": name, "steps": "\n".join(map(_line, steps)), "limit": limit, "from": code}
    return _form(request.args.get("unit", ""), typed, {})


@blueprint.post("/thu-truoc")
def replay() -> tuple[str, int] | Response:
    """Ask for the last quarter under other conditions; it is answered in the background."""
    return _asked(_ask_replay)


@blueprint.post("/thu-truoc/thiet-ke")
def design() -> tuple[str, int] | Response:
    """Ask about a procedure in design; it is answered in the background."""
    return _asked(_ask_design)


@blueprint.get("/thu-truoc/<int:number>")
def one(number: int) -> str:
    """What came out, or how far it is."""
    found = engine().simulations.look(actor(), number)
    hours = engine().office.calendar.period_on(now().astimezone(zone()).date()).hours
    return render_template(
        "forecast/simulation.html",
        found=found,
        share=share,
        decimals=decimals,
        day=hours.length.total_seconds() / 60,
        full=FULL,
        points=_points,
        team_name=_team_name,
    )


def _asked(asking: Callable[[dict[str, str]], int]) -> tuple[str, int] | Response:
    """The answer's page; or the form again with what was typed and what is wrong with it."""
    errors = dict[str, str]()
    try:
        number = asking(errors)
    except (BadInput, NotAllowedNow) as error:
        typed = {**_USUAL, **request.form.to_dict()}
        return _form(request.form.get("unit", ""), typed, errors or {"": said(error)}), 422
    return redirect(url_for("simulations.one", number=number), 303)


def _form(unit: str, typed: dict[str, str], errors: dict[str, str]) -> str:
    asked = engine().simulations
    units = asked.units(actor())
    return render_template(
        "forecast/simulations.html",
        rows=asked.mine(actor()),
        units=units,
        unit=unit,
        quarter=asked.quarter(actor(), unit, at=now()) if units else None,
        offered=asked.offered(actor(), at=now()),
        typed=typed,
        errors=errors,
        most=MOST_FILES,
        share=share,
        team_name=_team_name,
    )


def _ask_replay(errors: dict[str, str]) -> int:
    unit, team = request.form.get("unit", ""), request.form.get("team", "")
    limits, hours = _number("limits", errors), _number("hours", errors)
    people = int(_number("people", errors, is_whole=True)) if team else 0
    _stop(errors)
    conditions = Conditions(
        procedure=request.form.get("procedure", ""),
        extra_team=team,
        extra_people=people,
        limits=limits / 100,
        hours=hours / 100,
    )
    return engine().simulations.ask(actor(), unit, conditions, at=now())


def _ask_design(errors: dict[str, str]) -> int:
    steps = _steps(errors)
    per_day, limit = _number("per_day", errors), _number("limit", errors)
    _stop(errors)
    title = request.form.get("title", "").strip()[:200]
    return engine().simulations.ask_design(actor(), title, Design(steps, per_day, limit), at=now())


def _number(name: str, errors: dict[str, str], *, is_whole: bool = False) -> float:
    """A figure as it was typed; what is wrong with it stands in `errors`."""
    value = _read(request.form.get(name, ""))
    if value is None or (is_whole and value != int(value)):
        field = _FIELDS[name]
        errors[name] = (
            _("%(field)s: hãy gõ một số nguyên, ví dụ 2.", field=field)
            if is_whole
            else _("%(field)s: hãy gõ một số, ví dụ 80 hoặc 12,5.", field=field)
        )
        return 0.0
    return value


def _read(typed: str) -> float | None:
    try:
        value = float(typed.strip().replace(",", "."))
    except ValueError:
        return None
    return value if isfinite(value) else None


def _steps(errors: dict[str, str]) -> tuple[Assumed, ...]:
    """Lines ``name; days; people``; a name may hold semicolons."""
    steps = list[Assumed]()
    for line in filter(None, map(str.strip, request.form.get("steps", "")[:_LONGEST_LIST].splitlines())):
        name, *figures = (part.strip() for part in line.rsplit(";", 2))
        days, people = (_read(figures[0]), _read(figures[1])) if len(figures) > 1 else (None, None)
        if not name or days is None or people is None or people != int(people):
            errors["steps"] = _("Dòng “%(line)s” phải có dạng: tên bước; số ngày; số người.", line=line[:60])
            break
        steps.append(Assumed(name[:120], days, int(people)))
    return tuple(steps)


def _line(step: Assumed) -> str:
    return f"{step.name}; {_days(step.days)}; {step.people}"


def _days(days: float) -> str:
    return decimals(days, 2).rstrip("0").rstrip(",.")


def _stop(errors: dict[str, str]) -> None:
    if errors:
        raise BadInput(detail=next(iter(errors.values())))


def _points(difference: float) -> str:
    """``−12,5``: a difference of shares in points."""
    return decimals(difference * 100).replace("-", "−")


def _team_name(name: str) -> str:
    """Unit · role, the role in the language of the page; a step of a design by its name."""
    unit, between, role = name.rpartition(" · ")
    return f"{unit}{between}{told(role)}" if unit else name
