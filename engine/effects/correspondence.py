"""The effect `order_letter`: a letter is numbered and its data frozen in the transaction that makes it necessary.

Rendering, signing and delivering come after the commit, from the outbox, and may be repeated without harm.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.domain.dossier import Channel
from engine.domain.linked import Receipts, appointments, total_text
from engine.domain.procedure_text import limit_text, starts_on_text
from engine.effects import other_letters
from engine.effects.fees import due_of, methods_of, told_on_receipt
from engine.effects.letter_templates import is_by_leader, letterhead_of, said_by, signer_of, template_for
from engine.effects.registering import NO_NUMBER, check_printable, enter, in_place, lay_letter, verification_url
from letters import (
    ApologyLetter,
    DiscontinuationNotice,
    Item,
    LaterAppointment,
    Party,
    ReceiptSlip,
    RefusalSlip,
    Signer,
    SupplementRequest,
    regime_on,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from engine.domain.people import Unit
    from engine.domain.procedure import Procedure
    from engine.effects.journey import Journey
    from engine.persistence.records import LetterRecord
    from engine.persistence.repositories.linked import MemberRecord
    from letters import FeeDue, Letter


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
    request_letter(journey, form, event_key=f"{form}-{_how_many(journey, form) + 1}")


def _how_many(journey: Journey, form: str) -> int:
    """How many letters of a form the dossier was given, those that still wait for a leader among them."""
    letters = {letter.event_key for letter in journey.tx.letters.of(journey.dossier.id, form) if not letter.replaces_id}
    return len(letters | {draft.event_key for draft in journey.tx.drafts.of(journey.dossier.id, form)})


def has_receipt(journey: Journey) -> bool:
    """Whether form 01 of this dossier was issued with the group that it belongs to."""
    group = journey.linked
    return group is not None and group.receipts is Receipts.ONE and group.lead_code != journey.dossier.code


def discontinue_linked(journey: Journey, member: MemberRecord, *, reason: str, is_requested: bool) -> None:
    """Tell in writing (form 05) that a procedure that waited for this dossier will not begin, and why."""
    request_letter(
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


def request_letter(journey: Journey, form: str, *, event_key: str, **facts: Any) -> None:
    """Issue a letter, or lay it on the leader's table where the unit that issues it wants that."""
    unit = ISSUER[form](journey)
    if not is_by_leader(journey, unit, form):
        issue_letter(journey, form, event_key=event_key, **facts)
        return
    letter = build_letter(journey, form, number_text=NO_NUMBER, token="", facts=facts)  # a draft has none
    if form != "receipt":
        day = journey.office.local_day(journey.at)
        letter = replace(letter, signer=signer_of(unit, template_for(journey, unit).own, form, day))
    if not journey.by.is_machine:
        check_printable(letter)
    lay_letter(journey, unit, letter, event_key=event_key)


def issue_letter(journey: Journey, form: str, *, event_key: str, **facts: Any) -> LetterRecord:
    """Number a letter in the register of the unit that issues it, freeze its data, and promise its document."""

    def write(number_text: str, token: str) -> Letter:
        letter = build_letter(journey, form, number_text=number_text, token=token, facts=facts)
        if journey.signs_apology:
            letter = in_place(letter, journey)
        if not journey.by.is_machine:
            check_printable(letter)
        return letter

    dates = {name: facts.get(name) for name in ("missed_due_at", "new_due_at")}
    return enter(journey, ISSUER[form](journey), form, write, event_key=event_key, **dates)


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
    "routing_slip": _desk,
    "result_cover": _desk,
    "feedback_answer": _deciding,
    "error_apology": _deciding,
}


def _common(journey: Journey, unit: Unit, number_text: str, token: str, form: str) -> dict[str, Any]:
    office, dossier, held = journey.office, journey.dossier, template_for(journey, unit)
    day, subject = office.local_day(journey.at), _subject(journey, form)
    letterhead = letterhead_of(office, unit, held.own)
    return {
        "letterhead": letterhead,
        "number": number_text,
        "issued_at": journey.at,
        "applicant": _applicant(journey),
        "dossier_code": dossier.code,
        "procedure_name": subject,
        "signer": signer_of(unit, held.own, form, day),
        "verification_url": verification_url(journey, form, token),
        "regime": regime_on(day),
        **said_by(
            held,
            form,
            letterhead,
            applicant=dossier.applicant.full_name,
            desk=journey.unit.short_name or journey.unit.name,
            procedure=subject,
            dossier_code=dossier.code,
        ),
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
    for event in reversed(journey.tx.history.standing_events(journey.dossier.id)):
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
        sets=journey.definition.procedure.set_count,
        fee=_fee(journey),
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


def _fee(journey: Journey) -> FeeDue | None:
    """What is due by the tables, and what was taken at the desk; where they say no amount, what was taken alone."""
    dossier, taken = journey.dossier, journey.tx.fees.of(journey.dossier.id)
    due = due_of(dossier)
    amount = sum(record.amount for record in taken) if due is None and taken else due
    told = told_on_receipt(taken, methods_of(journey.office))
    return other_letters.fee_due(amount, told, is_online=dossier.channel is Channel.ONLINE)


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
    **other_letters.BUILDERS,
}
