"""What pages show of messages: on their way, stuck, arrived; bags for the post office; channels that rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.domain.messages import DeliveryState, NoticeChannel


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message on one channel. `is_late`: it waits longer than the office allows; `may_act`: for who looks."""

    id: int
    event: str
    channel: NoticeChannel
    state: DeliveryState
    dossier_code: str
    unit_name: str
    name: str
    address: str
    subject: str
    body: str
    letter_id: int | None
    letter_number: str
    created_at: datetime
    next_at: datetime
    attempts: int
    sent_at: datetime | None
    delivered_at: datetime | None
    ended_at: datetime | None
    reference: str
    receiver: str
    note: str
    last_error: str
    is_trial: bool
    batch_id: int | None
    fallbacks: tuple[NoticeChannel, ...]
    is_late: bool = False
    may_act: bool = False

    @property
    def at(self) -> datetime:
        """The latest moment that the line can tell of."""
        return self.delivered_at or self.ended_at or self.sent_at or self.created_at

    @property
    def others(self) -> tuple[NoticeChannel, ...]:
        """The channels that a person may choose instead of this one."""
        kind = type(self.channel)
        fitting = kind if self.letter_id is not None else [each for each in kind if each not in _PAPER]
        return tuple(each for each in fitting if each is not self.channel)


_PAPER = ("post", "in_person")


@dataclass(frozen=True, slots=True)
class RestLine:
    """A channel whose other side does not answer, since when, and when it is tried again."""

    channel: NoticeChannel
    since: datetime
    until: datetime | None
    last_error: str


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A page of one view, how much each view holds, and what rests."""

    lines: tuple[MessageLine, ...]
    total: int
    counts: Mapping[str, int]
    rests: tuple[RestLine, ...]
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A bag for the post office; `number` counts in the unit and the year."""

    id: int
    number: int
    year: int
    unit_name: str
    made_at: datetime
    made_by: str
    posted_at: datetime | None
    posted_by: str


@dataclass(frozen=True, slots=True)
class BatchPage:
    """A bag and the letters in it."""

    batch: BatchLine
    lines: tuple[MessageLine, ...]
    may_act: bool


@dataclass(frozen=True, slots=True)
class PublicMessage:
    """What a citizen sees of a message that was sent to them; the address is not shown in full."""

    channel: NoticeChannel
    text: str
    at: datetime
    state: DeliveryState
