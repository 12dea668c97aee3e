"""How an installation tells people: which channels it has, what goes by which, and in which words.

The events and their words are data: `engine/channels/events.yaml` holds those of the law, `config.yaml` changes them by
name. Passwords and keys come from the environment only.
"""

from __future__ import annotations

import string
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from engine.domain.messages import NoticeChannel
from engine.plain_yaml import plain
from engine.settings.strict import Strict

EVENTS_FILE = Path(__file__).parent.parent / "channels" / "events.yaml"
# What the words of an event may name. No name of a person, no number of a card: a message passes through many hands.
PLACES = frozenset({"code", "status", "due", "link", "unit", "phone", "letter", "reason"})
SECRETS = (("email", "password"), ("sms", "secret"), ("zalo", "secret"))


class EmailSettings(Strict):
    """The server that takes the mail. `security`: starttls (default), tls from the first byte, or none (own house)."""

    host: str = ""
    port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: str = Field("", repr=False)
    sender: str = Field("", pattern=r"^([^@\s<>]+@[^@\s<>]+)?$")
    sender_name: str = Field("", max_length=100, pattern=r"^[^\r\n]*$")
    reply_to: str = Field("", pattern=r"^([^@\s<>]+@[^@\s<>]+)?$")
    timeout_seconds: float = Field(20, gt=0, le=300)

    @property
    def is_set(self) -> bool:
        """Whether mail can leave the house."""
        return bool(self.host and self.sender)


class GatewaySettings(Strict):
    """A gateway that takes short messages over HTTP: docs/channels.md says what is posted to it.

    `accents` off sends plain letters: 160 of them fit into one message, but only 70 with accents.
    """

    url: str = Field("", pattern=r"^(https?://[!-~]+)?$")
    key_id: str = ""
    secret: str = Field("", repr=False)
    sender: str = Field("", max_length=40)
    timeout_seconds: float = Field(10, gt=0, le=120)
    accents: bool = True

    @property
    def is_set(self) -> bool:
        """Whether messages can leave the house."""
        return bool(self.url and self.secret)


class EventWords(Strict):
    """What is told of one event: by which of the applicant's channels, in which words.

    `attach`: the letter goes along by e-mail and may go by post or over the counter. `call`: it must reach people, so
    where no channel does, the desk telephones.
    """

    channels: tuple[NoticeChannel, ...] = ()
    subject: str = Field(min_length=1, max_length=120)
    text: str = Field(min_length=1, max_length=600)
    attach: bool = False
    call: bool = False

    @model_validator(mode="after")
    def _names_known_places(self) -> Self:  # noqa: N804 - a validator of the whole has an instance
        for words in (self.subject, self.text):
            try:
                named = {
                    name for _text, name, _format, _conversion in string.Formatter().parse(words) if name is not None
                }
            except ValueError:
                named = {words}
            if unknown := named - PLACES:
                message = f"chỉ được dùng {', '.join(f'{{{place}}}' for place in sorted(PLACES))}, không có {unknown}"
                raise ValueError(message)
        return self


class RetrySettings(Strict):
    """How often a message is tried, and when a channel that does not answer is left alone for a while."""

    first_pause_seconds: int = Field(60, ge=1, le=3600)
    longest_pause_minutes: int = Field(120, ge=1, le=1440)
    attempts: int = Field(10, ge=1, le=100)
    give_up_after_hours: int = Field(24, ge=1, le=720)
    failures_to_rest: int = Field(3, ge=1, le=100)
    longest_rest_minutes: int = Field(10, ge=1, le=240)


@cache
def default_events() -> dict[str, Any]:
    """The events of the law with their words, as the file has them; the first that applies to an act is told."""
    content: dict[str, Any] = plain(EVENTS_FILE.read_text(encoding="utf-8"))
    return content


class ChannelSettings(Strict):
    """How people are told. `mode` trial: nothing leaves the house, an administrator reads it on a page instead."""

    mode: Literal["trial", "live"] = "trial"
    offered: tuple[NoticeChannel, ...] = (
        NoticeChannel.ZALO,
        NoticeChannel.SMS,
        NoticeChannel.EMAIL,
        NoticeChannel.POST,
        NoticeChannel.IN_PERSON,
    )
    call_list: bool = True
    alarm_after_working_days: int = Field(2, ge=1, le=30)
    email: EmailSettings = EmailSettings()
    sms: GatewaySettings = GatewaySettings()
    zalo: GatewaySettings = GatewaySettings()
    retry: RetrySettings = RetrySettings()
    events: dict[str, EventWords] = Field(default_factory=dict, validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _with_the_events_of_the_law(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        changed = given.get("events") or {}
        known = default_events()
        if not isinstance(changed, dict) or not all(isinstance(words, dict) for words in changed.values()):
            return given
        unknown = changed.keys() - known.keys()
        if unknown:
            message = f"events: không có sự kiện {', '.join(sorted(unknown))}; các sự kiện là {', '.join(known)}"
            raise ValueError(message)
        return {**given, "events": {name: {**words, **changed.get(name, {})} for name, words in known.items()}}

    @model_validator(mode="after")
    def _live_means_set_up(self) -> Self:  # noqa: N804 - a validator of the whole has an instance
        if self.mode == "live":
            missing = [way.value for way in self.offered if way.is_automatic and not self.settings_of(way).is_set]
            if missing:
                message = (
                    f"mode live cần đủ máy chủ, địa chỉ gửi và khóa của: {', '.join(missing)}; "
                    "hãy khai báo hoặc bỏ kênh đó khỏi offered"
                )
                raise ValueError(message)
        return self

    def settings_of(self, channel: NoticeChannel) -> EmailSettings | GatewaySettings:
        """What is set for a channel that a machine sends on."""
        return self.email if channel is NoticeChannel.EMAIL else self.gateway_of(channel)

    def gateway_of(self, channel: NoticeChannel) -> GatewaySettings:
        """The gateway of a kind of short message."""
        return self.zalo if channel is NoticeChannel.ZALO else self.sms
