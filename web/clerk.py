"""The counter: receive a dossier, ask for what is missing, or refuse; each with its paper."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.domain.errors import BadInput, MotCuaError
from engine.domain.people import Unit
from engine.domain.views import ProcedureLine
from web.context import actor, engine, now, zone
from web.errors import field_messages, status_of
from web.forms import ANSWER, Intake, answered, blank_intake, note_needed, read_intake

blueprint = Blueprint("clerk", __name__)

DECISIONS = ("receive", "supplement", "refuse")


@blueprint.get("/counter")
def counter() -> str:
    """Choose the procedure; the search knows names without accents and codes."""
    text = request.args.get("q", "").strip()
    found = engine().catalogue.offers(text, at=now())
    desks = engine().catalogue.desk_units(actor())
    return render_template("clerk/counter.html", procedures=_received_at(desks, found), text=text)


@blueprint.get("/counter/<procedure_code>")
def intake(procedure_code: str) -> str:
    """An empty form of receipt for this procedure."""
    procedure, units = _offer(procedure_code)
    return _form(procedure, units, blank_intake(procedure, units))


@blueprint.post("/counter/<procedure_code>")
def check(procedure_code: str) -> str | tuple[str, int]:
    """Show what was typed once more before anything is written; `back` returns to the form."""
    procedure, units = _offer(procedure_code)
    read = read_intake(request.form, procedure, units, at=now(), zone=zone())
    if "back" in request.form:
        return _form(procedure, units, Intake(read.values))
    if read.submission is None:
        return _form(procedure, units, read), 422
    return _check_page(procedure, units, read)


@blueprint.post("/counter/<procedure_code>/decide")
def decide(procedure_code: str) -> str | tuple[str, int] | Response:
    """Receive (form 01), ask for a supplement (form 02) or refuse (form 03)."""
    procedure, units = _offer(procedure_code)
    read = read_intake(request.form, procedure, units, at=now(), zone=zone())
    if read.submission is None:
        return _form(procedure, units, read), 422
    decision = request.form.get("decision", "")
    if fault := _fault_of_decision(decision, read):
        return _check_page(procedure, units, read, fault, 422)
    try:
        code = _carry_out(decision, read)
    except MotCuaError as error:
        return _check_page(procedure, units, read, field_messages(error) or {"": error.message}, status_of(error))
    return redirect(url_for("clerk.done", code=code), 303)


@blueprint.get("/counter/done/<code>")
def done(code: str) -> str:
    """The number, the appointment and the paper to print."""
    return render_template("clerk/done.html", dossier=engine().dossiers.view(actor(), code, at=now()))


def _offer(procedure_code: str) -> tuple[ProcedureLine, tuple[Unit, ...]]:
    units = engine().catalogue.desk_units(actor())
    if not units:
        abort(403)
    chosen = next((unit for unit in units if unit.code == request.form.get("unit")), units[0])
    return engine().catalogue.offer(procedure_code, chosen.level, at=now()), units


def _received_at(desks: tuple[Unit, ...], lines: tuple[ProcedureLine, ...]) -> tuple[ProcedureLine, ...]:
    """Where one code is done differently at two levels, the way of these desks; everything else as it is."""
    levels = {desk.level for desk in desks}
    ours = {line.code for line in lines if levels & set(line.levels)}
    return tuple(line for line in lines if line.code not in ours or levels & set(line.levels))


def _form(procedure: ProcedureLine, units: tuple[Unit, ...], read: Intake) -> str:
    return render_template(
        "clerk/intake.html",
        procedure=procedure,
        units=units,
        values=read.values,
        errors=read.errors,
        faults=read.faults,
        notify=[(each.value, each.label) for each in engine().settings.channels.offered],
    )


def _check_page(
    procedure: ProcedureLine,
    units: tuple[Unit, ...],
    read: Intake,
    faults: dict[str, str] | None = None,
    status: int = 200,
) -> tuple[str, int]:
    """What was typed, and what the tables of the procedure make of it; the form again where they make nothing of it."""
    assert read.submission is not None
    unit = next(unit for unit in units if unit.code == read.values["unit"])
    try:
        assessed = engine().intake.assess(actor(), read.submission, at=now())
    except BadInput as error:
        read.errors.update(_asked_wrongly(error))
        return _form(procedure, units, read), 422
    note_needed(read, procedure, assessed.needed_items)
    page = render_template(
        "clerk/check.html",
        procedure=procedure,
        unit=unit,
        read=read,
        values=read.values,
        errors=faults or {},
        assessed=assessed,
        case=_case_told(procedure, assessed.case_id),
        asked=[(question.label, answered(question, read.submission.answers)) for question in procedure.questions],
    )
    return page, status


def _case_told(procedure: ProcedureLine, case_id: str) -> str:
    """The case in words; with its limits where the tables found it, so that the clerk sees what they made of it."""
    if len(procedure.cases) <= 1:
        return ""
    told = procedure.limits if procedure.is_case_decided else [name for _id, name in procedure.cases]
    return next(said for (id_, _name), said in zip(procedure.cases, told, strict=False) if id_ == case_id)


def _asked_wrongly(error: BadInput) -> dict[str, str]:
    """What is wrong with the answers, by field of the form; of the whole form where no field is named."""
    return {f"{ANSWER}{name}": said for name, said in field_messages(error).items()} or {"": error.message}


def _fault_of_decision(decision: str, read: Intake) -> dict[str, str]:
    if decision not in DECISIONS:
        return {"decision": _("Hãy chọn cách giải quyết.")}
    if decision == "supplement" and not read.values.get("missing"):
        return {"missing": _("Hãy ghi giấy tờ cần bổ sung: phiếu chỉ được gửi một lần.")}
    if decision == "refuse" and not read.values.get("reason"):
        return {"reason": _("Hãy ghi lý do từ chối: lý do được in trên phiếu.")}
    return {}


def _carry_out(decision: str, read: Intake) -> str:
    assert read.submission is not None
    if decision == "supplement":
        return engine().intake.ask_supplement(actor(), read.submission, missing=read.values["missing"], at=now()).code
    if decision == "refuse":
        return engine().intake.refuse(actor(), read.submission, reason=read.values["reason"], at=now()).code
    return engine().intake.receive(actor(), read.submission, at=now()).code
