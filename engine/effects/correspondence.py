"""The effect `order_letter`: a letter is numbered and its data frozen in the transaction that makes it necessary.

Rendering, signing and delivering come after the commit, from the outbox, and may be repeated without harm.
"""

from __future__ import annotations

import secrets
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput
from engine.domain.linked import Receipts, appointments, total_text
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
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from engine.domain.people import Unit
    from engine.domain.procedure import Procedure
    from engine.effects.journey import Journey
    from engine.persistence.records import LetterRecord
    from engine.persistence.repositories.linked import MemberRecord
    from letters import Letter


class LetterRefused(BadInput):
    """Chưa lập được văn bản: {detail}. Hãy sửa rồi gửi lại; nội dung đã nhập vẫn được giữ."""

    code = "letter_refused"


def order_plain_letter(journey: Journey, arguments: Mapping[str, str]) -> None:
    """Enter a letter of `form` in the register of the unit that issues it, and promise its document.

    Any form but the apology, which has rules of its own (`engine.effects.apologies`).
    """
    form = arguments["form"]
    if form == "receipt" and has_receipt(journey):
        journey.note("receipt_covered", lead=journey.linked.lead_code if journey.linked else "")
        return
    if form == "supplement_request":
        journey.count_up("supplement_rounds")
    earlier = journey.tx.letters.of(journey.dossier.id, form)
    issue_letter(journey, form, event_key=f"{form}-{len(earlier) + 1}")


def has_receipt(journey: Journey) -> bool:
    """Whether form 01 of this dossier was issued with the group that it belongs to."""
    group = journey.linked
    return group is not None and group.receipts is Receipts.ONE and group.lead_code != journey.dossier.code


def discontinue_linked(journey: Journey, member: MemberRecord, *, reason: str, is_requested: bool) -> None:
    """Tell in writing (form 05) that a procedure that waited for this dossier will not begin, and why."""
    issue_letter(
        journey,
        "discontinuation",
        event_key=f"discontinuation-linked-{member.position}",
        procedure_name=f"{member.name} ({member.procedure_code})",
        reason=reason,
        is_requested=is_requested,
        items=member.items,
    )


def build_letter(journey: Journey, form: str, *, number_text: str, token: str, facts: Mapping[str, Any]) -> Letter:
    """The data of a letter as it would be issued now."""
    common = _common(journey, ISSUER[form](journey), number_text, token, form)
    return BUILDERS[form](journey, common, facts)


def issue_letter(journey: Journey, form: str, *, event_key: str, **facts: Any) -> LetterRecord:
    """Number a letter in the register of the unit that issues it, freeze its data, and promise its document."""
    office, tx = journey.office, journey.tx
    unit = ISSUER[form](journey)
    day = office.local_day(journey.at)
    number = tx.dossiers.next_number(f"letter:{unit.code}:{form}:{day.year}")
    number_text = office.settings.letters.number.format(
        number=number, year=day.year, code=office.settings.letters.codes[form], suffix=unit.letter_suffix or unit.code
    )
    token = secrets.token_urlsafe(16)
    letter = build_letter(journey, form, number_text=number_text, token=token, facts=facts)
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
        "procedure_name": _subject(journey, form),
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
        time_limit=_time_limit(journey),
        collect_at=collect_at,
        counter_digits=journey.counter_digits,
        submitter=Party(name=submitter.full_name, identifier=submitter.identity_number, phone=submitter.phone)
        if submitter
        else None,
        authorisation=submitter.authorisation if submitter else "",
        later_appointments=(
            *(
                LaterAppointment(
                    name=phase.label, limit=limit_text(phase.limit), starts_on=starts_on_text(phase.starts_on)
                )
                for phase in phases[1:]
            ),
            *_linked_appointments(journey),
        ),
    )


def _time_limit(journey: Journey) -> str:
    """The limit of the first appointment; for a group also the sum of all, which no date can say yet."""
    limit, group = limit_text(journey.case.phases[0].limit), journey.linked
    if group is None or has_receipt(journey):
        return limit
    cases = [_procedure(journey, member).case(member.case_id) for member in group.members]
    return f"{limit}; cả {len(cases)} thủ tục: {total_text(cases)}"


def _linked_appointments(journey: Journey) -> Iterator[LaterAppointment]:
    """The appointments of the procedures that start after this one, on the one receipt of the group."""
    group = journey.linked
    if group is None or group.receipts is not Receipts.ONE or has_receipt(journey):
        return
    for before, member in pairwise(group.members):
        case = _procedure(journey, member).case(member.case_id)
        assert member.starts_after is not None
        for told in appointments(member.name, case, before.name, member.starts_after):
            yield LaterAppointment(name=told.name, limit=told.limit, starts_on=told.starts_on)


def _procedure(journey: Journey, member: MemberRecord) -> Procedure:
    return journey.office.library.get(journey.tx, member.definition_ref).procedure


def _subject(journey: Journey, form: str) -> str:
    """What is asked for, as a letter names it; what the desk says of a group names every procedure of it."""
    is_of_desk = form == "receipt" or not journey.clock.has_started
    dossier, group = journey.dossier, journey.linked if is_of_desk else None
    if group is None or has_receipt(journey):
        return dossier.content or dossier.procedure_name
    members = "; ".join(f"({member.position}) {member.name}, mã {member.procedure_code}" for member in group.members)
    return ". ".join(filter(None, (f"{group.name}, gồm: {members}", dossier.content)))


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


def _discontinuation(journey: Journey, common: dict[str, Any], facts: Mapping[str, Any]) -> Letter:
    typed = journey.answers.get("reason", "") or journey.remark or "Theo đề nghị của người nộp hồ sơ"
    return DiscontinuationNotice(
        **{**common, "procedure_name": facts.get("procedure_name", common["procedure_name"])},
        received_at=journey.dossier.received_at,
        discontinued_at=journey.at,
        reason=facts.get("reason", typed),
        is_requested_by_applicant=facts.get("is_requested", True),
        returned_items=tuple(
            Item(name=item.name, original=item.originals, copies=item.copies)
            for item in facts.get("items", journey.dossier.items)
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
