"""The ways out of the house: mail, short messages, and a drawer for trials. No database, no rules of the counter.

    receipt = channel.send(message, at_the_door)

`at_the_door` is called once, just before the other side could have the message: what comes before it can be repeated,
what comes after it cannot be taken back.
"""

from engine.channels.base import (
    Attachment,
    Channel,
    Message,
    PermanentFailure,
    Receipt,
    SendingFailed,
    ServiceAway,
    TemporaryFailure,
    UncertainFailure,
)

__all__ = [
    "Attachment",
    "Channel",
    "Message",
    "PermanentFailure",
    "Receipt",
    "SendingFailed",
    "ServiceAway",
    "TemporaryFailure",
    "UncertainFailure",
]
