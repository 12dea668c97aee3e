"""A group of procedures as people look at it: where each stands, in plain words, at the counter and for the citizen."""

from __future__ import annotations

from datetime import datetime

from engine.domain.linked import HandOver, MemberState, limits_text
from engine.domain.status import DossierStatus
from engine.domain.urgency import DueState
from engine.domain.views import LinkedChain, LinkedLine, Urgency
from engine.effects.office import Office
from engine.effects.reading import lens_at
from engine.persistence.records import DossierRecord
from engine.persistence.repositories.linked import GroupRecord, MemberRecord
from engine.persistence.unit_of_work import Transaction

_SAID = {
    DossierStatus.SUPPLEMENT_REQUESTED: "Chờ người nộp bổ sung giấy tờ",
    DossierStatus.PAYMENT_REQUESTED: "Chờ người nộp thực hiện nghĩa vụ tài chính",
    DossierStatus.REFUSED: "Không được tiếp nhận",
    DossierStatus.DISCONTINUED: "Đã dừng giải quyết",
    DossierStatus.DELIVERED: "Đã trả kết quả",
}


def chain_of(tx: Transaction, office: Office, dossier: DossierRecord, at: datetime) -> LinkedChain | None:
    """The group that a dossier belongs to; None (one statement) for a dossier that was handed in alone."""
    group = tx.linked.group_of(dossier.id)
    if group is None:
        return None
    dossiers = {
        member.id: dossier if member.dossier_id == dossier.id else tx.dossiers.by_id(member.dossier_id)
        for member in group.members
        if member.dossier_id is not None
    }
    goes_together = group.hand_over is HandOver.TOGETHER
    is_complete = all(_is_over(member, dossiers.get(member.id)) for member in group.members)
    lines = []
    for member in group.members:
        own = dossiers.get(member.id)
        case = office.library.get(tx, member.definition_ref).procedure.case(member.case_id)
        limits = limits_text(case)
        if own is None:
            lines.append(_not_begun(group, member, limits))
        else:
            waits = goes_together and not is_complete
            lines.append(_begun(office, member, own, limits, at, waits=waits, is_this=own.id == dossier.id))
    return LinkedChain(group.name, group.lead_code, goes_together, is_complete, tuple(lines))


def _is_over(member: MemberRecord, dossier: DossierRecord | None) -> bool:
    """Whether nothing more is worked on: there is a result, or an end, or it never began and never will."""
    if dossier is None:
        return member.state is MemberState.ENDED
    return dossier.resolved_at is not None or dossier.ended_at is not None


def _not_begun(group: GroupRecord, member: MemberRecord, limits: str) -> LinkedLine:
    before = group.members[member.position - 2]
    state = "ended" if member.state is MemberState.ENDED else "ahead"
    after = member.starts_after.label if member.starts_after else ""
    said = f"Không giải quyết: {member.end_reason}" if state == "ended" else f"Bắt đầu khi “{before.name}” {after}"
    return LinkedLine(member.position, member.name, member.procedure_code, state, said, limits)


def _begun(
    office: Office,
    member: MemberRecord,
    dossier: DossierRecord,
    limits: str,
    at: datetime,
    *,
    waits: bool,
    is_this: bool,
) -> LinkedLine:
    finished_at = dossier.resolved_at or dossier.ended_at
    state = DueState(dossier.due_at, is_paused=dossier.is_paused, finished_at=finished_at)
    urgency = lens_at(office, at).outlook_of(dossier.deciding_unit_id).urgency(state)
    said = _SAID.get(dossier.status, "Đang giải quyết")
    if dossier.status is DossierStatus.RESOLVED:
        said = "Đã có kết quả, chờ trả cùng các thủ tục còn lại" if waits else "Đã có kết quả, mời đến nhận"
    return LinkedLine(
        position=member.position,
        name=member.name,
        procedure_code=member.procedure_code,
        state="done" if finished_at else "current",
        said=said,
        limits=limits,
        code=dossier.code,
        token=dossier.receipt_token,
        is_this=is_this,
        due_at=None if finished_at else dossier.due_at,
        is_late=finished_at is None and urgency is Urgency.OVERDUE,
    )
