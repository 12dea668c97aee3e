"""The channels of an installation, as its settings have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.channels.gateway import Gateway, GatewayChannel
from engine.channels.mail import MailChannel, MailServer
from engine.channels.trial import TrialChannel
from engine.domain.messages import AUTOMATIC, NoticeChannel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.channels.base import Channel
    from engine.settings.channels import ChannelSettings, GatewaySettings


def open_channels(settings: ChannelSettings, *, house: str) -> Mapping[NoticeChannel, Channel]:
    """Every channel on which a machine sends; nothing is connected yet. `house` signs mail that has no other name.

    In trial mode, and for a channel that is not set up, messages go into the drawer for trials.
    """
    trial = settings.mode == "trial"
    opened: dict[NoticeChannel, Channel] = {}
    for name in sorted(AUTOMATIC):
        if trial or not settings.settings_of(name).is_set:
            opened[name] = TrialChannel(takes_attachments=name is NoticeChannel.EMAIL)
        elif name is NoticeChannel.EMAIL:
            opened[name] = _mail(settings, house)
        else:
            opened[name] = _gateway(name, settings.gateway_of(name))
    return opened


def _mail(settings: ChannelSettings, house: str) -> MailChannel:
    email = settings.email
    server = MailServer(
        host=email.host,
        port=email.port,
        sender=email.sender,
        sender_name=email.sender_name or house,
        reply_to=email.reply_to,
        security=email.security,
        username=email.username,
        password=email.password,
        timeout=email.timeout_seconds,
    )
    return MailChannel(server)


def _gateway(name: NoticeChannel, settings: GatewaySettings) -> GatewayChannel:
    return GatewayChannel(
        Gateway(name.value, settings.url, settings.key_id, settings.secret, settings.sender, settings.timeout_seconds)
    )
