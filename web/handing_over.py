"""The result goes out: the form of a hand-over, and the slip that the receiver signs and takes home."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from engine.domain.errors import MotCuaError
from engine.domain.handing_over import ASKED_AT_HAND_OVER, KNOWN_FIELDS, METHOD, HandOver, ReceiverKind
from engine.domain.survey_tokens import grouped
from engine.domain.views import DossierView, StepView
from letters.marks import qr
from web.context import actor, engine, now, zone
from web.errors import field_messages, status_of
from web.forms import read_answers
from web.i18n import said

blueprint = Blueprint("handing_over", __name__)


@blueprint.get("/work/<code>/hand-over")
def page(code: str) -> str:
    """The form, or what was written down once the result is gone."""
    return _page(code)


@blueprint.post("/work/<code>/hand-over")
def hand_over(code: str) -> tuple[str, int] | AnyResponse:
    """Write down that the result was taken."""
    step = (code, request.form.get("task", 0, type=int), request.form.get("version", 0, type=int))
    try:
        engine().handing_over.hand_over(
            actor(), step, read_hand_over(request.form), read_answers(request.form), at=now()
        )
    except MotCuaError as error:
        return _page(code, typed=request.form, error=error), status_of(error)
    flash(_("Đã trả kết quả. Hãy in phiếu cho người nhận."))
    return redirect(url_for("handing_over.page", code=code), 303)


@blueprint.post("/work/<code>/hand-over/slip")
def slip(code: str) -> str:
    """The slip of a hand-over with a new token for the survey, to print."""
    told, token = engine().handing_over.slip(actor(), code, at=now())
    address = engine().settings.web.public_url.rstrip("/")
    url = f"{address}/danh-gia/{token}" if token else ""
    return render_template(
        "clerk/hand_over_slip.html",
        told=told,
        token=grouped(token) if token else "",
        url=url,
        survey_page=f"{address}/danh-gia",
        mark=_drawn(url) if url else None,
    )


def read_hand_over(form: Mapping[str, str]) -> HandOver:
    """What was typed into the form of a hand-over."""
    kind = form.get("receiver_kind", "")
    return HandOver(
        method=form.get(METHOD, ""),
        receiver_kind=ReceiverKind(kind) if kind in set(ReceiverKind) else ReceiverKind.APPLICANT,
        result_on=_day(form.get("result_on", "")),
        is_signed=bool(form.get("signed")),
        are_letters_given=bool(form.get("letters_given")),
        **{name: form.get(name, "") for name in _WORDS},
    )


_WORDS = (
    "receiver_name", "identity", "authorisation", "result_number", "postal_code", "fee_method", "fee_receipt", "remark",
)  # fmt: skip


def _page(code: str, *, typed: Mapping[str, str] | None = None, error: MotCuaError | None = None) -> str:
    view = engine().dossiers.view(actor(), code, at=now())
    case = engine().handing_over.case(actor(), view.line.code, at=now())
    faults = field_messages(error) if error else {}
    step = next((each for each in view.steps if is_hand_over(each)), None)
    return render_template(
        "clerk/hand_over.html",
        dossier=view,
        line=view.line,
        case=case,
        fees=engine().fees.account(actor(), view.line.code) if case.fee_owed else None,
        step=step if step and step.may_act else None,
        more=tuple(field for field in step.fields if field.id not in KNOWN_FIELDS) if step else (),
        methods=next((field.options for field in step.fields if field.id == METHOD), ()) if step else (),
        told=engine().handing_over.record(actor(), view.line.code),
        kinds=[
            (kind.value, kind.label) for kind in ReceiverKind if kind is not ReceiverKind.SUBMITTER or view.submitter
        ],
        typed=typed or _proposed(view),
        faults=faults,
        problem=said(error) if error and not faults else "",
    )


def is_hand_over(step: StepView) -> bool:
    """Whether an open step hands a result over."""
    return {field.id for field in step.fields} >= ASKED_AT_HAND_OVER


def _proposed(view: DossierView) -> dict[str, str]:
    """What the file lets one expect: who comes, how, and a result of the day on which it was there."""
    party = view.submitter or view.applicant
    kind = ReceiverKind.SUBMITTER if view.submitter else ReceiverKind.APPLICANT
    day = view.resolved_at.astimezone(zone()).date().isoformat() if view.resolved_at else ""
    method = "postal" if view.result_channel.value == "postal" else "in_person"
    return {METHOD: method, "receiver_kind": kind.value, "receiver_name": party.full_name, "result_on": day}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _drawn(text: str) -> tuple[int, str]:
    """The QR of a text as the size and the path of a drawing in a page."""
    mark = qr(text)
    numbers = [part.split() for part in mark.path.replace(" re", "\n").splitlines()]
    return mark.width, "".join(f"M{x} {y}h{width}v{height}h-{width}z" for x, y, width, height in numbers if x)
