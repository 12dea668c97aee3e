"""The parcel guard: what speaks against receiving a dossier, and whether the clerk has decided about it.

It looks at places by index: open dossiers about the same parcel, documents that bar it, and open dossiers of the same
person and procedure. A warning needs a reason, a block a leader's document; both go into the history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.domain.errors import NotAllowedNow
from engine.domain.intake_identity import identity_key
from engine.domain.parcels import BlockEffect, Finding, FindingKind, GuardAnswer, Match
from engine.domain.status import DossierStatus
from engine.effects.desk import desk_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from engine.domain.dossier import Submission
    from engine.domain.parcels import Parcel
    from engine.effects.journey import Journey
    from engine.effects.office import Office
    from engine.persistence.repositories.parcels import BlockRecord
    from engine.persistence.unit_of_work import Transaction

LONGEST = 500


class ParcelBarred(NotAllowedNow):
    """Chưa tiếp nhận được: {detail}. Chỉ tiếp nhận khi có văn bản chỉ đạo của lãnh đạo (ghi số, ngày văn bản)."""

    code = "parcel_barred"

    @property
    def fields(self) -> dict[str, str]:
        """The field of the form that answers it."""
        return {"guard_document": self.message}


class GuardUnanswered(NotAllowedNow):
    """Hãy xem cảnh báo rồi ghi lý do vẫn tiếp nhận: {detail}."""

    code = "guard_unanswered"

    @property
    def fields(self) -> dict[str, str]:
        """The field of the form that answers it."""
        return {"guard_reason": self.message}


def parcels_of(office: Office, submission: Submission) -> tuple[Parcel, ...]:
    """The parcels of a submission as they are compared; raises `BadParcel`."""
    communes = desk_of(office).communes
    return tuple(dict.fromkeys(communes.resolve(typed) for typed in submission.parcels))


def look_out(tx: Transaction, office: Office, submission: Submission, on: date) -> tuple[Finding, ...]:
    """What speaks against receiving it on a day, the worst first."""
    parcels = parcels_of(office, submission)
    found = [*_blocks(tx, parcels, on), *_open_files(tx, office, parcels)] if parcels else []
    if submission.guard is not None:
        known = {each.dossier_code for each in found}
        found += [each for each in _duplicates(tx, office, submission) if each.dossier_code not in known]
    communes = desk_of(office).communes
    found += [
        Finding(
            f"commune:{typed.commune}",
            FindingKind.UNKNOWN_COMMUNE,
            f"“{typed.commune}” không có trong danh mục xã, phường: chỉ đối chiếu được với thửa ghi đúng tên này",
            needs_answer=False,
        )
        for typed in submission.parcels
        if communes.all and not communes.is_known(typed.commune)
    ]
    return tuple(sorted(found, key=lambda each: not each.refuses))


def answer_guard(journey: Journey, findings: tuple[Finding, ...], answer: GuardAnswer | None) -> None:
    """Hold what the clerk decided against what was found now, and write both down.

    Raises `ParcelBarred`, `GuardUnanswered`: also where something was found that the clerk has not seen.
    """
    answer = answer or GuardAnswer()
    barred = [each for each in findings if each.refuses]
    if barred and not answer.document.strip():
        raise ParcelBarred(detail="; ".join(each.text for each in barred))
    asked = [each for each in findings if each.needs_answer]
    unseen = [each for each in asked if each.key not in answer.seen]
    if unseen or (asked and not answer.reason.strip()):
        raise GuardUnanswered(detail="; ".join(each.text for each in unseen or asked))
    if asked:
        journey.note(
            "guard_answered",
            findings=[each.text for each in asked],
            reason=answer.reason.strip()[:LONGEST],
            document=answer.document.strip()[:LONGEST],
        )


def _blocks(tx: Transaction, parcels: tuple[Parcel, ...], on: date) -> list[Finding]:
    found = []
    for block in tx.parcels.blocks_at(parcels):
        match = next((match for parcel in parcels if (match := parcel.match(block.parcel))), None)
        if match and block.holds_on(on):
            found.append(_barred(block, match))
    return found


def _barred(block: BlockRecord, match: Match) -> Finding:
    until = f" đến {block.to_on:%d/%m/%Y}" if block.to_on else ""
    text = (
        f"{_maybe(match)}{block.parcel.told}: {block.kind.label.lower()} theo {block.document}, "
        f"từ {block.from_on:%d/%m/%Y}{until}; {block.reason}"
    )
    refuses = (
        block.effect is BlockEffect.REFUSE and match is Match.SAME
    )  # of what only may be the same, a person judges
    return Finding(f"block:{block.id}", FindingKind.BLOCK, text, refuses=refuses)


def _open_files(tx: Transaction, office: Office, parcels: tuple[Parcel, ...]) -> list[Finding]:
    found = []
    for parcel, file in tx.parcels.open_files(parcels):
        match = next((match for ours in parcels if (match := ours.match(parcel))), None)
        if match:
            text = f"{_maybe(match)}{parcel.told}: hồ sơ {_file(office, file)} chưa xong"
            found.append(Finding(f"file:{file['code']}", FindingKind.OPEN_FILE, text, dossier_code=str(file["code"])))
    return found


def _duplicates(tx: Transaction, office: Office, submission: Submission) -> list[Finding]:
    key = identity_key(submission.applicant.identity_number)
    files = tx.intake_desk.open_of_same(key, {submission.procedure_code}) if key else []
    return [
        Finding(
            f"same:{file['code']}",
            FindingKind.DUPLICATE,
            f"Cùng người, cùng thủ tục: hồ sơ {_file(office, file)} chưa xong",
            dossier_code=str(file["code"]),
        )
        for file in files
    ]


def _file(office: Office, file: Mapping[str, Any]) -> str:
    unit, state = office.units.get(file["unit_id"]).name, DossierStatus(file["status"]).label
    return f"{file['code']} “{file['procedure_name']}” nhận tại {unit} ({state.lower()})"


def _maybe(match: Match) -> str:
    return "Có thể là cùng thửa (chưa rõ tên xã cũ): " if match is Match.POSSIBLE else ""
