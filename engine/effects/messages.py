"""What an act owes the applicant: promised in its transaction, by the channels that they chose, in words of the office.

One act is told once: a letter by its form, anything else by the first entry of the installation's events that applies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.event_text import message_text
from engine.domain.letter_life import LetterState
from engine.domain.messages import (
    CARRY_LETTER,
    CARRY_PAPER,
    NEEDS_CONSENT,
    DeliveryState,
    LetterReach,
    NoticeChannel,
    Wish,
    address_on,
    letter_reach,
    one_line,
    ways,
)
from engine.domain.people import SCHEDULER, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from engine.domain.reprojection import Moved
    from engine.effects.journey import Journey
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord
    from engine.persistence.repositories.messages import DeliveryRecord
    from engine.persistence.unit_of_work import Transaction
    from engine.settings.channels import EventWords

MESSAGE_FAILED, MESSAGE_UNKNOWN, MESSAGE_RETURNED = "message_failed", "message_unknown", "message_returned"
CALENDAR_MOVED = "calendar_moved"
LONGEST_NAME = 120
_OF_WORD = {"result_ready": "result_ready", "payment_requested": "payment_requested"}
_OF_CLOCK = {"pause": "clock_paused"}


@dataclass(frozen=True, slots=True)
class Noted:
    """A line of the history that was written in an act."""

    seq: int
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that the applicant is told: which entry of the events it is, and what makes it this one."""

    event: str
    key: str
    letter_id: int | None = None
    letter: str = ""
    reason: str = ""
    unit_id: int | None = None


def promise_messages(journey: Journey, noted: list[Noted]) -> None:
    """Promise what the applicant is told of an act; the dossier of the journey is saved already.

    What an import repeats was told elsewhere long ago.
    """
    if journey.by.is_import or not noted:
        return
    office, dossier = journey.office, journey.dossier
    wish = Wish.of(dossier.details)
    if not wish.order and not address_on(NoticeChannel.PHONE, dossier.applicant):
        return
    events = office.settings.channels.events
    for happening in _happenings(journey, noted):
        chosen = _ways(office, dossier, wish, events[happening.event])
        if chosen:
            _promise(journey.tx, office, dossier, happening, chosen, journey.recorded_at)


def promise_moved(tx: Transaction, office: Office, moved: Mapping[int, tuple[int, Moved]], at: datetime) -> None:
    """Promise what applicants are told whose appointment a change of calendar moved: event number and move by dossier.

    The dossiers are saved already. Nobody is called by telephone for it: one holiday moves the dates of a province.
    """
    words = office.settings.channels.events[CALENDAR_MOVED]
    for dossier in tx.dossiers.by_ids(moved) if moved else ():
        seq, move = moved[dossier.id]
        chosen = _ways(office, dossier, Wish.of(dossier.details), words)
        if chosen:
            happening = _calendar_moved(f"event:{dossier.id}:{seq}", move.why)
            _promise(tx, office, dossier, happening, chosen, at)


def _ways(
    office: Office, dossier: DossierRecord, wish: Wish, words: EventWords
) -> tuple[tuple[NoticeChannel, str], ...]:
    """The channels on which the applicant is told, the first one first; the telephone last where it must reach them."""
    channels = office.settings.channels
    allowed = set(words.channels) & set(channels.offered)
    if not words.attach:
        allowed -= CARRY_PAPER
    if not wish.consented_at:
        allowed -= NEEDS_CONSENT
    chosen = ways(wish.order, allowed, dossier.applicant)
    telephone = address_on(NoticeChannel.PHONE, dossier.applicant)
    if words.call and channels.call_list and telephone:
        return (*chosen, (NoticeChannel.PHONE, telephone))
    return chosen


def _happenings(journey: Journey, noted: list[Noted]) -> Iterator[Happening]:
    events = journey.office.settings.channels.events
    letters = [line.data for line in noted if line.kind == "letter_issued" and line.data.get("letter_id")]
    for data in letters:
        letter = journey.tx.letters.find(int(data["letter_id"]))
        event = letter.form if letter.form in events else "letter"
        named = f"{letter.title} số {letter.number_text}"
        yield Happening(event, f"letter:{letter.id}", letter.id, named, unit_id=letter.unit_id)
    if letters:
        return
    found = [happening for line in noted if (happening := _of_line(journey.dossier.id, line))]
    order = list(events)
    if found:
        yield min(found, key=lambda happening: order.index(happening.event))


def _of_line(dossier_id: int, line: Noted) -> Happening | None:
    key = f"event:{dossier_id}:{line.seq}"
    if line.kind == "status_changed":
        return Happening("status_changed", key)
    if line.kind == "notified" and line.data.get("audience") == "applicant":
        message = str(line.data.get("message", ""))
        return Happening(_OF_WORD.get(message, "told"), key, reason=message_text(message))
    if line.kind == "due_date_moved":
        return _calendar_moved(key, line.data.get("why") or ())
    if line.kind == "clock_moved":
        reason = str(line.data.get("ground_name") or "")
        event = _OF_CLOCK.get(str(line.data.get("action")), "date_moved" if line.data.get("due_at") else "")
        return Happening(event, key, reason=reason) if event else None
    return None


def _calendar_moved(key: str, why: Sequence[str]) -> Happening:
    return Happening(CALENDAR_MOVED, key, reason=f"vì {why[0]}" if why else "theo lịch làm việc")


def _promise(
    tx: Transaction,
    office: Office,
    dossier: DossierRecord,
    happening: Happening,
    chosen: tuple[tuple[NoticeChannel, str], ...],
    at: datetime,
) -> None:
    (channel, address), *others = chosen
    words = office.settings.channels.events[happening.event]
    told = _places(office, dossier, happening)
    tx.deliveries.promise(
        key=f"{happening.key}:{channel.value}",
        event_key=happening.key,
        event=happening.event,
        dossier_id=dossier.id,
        letter_id=happening.letter_id,
        unit_id=dossier.unit_id,
        channel=channel.value,
        fallbacks=[[each.value, where] for each, where in others],
        address=address,
        name=one_line(dossier.applicant.full_name, LONGEST_NAME),
        subject=one_line(words.subject.format(**told), 200),
        body=one_line(words.text.format(**told), 1000),
        state=(DeliveryState.HELD if happening.letter_id else DeliveryState.WAITING).value,
        created_at=at,
    )


def _places(office: Office, dossier: DossierRecord, happening: Happening) -> dict[str, str]:
    """What the words of an event may name, each made safe for one line."""
    desk = office.units.get(dossier.unit_id)
    speaker = office.units.get(happening.unit_id) if happening.unit_id else desk
    due = dossier.due_at
    told = {
        "code": dossier.code,
        "status": dossier.status.label,
        "due": f"{due.astimezone(office.settings.zone):%H:%M ngày %d/%m/%Y}" if due else "chưa có",
        "link": office.settings.web.address("/tra-cuu"),
        "unit": speaker.short_name or speaker.name,
        "phone": desk.phone or "Bộ phận Một cửa",
        "letter": happening.letter,
        "reason": happening.reason or "theo quy định",
    }
    return {name: one_line(text, 200) for name, text in told.items()}


def fall_back(tx: Transaction, delivery: DeliveryRecord, at: datetime) -> NoticeChannel | None:
    """Promise a message that failed for good on the next channel of its list; None where there is none left."""
    rest = list(delivery.fallbacks)
    while rest:
        channel, address = rest.pop(0)
        if move_to(tx, delivery, NoticeChannel(channel), address, rest, at):
            return NoticeChannel(channel)
    return None


def move_to(
    tx: Transaction,
    delivery: DeliveryRecord,
    channel: NoticeChannel,
    address: str,
    rest: list[tuple[str, str]],
    at: datetime,
) -> bool:
    """Promise the same event on another channel; False if it went there before."""
    is_held = delivery.state is DeliveryState.HELD
    return tx.deliveries.promise(
        key=f"{delivery.event_key}:{channel.value}",
        fallbacks=[list(pair) for pair in rest],
        channel=channel.value,
        address=address,
        state=(DeliveryState.HELD if is_held else DeliveryState.WAITING).value,
        created_at=at,
        **{
            name: getattr(delivery, name)
            for name in ("event_key", "event", "dossier_id", "letter_id", "unit_id", "name", "subject", "body")
        },
    )


def reach_by_page(tx: Transaction, letter_id: int, at: datetime) -> None:
    """A letter is on the page of the look-up: what carries it further may go.

    Where nothing carries it further, it has arrived.
    """
    tx.deliveries.release(letter_id, at)
    if tx.deliveries.states_of_letter(letter_id, CARRY_LETTER):
        tx.letters.advance(letter_id, LetterState.SENT, at=at, by=SCHEDULER.username, note="Trang tra cứu")
    else:
        tx.letters.mark_delivered(letter_id, at)


_LETTER_STATES = {
    LetterReach.SENT: LetterState.SENT,
    LetterReach.DELIVERED: LetterState.DELIVERED,
    LetterReach.RETURNED: LetterState.RETURNED,
    LetterReach.FAILED: LetterState.FAILED,
}


def letter_follows(tx: Transaction, delivery: DeliveryRecord, at: datetime, *, by: str, note: str = "") -> None:
    """Bring the state of a letter in line with what has become of the messages that carry it."""
    if delivery.letter_id is None or delivery.channel not in CARRY_LETTER:
        return
    state = _LETTER_STATES.get(letter_reach(tx.deliveries.states_of_letter(delivery.letter_id, CARRY_LETTER)))
    if state is not None:
        told = ": ".join(filter(None, (delivery.channel.label, note)))
        tx.letters.advance(delivery.letter_id, state, at=at, by=by, note=told)


def tell_desk(tx: Transaction, delivery: DeliveryRecord, message: str, at: datetime) -> None:
    """Leave a word for the desk that has to do something about a message."""
    tx.history.notify(delivery.dossier_id, unit_id=delivery.unit_id, role=Role.CLERK.value, message=message, at=at)
