"""Intake: a dossier is handed in, checked against the list of its procedure, and received, sent back or refused."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.domain.assessment import Assessment
from engine.domain.deadline import LimitUnit
from engine.domain.dossier import Applicant, HandedInItem, Submission
from engine.domain.errors import BadInput
from engine.domain.intake_identity import doubts
from engine.domain.messages import address_on, wish_details
from engine.domain.people import Role
from engine.domain.permissions import check_can_receive
from engine.effects.assessing import assess_submission, kept
from engine.effects.clock import AGREED_DUE_AT
from engine.effects.desk import desk_of, find_slip, key_in_slip
from engine.effects.fees import take_fee
from engine.effects.groups import parts_of
from engine.effects.intake_guard import answer_guard, look_out, parcels_of
from engine.effects.journey import Journey
from engine.effects.linked import link
from engine.effects.opening import Opening, decide_at_desk, open_dossier
from engine.persistence.repositories.dossiers import ReceivedBefore

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.linked import LinkedGroup
    from engine.domain.parcels import Finding
    from engine.domain.people import Actor, Unit
    from engine.domain.procedure import Procedure
    from engine.domain.status import DossierStatus
    from engine.effects.groups import LinkedPart
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork
    from engine.process.definitions import Definition


class SubmissionIncomplete(BadInput):
    """Chưa tiếp nhận được: {detail}. Hãy bổ sung rồi gửi lại; nội dung đã nhập vẫn được giữ."""

    code = "submission_incomplete"


@dataclass(frozen=True, slots=True)
class Received:
    """What the counter hands over: the code, the appointment (None while the clock stands), the slip's token."""

    code: str
    due_at: datetime | None
    status: DossierStatus
    letter_token: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a submission would come to, before anything is written."""

    assessment: Assessment
    findings: tuple[Finding, ...] = ()
    doubts: tuple[str, ...] = ()


class Intake:
    """Receives dossiers. A repeated call with the same idempotency key answers what the first one did."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def receive(self, actor: Actor, submission: Submission, *, at: datetime) -> Received:
        """Receive a complete dossier: the clock starts, form 01 is issued.

        Raises `SubmissionIncomplete`, `Refused`, `NotFound` for an unknown procedure or unit.
        """
        return self._take_in(actor, self._desk(actor, submission.unit_code), submission, {"intake": "accepted"}, at)

    def ask_supplement(self, actor: Actor, submission: Submission, *, missing: str, at: datetime) -> Received:
        """Write down a dossier that lacks papers: form 02 says which, once; the clock does not start."""
        if not missing.strip():
            raise SubmissionIncomplete(detail="hãy ghi rõ giấy tờ cần bổ sung (mỗi giấy tờ một dòng)")
        return self._take_in(
            actor,
            self._desk(actor, submission.unit_code),
            submission,
            {"intake": "incomplete", "missing_items": missing},
            at,
        )

    def refuse(self, actor: Actor, submission: Submission, *, reason: str, at: datetime) -> Received:
        """Refuse to receive, in writing and with the reason (form 03)."""
        if not reason.strip():
            raise SubmissionIncomplete(detail="hãy ghi lý do từ chối tiếp nhận")
        return self._take_in(
            actor, self._desk(actor, submission.unit_code), submission, {"intake": "refused", "reason": reason}, at
        )

    def hand_in(self, actor: Actor, submission: Submission, *, at: datetime) -> Received:
        """Write down a dossier that nobody has checked yet: its process begins and waits at the desk."""
        return self._take_in(actor, self._desk(actor, submission.unit_code), submission, None, at)

    def assess(self, actor: Actor, submission: Submission, *, at: datetime) -> Assessment:
        """Say which case a submission falls under and what is due for it; writes nothing. Raises as `receive`."""
        unit = self._desk(actor, submission.unit_code)
        check_can_receive(actor, unit)
        with self._uow.read() as tx:
            return self._request(tx, unit, submission, at).assessment

    def preview(self, actor: Actor, submission: Submission, *, at: datetime) -> Preview:
        """What a submission would come to: case and fee, what speaks against it, what looks wrong. Writes nothing."""
        unit = self._desk(actor, submission.unit_code)
        check_can_receive(actor, unit)
        day, places = self._office.local_day(at), desk_of(self._office).identity_places
        people = (submission.applicant, *((submission.submitter,) if submission.submitter else ()))
        told = tuple(each for person in people for each in doubts(person.identity_number, places, on=day))
        with self._uow.read() as tx:
            find_slip(tx, unit, submission)
            request = self._request(tx, unit, submission, at)
            return Preview(request.assessment, self._findings(tx, request, at), told)

    def _findings(self, tx: Transaction, request: _Request, at: datetime) -> tuple[Finding, ...]:
        asked = replace(request.asked, procedure_code=request.submission.procedure_code)
        return look_out(tx, self._office, asked, self._office.local_day(at))

    def _desk(self, actor: Actor, unit_code: str) -> Unit:
        """The desk that receives: the one named, or the only one of the clerk."""
        units = self._office.units
        if unit_code:
            return units.by_code(unit_code)
        desks = [membership.unit_id for membership in actor.memberships if membership.role is Role.CLERK]
        if len(desks) != 1:
            raise SubmissionIncomplete(detail="hãy chọn nơi tiếp nhận")
        return units.get(desks[0])

    def _take_in(
        self, actor: Actor, unit: Unit, submission: Submission, decision: dict[str, str] | None, at: datetime
    ) -> Received:
        check_can_receive(actor, unit)
        if submission.received_at is not None and submission.received_at > at:
            raise SubmissionIncomplete(detail="thời điểm tiếp nhận không thể ở tương lai; hãy xem lại ngày, giờ")
        try:
            with self._uow.write() as tx:
                known = self._known(tx, submission)
                return known or self._write_down(tx, actor, self._request(tx, unit, submission, at), decision, at)
        except ReceivedBefore:  # the same call came twice at the same moment, and the other one was faster
            with self._uow.read() as tx:
                known = self._known(tx, submission)
                assert known is not None
                return known

    def _request(self, tx: Transaction, unit: Unit, submission: Submission, at: datetime) -> _Request:
        """What was handed in: one procedure, or a group of which the first member is received now."""
        office, received_at = self._office, submission.received_at or at
        group = office.groups.find(submission.procedure_code)

        def choose(code: str) -> Definition:
            return office.library.choose(tx, code, unit.level, office.local_day(received_at))

        if group is None:
            request = _of_procedure(unit, submission, choose(submission.procedure_code))
        else:
            request = _of_group(unit, submission, group, parts_of(group, choose))
        _check(request.submission, request.definition, received_at)
        _check_wish(submission, office)
        return replace(request.with_needed_items(), asked=submission)

    def _known(self, tx: Transaction, submission: Submission) -> Received | None:
        """What an earlier call with the same key answered."""
        code = submission.idempotency_key and tx.dossiers.code_of_key(submission.idempotency_key)
        return _answer(tx, tx.dossiers.find(code)) if code else None

    def _write_down(
        self, tx: Transaction, actor: Actor, request: _Request, decision: dict[str, str] | None, at: datetime
    ) -> Received:
        opening, submission = request.opening(actor, at), request.asked
        parcels, slip = parcels_of(self._office, submission), find_slip(tx, request.unit, submission)
        findings = self._findings(tx, request, at) if decision and decision["intake"] != "refused" else ()
        row, start = open_dossier(tx, self._office, opening)
        journey = Journey(tx, self._office, row, by=actor, at=opening.received_at, recorded_at=at)
        journey.note("submitted", channel=row.channel.value, procedure=row.procedure_code, **kept(request.assessment))
        tx.parcels.note(row.id, parcels)
        key_in_slip(journey, slip)
        answer_guard(journey, findings, submission.guard)
        if submission.draft_token and actor.id is not None:
            tx.intake_desk.drop_draft(submission.draft_token, actor.id)
        if request.group is not None:
            link(journey, request.group, request.parts, request.handed_in)
        journey.start(start)
        if submission.payment is not None:
            if decision is None or decision["intake"] != "accepted":
                raise SubmissionIncomplete(detail="chỉ thu phí, lệ phí khi tiếp nhận hồ sơ")
            take_fee(journey, request.unit.id, submission.payment)
        if decision is not None:
            decide_at_desk(journey, decision)
        return _answer(tx, journey.finish())


@dataclass(frozen=True, slots=True)
class _Request:
    """What was handed in at a desk. Of a group, `submission` is its first member; `handed_in` are the papers of all.

    `asked` is the submission as it came.
    """

    unit: Unit
    submission: Submission
    definition: Definition
    assessment: Assessment
    group: LinkedGroup | None = None
    parts: tuple[LinkedPart, ...] = ()
    handed_in: tuple[HandedInItem, ...] = ()
    asked: Submission = field(default_factory=lambda: Submission("", Applicant("")))

    def with_needed_items(self) -> _Request:
        """Note as missing what the answers at the desk make necessary and nobody has mentioned."""
        known = {item.id for item in self.submission.items}
        missing = tuple(
            HandedInItem(item.id, item.name, is_present=False)
            for item in self.definition.procedure.items
            if item.id in self.assessment.needed_items and item.id not in known
        )
        return replace(self, submission=replace(self.submission, items=(*self.submission.items, *missing)))

    def opening(self, actor: Actor, at: datetime) -> Opening:
        """The dossier that comes of it."""
        submission = self.submission
        return Opening(
            definition=self.definition,
            case_id=self.assessment.case_id,
            unit=self.unit,
            applicant=submission.applicant,
            received_at=submission.received_at or at,
            received_by=actor.username,
            submitter=submission.submitter,
            items=submission.items,
            channel=submission.channel,
            result_channel=submission.result_channel,
            details={
                **_details(submission),
                **wish_details(submission.notify_by, submission.received_at or at),
                **kept(self.assessment),
            },
            content=submission.content,
            external_code=submission.external_code,
            idempotency_key=submission.idempotency_key,
        )


def _of_procedure(unit: Unit, submission: Submission, definition: Definition) -> _Request:
    """One procedure; its case follows from the answers where its tables decide it."""
    try:
        assessment = assess_submission(definition, submission)
    except LookupError:
        code, case = definition.procedure.code, submission.case
        raise SubmissionIncomplete(detail=f"thủ tục {code} không có trường hợp “{case}”") from None
    return _Request(unit, replace(submission, case=assessment.case_id), definition, assessment)


def _of_group(unit: Unit, submission: Submission, group: LinkedGroup, parts: tuple[LinkedPart, ...]) -> _Request:
    """The first member of a group as a submission of its own, with the papers that are its own."""
    if group.levels and unit.level not in group.levels:
        raise SubmissionIncomplete(detail=f"nhóm thủ tục liên thông {group.code} không nhận tại “{unit.name}”")
    for part in parts:
        _check_channel(submission, part.definition.procedure)
    first = parts[0]
    procedure = first.definition.procedure
    items = group.items_of(first.member, procedure, submission.items)
    own = replace(submission, procedure_code=procedure.code, case=first.case.id, items=items)
    return _Request(unit, own, first.definition, Assessment(first.case.id), group, parts, submission.items)


def _details(submission: Submission) -> dict[str, str]:
    """What was told of the dossier besides its papers, with the date that was agreed: the clock may start later."""
    agreed = submission.agreed_due_at
    return {**submission.details, **({AGREED_DUE_AT: agreed.isoformat()} if agreed else {})}


def _check(submission: Submission, definition: Definition, received_at: datetime) -> None:
    procedure = definition.procedure
    if not submission.applicant.full_name.strip():
        raise SubmissionIncomplete(detail="thiếu họ tên chủ hồ sơ")
    case = procedure.case(submission.case)
    agreed = any(phase.limit.unit is LimitUnit.AGREED for phase in case.phases)
    if agreed and (submission.agreed_due_at is None or submission.agreed_due_at <= received_at):
        raise SubmissionIncomplete(detail="thủ tục này cần ngày hẹn trả kết quả đã thống nhất, sau thời điểm tiếp nhận")
    if not agreed and submission.agreed_due_at is not None:
        raise SubmissionIncomplete(detail="ngày hẹn của thủ tục này được tính theo thời hạn quy định, không nhập tay")
    _check_channel(submission, procedure)


def _check_wish(submission: Submission, office: Office) -> None:
    """Whether the applicant can be told in the way that they wish."""
    for channel in submission.notify_by:
        if channel not in office.settings.channels.offered:
            raise SubmissionIncomplete(detail=f"nơi này không báo tin qua kênh “{channel.label}”")
        if not address_on(channel, submission.applicant):
            raise SubmissionIncomplete(detail=f"muốn báo tin qua “{channel.label}” cần ghi đúng địa chỉ của kênh đó")


def _check_channel(submission: Submission, procedure: Procedure) -> None:
    if submission.channel not in procedure.channels:
        raise SubmissionIncomplete(
            detail=f"thủ tục {procedure.code} không nhận hồ sơ theo hình thức “{submission.channel.label}”"
        )


def _answer(tx: Transaction, dossier: DossierRecord) -> Received:
    slips = [
        letter for letter in tx.letters.of(dossier.id) if letter.form in {"receipt", "supplement_request", "refusal"}
    ]
    return Received(dossier.code, dossier.due_at, dossier.status, slips[0].token if slips else None)
