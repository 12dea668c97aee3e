"""The counter: receive a dossier, ask for what is missing, or refuse; each with its paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from engine.domain.errors import BadInput, MotCuaError
from engine.domain.intake_desk import Choice, Exemption
from engine.domain.people import Unit
from engine.domain.views import ProcedureLine
from web.context import actor, engine, now, zone
from web.errors import field_messages, status_of
from web.fees import read_payment
from web.forms import ANSWER, Intake, answered, blank_intake, note_needed, read_intake, typed_in
from web.i18n import said
from web.intake_fields import GUARD_SEEN, PARCEL_ROWS, asks_parcels, seen_keys
from web.intake_person import Known, fill_person

blueprint = Blueprint("clerk", __name__)

DECISIONS = ("receive", "supplement", "refuse")
ROLL, A5 = "roll", "a5"
PAPER_COOKIE, OPENS_COOKIE = "paper", "paper_opens"
_COOKIE_DAYS = 400


@blueprint.app_template_global("pairs")
def pairs(choices: Iterable[Choice | Exemption]) -> list[tuple[str, str]]:
    """Choices of the desk as a list to choose from."""
    return [(each.id, each.name) for each in choices]


@blueprint.app_template_filter("age")
def age(passed: timedelta) -> str:
    """How long ago something was, roughly."""
    minutes = int(passed.total_seconds() // 60)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return ngettext("%(num)s phút", "%(num)s phút", minutes)
    hours = minutes // 60
    if hours < 48:  # noqa: PLR2004 - two days
        return ngettext("%(num)s giờ", "%(num)s giờ", hours)
    return ngettext("%(num)s ngày", "%(num)s ngày", hours // 24)


@blueprint.get("/counter")
def counter() -> str | Response:
    """Choose the procedure; the search knows names without accents, codes and the words people use."""
    text = request.args.get("q", "").strip()[:100]
    found = engine().catalogue.desk_offers(actor(), text, at=now())
    if found and text and "open" in request.args:
        return redirect(url_for("clerk.intake", procedure_code=found[0].code), 303)
    drafts = engine().intake_drafts.mine(actor()) if not text else ()
    names = {line.code: line.name for line in found}
    desks = engine().catalogue.desk_units(actor())
    return render_template(
        "clerk/counter.html", procedures=found, text=text, drafts=drafts, names=names, desks=desks, at=now()
    )


@blueprint.get("/counter/<procedure_code>")
def intake(procedure_code: str) -> str:
    """An empty form of receipt for this procedure."""
    procedure, units = offer(procedure_code)
    return form_page(procedure, units, blank_intake(procedure, units))


@blueprint.post("/counter/<procedure_code>/person")
def person(procedure_code: str) -> str:
    """Fill the applicant in from earlier files or a scanned card; the number travels in the body alone."""
    procedure, units = offer(procedure_code)
    values = {name: value.strip() for name, value in typed_in(request.form).items()}
    return form_page(procedure, units, Intake(values), known=fill_person(values))


@blueprint.post("/counter/<procedure_code>/complete")
def complete(procedure_code: str) -> str:
    """Mark every paper that must be there as handed in: one key for the usual case."""
    procedure, units = offer(procedure_code)
    values = {name: value.strip() for name, value in typed_in(request.form).items()}
    values |= {f"item-{item.id}-present": "1" for item in procedure.items if item.is_required}
    return form_page(procedure, units, Intake(values))


@blueprint.post("/counter/<procedure_code>")
def check(procedure_code: str) -> str | tuple[str, int]:
    """Show what was typed once more before anything is written; `back` returns to the form."""
    procedure, units = offer(procedure_code)
    read = _read(procedure, units)
    if "back" in request.form:
        return form_page(procedure, units, Intake(read.values))
    if "|" in read.values.get("identity_number", ""):  # a card was scanned and nobody has looked at it yet
        return form_page(procedure, units, Intake(read.values), known=fill_person(read.values))
    if read.submission is None:
        return form_page(procedure, units, read), 422
    return _check_page(procedure, units, read)


@blueprint.post("/counter/<procedure_code>/decide")
def decide(procedure_code: str) -> str | tuple[str, int] | Response:
    """Receive (form 01), ask for a supplement (form 02) or refuse (form 03)."""
    procedure, units = offer(procedure_code)
    read = _read(procedure, units)
    if read.submission is None:
        return form_page(procedure, units, read), 422
    decision = request.form.get("decision", "")
    if fault := _fault_of_decision(decision, read):
        return _check_page(procedure, units, read, fault, 422)
    try:
        code = _carry_out(decision, read)
    except MotCuaError as error:
        return _check_page(procedure, units, read, field_messages(error) or {"": said(error)}, status_of(error))
    return redirect(url_for("clerk.done", code=code, new=1), 303)


@blueprint.get("/counter/done/<code>")
def done(code: str) -> str:
    """The number, the appointment and the paper to print."""
    return render_template(
        "clerk/done.html",
        dossier=engine().dossiers.view(actor(), code, at=now()),
        paper_size=request.cookies.get(PAPER_COOKIE, A5),
        opens=request.cookies.get(OPENS_COOKIE) == "1",
        is_new="new" in request.args,
    )


@blueprint.post("/counter/done/<code>/paper")
def paper(code: str) -> Response:
    """Remember on this machine which paper its printer takes, and whether the print opens by itself."""
    answer = redirect(url_for("clerk.done", code=code), 303)
    size = ROLL if request.form.get("paper") == ROLL else A5
    for name, value in ((PAPER_COOKIE, size), (OPENS_COOKIE, "1" if request.form.get("opens") else "0")):
        answer.set_cookie(
            name,
            value,
            max_age=_COOKIE_DAYS * 86400,
            httponly=True,
            samesite="Lax",
            secure=engine().settings.web.secure_cookies,
        )
    return answer


def offer(procedure_code: str) -> tuple[ProcedureLine, tuple[Unit, ...]]:
    """The procedure as the chosen desk of the clerk does it, and the desks of the clerk."""
    units = engine().catalogue.desk_units(actor())
    if not units:
        abort(403)
    chosen = next((unit for unit in units if unit.code == request.form.get("unit")), units[0])
    return engine().catalogue.offer(procedure_code, chosen.level, at=now()), units


def form_page(
    procedure: ProcedureLine,
    units: tuple[Unit, ...],
    read: Intake,
    *,
    known: Known | None = None,
    changed: bool = False,
) -> str:
    """The form of receipt with what was typed; `changed`: another page kept the same draft meanwhile."""
    desk = engine().intake_people.desk
    return render_template(
        "clerk/intake.html",
        procedure=procedure,
        units=units,
        values=read.values,
        errors=read.errors,
        faults=read.faults,
        notify=[(each.value, each.label) for each in engine().settings.channels.offered],
        desk=desk,
        exemptions=desk.exemptions_of(procedure.fees),
        communes=desk.communes.names if asks_parcels(procedure, desk) else (),
        asks_parcels=asks_parcels(procedure, desk),
        parcel_rows=PARCEL_ROWS,
        known=known,
        changed=changed,
        autosave=engine().settings.counter.autosave_seconds,
    )


def _read(procedure: ProcedureLine, units: tuple[Unit, ...]) -> Intake:
    return read_intake(request.form, procedure, units, engine().intake_people.desk, at=now(), zone=zone())


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
        preview = engine().intake.preview(actor(), read.submission, at=now())
    except MotCuaError as error:
        if not isinstance(error, BadInput) and not field_messages(error):
            raise
        read.errors.update(_asked_wrongly(error, procedure))
        return form_page(procedure, units, read), 422
    note_needed(read, procedure, preview.assessment.needed_items)
    page = render_template(
        "clerk/check.html",
        procedure=procedure,
        unit=unit,
        read=read,
        values=read.values | {GUARD_SEEN: seen_keys([each.key for each in preview.findings if each.needs_answer])},
        errors=faults or {},
        assessed=preview.assessment,
        findings=preview.findings,
        doubts=preview.doubts,
        fee_methods=tuple(engine().fees.methods.items()) if procedure.fees else (),
        case=_case_told(procedure, preview.assessment.case_id),
        asked=[(question.label, answered(question, read.submission.answers)) for question in procedure.questions],
    )
    return page, status


def _case_told(procedure: ProcedureLine, case_id: str) -> str:
    """The case in words; with its limits where the tables found it, so that the clerk sees what they made of it."""
    if len(procedure.cases) <= 1:
        return ""
    told = procedure.limits if procedure.is_case_decided else [name for _id, name in procedure.cases]
    return next(said for (id_, _name), said in zip(procedure.cases, told, strict=False) if id_ == case_id)


def _asked_wrongly(error: MotCuaError, procedure: ProcedureLine) -> dict[str, str]:
    """What is wrong, by field of the form; answers carry a prefix there. Of the whole form where no field is named."""
    asked = {question.id for question in procedure.questions}
    told = field_messages(error)
    return {f"{ANSWER}{name}" if name in asked else name: said for name, said in told.items()} or {"": said(error)}


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
    payment = read_payment(request.form) if request.form.get("fee_method") else None
    return engine().intake.receive(actor(), replace(read.submission, payment=payment), at=now()).code
