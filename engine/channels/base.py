"""What every channel is: a message goes in, a receipt or one of four failures comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


class SendingFailed(Exception):
    """A message did not go out. The words are for the office: no address, no text of the message."""


class TemporaryFailure(SendingFailed):
    """This message, now: the same message may be taken later."""


class ServiceAway(TemporaryFailure):
    """The other side does not answer or turns everybody away: no message is to blame."""


class PermanentFailure(SendingFailed):
    """This message will never be taken: the address is wrong, the content is refused."""


class UncertainFailure(SendingFailed):
    """The line broke after the message was handed over and before it was acknowledged: it may have arrived."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A PDF that goes along."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent to whom. `key` names the event and the channel: the same key is the same message."""

    key: str
    to: str
    name: str
    subject: str
    text: str
    at: datetime
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side answered: its own number for the message, empty if it gives none."""

    reference: str = ""
    is_trial: bool = False


class Channel(Protocol):
    """A way out of the house."""

    @property
    def is_idempotent(self) -> bool:
        """Whether the other side knows a key again, so that a message in doubt may be handed over once more."""
        ...

    @property
    def takes_attachments(self) -> bool:
        """Whether a letter can go along."""
        ...

    def send(self, message: Message, at_the_door: Callable[[], object]) -> Receipt:
        """Hand a message over; `at_the_door` is called just before the other side could have it.

        Raises a `SendingFailed`, or whatever `at_the_door` raises: nothing was handed over then.
        """
        ...
