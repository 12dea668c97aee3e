"""Lists of messages: what waits for a machine, what for a person, what is stuck, what arrived."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, func, not_, or_, select

from engine.domain.message_views import BatchLine, MessageLine, RestLine
from engine.domain.messages import AUTOMATIC, REACHED, STUCK, DeliveryState, NoticeChannel
from engine.domain.units import UnitTree
from engine.persistence.base import table_of
from engine.persistence.models import ChannelRest, Delivery, Dossier, Letter
from engine.persistence.repositories.messages import BatchRecord

_D = table_of(Delivery).c
_OTHER = table_of(Delivery).alias("other")
_DOSSIER = table_of(Dossier).c
_LETTER = table_of(Letter).c
_R = table_of(ChannelRest).c
_MACHINE = [channel.value for channel in sorted(AUTOMATIC)]
_ON_ITS_WAY = ["held", "waiting", "sending"]
_HAS_ANOTHER = exists().where(
    _OTHER.c.event_key == _D.event_key,
    _OTHER.c.id != _D.id,
    _OTHER.c.state.in_([*_ON_ITS_WAY, *(state.value for state in REACHED)]),
)
_WAITS = _D.state.in_([*_ON_ITS_WAY, "unknown"])
# What each list holds. `stuck`: no other channel has taken the event over, or nobody knows whether it arrived.
VIEWS: Mapping[str, ColumnElement[bool]] = {
    "stuck": and_(
        _D.state.in_([state.value for state in STUCK]), or_(_D.state == DeliveryState.UNKNOWN.value, not_(_HAS_ANOTHER))
    ),
    "machine": and_(_D.channel.in_(_MACHINE), _D.state.in_(_ON_ITS_WAY)),
    "call": and_(_D.channel == NoticeChannel.PHONE.value, _D.state == "waiting"),
    "hand_over": and_(_D.channel == NoticeChannel.IN_PERSON.value, _D.state.in_(_ON_ITS_WAY)),
    "post": and_(_D.channel == NoticeChannel.POST.value, _D.state.in_(_ON_ITS_WAY)),
    "sent": _D.state.in_([state.value for state in REACHED]),
}
_FROM = (
    table_of(Delivery)
    .join(table_of(Dossier), _DOSSIER.id == _D.dossier_id)
    .outerjoin(table_of(Letter), _LETTER.id == _D.letter_id)
)
_SELECT = select(table_of(Delivery), _DOSSIER.code.label("dossier_code"), _LETTER.number_text).select_from(_FROM)


class MessageLists:
    """Messages of some units, as they stand; what was promised before `late_before` and still waits is late."""

    def __init__(
        self, connection: Connection, units: UnitTree, *, late_before: datetime, may_act: Collection[int] = ()
    ) -> None:
        """Read over an open transaction."""
        self._connection = connection
        self._units = units
        self._late_before = late_before
        self._may_act = frozenset(may_act)

    def page(self, view: str, unit_ids: Collection[int], *, limit: int, offset: int) -> tuple[MessageLine, ...]:
        """A page of one list, the oldest first; of what was sent the latest first."""
        order = (_D.sent_at.desc(), _D.id.desc()) if view == "sent" else (_D.created_at, _D.id)
        statement = _SELECT.where(self._condition(view), _in(unit_ids)).order_by(*order).limit(limit).offset(offset)
        return self._lines(self._connection.execute(statement).mappings())

    def counts(self, unit_ids: Collection[int]) -> dict[str, int]:
        """How many messages each list holds."""
        return {view: self._count(self._condition(view), unit_ids) for view in (*VIEWS, "late")}

    def of_dossier(self, dossier_id: int) -> tuple[MessageLine, ...]:
        """Every message about a dossier, in the order in which they were promised."""
        statement = _SELECT.where(_D.dossier_id == dossier_id).order_by(_D.created_at, _D.id)
        return self._lines(self._connection.execute(statement).mappings())

    def of_batch(self, batch_id: int) -> tuple[MessageLine, ...]:
        """The letters in a bag."""
        statement = _SELECT.where(_D.batch_id == batch_id).order_by(_D.id)
        return self._lines(self._connection.execute(statement).mappings())

    def to_post(self, unit_id: int, most: int) -> list[int]:
        """The letters of a unit that are in no bag yet and ready to go, the oldest first."""
        ready = and_(_D.channel == NoticeChannel.POST.value, _D.state == "waiting", _D.batch_id.is_(None))
        chosen = select(_D.id).where(ready, _D.unit_id == unit_id).order_by(_D.id).limit(most)
        return list(self._connection.scalars(chosen.with_for_update()))

    def trials(self, units: Collection[int], *, limit: int, offset: int) -> tuple[MessageLine, ...]:
        """What would have been sent from some desks, the latest first."""
        statement = (
            _SELECT.where(_D.is_trial, _D.unit_id.in_(units))
            .order_by(_D.sent_at.desc(), _D.id.desc())
            .limit(limit)
            .offset(offset)
        )
        return self._lines(self._connection.execute(statement).mappings())

    def count_trials(self, units: Collection[int]) -> int:
        """How much would have been sent from some desks."""
        statement = select(func.count()).select_from(table_of(Delivery)).where(_D.is_trial, _D.unit_id.in_(units))
        return self._connection.scalar(statement) or 0

    def rests(self, at: datetime) -> tuple[RestLine, ...]:
        """The channels that do not answer now."""
        columns = select(_R.channel, _R.since, _R.until, _R.last_error).where(_R.failures > 0, _R.until > at)
        rows = self._connection.execute(columns.order_by(_R.channel))
        return tuple(RestLine(NoticeChannel(row.channel), row.since, row.until, row.last_error) for row in rows)

    def batch_line(self, batch: BatchRecord) -> BatchLine:
        """A bag as a line."""
        return BatchLine(
            batch.id,
            batch.number,
            batch.year,
            self._units.get(batch.unit_id).name,
            batch.made_at,
            batch.made_by,
            batch.posted_at,
            batch.posted_by or "",
        )

    def _condition(self, view: str) -> ColumnElement[bool]:
        return and_(_WAITS, _D.created_at < self._late_before) if view == "late" else VIEWS[view]

    def _count(self, condition: ColumnElement[bool], unit_ids: Collection[int]) -> int:
        statement = select(func.count()).select_from(table_of(Delivery)).where(condition, _in(unit_ids))
        return self._connection.scalar(statement) or 0

    def _lines(self, rows: Any) -> tuple[MessageLine, ...]:
        return tuple(self._line(row) for row in rows)

    def _line(self, row: RowMapping) -> MessageLine:
        state = DeliveryState(row["state"])
        waits = state.value in {*_ON_ITS_WAY, "unknown"}
        same = (
            "id",
            "event",
            "dossier_code",
            "name",
            "address",
            "subject",
            "body",
            "letter_id",
            "created_at",
            "next_at",
        )
        more = ("attempts", "sent_at", "delivered_at", "ended_at", "reference", "receiver", "note", "last_error")
        return MessageLine(
            **{name: row[name] for name in (*same, *more, "is_trial", "batch_id")},
            channel=NoticeChannel(row["channel"]),
            state=state,
            unit_name=self._units.get(row["unit_id"]).name,
            letter_number=row["number_text"] or "",
            fallbacks=tuple(NoticeChannel(channel) for channel, _address in row["fallbacks"]),
            is_late=waits and row["created_at"] < self._late_before,
            may_act=row["unit_id"] in self._may_act,
        )


def _in(unit_ids: Collection[int]) -> ColumnElement[bool]:
    return _D.unit_id.in_(sorted(unit_ids))
