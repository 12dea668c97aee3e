"""The outbox: what commits have promised is done after them, repeated until it is done, and given up loudly.

Rendering is repeatable (the data is frozen, the bytes come out the same) and a document is kept once, so a worker may
die at any instruction: its lease runs out and the next worker finishes the job.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from engine.domain.errors import CannotRun
from letters import LetterDataUnreadable, LetterNotRenderable, LettersCannotRun, from_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.effects.office import Office
    from engine.persistence.records import OutboxRecord
    from engine.persistence.unit_of_work import UnitOfWork
    from letters import Letter

_log = logging.getLogger(__name__)
BATCH = 8
LEASE = timedelta(seconds=40)
LONGEST_PAUSE = timedelta(hours=2)


class PrinterMissing(CannotRun):
    """Không tạo được văn bản trên máy này: {detail}."""

    code = "printer_missing"


class Rendered(Protocol):
    """The bytes of a document and their hash."""

    @property
    def pdf(self) -> bytes:
        """The document."""
        ...

    @property
    def sha256(self) -> str:
        """Its SHA-256, hexadecimal."""
        ...


@dataclass(frozen=True, slots=True)
class Worked:
    """What one run of the outbox did, and how much still waits."""

    rendered: int = 0
    sent: int = 0
    failed: int = 0
    waiting: int = 0

    def __add__(self, later: Worked) -> Worked:
        """What two runs did together; what waits is what waited after the later one."""
        return Worked(self.rendered + later.rendered, self.sent + later.sent, self.failed + later.failed, later.waiting)


class Outbox:
    """Renders letters and brings them within reach of their addressees."""

    def __init__(self, uow: UnitOfWork, office: Office, render: Callable[[Letter], Rendered]) -> None:
        """Work on one installation; `render` turns the data of a letter into a document (in another process)."""
        self._uow = uow
        self._office = office
        self._render = render

    def waiting(self) -> int:
        """How many promises wait."""
        with self._uow.read() as tx:
            return tx.outbox.count_waiting()

    def leased_until(self) -> datetime | None:
        """When every promise that another worker holds is free again, should that worker be dead; None without any."""
        with self._uow.read() as tx:
            return tx.outbox.leased_until()

    def run(
        self, at: datetime, *, on_progress: Callable[[int], object] = lambda _count: None, most: int | None = None
    ) -> Worked:
        """Keep every promise that is due at `at`, or those of `most` batches; `on_progress` hears of each one.

        Raises `PrinterMissing` where no letter at all can be rendered: none is to blame then, and none is given up.
        """
        rendered = sent = failed = batches = 0
        while (most is None or batches < most) and (entries := self._claim(at)):
            batches += 1
            for entry in entries:
                done = self._keep(entry, at)
                rendered += done and entry.topic == "render"
                sent += done and entry.topic == "deliver"
                failed += not done
                on_progress(1)
        with self._uow.write() as tx:
            worked = Worked(rendered, sent, failed, tx.outbox.count_waiting())
            tx.installation.beat(
                "outbox", at, {"rendered": rendered, "sent": sent, "failed": failed, "waiting": worked.waiting}
            )
        return worked

    def _claim(self, at: datetime) -> list[OutboxRecord]:
        with self._uow.write() as tx:
            return tx.outbox.claim(at, at + LEASE, BATCH)

    def _keep(self, entry: OutboxRecord, at: datetime) -> bool:
        try:
            if entry.topic == "render":
                self._render_letter(entry, at)
            else:
                self._deliver(entry, at)
        except LettersCannotRun as error:
            raise PrinterMissing(detail=str(error)) from error
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one letter must not keep the others waiting
            self._fail(entry, at, error, is_hopeless=isinstance(error, LetterNotRenderable | LetterDataUnreadable))
            return False
        return True

    def _render_letter(self, entry: OutboxRecord, at: datetime) -> None:
        with self._uow.read() as tx:
            letter = tx.letters.find(entry.letter_id)
        if letter.rendered_at is None:
            document = self._render(from_json(letter.form, letter.data))
            with self._uow.write() as tx:
                if tx.letters.keep_document(letter.id, document.pdf, sha256=document.sha256, at=at):
                    tx.outbox.promise("deliver", letter.id, at)
                tx.outbox.done(entry.id, at)
            return
        with self._uow.write() as tx:
            tx.outbox.promise("deliver", letter.id, at)
            tx.outbox.done(entry.id, at)

    def _deliver(self, entry: OutboxRecord, at: datetime) -> None:
        """Put the letter on the citizen's look-up page, the channel that every dossier has."""
        with self._uow.write() as tx:
            tx.letters.mark_delivered(entry.letter_id, at)
            tx.outbox.done(entry.id, at)

    def _fail(self, entry: OutboxRecord, at: datetime, error: Exception, *, is_hopeless: bool) -> None:
        most = self._office.settings.letters.give_up_after_attempts
        gives_up = is_hopeless or entry.attempts >= most
        pause = min(timedelta(seconds=30) * 2 ** min(entry.attempts, 12), LONGEST_PAUSE)
        _log.error(
            "outbox: a letter failed",
            extra={"letter_id": entry.letter_id, "gives_up": gives_up, "error": type(error).__name__},
        )
        with self._uow.write() as tx:
            tx.letters.mark_failed(entry.letter_id, str(error), at=at)
            tx.outbox.failed(entry.id, str(error), next_at=at + pause, given_up_at=at if gives_up else None)
