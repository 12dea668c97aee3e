"""The sweep: find dossiers for which a rung of their warning ladder has come, and let each be told once.

It is dumb, repeatable and safe to run twice or from many processes: every dossier is claimed and handled in a
transaction of its own, and unique keys decide what was new. One dossier that fails is put off and blocks nobody.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.domain.people import SCHEDULER
from engine.effects.journey import Journey
from engine.effects.lateness import DUE_SOON, OVERDUE, notice_lateness

if TYPE_CHECKING:
    from datetime import datetime

    from engine.effects.office import Office
    from engine.persistence.unit_of_work import UnitOfWork

_log = logging.getLogger(__name__)
PUT_OFF = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did: how many dossiers were due soon, overdue, apologised for, or not to be handled."""

    at: datetime
    due_soon: int = 0
    overdue: int = 0
    letters: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class _Handled:
    rungs: tuple[str, ...]
    letters: int


class Overdue:
    """Finds and tells late dossiers."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def sweep(self, at: datetime) -> Swept:
        """Tell every dossier whose moment came before `at`; running it again adds nothing."""
        due_soon = overdue = letters = failed = 0
        while batch := self._due(at):
            claimed = 0
            for dossier_id in batch:
                try:
                    handled = self._handle(dossier_id, at)
                except Exception:  # noqa: BLE001 - one bad dossier must not block the others
                    _log.exception(
                        "sweep: a dossier could not be handled and is put off", extra={"dossier_id": dossier_id}
                    )
                    self._put_off(dossier_id, at)
                    failed += 1
                    continue
                if handled is None:
                    continue
                claimed += 1
                due_soon += DUE_SOON in handled.rungs
                overdue += OVERDUE in handled.rungs
                letters += handled.letters
            if not claimed:
                break
        swept = Swept(at, due_soon, overdue, letters, failed)
        with self._uow.write() as tx:
            detail = {"due_soon": due_soon, "overdue": overdue, "letters": letters, "failed": failed}
            tx.installation.beat("sweep", at, detail)
        return swept

    def sweep_until(self, until: datetime) -> None:
        """Sweep as a heartbeat would have done up to `until`: soon after each moment that a dossier waits for.

        For replays, training and tests, where the clock is set; the real one is swept by the scheduler.
        """
        beat = timedelta(seconds=self._office.settings.overdue.sweep_every_seconds)
        while (moment := self._next_moment()) is not None and moment < until:
            self.sweep(min(moment + beat, until))

    def _next_moment(self) -> datetime | None:
        with self._uow.read() as tx:
            return tx.dossiers.next_attention()

    def _due(self, at: datetime) -> list[int]:
        with self._uow.read() as tx:
            return tx.dossiers.due(at, self._office.settings.overdue.batch)

    def _handle(self, dossier_id: int, at: datetime) -> _Handled | None:
        """Tell one dossier; None when another process has it, or was faster."""
        with self._uow.write() as tx:
            dossier = tx.dossiers.claim_due(dossier_id, at)
            if dossier is None:
                return None
            before = len(tx.letters.of(dossier.id, "apology"))
            journey = Journey(tx, self._office, dossier, by=SCHEDULER, at=at)
            rungs = notice_lateness(journey)
            journey.finish()
            return _Handled(rungs, len(tx.letters.of(dossier.id, "apology")) - before)

    def _put_off(self, dossier_id: int, at: datetime) -> None:
        with self._uow.write() as tx:
            tx.dossiers.put_off(dossier_id, at + PUT_OFF)
