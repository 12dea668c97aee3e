"""Messages on their way, for people: what waits, what is stuck, and what somebody decides about it, with the reason."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from engine.domain.accounts import account_units
from engine.domain.errors import NotFound, Refused
from engine.domain.message_views import MessageLine, MessagePage
from engine.domain.messages import DeliveryState, NoticeChannel, address_on, one_line
from engine.domain.people import Actor, Role
from engine.domain.permissions import handled_units, message_units
from engine.effects.message_acts import MessageMoved, MessageReasonMissing, late_before, taken_up, write_down
from engine.effects.messages import MESSAGE_RETURNED, fall_back, letter_follows, move_to, tell_desk
from engine.effects.office import Office
from engine.persistence.queries.messages import VIEWS, MessageLists
from engine.persistence.repositories.messages import DeliveryRecord
from engine.persistence.unit_of_work import Transaction, UnitOfWork

PAGE_SIZE, LARGEST_PAGE = 50, 200
LONGEST_REASON = 500
_S = DeliveryState
_AGAIN = frozenset({_S.WAITING, _S.FAILED, _S.UNKNOWN, _S.RETURNED})
_STOPPABLE = frozenset({_S.HELD, _S.WAITING, _S.FAILED, _S.UNKNOWN, _S.RETURNED})


class Messages:
    """Reads and decides about messages, within the desks that are a person's business."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    # --- to look at ---

    def page(self, actor: Actor, view: str, page: int = 1, page_size: int = PAGE_SIZE, *, at: datetime) -> MessagePage:
        """A page of one list and how much each of them holds; raises `NotFound` for another list.

        - ``stuck``: failed, returned, or nobody knows whether it arrived, and no other channel has taken over.
        - ``machine``: a machine sends it. ``call``, ``hand_over``, ``post``: somebody has to do it.
        - ``late``: whatever waits longer than the office allows. ``sent``: gone out, the latest first.
        """
        if view not in {*VIEWS, "late"}:
            raise NotFound(what=f"danh sách “{view}”")
        page, page_size = max(page, 1), min(max(page_size, 1), LARGEST_PAGE)
        units = message_units(actor, self._office.units)
        if not units:
            raise Refused(detail="trang này dành cho cán bộ một cửa, văn thư, lãnh đạo và người giám sát")
        with self._uow.read() as tx:
            lists = self._lists(tx, actor, at)
            counts = lists.counts(units)
            return MessagePage(
                lines=lists.page(view, units, limit=page_size, offset=(page - 1) * page_size),
                total=counts[view],
                counts=counts,
                rests=lists.rests(at),
                page=page,
                page_size=page_size,
            )

    def trials(
        self, actor: Actor, page: int = 1, page_size: int = PAGE_SIZE, *, at: datetime
    ) -> tuple[tuple[MessageLine, ...], int]:
        """What would have been sent, had the channels been connected; for administrators, of their units."""
        if not actor.has_role(Role.ADMIN):
            raise Refused(detail="hộp thư thử nghiệm dành cho người quản trị")
        with self._uow.read() as tx:
            lists = self._lists(tx, actor, at)
            units = account_units(actor, self._office.units)
            found = lists.trials(units, limit=page_size, offset=(max(page, 1) - 1) * page_size)
            return found, lists.count_trials(units)

    def _lists(self, tx: Transaction, actor: Actor, at: datetime) -> MessageLists:
        units = self._office.units
        before = late_before(self._office, at)
        return MessageLists(tx.connection, units, late_before=before, may_act=handled_units(actor, units))

    # --- to decide ---

    def retry(self, actor: Actor, delivery_id: int, reason: str, *, at: datetime) -> None:
        """Send a message once more, at once; of one in doubt or sent back a person says why. Raises `MessageMoved`."""
        said = _said(reason, "lý do gửi lại")
        with self._uow.write() as tx:
            delivery = taken_up(tx, self._office, actor, delivery_id)
            _check(delivery, _AGAIN, "gửi lại", at)
            tx.deliveries.change(
                delivery.id,
                state=_S.WAITING,
                next_at=at,
                created_at=at,
                attempts=0,
                tried_at=None,
                leased_until=None,
                ended_at=None,
                batch_id=None,
                note=said,
                acted_by=actor.username,
            )
            write_down(tx, delivery, actor, "retry", at, reason=said)

    def cancel(self, actor: Actor, delivery_id: int, reason: str, *, at: datetime) -> None:
        """Stop a message that need not go, or put one away that somebody has dealt with. Raises `MessageMoved`."""
        said = _said(reason, "lý do hủy")
        with self._uow.write() as tx:
            delivery = taken_up(tx, self._office, actor, delivery_id)
            _check(delivery, _STOPPABLE, "hủy", at, leased_too=True)
            self._end(tx, delivery, actor, _S.CANCELLED, said, at)
            write_down(tx, delivery, actor, "cancel", at, reason=said)

    def use_other(self, actor: Actor, delivery_id: int, channel: str, reason: str, *, at: datetime) -> None:
        """Send the same on another channel; raises `MessageMoved` where it went there before."""
        said = _said(reason, "lý do đổi kênh")
        with self._uow.write() as tx:
            delivery = taken_up(tx, self._office, actor, delivery_id)
            _check(delivery, _STOPPABLE, "đổi kênh", at, leased_too=True)
            other = _channel(channel)
            address = address_on(other, tx.dossiers.by_id(delivery.dossier_id).applicant)
            if not address:
                raise MessageReasonMissing(what=f"địa chỉ, số điện thoại của người nộp cho kênh {other.label}")
            rest = [pair for pair in delivery.fallbacks if pair[0] != other.value]
            if not move_to(tx, delivery, other, address, rest, at):
                raise MessageMoved(state=delivery.state.label, what=f"chuyển sang {other.label} lần nữa")
            if delivery.state not in {_S.FAILED, _S.RETURNED}:
                self._end(tx, delivery, actor, _S.CANCELLED, said, at)
            write_down(tx, delivery, actor, "other", at, reason=said, other=other.value)

    def called(self, actor: Actor, delivery_id: int, note: str, *, reached: bool, at: datetime) -> None:
        """Note a telephone call: what was said, or that nobody answered (the entry stays on the list)."""
        said = _said(note, "nội dung cuộc gọi")
        with self._uow.write() as tx:
            delivery = taken_up(tx, self._office, actor, delivery_id)
            if delivery.channel is not NoticeChannel.PHONE or delivery.state is not _S.WAITING:
                raise MessageMoved(state=delivery.state.label, what="ghi cuộc gọi")
            if reached:
                self._arrived(tx, delivery, actor, said, at)
            else:
                tried = delivery.attempts + 1
                tx.deliveries.change(delivery.id, attempts=tried, tried_at=at, note=said, acted_by=actor.username)
            write_down(tx, delivery, actor, "called" if reached else "not_reached", at, reason=said)

    def handed_over(self, actor: Actor, delivery_id: int, receiver: str, note: str = "", *, at: datetime) -> None:
        """Note that a letter was handed over at the counter, and who signed for it."""
        who, said = _said(receiver, "họ tên người ký nhận"), one_line(note, LONGEST_REASON)
        with self._uow.write() as tx:
            delivery = taken_up(tx, self._office, actor, delivery_id)
            if delivery.channel is not NoticeChannel.IN_PERSON or delivery.state is not _S.WAITING:
                raise MessageMoved(state=delivery.state.label, what="ghi đã giao")
            self._arrived(tx, delivery, actor, said, at, receiver=who)
            write_down(tx, delivery, actor, "handed_over", at, receiver=who, reason=said)

    def arrived(self, actor: Actor, delivery_id: int, receiver: str, *, at: datetime) -> None:
        """Note that the post office has confirmed a delivery, and who took the letter."""
        who = _said(receiver, "họ tên người nhận theo báo phát")
        with self._uow.write() as tx:
            delivery = self._posted(tx, actor, delivery_id, "ghi báo phát")
            self._arrived(tx, delivery, actor, "", at, receiver=who)
            write_down(tx, delivery, actor, "arrived", at, receiver=who)

    def returned(self, actor: Actor, delivery_id: int, reason: str, *, at: datetime) -> None:
        """Note that a letter came back by post, and why; the next channel of the applicant takes over."""
        said = _said(reason, "lý do bưu điện trả lại")
        with self._uow.write() as tx:
            delivery = self._posted(tx, actor, delivery_id, "ghi trả lại")
            self._end(tx, delivery, actor, _S.RETURNED, said, at)
            if fall_back(tx, delivery, at) is None:
                tell_desk(tx, delivery, MESSAGE_RETURNED, at)
            write_down(tx, delivery, actor, "returned", at, reason=said)

    def _posted(self, tx: Transaction, actor: Actor, delivery_id: int, what: str) -> DeliveryRecord:
        delivery = taken_up(tx, self._office, actor, delivery_id)
        if delivery.channel is not NoticeChannel.POST or delivery.state is not _S.SENT:
            raise MessageMoved(state=delivery.state.label, what=what)
        return delivery

    def _arrived(
        self, tx: Transaction, delivery: DeliveryRecord, actor: Actor, said: str, at: datetime, receiver: str = ""
    ) -> None:
        tx.deliveries.change(
            delivery.id,
            state=_S.DELIVERED,
            sent_at=delivery.sent_at or at,
            delivered_at=at,
            receiver=receiver,
            note=said,
            acted_by=actor.username,
        )
        letter_follows(tx, delivery, at, by=actor.username, note=receiver)

    def _end(
        self,
        tx: Transaction,
        delivery: DeliveryRecord,
        actor: Actor,
        state: DeliveryState,
        said: str,
        at: datetime,
    ) -> None:
        tx.deliveries.change(
            delivery.id, state=state, ended_at=at, leased_until=None, note=said, acted_by=actor.username
        )
        letter_follows(tx, delivery, at, by=actor.username, note=said)


def _said(text: str, what: str) -> str:
    said = one_line(text, LONGEST_REASON)
    if not said:
        raise MessageReasonMissing(what=what)
    return said


def _channel(name: str) -> NoticeChannel:
    try:
        return NoticeChannel(name)
    except ValueError:
        raise MessageReasonMissing(what="kênh gửi khác") from None


def _check(
    delivery: DeliveryRecord,
    allowed: Collection[DeliveryState],
    what: str,
    at: datetime,
    *,
    leased_too: bool = False,
) -> None:
    """Raise `MessageMoved` in another state; what somebody is about to send may be stopped, but not sent besides."""
    held = delivery.leased_until is not None and delivery.leased_until > at
    if delivery.state not in allowed or (held and not leased_too):
        raise MessageMoved(state="Đang gửi" if held else delivery.state.label, what=what)
