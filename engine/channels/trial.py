"""The drawer for trials: everything goes as if it were sent, and nothing leaves the house."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.channels.base import Receipt

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.channels.base import Message


class TrialChannel:
    """Takes every message; the record of it is the delivery itself, which an administrator reads on a page."""

    is_idempotent = True

    def __init__(self, *, takes_attachments: bool = False) -> None:
        """`takes_attachments` as the channel that it stands in for."""
        self.takes_attachments = takes_attachments

    def send(self, message: Message, at_the_door: Callable[[], object]) -> Receipt:
        """Take the message and keep it in the house."""
        at_the_door()
        return Receipt(f"thử nghiệm {len(message.text)} ký tự", is_trial=True)
