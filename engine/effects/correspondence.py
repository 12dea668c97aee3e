"""The effect `order_letter`: a letter is numbered and its data frozen in the transaction that makes it necessary.

Rendering, signing and delivering come after the commit, from the outbox, and may be repeated without harm.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput
from engine.domain.people import Role
from engine.domain.procedure_text import limit_text, starts_on_text
from letters import (
    ApologyLetter,
    DiscontinuationNotice,
    Item,
    LaterAppointment,
    Letterhead,
    LetterNotRenderable,
    Party,
    ReceiptSlip,
    RefusalSlip,
    Signer,
    SupplementRequest,
    check,
    regime_on,
    title_of,
    to_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from engine.domain.people import Unit
    from engine.effects.journey import Journey
    from engine.persistence.records import LetterRecord
    from letters import Letter


class LetterRefused(BadInput):
    """Chưa lập được văn bản: {detail}. Hãy sửa rồi gửi lại; nội dung đã nhập vẫn được giữ."""

    code = "letter_refused"


def order_letter(journey: Journey, arguments: Mapping[str, str]) -> None:
    """Enter a letter of `form` in the register of the unit that issues it, and promise its document.

    The apology is issued once per missed due date and offers the one new appointment that the law allows; when the new
    appointment is missed too there is no further letter, and the head of the unit is told instead (Decree 118/2025).
    """
    form = arguments["form"]
    if form == "apology":
        _apologise(journey, form)
        return
    if form == "supplement_request":
        journey.count_up("supplement_rounds")
    earlier = journey.tx.letters.of(journey.dossier.id, form)
    _issue(journey, form, event_key=f"{form}-{len(earlier) + 1}")


def _apologise(journey: Journey, form: str) -> None:
    missed = journey.missed_due_at
    if missed is None or any(
        letter.missed_due_at == missed for letter in journey.tx.letters.of(journey.dossier.id, form)
    ):
        return
    if journey.clock.is_reappointed:
        journey.note("second_lateness", missed_due_at=missed.isoformat())
        journey.tx.history.notify(
            journey.dossier.id,
            unit_id=journey.deciding_unit.id,
            role=Role.LEADER.value,
            message="second_lateness",
            at=journey.at,
        )
        return
    reason = _reason_of_lateness(journey)
    new_due_at = journey.clock.reappoint(reason)
    _issue(journey, form, event_key=missed.isoformat(), missed_due_at=missed, new_due_at=new_due_at, reason=reason)


def _reason_of_lateness(journey: Journey) -> str:
    """Say where the dossier is held: what the register knows, nothing invented."""
    open_tasks = journey.tx.tasks.open_of(journey.dossier.id)
    places = [f"bước “{task.name}” tại {journey.office.units.get(task.unit_id).name}" for task in open_tasks]
    if not places:
        return "Hồ sơ chưa hoàn thành các bước giải quyết theo quy trình trong thời hạn quy định"
    return "Hồ sơ chưa hoàn thành " + ", ".join(places) + " trong thời hạn quy định"


def _issue(journey: Journey, form: str, *, event_key: str, **facts: Any) -> LetterRecord:
    office, tx = journey.office, journey.tx
    unit = ISSUER[form](journey)
    day = office.local_day(journey.at)
    number = tx.dossiers.next_number(f"letter:{unit.code}:{form}:{day.year}")
    number_text = office.settings.letters.number.format(
        number=number, year=day.year, code=office.settings.letters.codes[form], suffix=unit.letter_suffix or unit.code
    )
    token = secrets.token_urlsafe(16)
    letter = BUILDERS[form](journey, _common(journey, unit, number_text, token, form), facts)
    if not journey.by.is_machine:
        _check(letter)
    record = tx.letters.add(
        dossier_id=journey.dossier.id,
        unit_id=unit.id,
        form=form,
        regime=letter.regime,
        title=title_of(letter),
        event_key=event_key,
        year=day.year,
        number=number,
        number_text=number_text,
        token=token,
        data=to_json(letter),
        issued_at=journey.at,
        issued_by=journey.by.username,
        missed_due_at=facts.get("missed_due_at"),
        new_due_at=facts.get("new_due_at"),
    )
    tx.outbox.promise("render", record.id, journey.recorded_at)
    journey.latest_letter = f"{record.title} số {number_text}"
    journey.note("letter_issued", form=form, number=number_text, letter_id=record.id)
    return record


def _check(letter: Letter) -> None:
    """Tell whoever typed it what no letter can print, while the text is still in the form."""
    try:
        check(letter)
    except LetterNotRenderable as error:
        raise LetterRefused(detail="; ".join(error.problems)) from error


def _desk(journey: Journey) -> Unit:
    return journey.unit


def _deciding(journey: Journey) -> Unit:
    return journey.deciding_unit


def _whoever_asks(journey: Journey) -> Unit:
    """Before receipt the desk writes; afterwards the deciding unit does."""
    return journey.deciding_unit if journey.clock.has_started else journey.unit


ISSUER: dict[str, Callable[[Journey], Unit]] = {
    "receipt": _desk,
    "supplement_request": _whoever_asks,
    "refusal": _whoever_asks,
    "apology": _deciding,
    "discontinuation": _deciding,
}


def _common(journey: Journey, unit: Unit, number_text: str, token: str, form: str) -> dict[str, Any]:
    office, dossier = journey.office, journey.dossier
    public = office.settings.web.public_url.rstrip("/")
    return {
        "letterhead": Letterhead(
            agency=unit.name,
            parent_agency=unit.letterhead_parent,
            place=unit.place or unit.name,
            contact_phone=unit.phone,
            timezone=office.settings.timezone,
        ),
        "number": number_text,
        "issued_at": journey.at,
        "applicant": _applicant(journey),
        "dossier_code": dossier.code,
        "procedure_name": dossier.content or dossier.procedure_name,
        "signer": Signer(title=unit.head_title or "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ", name=unit.head_name),
        "verification_url": f"{public}/tra-cuu/{dossier.receipt_token}"
        if form == "receipt"
        else f"{public}/xac-minh/{token}",
        "recipients": ("Như trên", journey.unit.short_name or journey.unit.name, "Lưu: VT, hồ sơ"),
        "regime": regime_on(office.local_day(journey.at)),
    }


def _applicant(journey: Journey) -> Party:
    applicant = journey.dossier.applicant
    return Party(
        name=applicant.full_name,
        is_organisation=journey.dossier.details.get("is_organisation") == "yes",
        identifier=applicant.identity_number,
        address=applicant.address,
        phone=applicant.phone,
        email=applicant.email,
    )


def _answer(journey: Journey, field_id: str) -> str:
    """The latest answer to a field: of the step at hand, or of the last one before it that asked.

    The leader who agrees to a refusal is not asked why: the officer was.
    """
    if field_id in journey.answers:
        return journey.answers[field_id]
    steps = journey.definition.steps
    for event in reversed(journey.tx.history.events(journey.dossier.id)):
        step = steps.get(event["data"].get("step_id", "")) if event["kind"] == "step_completed" else None
        if step is not None and any(field.id == field_id for field in step.form):
            return str(event["data"]["answers"].get(field_id, ""))
    return ""


def _receipt(journey: Journey, common: dict[str, Any], _facts: Mapping[str, Any]) -> Letter:
    dossier = journey.dossier
    phases = journey.case.phases
    submitter = dossier.submitter
    clerk = Signer(title="NGƯỜI TIẾP NHẬN HỒ SƠ", name=journey.by.full_name)
    papers = [
        Item(name=item.name, original=item.originals, copies=item.copies) for item in dossier.items if item.is_present
    ]
    collect_at = journey.unit.name if dossier.result_channel.value == "in_person" else dossier.result_channel.label
    return ReceiptSlip(
        **{**common, "signer": clerk},
        items=tuple(papers) or (Item(name="Đơn đề nghị giải quyết thủ tục hành chính", original=1),),
        received_at=dossier.received_at,
        due_at=journey.clock.view.due_at,
        time_limit=limit_text(phases[0].limit),
        collect_at=collect_at,
        counter_digits=journey.counter_digits,
        submitter=Party(name=submitter.full_name, identifier=submitter.identity_number, phone=submitter.phone)
        if submitter
        else None,
        authorisation=submitter.authorisation if submitter else "",
        later_appointments=tuple(
            LaterAppointment(name=phase.label, limit=limit_text(phase.limit), starts_on=starts_on_text(phase.starts_on))
            for phase in phases[1:]
        ),
    )


def _supplement(journey: Journey, common: dict[str, Any], _facts: Mapping[str, Any]) -> Letter:
    wanted = _answer(journey, "missing_items") or journey.remark
    lines = tuple(line.strip() for line in wanted.splitlines() if line.strip())
    return SupplementRequest(
        **{**common, "signer": Signer(title="NGƯỜI HƯỚNG DẪN", name=journey.by.full_name)},
        requirements=lines or ("Bổ sung, hoàn thiện hồ sơ theo hướng dẫn của cơ quan tiếp nhận",),
        reason=_answer(journey, "reason") or "Hồ sơ chưa đủ thành phần hoặc chưa hợp lệ theo quy định của thủ tục",
        contact_name=journey.by.full_name,
        contact_phone=journey.unit.phone,
    )


def _refusal(journey: Journey, common: dict[str, Any], _facts: Mapping[str, Any]) -> Letter:
    reason = _answer(journey, "reason") or journey.remark or "Hồ sơ không đủ điều kiện theo quy định của thủ tục"
    signer = common["signer"]
    if not journey.clock.has_started:
        signer = Signer(title="NGƯỜI TIẾP NHẬN HỒ SƠ", name=journey.by.full_name)
    return RefusalSlip(**{**common, "signer": signer}, reason=reason)


def _apology(journey: Journey, common: dict[str, Any], facts: Mapping[str, Any]) -> Letter:
    return ApologyLetter(
        **common,
        received_at=journey.dossier.received_at,
        due_at=facts["missed_due_at"],
        new_due_at=facts["new_due_at"],
        reason=facts["reason"],
    )


def _discontinuation(journey: Journey, common: dict[str, Any], _facts: Mapping[str, Any]) -> Letter:
    return DiscontinuationNotice(
        **common,
        received_at=journey.dossier.received_at,
        discontinued_at=journey.at,
        reason=journey.answers.get("reason", "") or journey.remark or "Theo đề nghị của người nộp hồ sơ",
        is_requested_by_applicant=True,
        returned_items=tuple(
            Item(name=item.name, original=item.originals, copies=item.copies)
            for item in journey.dossier.items
            if item.originals
        ),
    )


BUILDERS: dict[str, Callable[[Journey, dict[str, Any], Mapping[str, Any]], Letter]] = {
    "receipt": _receipt,
    "supplement_request": _supplement,
    "refusal": _refusal,
    "apology": _apology,
    "discontinuation": _discontinuation,
}
