"""Procedures handed in together: the next begins, or ends unbegun, in the transaction that decides about the last.

The row of a member says whether it waits; only one transaction can take it from there, so that it begins exactly once
however often the step before is repeated, and is not lost when a process dies: it is committed with that step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.errors import Conflict
from engine.domain.linked import HandOver, MemberState, ResultsGoTogether, StartsAfter
from engine.domain.people import CHAIN
from engine.domain.status import DossierStatus
from engine.effects.correspondence import discontinue_linked
from engine.effects.forms import days_of, read_form
from engine.effects.opening import Opening, decide_at_desk, open_dossier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.domain.dossier import HandedInItem
    from engine.domain.linked import LinkedGroup
    from engine.effects.groups import LinkedPart
    from engine.effects.journey import Journey
    from engine.persistence.records import DossierRecord
    from engine.persistence.repositories.linked import GroupRecord, MemberRecord

_FAILED = frozenset({DossierStatus.REFUSED, DossierStatus.DISCONTINUED})


def link(journey: Journey, group: LinkedGroup, parts: Sequence[LinkedPart], handed_in: Iterable[HandedInItem]) -> None:
    """Write down that the dossier of `journey` is the first of a group; the others wait with what they start with."""
    papers = tuple(handed_in)
    members = [
        {
            "member_id": part.member.id,
            "name": part.member.name,
            "procedure_code": part.definition.procedure.code,
            "case_id": part.case.id,
            "definition_ref": part.definition.ref,
            "starts_after": part.member.starts_after.value if part.member.starts_after else None,
            "state": (MemberState.WAITING if part.member.starts_after else MemberState.STARTED).value,
            "items": [
                {
                    "id": item.id,
                    "name": item.name,
                    "originals": item.originals,
                    "copies": item.copies,
                    "is_present": item.is_present,
                }
                for item in group.items_of(part.member, part.definition.procedure, papers)
            ],
            "dossier_id": None if part.member.starts_after else journey.dossier.id,
        }
        for part in parts
    ]
    facts = {
        "code": group.code,
        "name": group.name,
        "version": group.version,
        "hand_over": group.hand_over.value,
        "receipts": group.receipts.value,
        "received_at": journey.dossier.received_at,
    }
    journey.tx.linked.add(facts, members)
    journey.note("linked_received", group=group.code, name=group.name, members=[part.member.name for part in parts])


def results_wait(journey: Journey) -> bool:
    """Whether the result of this dossier is there but is handed over with others that are not."""
    group = journey.linked
    if group is None or group.hand_over is not HandOver.TOGETHER or _is_rejected(journey):
        return False
    return bool(group.waiting) or bool(_unresolved(journey, group))


def check_hand_over(journey: Journey) -> None:
    """Raise `ResultsGoTogether` while another result of the group, which goes with this one, is not there yet."""
    group = journey.linked
    if group is None or group.hand_over is not HandOver.TOGETHER:
        return
    missing = [f"“{member.name}” (hồ sơ {member.dossier_code})" for member in _unresolved(journey, group)]
    if missing:
        raise ResultsGoTogether(detail=f"còn chờ kết quả của {', '.join(missing)}")


def follow_group(journey: Journey, status: DossierStatus) -> None:
    """Do for the rest of the group what it means that the dossier comes to `status`: a result, or an end."""
    group = journey.linked if status is DossierStatus.RESOLVED or status.is_final else None
    if group is None:
        return
    member = group.member_of(journey.dossier.id)
    following = next((other for other in group.waiting if other.position == member.position + 1), None)
    if status in _FAILED or _is_rejected(journey):
        _end_waiting(journey, group, member, status)
    elif following is not None and (
        status is DossierStatus.DELIVERED or following.starts_after is StartsAfter.APPROVED
    ):
        _begin(journey, group, member, following)
    if status is DossierStatus.DELIVERED and group.hand_over is HandOver.TOGETHER:
        _hand_over_others(journey, group)


def _is_rejected(journey: Journey) -> bool:
    """Whether the law's word for a refusal (form 03) was issued for the dossier, or waits for its signature."""
    tx, key = journey.tx, journey.dossier.id
    return bool(tx.letters.of(key, "refusal") or tx.drafts.of(key, "refusal"))


def _unresolved(journey: Journey, group: GroupRecord) -> list[MemberRecord]:
    others = [(member, _dossier_of(journey, member)) for member in group.members]
    return [member for member, other in others if other and other.resolved_at is None and other.ended_at is None]


def _dossier_of(journey: Journey, member: MemberRecord) -> DossierRecord | None:
    if member.dossier_id in {None, journey.dossier.id}:
        return None
    assert member.dossier_id is not None
    return journey.tx.dossiers.by_id(member.dossier_id)


def _begin(journey: Journey, group: GroupRecord, before: MemberRecord, member: MemberRecord) -> None:
    """Open the dossier of a member: its clock starts now, with what was handed in and told at receipt."""
    tx, dossier = journey.tx, journey.dossier
    if not tx.linked.start(member.id):
        return
    opening = Opening(
        definition=journey.office.library.get(tx, member.definition_ref),
        case_id=member.case_id,
        unit=journey.unit,
        applicant=dossier.applicant,
        received_at=journey.at,
        received_by=dossier.received_by,
        submitter=dossier.submitter,
        items=member.items,
        channel=dossier.channel,
        result_channel=dossier.result_channel,
        details=dossier.details,
        content=dossier.content,
        found_by=(group.lead_code,),
    )
    row, start = open_dossier(tx, journey.office, opening)
    tx.linked.hold(member.id, row.id)
    following = journey.beside(row, by=CHAIN)
    following.note("submitted", channel=row.channel.value, procedure=row.procedure_code)
    following.note("linked_begun", name=member.name, after=before.name, lead=group.lead_code, before=dossier.code)
    following.start(start)
    decide_at_desk(following, {"intake": "accepted"})
    begun = following.finish()
    journey.note("linked_started", name=member.name, dossier=begun.code)


def _end_waiting(journey: Journey, group: GroupRecord, member: MemberRecord, status: DossierStatus) -> None:
    """End what waits for this dossier; form 05 says why, unless form 03 refused the whole group at the desk."""
    reason = _why(journey, member, status)
    for other in group.waiting:
        if not journey.tx.linked.end(other.id, at=journey.at, reason=reason):
            continue
        journey.note("linked_ended", name=other.name, reason=reason)
        if status is not DossierStatus.REFUSED:
            is_requested = status is DossierStatus.DISCONTINUED
            discontinue_linked(journey, other, reason=reason, is_requested=is_requested)


def _why(journey: Journey, member: MemberRecord, status: DossierStatus) -> str:
    if status is DossierStatus.REFUSED:
        return f"“{member.name}” không được tiếp nhận"
    if status is DossierStatus.DISCONTINUED:
        return f"Người nộp rút “{member.name}” (hồ sơ {journey.dossier.code}), thủ tục sau không còn căn cứ giải quyết"
    return f"“{member.name}” (hồ sơ {journey.dossier.code}) bị từ chối giải quyết, thủ tục sau không còn căn cứ"


def _hand_over_others(journey: Journey, group: GroupRecord) -> None:
    """Hand over, in the same act and to the same person, the other results that lie at the desk."""
    for member in group.members:
        other = _dossier_of(journey, member)
        if other is None or other.ended_at is not None:
            continue
        held = journey.tx.dossiers.lock_free(other.id)
        if held is None:
            raise Conflict(dossier_code=other.code)
        beside = journey.beside(held)
        beside.leads_group = False
        for task in journey.tx.tasks.open_of(held.id):
            form = beside.definition.steps[task.step_id].form
            if task.status != int(DossierStatus.RESOLVED) or task.step_id != journey.done_step_id:
                continue
            beside.answers = journey.answers
            told = {field.id: journey.answers[field.id] for field in form if journey.answers.get(field.id)}
            beside.note("step_completed", step_id=task.step_id, name=task.name, unit_id=task.unit_id, answers=told)
            beside.complete(task, read_form(form, journey.answers, days_of(journey.office, held, journey.at)))
        beside.finish()
