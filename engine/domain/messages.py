"""How people are told: the channels that leave the house, what becomes of a message, and where it may be sent.

The page of the look-up is always there and needs no entry: these are the ways besides it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from engine.domain.dossier import Applicant

NOTIFY_BY, CONSENT = "notify_by", "notify_consent"
_DIGITS_OF_PHONE = range(9, 13)
_EMAIL = re.compile(r"[^@\s<>()\[\],;:\"\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,188}[A-Za-z0-9])?\.[A-Za-z]{2,24}")
_SPACES = re.compile(r"\s+")


class NoticeChannel(StrEnum):
    """A way to reach somebody, in the words of the counter."""

    ZALO = "zalo"
    SMS = "sms"
    EMAIL = "email"
    POST = "post"
    IN_PERSON = "in_person"
    PHONE = "phone"

    @property
    def label(self) -> str:
        """The channel as people say it."""
        return _LABELS[self]

    @property
    def is_automatic(self) -> bool:
        """Whether a machine sends; the others wait for a person."""
        return self in AUTOMATIC


_LABELS = {
    NoticeChannel.ZALO: "Zalo",
    NoticeChannel.SMS: "Tin nhắn SMS",
    NoticeChannel.EMAIL: "Thư điện tử",
    NoticeChannel.POST: "Bưu chính",
    NoticeChannel.IN_PERSON: "Giao trực tiếp",
    NoticeChannel.PHONE: "Gọi điện thoại",
}
AUTOMATIC = frozenset({NoticeChannel.ZALO, NoticeChannel.SMS, NoticeChannel.EMAIL})
# What somebody must have agreed to: a word about a dossier goes over the wires of others.
NEEDS_CONSENT = AUTOMATIC
CARRY_PAPER = frozenset({NoticeChannel.POST, NoticeChannel.IN_PERSON})
# The letter itself goes along; the others tell where it is.
CARRY_LETTER = CARRY_PAPER | {NoticeChannel.EMAIL}


class DeliveryState(StrEnum):
    """What became of a message on one channel.

    `held`: its letter is not ready. `sending`: handed over, the answer is not known yet. `unknown`: whoever sent it
    died or lost the line in that moment, so nobody can say whether it arrived; it is never sent again by itself.
    """

    HELD = "held"
    WAITING = "waiting"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    RETURNED = "returned"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The state as a page shows it."""
        return _STATES[self]


_STATES = {
    DeliveryState.HELD: "Chờ văn bản",
    DeliveryState.WAITING: "Chờ gửi",
    DeliveryState.SENDING: "Đang gửi",
    DeliveryState.UNKNOWN: "Chưa rõ đã đến chưa",
    DeliveryState.SENT: "Đã gửi",
    DeliveryState.DELIVERED: "Đã đến tay",
    DeliveryState.RETURNED: "Bị trả lại",
    DeliveryState.FAILED: "Không gửi được",
    DeliveryState.CANCELLED: "Đã hủy",
}
# Nothing has left the house: it may still be cancelled.
IN_HOUSE = frozenset({DeliveryState.HELD, DeliveryState.WAITING, DeliveryState.FAILED})
# Somebody has to do something about it, or it never arrives.
STUCK = frozenset({DeliveryState.FAILED, DeliveryState.RETURNED, DeliveryState.UNKNOWN})
REACHED = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED})


class LetterReach(StrEnum):
    """How far a letter has come towards its addressee, over all its channels."""

    ON_PAGE = "on_page"
    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    RETURNED = "returned"
    FAILED = "failed"


_FOREMOST = (
    (LetterReach.DELIVERED, {DeliveryState.DELIVERED}),
    (LetterReach.SENT, {DeliveryState.SENT}),
    (LetterReach.WAITING, {DeliveryState.HELD, DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.UNKNOWN}),
    (LetterReach.RETURNED, {DeliveryState.RETURNED}),
    (LetterReach.FAILED, {DeliveryState.FAILED}),
)


def letter_reach(states: Collection[DeliveryState]) -> LetterReach:
    """How far a letter has come, from the states of its deliveries: the best of them tells."""
    return next((reach for reach, those in _FOREMOST if those.intersection(states)), LetterReach.ON_PAGE)


@dataclass(frozen=True, slots=True)
class Wish:
    """How an applicant wants to be told: in this order, since this moment."""

    order: tuple[NoticeChannel, ...] = ()
    consented_at: str = ""

    @classmethod
    def of(cls, details: Mapping[str, object]) -> Wish:
        """Read the wish from the details of a dossier; names that are not known any more are passed over."""
        known = {channel.value for channel in NoticeChannel}
        names = str(details.get(NOTIFY_BY) or "").split(",")
        return cls(tuple(NoticeChannel(name) for name in names if name in known), str(details.get(CONSENT) or ""))


def wish_details(order: Iterable[NoticeChannel], at: datetime) -> dict[str, str]:
    """A wish as a dossier keeps it; `at` is when the applicant agreed to be told over the wires of others."""
    chosen = tuple(dict.fromkeys(order))
    if not chosen:
        return {}
    agreed = {CONSENT: at.isoformat()} if NEEDS_CONSENT.intersection(chosen) else {}
    return {NOTIFY_BY: ",".join(chosen), **agreed}


def address_on(channel: NoticeChannel, applicant: Applicant) -> str:
    """Where a person is reached on a channel; empty where they are not.

    Telephone numbers are given in the form of the world (``+84…``), so that every gateway understands them.
    """
    if channel in {NoticeChannel.SMS, NoticeChannel.ZALO, NoticeChannel.PHONE}:
        return world_phone(applicant.phone)
    if channel is NoticeChannel.EMAIL:
        address = applicant.email.strip()
        return address if _EMAIL.fullmatch(address) and address.isascii() else ""
    if channel is NoticeChannel.POST:
        return one_line(applicant.address, 500)
    return "Bộ phận Một cửa"


def world_phone(typed: str) -> str:
    """``0912 345 678`` as ``+84912345678``; empty if it is no telephone number."""
    digits = re.sub(r"\D", "", typed)
    if not digits.isascii() or len(digits) not in _DIGITS_OF_PHONE:
        return ""
    if digits.startswith("84") and len(digits) > _DIGITS_OF_PHONE.start + 1:
        return f"+{digits}"
    return f"+84{digits.removeprefix('0')}"


def ways(
    order: Iterable[NoticeChannel], allowed: Collection[NoticeChannel], applicant: Applicant
) -> tuple[tuple[NoticeChannel, str], ...]:
    """The channels of `order` that may carry an event and reach the applicant, each with its address."""
    chosen = (channel for channel in dict.fromkeys(order) if channel in allowed)
    return tuple((channel, address) for channel in chosen if (address := address_on(channel, applicant)))


def one_line(text: str, most: int) -> str:
    """Text that fits one line of a header or a message: no line breaks, no invisible or turning letters, cut."""
    kept = "".join(" " if _is_unseen(letter) else letter for letter in unicodedata.normalize("NFC", text))
    line = _SPACES.sub(" ", kept).strip()
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _is_unseen(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def without_accents(text: str) -> str:
    """Vietnamese in plain letters: a short message holds 160 of those, but only 70 with accents."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def pause_before(attempt: int, key: str, *, first: timedelta, longest: timedelta) -> timedelta:
    """How long to wait before the next try: twice as long each time, a fifth more or less by the key.

    The spread keeps a thousand messages that failed together from coming back together; it is the same every time.
    """
    grown = min(first * 2 ** min(max(attempt - 1, 0), 16), longest)
    spread = hashlib.sha256(f"{key}:{attempt}".encode()).digest()[0] / 255
    return timedelta(seconds=grown.total_seconds() * (0.8 + 0.4 * spread))


_ITEM_HEAD = 9


def item_digits(delivery_id: int) -> str:
    """The bar code of a letter on its way by post: digits only, the last two check the others (ISO 7064 mod 97-10).

    It begins with 9 and is longer than the code on a receipt, so that no scanner takes one for the other.
    """
    body = f"{_ITEM_HEAD}{delivery_id:09d}"
    return f"{body}{98 - int(body) * 100 % 97:02d}"


def item_of(digits: str) -> int | None:
    """Read the bar code of a letter back; None if it is none of ours or a digit is wrong."""
    if not re.fullmatch(r"9\d{11,}", digits) or int(digits) % 97 != 1:
        return None
    return int(digits[1:-2])
