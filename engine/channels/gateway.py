"""Short messages over HTTP: one JSON document is posted to a gateway, signed, with a key that it must know again.

docs/channels.md says exactly what is posted and which answers mean what; whoever has another provider writes a small
bridge that speaks this on one side.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from engine.channels.base import PermanentFailure, Receipt, ServiceAway, TemporaryFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.channels.base import Message

_LONGEST_ANSWER = 64 * 1024
_OK, _CONFLICT, _TOO_MANY, _SERVER = range(200, 300), 409, 429, 500
_BUSY = {408, 425, _TOO_MANY}
_NOT_ME = {401, 403, 404}


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway, and what it knows us by. `channel` is the kind of message: sms, zalo."""

    channel: str
    url: str
    key_id: str
    secret: str
    sender: str = ""
    timeout: float = 10


class GatewayChannel:
    """Posts messages to a gateway. A message in doubt is posted again: the gateway knows its key."""

    is_idempotent = True
    takes_attachments = False

    def __init__(self, gateway: Gateway) -> None:
        """Post to `gateway`."""
        self._gateway = gateway

    def send(self, message: Message, at_the_door: Callable[[], object]) -> Receipt:
        """Hand a message over; see `Channel.send`."""
        gateway = self._gateway
        body = document(message, gateway)
        at_the_door()
        status, answer = self._post(body, headers(body, message, gateway))
        if status in _OK or status == _CONFLICT:  # 409: it has this key already
            return Receipt(_reference(answer))
        if status in _NOT_ME:
            raise ServiceAway(f"cổng tin nhắn không nhận chúng ta ({status})")
        if status >= _SERVER:
            raise ServiceAway(f"cổng tin nhắn đang lỗi ({status})")
        if status in _BUSY:
            raise TemporaryFailure(f"cổng tin nhắn đang bận ({status})")
        raise PermanentFailure(f"cổng tin nhắn từ chối tin này ({status})")

    def _post(self, body: bytes, head: dict[str, str]) -> tuple[int, bytes]:
        address = urlsplit(self._gateway.url)
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        line = kind(address.hostname or "", address.port, timeout=self._gateway.timeout)
        try:
            path = address.path or "/"
            line.request("POST", f"{path}?{address.query}" if address.query else path, body, head)
            answer = line.getresponse()
            return answer.status, answer.read(_LONGEST_ANSWER)
        except (OSError, http.client.HTTPException) as error:
            raise ServiceAway(f"không nối được cổng tin nhắn ({type(error).__name__})") from error
        finally:
            line.close()


def document(message: Message, gateway: Gateway) -> bytes:
    """What is posted."""
    content = {"key": message.key, "channel": gateway.channel, "to": message.to, "text": message.text}
    if gateway.sender:
        content["sender"] = gateway.sender
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def headers(body: bytes, message: Message, gateway: Gateway) -> dict[str, str]:
    """The head of a request: the key, the moment, and the signature over moment and body."""
    moment = str(int(message.at.timestamp()))
    return {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": message.key,
        "X-MotCua-Key-Id": gateway.key_id,
        "X-MotCua-Timestamp": moment,
        "X-MotCua-Signature": signature(gateway.secret, moment, body),
    }


def signature(secret: str, moment: str, body: bytes) -> str:
    """HMAC-SHA256 of moment, a full stop and the body, hexadecimal."""
    return hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def _reference(answer: bytes) -> str:
    try:
        content = json.loads(answer)
    except ValueError:
        return ""
    return str(content.get("id", ""))[:80] if isinstance(content, dict) else ""
