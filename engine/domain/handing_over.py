"""A result leaves the desk: who may take it, what they show for it, and what has to be settled first.

The applicant or whoever handed the dossier in shows the card that stands in the file; anybody else brings an
authorisation as well (Decree 118/2025 art. 6). Of the number only the last four digits are kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from engine.domain.dossier import Applicant, Submitter

TAIL = 4
LONGEST_NAME, LONGEST_WORDS, LONGEST_NUMBER = 120, 250, 80
METHOD, IN_PERSON, POSTAL = "delivery_method", "in_person", "postal"
# What a step must ask for to be a hand-over; the names are those of bpmn/shared/delivery.bpmn.
ASKED_AT_HAND_OVER = frozenset({METHOD, "receiver_name"})
KNOWN_FIELDS = ASKED_AT_HAND_OVER | {"receiver_identity", "postal_code"}


class ReceiverKind(StrEnum):
    """Who takes a result home."""

    APPLICANT = "applicant"
    SUBMITTER = "submitter"
    AUTHORISED = "authorised"

    @property
    def label(self) -> str:
        """The kind as people at the counter say it."""
        return {
            "applicant": "Chủ hồ sơ",
            "submitter": "Người đã nộp hồ sơ (được ủy quyền)",
            "authorised": "Người khác có văn bản ủy quyền",
        }[self.value]


@dataclass(frozen=True, slots=True)
class HandOver:
    """What a clerk wrote down about a hand-over, as it was typed."""

    method: str = IN_PERSON
    receiver_kind: ReceiverKind = ReceiverKind.APPLICANT
    receiver_name: str = ""
    identity: str = ""
    authorisation: str = ""
    result_number: str = ""
    result_on: date | None = None
    postal_code: str = ""
    is_signed: bool = False
    fee_method: str = ""
    fee_receipt: str = ""
    are_letters_given: bool = False
    remark: str = ""

    @property
    def identity_tail(self) -> str:
        """The last four digits of the number that was shown."""
        return re.sub(r"\D", "", self.identity)[-TAIL:]


@dataclass(frozen=True, slots=True)
class HandOverCase:
    """What the file says, against which a hand-over is checked. `today` is the day at the desk."""

    applicant: Applicant
    submitter: Submitter | None
    received_on: date
    today: date
    fee_owed: int = 0
    letters_to_give: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A hand-over that was written down, for its page and its slip."""

    dossier_code: str
    procedure_name: str
    applicant_name: str
    unit_name: str
    at: datetime
    by_name: str
    method: str
    receiver_kind: ReceiverKind
    receiver_name: str
    identity_tail: str
    authorisation: str
    result_number: str
    result_on: date | None
    postal_code: str
    is_rated: bool


def name_of(kind: ReceiverKind, case: HandOverCase) -> str:
    """The name that the file has for a receiver; empty where it has none."""
    if kind is ReceiverKind.APPLICANT:
        return case.applicant.full_name
    return case.submitter.full_name if kind is ReceiverKind.SUBMITTER and case.submitter else ""


def expected(case: HandOverCase, answers: Mapping[str, str], fee_method: str) -> HandOver:
    """A hand-over as it usually goes: who is named in the file comes, shows the card, pays what is owed and signs."""
    party = case.submitter or case.applicant
    method = answers.get(METHOD, "")
    return HandOver(
        method=method,
        receiver_kind=ReceiverKind.SUBMITTER if case.submitter else ReceiverKind.APPLICANT,
        receiver_name=answers.get("receiver_name", ""),
        identity=party.identity_number or "0" * TAIL,
        result_number=f"{case.today:%d%m}/KQ",
        result_on=case.today,
        postal_code=answers.get("postal_code", "") or ("" if method == IN_PERSON else "EB000000000VN"),
        is_signed=method == IN_PERSON,
        fee_method=fee_method,
        fee_receipt=f"BL {case.today:%d%m%y}",
        are_letters_given=True,
    )


def faults_of(given: HandOver, case: HandOverCase) -> dict[str, str]:
    """What is wrong with a hand-over, by field, in the words for the clerk; empty if nothing is."""
    rules = (_about_result, _about_settling, _in_person if given.method == IN_PERSON else _by_post)
    return {name: message for rule in rules for name, message in rule(given, case)}


def _about_result(given: HandOver, case: HandOverCase) -> Iterator[tuple[str, str]]:
    if not given.receiver_name.strip():
        yield "receiver_name", "Hãy nhập họ tên người nhận"
    if not given.result_number.strip():
        yield "result_number", "Hãy nhập số của kết quả (số văn bản, số phát hành Giấy chứng nhận)"
    if given.result_on is None:
        yield "result_on", "Hãy nhập ngày ghi trên kết quả"
    elif not case.received_on <= given.result_on <= case.today:
        yield "result_on", "Ngày của kết quả phải từ ngày tiếp nhận đến hôm nay"


def _about_settling(given: HandOver, case: HandOverCase) -> Iterator[tuple[str, str]]:
    if case.letters_to_give and not given.are_letters_given:
        yield "letters_given", "Hồ sơ có văn bản xin lỗi: hãy giao kèm kết quả và đánh dấu"


def _in_person(given: HandOver, case: HandOverCase) -> Iterator[tuple[str, str]]:
    known = _number_of(given.receiver_kind, case)
    if len(given.identity_tail) < TAIL:
        yield "identity", "Hãy nhập ít nhất bốn số cuối của giấy tờ tùy thân mà người nhận xuất trình"
    elif known and known[-TAIL:] != given.identity_tail:
        yield "identity", "Bốn số cuối không khớp giấy tờ trong hồ sơ; nếu là người khác, hãy chọn người được ủy quyền"
    if given.receiver_kind is ReceiverKind.SUBMITTER and case.submitter is None:
        yield "receiver_kind", "Hồ sơ này do chính chủ hồ sơ nộp"
    if given.receiver_kind is ReceiverKind.AUTHORISED:
        yield from _authorised(given, case)
    if not given.is_signed:
        yield "signed", "Hãy để người nhận ký phiếu trả kết quả rồi đánh dấu"


def _authorised(given: HandOver, case: HandOverCase) -> Iterator[tuple[str, str]]:
    if not given.authorisation.strip():
        yield "authorisation", "Hãy ghi số, ngày, nơi chứng thực của văn bản ủy quyền"
    if given.receiver_name.strip() == case.applicant.full_name:
        yield "receiver_name", "Đây là tên chủ hồ sơ: hãy nhập tên người được ủy quyền đến nhận"


def _by_post(given: HandOver, _case: HandOverCase) -> Iterator[tuple[str, str]]:
    if not given.postal_code.strip():
        yield "postal_code", "Hãy nhập mã bưu gửi in trên phiếu của bưu điện"


def _number_of(kind: ReceiverKind, case: HandOverCase) -> str:
    party = {ReceiverKind.APPLICANT: case.applicant, ReceiverKind.SUBMITTER: case.submitter}.get(kind)
    return re.sub(r"\D", "", party.identity_number) if party else ""
