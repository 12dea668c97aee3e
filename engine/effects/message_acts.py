"""What acts of people on messages share: who may, the line in the history, and how long something may wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput, NotAllowedNow
from engine.domain.permissions import check_can_handle_message
from engine.persistence.repositories.history import Link

if TYPE_CHECKING:
    from engine.domain.calendar import WorkingCalendar
    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.repositories.messages import DeliveryRecord
    from engine.persistence.unit_of_work import Transaction


class MessageReasonMissing(BadInput):
    """Hãy ghi {what}; nội dung được giữ trong nhật ký của hồ sơ."""

    code = "message_reason_missing"


class MessageMoved(NotAllowedNow):
    """Thư, tin nhắn này đang ở trạng thái “{state}” nên không {what} được. Hãy tải lại trang."""

    code = "message_moved"


def late_before(office: Office, at: datetime) -> datetime:
    """The moment since when nothing may still be waiting: so many working days before `at`, at the same hour."""
    days = office.settings.channels.alarm_after_working_days
    return waiting_since(office.calendar, at.astimezone(office.settings.zone), days)


def waiting_since(calendar: WorkingCalendar, local: datetime, days: int) -> datetime:
    """So many working days before a moment of the office's own time, at the same hour."""
    return local - timedelta(days=(local.date() - calendar.add_working_days(local.date(), -days)).days)


def taken_up(tx: Transaction, office: Office, actor: Actor, delivery_id: int) -> DeliveryRecord:
    """A message that the person may do something about, locked; raises `NotFound`, `Refused`."""
    delivery = tx.deliveries.lock(delivery_id)
    check_can_handle_message(actor, delivery.unit_id, office.units)
    return delivery


def write_down(tx: Transaction, delivery: DeliveryRecord, actor: Actor, what: str, at: datetime, **more: str) -> None:
    """Put an act of a person on a message into the history of its dossier; nobody's open form grows old by it."""
    dossier = tx.dossiers.lock(tx.dossiers.by_id(delivery.dossier_id).code)
    link = tx.history.append(
        dossier.id,
        Link(dossier.event_count, dossier.event_hash),
        kind="message_handled",
        at=at,
        recorded_at=at,
        by=actor.username,
        data={"what": what, "channel": delivery.channel.value, "subject": delivery.subject, **more},
    )
    tx.dossiers.save(dossier, event_count=link.count, event_hash=link.hash)
