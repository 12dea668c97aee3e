"""What the desk knows, and the numbered slips that it keys in: within the transaction of a receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.errors import BadInput, NotAllowedNow
from engine.domain.slips import slip_label, slip_number
from engine.persistence.repositories.intake import GIVEN, USED, VOID
from engine.process.desk_facts import load_desk

if TYPE_CHECKING:
    from engine.domain.dossier import Submission
    from engine.domain.intake_desk import DeskFacts
    from engine.domain.people import Unit
    from engine.effects.journey import Journey
    from engine.effects.office import Office
    from engine.persistence.repositories.intake import SlipRecord
    from engine.persistence.unit_of_work import Transaction


class BadSlip(BadInput):
    """Phiếu tạm “{number}”: {detail}."""

    code = "bad_slip"

    @property
    def fields(self) -> dict[str, str]:
        """The field of the form that is wrong."""
        return {"slip_number": self.message}


class SlipSettled(NotAllowedNow):
    """Phiếu tạm {label} {detail}: mỗi số chỉ dùng một lần. Hãy đọc lại số trên phiếu."""

    code = "slip_settled"

    @property
    def fields(self) -> dict[str, str]:
        """The field of the form that is wrong."""
        return {"slip_number": self.message}


def desk_of(office: Office) -> DeskFacts:
    """What the desk knows besides the procedures, as its files say now."""
    return load_desk(office.settings.procedures)


def find_slip(tx: Transaction, unit: Unit, submission: Submission) -> SlipRecord | None:
    """The slip on which a submission was written first, if there was one; raises `BadSlip`, `SlipSettled`."""
    typed = submission.slip_number.strip()
    if not typed:
        return None
    number = slip_number(typed, unit.id, unit.code)
    slip = tx.slips.find(unit.id, number) if number is not None else None
    if slip is None:
        raise BadSlip(number=typed[:40], detail=f"không có trong số phiếu đã in cho {unit.short_name or unit.name}")
    if slip.state != GIVEN:
        what = "đã hủy" if slip.state == VOID else "đã nhập cho một hồ sơ"
        raise SlipSettled(label=slip_label(unit.code, slip.number), detail=what)
    if submission.received_at is None:
        raise BadSlip(number=typed[:40], detail="hãy nhập ngày giờ nhận ghi trên phiếu: thời hạn tính từ lúc đó")
    if submission.received_at < slip.printed_at:
        raise BadSlip(number=typed[:40], detail="ngày giờ nhận sớm hơn lúc in phiếu, hãy đọc lại")
    return slip


def key_in_slip(journey: Journey, slip: SlipRecord | None) -> None:
    """Use the number up for this dossier; raises `SlipSettled` where a colleague was faster."""
    if slip is None:
        return
    label = slip_label(journey.unit.code, slip.number)
    settled = journey.tx.slips.settle(
        slip.id, USED, at=journey.recorded_at, by=journey.by.username, dossier_id=journey.dossier.id
    )
    if not settled:
        raise SlipSettled(label=label, detail="vừa được người khác nhập")
    journey.note("slip_keyed_in", slip=label)
