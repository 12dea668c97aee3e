"""The store of files looked after: what waits for the virus scanner, what is wiped, whether disk and books agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.domain.attachments import ScanState
from engine.domain.health import FilesLook
from engine.domain.people import SCHEDULER
from engine.effects.attaching import note
from engine.files.scanners import ScannerAway

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.effects.attaching import Gate
    from engine.persistence.repositories.attachments import Stored
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

_BATCH = 50
_MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class Tidied:
    """What one round did: files scanned, found infected, contents wiped, leftovers of dead processes removed."""

    scanned: int = 0
    infected: int = 0
    wiped: int = 0
    swept: int = 0
    scanner_away: bool = False


@dataclass(frozen=True, slots=True)
class StoreCheck:
    """Whether disk and books agree: hashes of contents that are missing, changed, or on record nowhere."""

    files: int
    size: int
    missing: tuple[str, ...] = ()
    corrupted: tuple[str, ...] = ()
    orphaned: tuple[str, ...] = ()
    removed: int = 0

    @property
    def ok(self) -> bool:
        """Whether everything that is on record can be read."""
        return not self.missing and not self.corrupted


class FileKeeping:
    """The store of one installation."""

    def __init__(self, uow: UnitOfWork, gate: Gate) -> None:
        """Look after the store behind `gate`."""
        self._uow = uow
        self._gate = gate

    def tidy(self, at: datetime) -> Tidied:
        """One round of the heartbeat; several processes may make one at the same moment."""
        swept = self._gate.store.sweep()
        scanned, infected, is_away = self._scan(at)
        return Tidied(scanned, infected, self._wipe(at), swept, is_away)

    def check(
        self, at: datetime, *, repair: bool = False, on_progress: Callable[[], object] = lambda: None
    ) -> StoreCheck:
        """Read every content again and compare it with the books; `repair` wipes what is on record nowhere."""
        store, missing, corrupted, known, size = self._gate.store, [], [], set(), 0
        with self._uow.read() as tx:
            stored = list(tx.attachments.contents())
        for each in stored:
            known.add(each.sha256)
            size += each.size
            is_sound = store.is_sound(each.sha256)
            if is_sound is None:
                missing.append(each.sha256)
            elif not is_sound:
                corrupted.append(each.sha256)
            on_progress()
        orphaned = [sha256 for sha256 in store.hashes() if sha256 not in known]
        removed = sum(self._wipe_orphan(sha256, at) for sha256 in orphaned) if repair else 0
        return StoreCheck(len(stored), size, tuple(missing), tuple(corrupted), tuple(orphaned), removed)

    def look(self) -> FilesLook:
        """What the doctor asks; quick, since no content is read."""
        with self._uow.read() as tx:
            stored, waiting = tx.attachments.newest(_MOST_NAMED), tx.attachments.count_waiting_for_scan()
        missing = sum(not self._gate.store.path(each.sha256).is_file() for each in stored)
        return FilesLook(missing, waiting, scans=self._gate.settings.scanner.kind != "none")

    # --- inside ---

    def _scan(self, at: datetime) -> tuple[int, int, bool]:
        with self._uow.read() as tx:
            waiting = tx.attachments.waiting_for_scan(_BATCH)
        scanned = infected = 0
        for stored in waiting:
            try:
                verdict = self._gate.scanner.scan(self._gate.store.path(stored.sha256))
            except ScannerAway:
                return scanned, infected, True
            scanned += 1
            virus = verdict.virus if verdict else ""
            state = ScanState.INFECTED if virus else ScanState.CLEAN if verdict else ScanState.OFF
            with self._uow.write() as tx:
                if tx.attachments.judge(stored.sha256, state, at=at, note=virus) and virus:
                    infected += 1
                    self._tell(tx, stored, virus, at)
        return scanned, infected, False

    def _tell(self, tx: Transaction, stored: Stored, virus: str, at: datetime) -> None:
        """Every dossier that has the file learns of it."""
        for record in tx.attachments.with_content(stored.sha256):
            dossier = tx.dossiers.lock(tx.dossiers.by_id(record.dossier_id).code)
            facts = {"name": record.name, "sha256": record.sha256, "virus": virus}
            note(tx, dossier, "attachment_infected", by=SCHEDULER, at=at, **facts)

    def _wipe(self, at: datetime) -> int:
        before = at - timedelta(days=self._gate.settings.keep_removed_days)
        with self._uow.read() as tx:
            due = tx.attachments.to_wipe(before, _BATCH)
        wiped = 0
        for record in due:
            with self._uow.write() as tx:
                if tx.attachments.wipe(record, at):
                    # Under the lock of its row: whoever brings the same content now waits, and then keeps it anew.
                    self._gate.store.remove(record.sha256)
                    wiped += 1
        return wiped

    def _wipe_orphan(self, sha256: str, at: datetime) -> bool:
        with self._uow.write() as tx:
            is_orphan = tx.attachments.claim_orphan(sha256, at)
            if is_orphan:
                self._gate.store.remove(sha256)
        return is_orphan
