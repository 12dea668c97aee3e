"""A dossier is ended by an event from outside; and the effect `withdraw_dossier`, by which one dossier ends another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.dossier import fold
from engine.domain.errors import NotAllowedNow, NotFound
from engine.effects.answers import latest_answer
from engine.effects.lateness import notice_lateness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.dossier import Applicant
    from engine.effects.journey import Journey
    from engine.persistence.records import DossierRecord

WITHDRAWAL = "withdrawal"


class NotWithdrawable(NotAllowedNow):
    """Chưa rút được hồ sơ {dossier_code}: {detail}. Hãy trả lại để đối chiếu, hoặc từ chối và nêu lý do này."""

    code = "not_withdrawable"


def end_by_message(journey: Journey, message: str, reason: str, **facts: str) -> None:
    """End a dossier by a message that its process waits for; the caller finishes the journey.

    Raises `NotAllowedNow` for one that has ended, has its result, or cannot be stopped where it stands.
    """
    dossier = journey.dossier
    if dossier.ended_at is not None:
        raise NotAllowedNow(detail=f"hồ sơ {dossier.code} đã kết thúc")
    if message == WITHDRAWAL and dossier.resolved_at is not None:
        raise NotAllowedNow(detail=f"hồ sơ {dossier.code} đã có kết quả, không rút được nữa; hãy mời người nộp nhận")
    if not journey.hears(message):
        detail = f"hồ sơ {dossier.code} đã có kết quả hoặc quy trình không cho phép dừng ở bước này"
        raise NotAllowedNow(detail=detail)
    journey.remark = reason
    journey.answers = {"reason": reason}
    notice_lateness(journey)
    journey.note("withdrawn" if message == WITHDRAWAL else message, reason=reason, **facts)
    journey.throw(message)


def withdraw_dossier(journey: Journey, arguments: Mapping[str, str]) -> None:
    """Withdraw the dossier whose code was answered in the field `code_field`, in this very transaction.

    Only a dossier of the same applicant, and only while no decision was made (Decree 118/2025 art. 21). Whoever
    completes the step is told why not, and nothing is written. Both histories name the other dossier.
    """
    code = latest_answer(journey, arguments["code_field"]).strip()
    reason = latest_answer(journey, arguments.get("reason_field", "")).strip()
    target = _target(journey, code)
    if target.id == journey.dossier.id:
        raise NotWithdrawable(dossier_code=code, detail="đây chính là hồ sơ yêu cầu rút")
    if not _is_same(journey.dossier.applicant, target.applicant):
        raise NotWithdrawable(dossier_code=code, detail="hồ sơ này của người khác, không phải của người yêu cầu")
    beside = journey.beside(target)
    told = f"Theo yêu cầu rút hồ sơ {journey.dossier.code}" + (f": {reason}" if reason else "")
    try:
        end_by_message(beside, WITHDRAWAL, told, request=journey.dossier.code)
    except NotAllowedNow as error:
        raise NotWithdrawable(dossier_code=code, detail=str(error.facts.get("detail", error.message))) from error
    beside.finish()
    letters = journey.tx.letters.of(target.id, "discontinuation")
    number = letters[-1].number_text if letters else ""
    journey.note("other_withdrawn", dossier=target.code, number=number)


def _target(journey: Journey, code: str) -> DossierRecord:
    for spelling in dict.fromkeys((code, code.upper())):
        try:
            return journey.tx.dossiers.lock(spelling)
        except NotFound:
            continue
    raise NotWithdrawable(dossier_code=code, detail="không có hồ sơ nào mang mã này")


def _is_same(one: Applicant, other: Applicant) -> bool:
    """Whether two dossiers are of one applicant: by identity number where both have it, else by name and phone."""
    if one.identity_number and other.identity_number:
        return _digits(one.identity_number) == _digits(other.identity_number)
    named = fold(one.full_name) == fold(other.full_name)
    return named and bool(_digits(one.phone)) and _digits(one.phone) == _digits(other.phone)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
