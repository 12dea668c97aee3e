"""The outbox: what commits have promised is done after them, repeated until it is done, and given up loudly.

Rendering is repeatable (the data is frozen, the bytes come out the same) and a document is kept once, so a worker may
die at any instruction: its lease runs out and the next worker finishes the job.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from engine.domain.errors import CannotRun
from engine.effects.messages import reach_by_page
from letters import LetterDataUnreadable, LetterNotRenderable, LettersCannotRun, from_json
from letters.template_sets import packaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from engine.effects.dispatch import Dispatcher
    from engine.effects.office import Office
    from engine.effects.signing import Signatures
    from engine.persistence.records import LetterRecord, OutboxRecord
    from engine.persistence.unit_of_work import UnitOfWork
    from letters import Letter

_log = logging.getLogger(__name__)
BATCH = 8
LEASE = timedelta(seconds=40)
LONGEST_PAUSE = timedelta(hours=2)
LONGEST_WITHOUT_SIGNER = timedelta(minutes=10)
SIGN = "sign"


def _forms() -> tuple[str, str]:
    """The forms of this version, as they are kept with what was printed with them."""
    forms = packaged()
    return forms.digest, forms.to_json()


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

    def __init__(
        self,
        uow: UnitOfWork,
        office: Office,
        render: Callable[[Letter], Rendered],
        dispatcher: Dispatcher,
        signatures: Signatures,
        *,
        hands: int = 1,
    ) -> None:
        """Work on one installation; `render` turns the data of a letter into a document (in another process).

        `dispatcher` sends messages on the channels that leave the house; `signatures` signs for
        the units that do; `hands` is how many letters are made at once.
        """
        self._uow = uow
        self._office = office
        self._render = render
        self._dispatcher = dispatcher
        self._signatures = signatures
        self._hands = hands

    def waiting(self) -> int:
        """How many promises wait for a machine: letters, and messages on every channel."""
        with self._uow.read() as tx:
            return tx.outbox.count_waiting() + tx.deliveries.count_waiting(self._dispatcher.automatic)

    def leased_until(self) -> datetime | None:
        """When every promise that another worker holds is free again, should that worker be dead; None without any."""
        with self._uow.read() as tx:
            return tx.outbox.leased_until()

    def run(
        self, at: datetime, *, on_progress: Callable[[int], object] = lambda _count: None, most: int | None = None
    ) -> Worked:
        """Keep every promise that is due at `at`, or those of `most` batches; `on_progress` hears of each one.

        Messages are sent whatever becomes of the letters, each channel in a thread of its own. Raises `PrinterMissing`
        where no letter at all can be rendered: none is to blame then, and none is given up.
        """
        worked = Worked()
        try:
            worked = self.keep_letters(at, on_progress=on_progress, most=most)
        finally:
            sent, failed = self._send(at, None if most is None else most * BATCH)
            on_progress(sent)
        waiting = self.waiting() if sent or failed else worked.waiting
        return replace(worked, sent=worked.sent + sent, failed=worked.failed + failed, waiting=waiting)

    def _send(self, at: datetime, most: int | None) -> tuple[int, int]:
        """Send what waits on every channel, side by side: one that is slow or dead holds up none of the others."""
        channels = self._dispatcher.automatic
        if not self._dispatcher.waiting():
            return 0, 0
        with ThreadPoolExecutor(len(channels), thread_name_prefix="channel") as pool:
            done = list(pool.map(lambda channel: self._dispatcher.run(channel, at, most=most), channels))
        return sum(each.sent for each in done), sum(each.failed for each in done)

    def keep_letters(
        self, at: datetime, *, on_progress: Callable[[int], object] = lambda _count: None, most: int | None = None
    ) -> Worked:
        """Render letters and bring them within reach on the page; what is to be sent of them is let go."""
        rendered = sent = failed = batches = 0
        now = _running(at)
        while (most is None or batches < most) and (entries := self._claim(now())):
            batches += 1
            for entry, done in self._side_by_side(entries, at, now):
                if done is None:
                    continue
                rendered += done and entry.topic == "render"
                sent += done and entry.topic == "deliver"
                failed += not done
                on_progress(1)
        with self._uow.write() as tx:
            waiting = tx.outbox.count_waiting() + tx.deliveries.count_waiting(self._dispatcher.automatic)
            worked = Worked(rendered, sent, failed, waiting)
            tx.installation.beat(
                "outbox", at, {"rendered": rendered, "sent": sent, "failed": failed, "waiting": worked.waiting}
            )
        return worked

    def _side_by_side(
        self, entries: list[OutboxRecord], at: datetime, now: Callable[[], datetime]
    ) -> Iterator[tuple[OutboxRecord, bool | None]]:
        """Keep what was claimed with as many hands as there are; yield each promise and whether it was kept.

        None: somebody else has it by now.
        """

        def keep(entry: OutboxRecord) -> bool | None:
            if not self._still_mine(entry, now()):
                return None
            return self._keep(entry, now() if entry.topic == SIGN else at)  # a signature says the second it was made

        if self._hands == 1 or len(entries) == 1:
            yield from ((entry, keep(entry)) for entry in entries)
            return
        with ThreadPoolExecutor(self._hands, thread_name_prefix="outbox") as pool:
            yield from zip(entries, pool.map(keep, entries), strict=True)

    def _claim(self, at: datetime) -> list[OutboxRecord]:
        with self._uow.write() as tx:
            return tx.outbox.claim(at, at + self._lease, BATCH)

    @property
    def _lease(self) -> timedelta:
        """How long one letter may be somebody's: longer than the renderer may take for it."""
        return max(LEASE, timedelta(seconds=2 * self._office.settings.letters.render_timeout_seconds))

    def _still_mine(self, entry: OutboxRecord, at: datetime) -> bool:
        """Begin an entry with a fresh lease; False if somebody else took it while the ones before it were kept."""
        with self._uow.write() as tx:
            return tx.outbox.renew(entry, at + self._lease)

    def _keep(self, entry: OutboxRecord, at: datetime) -> bool:
        try:
            if entry.topic == "render":
                self._render_letter(entry, at)
            elif entry.topic == SIGN:
                self._sign_letter(entry, at)
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
                if tx.letters.keep_document(letter.id, document.pdf, sha256=document.sha256, at=at, forms=_forms()):
                    tx.outbox.promise(self._after_rendering(letter), letter.id, at)
                tx.outbox.done(entry.id, at)
            return
        with self._uow.write() as tx:
            tx.outbox.promise(self._after_rendering(letter), letter.id, at)
            tx.outbox.done(entry.id, at)

    def _after_rendering(self, letter: LetterRecord) -> str:
        return SIGN if letter.signed_at is None and self._signatures.signs(letter.unit_id) else "deliver"

    def _sign_letter(self, entry: OutboxRecord, at: datetime) -> None:
        """Sign a rendered letter and keep the signed file, once: dying between the two leaves the letter unsigned."""
        with self._uow.read() as tx:
            letter, pdf = tx.letters.find(entry.letter_id), tx.letters.document(entry.letter_id)
        signed = None
        if pdf is not None and letter.cancelled_at is None and self._after_rendering(letter) == SIGN:
            signed = self._signatures.sign(letter, pdf, at=at, render=self._render)
        with self._uow.write() as tx:
            if signed is not None:
                tx.letters.keep_signed(letter.id, signed.pdf, at=at, **signed.columns)
            if tx.letters.find(letter.id).cancelled_at is None:
                tx.outbox.promise("deliver", letter.id, at)
            tx.outbox.done(entry.id, at)

    def _deliver(self, entry: OutboxRecord, at: datetime) -> None:
        """Put the letter on the citizen's look-up page, the channel that every dossier has, and let the others go."""
        with self._uow.write() as tx:
            reach_by_page(tx, entry.letter_id, at)
            tx.outbox.done(entry.id, at)

    def _fail(self, entry: OutboxRecord, at: datetime, error: Exception, *, is_hopeless: bool) -> None:
        is_signing = entry.topic == SIGN
        most = self._office.settings.letters.give_up_after_attempts
        # A signer that is away comes back, and a certificate is renewed: an unsigned letter waits as long as it takes.
        gives_up = not is_signing and (is_hopeless or entry.attempts >= most)
        longest = LONGEST_WITHOUT_SIGNER if is_signing else LONGEST_PAUSE
        pause = min(timedelta(seconds=30) * 2 ** min(entry.attempts, 12), longest)
        _log.error(
            "outbox: a letter failed",
            extra={"letter_id": entry.letter_id, "gives_up": gives_up, "error": type(error).__name__},
        )
        with self._uow.write() as tx:
            if not is_signing:
                tx.letters.mark_failed(entry.letter_id, str(error), at=at)
            tx.outbox.failed(entry.id, str(error), next_at=at + pause, given_up_at=at if gives_up else None)


def _running(at: datetime) -> Callable[[], datetime]:
    """A clock that began to run at `at`: leases are counted from when they are taken, however long a run is."""
    started = monotonic()
    return lambda: at + timedelta(seconds=monotonic() - started)
