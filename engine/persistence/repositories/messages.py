"""Messages on their way: promised with the commit of their event, claimed by one sender, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from engine.domain.errors import NotFound
from engine.domain.messages import IN_HOUSE, DeliveryState, NoticeChannel
from engine.persistence.base import table_of
from engine.persistence.models import ChannelRest, Delivery, NumberSeries, PostBatch
from engine.persistence.statements import insert_once, next_number, upsert

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection

_D = table_of(Delivery).c
_B = table_of(PostBatch).c
_R = table_of(ChannelRest).c


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A message on one channel as it stands in its row."""

    id: int
    key: str
    event_key: str
    event: str
    dossier_id: int
    letter_id: int | None
    unit_id: int
    channel: NoticeChannel
    fallbacks: tuple[tuple[str, str], ...]
    address: str
    name: str
    subject: str
    body: str
    state: DeliveryState
    is_trial: bool
    attempts: int
    created_at: datetime
    next_at: datetime
    tried_at: datetime | None
    leased_until: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    ended_at: datetime | None
    reference: str
    receiver: str
    note: str
    last_error: str
    acted_by: str
    batch_id: int | None

    @classmethod
    def read(cls, row: Any) -> DeliveryRecord:
        """Turn a row into a value."""
        facts = {name: row[name] for name in cls.__dataclass_fields__}
        facts["channel"] = NoticeChannel(row["channel"])
        facts["state"] = DeliveryState(row["state"])
        facts["fallbacks"] = tuple((str(channel), str(address)) for channel, address in row["fallbacks"])
        return cls(**facts)


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """A bag for the post office."""

    id: int
    unit_id: int
    year: int
    number: int
    made_at: datetime
    made_by: str
    posted_at: datetime | None
    posted_by: str | None


@dataclass(frozen=True, slots=True)
class RestRecord:
    """A channel whose other side did not answer lately."""

    channel: str
    failures: int
    since: datetime | None
    until: datetime | None
    last_error: str


_COLUMNS = [_D[name] for name in DeliveryRecord.__dataclass_fields__]
_BY_ID = select(*_COLUMNS).where(_D.id == bindparam("key"))
_OF_DOSSIER = select(*_COLUMNS).where(_D.dossier_id == bindparam("key")).order_by(_D.id)
_OF_BATCH = select(*_COLUMNS).where(_D.batch_id == bindparam("key")).order_by(_D.id)
_BATCH = select(*(_B[name] for name in BatchRecord.__dataclass_fields__))
_FREE = or_(_D.leased_until.is_(None), _D.leased_until < bindparam("at"))
_WAITING, _SENDING = DeliveryState.WAITING.value, DeliveryState.SENDING.value
_FIRST_DUE = (
    select(_D.id)
    .where(_D.channel == bindparam("way"), _D.state == _WAITING, _D.next_at <= bindparam("at"), _FREE)
    .order_by(_D.next_at, _D.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(table_of(Delivery))
    .where(_D.id.in_(_FIRST_DUE))
    .values(
        leased_until=bindparam("until"),
        attempts=_D.attempts + 1,
        tried_at=func.coalesce(_D.tried_at, bindparam("at", type_=_D.tried_at.type)),
    )
    .returning(*_COLUMNS)
)


class Deliveries:
    """Messages, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    # --- promised and found ---

    def promise(self, **facts: Any) -> bool:
        """Promise a message on a channel; False if this event was promised on this channel before."""
        given = {"attempts": 0, "is_trial": False, "next_at": facts["created_at"], **facts}
        texts = dict.fromkeys(("reference", "receiver", "note", "last_error", "acted_by"), "")
        return insert_once(self._connection, table_of(Delivery), **texts | given)

    def find(self, delivery_id: int) -> DeliveryRecord:
        """Read a message; raises `NotFound`."""
        row = self._connection.execute(_BY_ID, {"key": delivery_id}).mappings().one_or_none()
        if row is None:
            raise NotFound(what="thư, tin nhắn")
        return DeliveryRecord.read(row)

    def lock(self, delivery_id: int) -> DeliveryRecord:
        """Read a message and keep everybody else from changing it; raises `NotFound`."""
        row = self._connection.execute(_BY_ID.with_for_update(), {"key": delivery_id}).mappings().one_or_none()
        if row is None:
            raise NotFound(what="thư, tin nhắn")
        return DeliveryRecord.read(row)

    def of_dossier(self, dossier_id: int) -> list[DeliveryRecord]:
        """Every message about a dossier, in the order in which they were promised."""
        rows = self._connection.execute(_OF_DOSSIER, {"key": dossier_id}).mappings()
        return [DeliveryRecord.read(row) for row in rows]

    # --- what a sender does ---

    def claim(self, channel: NoticeChannel, at: datetime, until: datetime) -> DeliveryRecord | None:
        """Lease the message on a channel that has been due longest, until `until`; None if none is."""
        row = (
            self._connection.execute(_CLAIM, {"way": channel.value, "at": at, "until": until}).mappings().one_or_none()
        )
        return DeliveryRecord.read(row) if row else None

    def at_the_door(self, claimed: DeliveryRecord, until: datetime) -> bool:
        """Note that a message is handed over now; False if the lease is somebody else's or it was cancelled."""
        done = self._connection.execute(
            update(table_of(Delivery))
            .where(_D.id == claimed.id, _D.state == _WAITING, _D.leased_until == claimed.leased_until)
            .values(state=_SENDING, leased_until=until)
        )
        return done.rowcount == 1

    def lost(self, channel: NoticeChannel, at: datetime) -> list[DeliveryRecord]:
        """Messages whose sender died after handing them over and before saying so."""
        statement = (
            select(*_COLUMNS)
            .where(_D.channel == channel.value, _D.state == _SENDING, _D.leased_until < at)
            .with_for_update(skip_locked=True)
        )
        return [DeliveryRecord.read(row) for row in self._connection.execute(statement).mappings()]

    def overdue(self, channel: NoticeChannel, before: datetime, at: datetime) -> list[DeliveryRecord]:
        """Messages that wait since before a moment and that nobody is handing over."""
        waits = and_(_D.state == _WAITING, _D.channel == channel.value, _D.created_at < before)
        free = or_(_D.leased_until.is_(None), _D.leased_until < at)
        statement = select(*_COLUMNS).where(waits, free).with_for_update(skip_locked=True)
        return [DeliveryRecord.read(row) for row in self._connection.execute(statement).mappings()]

    def change(self, delivery_id: int, **values: Any) -> None:
        """Change a row."""
        plain = {name: str(value) if name == "state" else value for name, value in values.items()}
        self._connection.execute(update(table_of(Delivery)).where(_D.id == delivery_id).values(**plain))

    # --- acts that may be taken back ---

    def hold_back(self, event_keys: Collection[str], until: datetime) -> None:
        """Let messages of some events wait until a moment."""
        waits = and_(_D.event_key.in_(list(event_keys)), _D.state == _WAITING)
        self._connection.execute(update(table_of(Delivery)).where(waits).values(next_at=until))

    def take_back(self, event_keys: Collection[str], *, at: datetime) -> None:
        """Cancel messages of events that were taken back before anything was sent."""
        waits = and_(_D.event_key.in_(list(event_keys)), _D.state == _WAITING)
        values = {"state": DeliveryState.CANCELLED.value, "note": "Hoàn tác trước khi gửi", "ended_at": at}
        self._connection.execute(update(table_of(Delivery)).where(waits).values(**values))

    # --- letters ---

    def release(self, letter_id: int, at: datetime) -> int:
        """Let what carries a letter go, now that the letter is ready; answers how many messages that are.

        What waits for a person or a channel waits from now on, not since the letter was ordered.
        """
        done = self._connection.execute(
            update(table_of(Delivery))
            .where(_D.letter_id == letter_id, _D.state == DeliveryState.HELD.value)
            .values(state=_WAITING, next_at=at, created_at=at)
        )
        return done.rowcount

    def cancel_of_letter(self, letter_id: int, *, at: datetime, reason: str) -> None:
        """Cancel what has not left the house of a letter that was cancelled."""
        self._connection.execute(
            update(table_of(Delivery))
            .where(_D.letter_id == letter_id, _D.state.in_([state.value for state in IN_HOUSE]))
            .values(state=DeliveryState.CANCELLED.value, note=reason, ended_at=at)
        )

    def states_of_letter(self, letter_id: int, channels: Collection[NoticeChannel]) -> list[DeliveryState]:
        """The state of every message about a letter on some channels."""
        ways = [channel.value for channel in channels]
        states = self._connection.scalars(select(_D.state).where(_D.letter_id == letter_id, _D.channel.in_(ways)))
        return [DeliveryState(state) for state in states]

    # --- channels that rest ---

    def rest(self, channel: NoticeChannel) -> RestRecord | None:
        """How a channel does; None for one that never failed."""
        columns = [_R[name] for name in RestRecord.__dataclass_fields__]
        row = self._connection.execute(select(*columns).where(_R.channel == channel.value)).mappings().one_or_none()
        return RestRecord(**row) if row else None

    def keep_rest(self, channel: NoticeChannel, **facts: Any) -> None:
        """Write down how a channel does."""
        upsert(self._connection, table_of(ChannelRest), "channel", channel=channel.value, **facts)

    # --- bags for the post office ---

    def make_batch(self, unit_id: int, year: int, delivery_ids: Collection[int], *, at: datetime, by: str) -> int:
        """Put letters into a numbered bag; answers its id."""
        number = next_number(self._connection, table_of(NumberSeries), f"post:{unit_id}:{year}")
        values = {"unit_id": unit_id, "year": year, "number": number, "made_at": at, "made_by": by}
        batch_id = self._connection.execute(insert(table_of(PostBatch)).values(**values).returning(_B.id)).scalar_one()
        self._connection.execute(
            update(table_of(Delivery)).where(_D.id.in_(sorted(delivery_ids))).values(batch_id=batch_id)
        )
        return int(batch_id)

    def batch(self, batch_id: int, *, locked: bool = False) -> BatchRecord:
        """Read a bag; raises `NotFound`."""
        statement = _BATCH.where(_B.id == batch_id)
        row = self._connection.execute(statement.with_for_update() if locked else statement).mappings().one_or_none()
        if row is None:
            raise NotFound(what="chuyến thư")
        return BatchRecord(**row)

    def batches(self, unit_ids: Collection[int], most: int) -> list[BatchRecord]:
        """The latest bags of some units."""
        statement = _BATCH.where(_B.unit_id.in_(sorted(unit_ids))).order_by(_B.id.desc()).limit(most)
        return [BatchRecord(**row) for row in self._connection.execute(statement).mappings()]

    def of_batch(self, batch_id: int) -> list[DeliveryRecord]:
        """The letters in a bag."""
        rows = self._connection.execute(_OF_BATCH, {"key": batch_id}).mappings()
        return [DeliveryRecord.read(row) for row in rows]

    def bag_posted(self, batch_id: int, *, at: datetime, by: str) -> None:
        """Note that the post office took a bag."""
        statement = update(table_of(PostBatch)).where(_B.id == batch_id)
        self._connection.execute(statement.values(posted_at=at, posted_by=by))

    # --- counted ---

    def count_waiting(self, channels: Collection[NoticeChannel]) -> int:
        """How many messages wait for a machine."""
        ways = [channel.value for channel in channels]
        waits = and_(_D.channel.in_(ways), _D.state.in_([_WAITING, _SENDING]))
        return self._connection.scalar(select(func.count()).select_from(table_of(Delivery)).where(waits)) or 0

    def count_stuck(self, before: datetime) -> dict[str, int]:
        """By channel: what still waits although it was promised before a moment, whoever has to do it."""
        waits = _D.state.in_(["held", "waiting", "sending", "unknown"])
        statement = (
            select(_D.channel, func.count())
            .where(waits, _D.created_at < before)
            .group_by(_D.channel)
            .order_by(_D.channel)
        )
        return {str(channel): int(count) for channel, count in self._connection.execute(statement)}

    def count_states(self) -> dict[str, dict[str, int]]:
        """How many messages are in which state, by channel."""
        found: dict[str, dict[str, int]] = {}
        statement = (
            select(_D.channel, _D.state, func.count()).group_by(_D.channel, _D.state).order_by(_D.channel, _D.state)
        )
        for channel, state, count in self._connection.execute(statement):
            found.setdefault(str(channel), {})[str(state)] = int(count)
        return found
