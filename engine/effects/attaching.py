"""A file comes in: received to a place of its own, looked into, scanned, and only then kept and written down."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING

from engine.domain.attachments import FileRefused, Finding, ScanState, checked_name
from engine.files.scanners import ScannerAway
from engine.files.store import Received, TooLarge
from engine.persistence.queries.dossier_page import DossierPage
from engine.persistence.repositories.history import Link

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from engine.domain.people import Actor
    from engine.files.checker import Checker
    from engine.files.scanners import Scanner
    from engine.files.store import Store
    from engine.persistence.records import DossierRecord
    from engine.persistence.unit_of_work import Transaction
    from engine.settings.files import FileSettings

_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Cleared:
    """A file that may be kept, while the block that received it lasts."""

    name: str
    received: Received
    finding: Finding
    scan: ScanState


@dataclass(frozen=True, slots=True)
class Gate:
    """What every file goes through before it is kept."""

    settings: FileSettings
    store: Store
    checker: Checker
    scanner: Scanner

    def close(self) -> None:
        """Let the children go that look into files."""
        self.checker.close()

    @contextmanager
    def cleared(self, stream: IO[bytes], name: str) -> Iterator[Cleared]:
        """Receive a file and judge it; raises `FileRefused`. When the block ends only what was kept is left of it."""
        name = checked_name(name)
        try:
            with self.store.receiving(stream, self.settings.largest_file) as received:
                finding = self.checker.inspect(received.path, name)
                yield Cleared(name, received, finding, self._scanned(received.path, name))
        except TooLarge:
            raise FileRefused(name, "too_large", megabytes=self.settings.largest_file_mb) from None

    def _scanned(self, path: Path, name: str) -> ScanState:
        try:
            verdict = self.scanner.scan(path)
        except ScannerAway:
            if self.settings.scanner.when_away == "refuse":
                raise FileRefused(name, "unscanned") from None
            return ScanState.WAITING
        if verdict is None:
            return ScanState.OFF
        if verdict.virus:
            raise FileRefused(name, "virus", found=verdict.virus)
        return ScanState.CLEAN

    def keep(
        self,
        tx: Transaction,
        dossier: DossierRecord,
        cleared: Cleared,
        *,
        item_id: str,
        unit_id: int,
        by: Actor,
        at: datetime,
        opinion_id: int | None = None,
    ) -> int:
        """Write a cleared file of a locked dossier down and give it its place; answers its id."""
        received, kind = cleared.received, cleared.finding.kind
        same = tx.attachments.same(dossier.id, item_id, cleared.name, received.sha256)
        if same is not None:
            return same  # a form that was sent twice
        if tx.attachments.weight(dossier.id) + received.size > self.settings.largest_dossier:
            raise FileRefused(cleared.name, "dossier_full", megabytes=self.settings.largest_dossier_mb)
        facts = {key: value for key, value in asdict(cleared.finding).items() if key != "kind"}
        tx.attachments.hold_content(
            received.sha256, size=received.size, kind=kind.value, facts=facts, scan=cleared.scan.value, stored_at=at
        )
        # Under the lock of its row, and before the commit: a row never speaks of a file that is not there.
        self.store.keep(received)
        number = tx.attachments.add(
            dossier_id=dossier.id,
            item_id=item_id,
            name=cleared.name,
            kind=kind.value,
            size=received.size,
            sha256=received.sha256,
            unit_id=unit_id,
            added_at=at,
            added_by=by.username,
            opinion_id=opinion_id,
        )
        note(tx, dossier, "attachment_added", by=by, at=at, name=cleared.name, sha256=received.sha256, item_id=item_id)
        return number


def note(tx: Transaction, dossier: DossierRecord, kind: str, *, by: Actor, at: datetime, **data: object) -> None:
    """Write into the history of a locked dossier what takes nothing away from an act that somebody else prepares."""
    link = tx.history.append(
        dossier.id,
        Link(dossier.event_count, dossier.event_hash),
        kind=kind,
        at=at,
        recorded_at=at,
        by=by.username,
        data=dict(data),
    )
    tx.dossiers.save(dossier, event_count=link.count, event_hash=link.hash)


def involved_in(tx: Transaction, dossier: DossierRecord) -> frozenset[int]:
    """The units that a dossier has or had to do with."""
    return DossierPage(tx.connection).involved_units(dossier)
