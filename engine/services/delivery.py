"""The ends that do not come from a step: the applicant withdraws, a desk closes a dossier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.errors import BadInput, Conflict, NotAllowedNow
from engine.domain.permissions import check_can_withdraw
from engine.effects.journey import Journey
from engine.effects.lateness import notice_lateness

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import UnitOfWork


WITHDRAWAL = "withdrawal"


class ReasonMissing(BadInput):
    """Hãy ghi lý do dừng giải quyết hồ sơ; lý do được in trong thông báo gửi người nộp."""

    code = "reason_missing"


class Delivery:
    """Ends dossiers by an event."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def withdraw(self, actor: Actor, code: str, expected_version: int | None, reason: str, *, at: datetime) -> None:
        """Stop a dossier at its applicant's request while no decision was made (Decree 118/2025 art. 21; form 05)."""
        if not reason.strip():
            raise ReasonMissing
        self._end(actor, code, expected_version, WITHDRAWAL, reason.strip(), at)

    def close(self, actor: Actor, code: str, *, at: datetime, message: str = "closed") -> None:
        """Close a dossier whose diagram lets the desk close it at any moment, by the message that it names."""
        self._end(actor, code, None, message, "", at)

    def _end(
        self, actor: Actor, code: str, expected_version: int | None, message: str, reason: str, at: datetime
    ) -> None:
        with self._uow.write() as tx:
            dossier = tx.dossiers.lock(code)
            if expected_version is not None and not dossier.was_seen_at(expected_version):
                raise Conflict(dossier_code=code)
            check_can_withdraw(actor, dossier.unit_id, dossier.deciding_unit_id)
            if dossier.ended_at is not None:
                raise NotAllowedNow(detail=f"hồ sơ {code} đã kết thúc")
            if message == WITHDRAWAL and dossier.resolved_at is not None:
                raise NotAllowedNow(detail=f"hồ sơ {code} đã có kết quả, không rút được nữa; hãy mời người nộp nhận")
            journey = Journey(tx, self._office, dossier, by=actor, at=at)
            if not journey.hears(message):
                raise NotAllowedNow(detail=f"hồ sơ {code} đã có kết quả hoặc quy trình không cho phép dừng ở bước này")
            journey.remark = reason
            journey.answers = {"reason": reason}
            notice_lateness(journey)
            journey.note("withdrawn" if message == WITHDRAWAL else message, reason=reason)
            journey.throw(message)
            journey.finish()
