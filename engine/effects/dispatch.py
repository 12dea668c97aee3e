"""Sending what was promised: one message at a time on each channel, each once, and a dead channel is left to rest.

A message is claimed before it is sent, noted as handed over in the last moment before the other side could have it,
and noted as sent after it was acknowledged. Who dies before the middle note leaves a lease that runs out, and the
message goes out later. Who dies after it leaves a message in doubt: where the other side knows keys again it is handed
over once more under the same key; where it does not (SMTP) the message is *unknown*, and a person decides.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from engine.channels import (
    Attachment,
    Message,
    PermanentFailure,
    SendingFailed,
    ServiceAway,
    TemporaryFailure,
    UncertainFailure,
)
from engine.domain.errors import MotCuaError
from engine.domain.messages import DeliveryState, NoticeChannel, pause_before, without_accents
from engine.domain.people import SCHEDULER
from engine.effects.messages import MESSAGE_FAILED, MESSAGE_UNKNOWN, fall_back, letter_follows, tell_desk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from engine.channels import Channel, Receipt
    from engine.effects.office import Office
    from engine.persistence.repositories.messages import DeliveryRecord, RestRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

_log = logging.getLogger(__name__)
LEASE = timedelta(minutes=6)
FIRST_REST = timedelta(minutes=1)


class _Taken(Exception):
    """Somebody else has the message, or it was cancelled meanwhile."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What one run of the channels did."""

    sent: int = 0
    failed: int = 0

    def __add__(self, other: Sent) -> Sent:
        """What two runs did together."""
        return Sent(self.sent + other.sent, self.failed + other.failed)


class Dispatcher:
    """Hands promised messages to their channels."""

    def __init__(
        self, uow: UnitOfWork, office: Office, channels: Callable[[], Mapping[NoticeChannel, Channel]]
    ) -> None:
        """Work on one installation; `channels` are asked for when the first message goes out."""
        self._uow = uow
        self._office = office
        self._channels = channels

    @property
    def automatic(self) -> tuple[NoticeChannel, ...]:
        """The channels on which a machine sends."""
        return tuple(self._channels())

    def waiting(self) -> int:
        """How many messages wait for a machine."""
        with self._uow.read() as tx:
            return tx.deliveries.count_waiting(self.automatic)

    def counts(self) -> dict[str, dict[str, int]]:
        """How many messages are in which state, by channel."""
        with self._uow.read() as tx:
            return tx.deliveries.count_states()

    def run(self, channel: NoticeChannel, at: datetime, *, most: int | None = None) -> Sent:
        """Send what is due on one channel at `at`, or at most so many; other channels neither wait nor are asked."""
        with self._uow.read() as tx:
            if not tx.deliveries.count_waiting({channel}):
                return Sent()
        started, done, count = monotonic(), Sent(), 0

        def now() -> datetime:
            return at + timedelta(seconds=monotonic() - started)

        done = done + Sent(failed=self._settle_lost(channel, now()) + self._give_up_old(channel, now()))
        while (most is None or count < most) and (claimed := self._claim(channel, now())):
            count += 1
            done = done + (Sent(sent=1) if self._try(claimed, now) else Sent(failed=1))
        return done

    def _claim(self, channel: NoticeChannel, at: datetime) -> DeliveryRecord | None:
        with self._uow.read() as tx:
            rest = tx.deliveries.rest(channel)
        if rest is not None and rest.until is not None and rest.until > at:
            return None
        with self._uow.write() as tx:
            return tx.deliveries.claim(channel, at, at + LEASE)

    def _try(self, claimed: DeliveryRecord, now: Callable[[], datetime]) -> bool:
        handed_over = False

        def at_the_door() -> None:
            nonlocal handed_over
            with self._uow.write() as tx:
                if not tx.deliveries.at_the_door(claimed, now() + LEASE):
                    raise _Taken
            handed_over = True

        channel = self._channels()[claimed.channel]
        try:
            receipt = channel.send(self._message(claimed, channel, now()), at_the_door)
        except _Taken:
            return False
        except SendingFailed as failure:
            self._failed(claimed, failure, now())
            return False
        except MotCuaError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one message must not keep the others waiting
            kind = UncertainFailure if handed_over else PermanentFailure
            self._failed(claimed, kind(f"lỗi chương trình ({type(error).__name__})"), now())
            return False
        self._sent(claimed, receipt, now())
        return True

    def _message(self, delivery: DeliveryRecord, channel: Channel, at: datetime) -> Message:
        settings = self._office.settings.channels
        attachment = None
        if delivery.letter_id is not None and channel.takes_attachments and settings.events[delivery.event].attach:
            attachment = self._letter(delivery.letter_id)
        text = delivery.body
        if delivery.channel is NoticeChannel.EMAIL:
            text = self._mail_text(delivery)
        elif not settings.gateway_of(delivery.channel).accents:
            text = without_accents(text)
        return Message(delivery.key, delivery.address, delivery.name, delivery.subject, text, at, attachment)

    def _mail_text(self, delivery: DeliveryRecord) -> str:
        unit = self._office.units.get(delivery.unit_id)
        contact = [line for line in (unit.address, f"Điện thoại: {unit.phone}" if unit.phone else "") if line]
        why = "Ông/Bà nhận thư này vì đã đăng ký nhận tin về hồ sơ qua thư điện tử. Thư được gửi tự động."
        return "\n".join(["Kính gửi Ông/Bà,", "", delivery.body, "", unit.name, *contact, "", "-- ", why, ""])

    def _letter(self, letter_id: int) -> Attachment:
        with self._uow.read() as tx:
            letter, pdf = tx.letters.find(letter_id), tx.letters.document(letter_id)
        if pdf is None:
            raise TemporaryFailure("văn bản kèm theo chưa có tệp")
        return Attachment(f"{letter.form.replace('_', '-')}-{letter.year}-{letter.number:04d}.pdf", pdf)

    # --- what became of it ---

    def _sent(self, claimed: DeliveryRecord, receipt: Receipt, at: datetime) -> None:
        with self._uow.write() as tx:
            tx.deliveries.change(
                claimed.id,
                state=DeliveryState.SENT,
                sent_at=at,
                leased_until=None,
                reference=receipt.reference[:80],
                is_trial=receipt.is_trial,
                last_error="",
            )
            letter_follows(tx, claimed, at, by=SCHEDULER.username)
            rest = tx.deliveries.rest(claimed.channel)
            if rest is not None and rest.failures:
                tx.deliveries.keep_rest(claimed.channel, failures=0, since=None, until=None, last_error="")

    def _failed(self, claimed: DeliveryRecord, failure: SendingFailed, at: datetime) -> None:
        retry = self._office.settings.channels.retry
        hopeless = isinstance(failure, PermanentFailure) or claimed.attempts >= retry.attempts
        _log.warning(
            "channel: a message was not sent",
            extra={"delivery_id": claimed.id, "channel": claimed.channel.value, "error": type(failure).__name__},
        )
        with self._uow.write() as tx:
            if tx.deliveries.lock(claimed.id).state not in {DeliveryState.WAITING, DeliveryState.SENDING}:
                return  # somebody cancelled it meanwhile
            if isinstance(failure, ServiceAway):
                self._let_rest(tx, claimed.channel, failure, at)
            if isinstance(failure, UncertainFailure):
                self._unknown(tx, claimed, str(failure), at)
            elif hopeless:
                self._give_up(tx, claimed, str(failure), at)
            else:
                pause = pause_before(
                    claimed.attempts,
                    claimed.key,
                    first=timedelta(seconds=retry.first_pause_seconds),
                    longest=timedelta(minutes=retry.longest_pause_minutes),
                )
                tx.deliveries.change(
                    claimed.id,
                    state=DeliveryState.WAITING,
                    next_at=at + pause,
                    leased_until=None,
                    last_error=str(failure),
                )

    def _let_rest(self, tx: Transaction, channel: NoticeChannel, failure: SendingFailed, at: datetime) -> None:
        """Count a failure of the other side; after some in a row the channel rests, longer each time."""
        retry = self._office.settings.channels.retry
        rest = tx.deliveries.rest(channel)
        failures = (rest.failures if rest else 0) + 1
        since = (rest.since if rest else None) or at
        until = None
        if failures >= retry.failures_to_rest:
            grown = FIRST_REST * 2 ** min(failures - retry.failures_to_rest, 12)
            until = at + min(grown, timedelta(minutes=retry.longest_rest_minutes))
        tx.deliveries.keep_rest(channel, failures=failures, since=since, until=until, last_error=str(failure))

    def _give_up(self, tx: Transaction, delivery: DeliveryRecord, error: str, at: datetime) -> None:
        """Nobody sends this any more: the next channel is tried, and the desk is told."""
        tx.deliveries.change(delivery.id, state=DeliveryState.FAILED, ended_at=at, leased_until=None, last_error=error)
        fall_back(tx, delivery, at)
        letter_follows(tx, delivery, at, by=SCHEDULER.username, note=error)
        tell_desk(tx, delivery, MESSAGE_FAILED, at)

    def _unknown(self, tx: Transaction, delivery: DeliveryRecord, error: str, at: datetime) -> None:
        tx.deliveries.change(delivery.id, state=DeliveryState.UNKNOWN, leased_until=None, last_error=error)
        tell_desk(tx, delivery, MESSAGE_UNKNOWN, at)

    def _settle_lost(self, channel: NoticeChannel, at: datetime) -> int:
        """Look after messages whose sender died in the moment of handing over; answers how many are in doubt."""
        knows_keys = self._channels()[channel].is_idempotent
        with self._uow.write() as tx:
            lost = tx.deliveries.lost(channel, at)
            for delivery in lost:
                if knows_keys:
                    tx.deliveries.change(delivery.id, state=DeliveryState.WAITING, next_at=at, leased_until=None)
                else:
                    self._unknown(tx, delivery, "tiến trình gửi dừng giữa chừng khi đang trao thư cho máy chủ", at)
        return 0 if knows_keys else len(lost)

    def _give_up_old(self, channel: NoticeChannel, at: datetime) -> int:
        """Stop waiting for a channel that has not answered for so long; answers how many messages took another way."""
        hours = timedelta(hours=self._office.settings.channels.retry.give_up_after_hours)
        with self._uow.read() as tx:
            rest = tx.deliveries.rest(channel)
        if not _is_long(rest, hours, at):
            return 0
        with self._uow.write() as tx:
            old = tx.deliveries.overdue(channel, at - hours, at)
            for delivery in old:
                self._give_up(tx, delivery, "kênh không trả lời quá lâu", at)
        return len(old)


def _is_long(rest: RestRecord | None, hours: timedelta, at: datetime) -> bool:
    return rest is not None and rest.since is not None and at - rest.since > hours
