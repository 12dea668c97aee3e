"""The ends that do not come from a step: the applicant withdraws, a desk closes a dossier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.errors import BadInput, Conflict
from engine.domain.permissions import check_can_withdraw
from engine.effects.ending import WITHDRAWAL, end_by_message
from engine.effects.journey import Journey

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import UnitOfWork


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
            journey = Journey(tx, self._office, dossier, by=actor, at=at)
            end_by_message(journey, message, reason)
            journey.finish()
