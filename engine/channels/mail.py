"""Mail over SMTP (RFC 5321), with the letter attached.

SMTP knows no key that would let a server drop a second copy. So the last moment at which a message can be repeated is
just before its content goes over the line; a line that breaks after that leaves the message in doubt, and says so.
The Message-ID is made of the key: a second copy, should a person order one, is known again by the reader's program.
"""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING

from engine.channels.base import PermanentFailure, Receipt, ServiceAway, TemporaryFailure, UncertainFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.channels.base import Message

_PERMANENT = 500
_SERVICE_CLOSES = 421
_OK = 250
_POLICY = SMTP.clone(max_line_length=200)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and in whose name."""

    host: str
    port: int
    sender: str
    sender_name: str
    reply_to: str = ""
    security: str = "starttls"
    username: str = ""
    password: str = ""
    timeout: float = 20


class MailChannel:
    """Hands mail to one server; a new connection for each message, so that one broken line breaks one message."""

    is_idempotent = False
    takes_attachments = True

    def __init__(self, server: MailServer) -> None:
        """Send through `server`."""
        self._server = server

    def send(self, message: Message, at_the_door: Callable[[], object]) -> Receipt:
        """Hand a message over; see `Channel.send`."""
        mail = compose(message, self._server)
        with self._line() as line:
            with _answers():
                line.ehlo_or_helo_if_needed()
                _expect(line.mail(self._server.sender))
                _expect(line.rcpt(message.to))
            at_the_door()
            try:
                code, answer = line.data(mail.as_bytes(policy=_POLICY))
            except smtplib.SMTPDataError as error:  # the server did not want the content: nothing was handed over
                raise _refused(error.smtp_code) from error
            except (OSError, smtplib.SMTPException) as error:
                raise UncertainFailure("mất kết nối khi máy chủ thư chưa trả lời đã nhận") from error
            if code != _OK:
                raise _refused(code)
            with suppress(OSError, smtplib.SMTPException):
                line.quit()
        return Receipt(answer.decode(errors="replace")[:80])

    @contextmanager
    def _line(self) -> Iterator[smtplib.SMTP]:
        server = self._server
        with _answers():
            line = (
                smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=_tls())
                if server.security == "tls"
                else smtplib.SMTP(server.host, server.port, timeout=server.timeout)
            )
        try:
            with _answers():
                if server.security == "starttls":
                    line.starttls(context=_tls())
                if server.username:
                    line.login(server.username, server.password)
            yield line
        finally:
            line.close()


@contextmanager
def _answers() -> Iterator[None]:
    """What goes wrong before the content went over: the server is away, or does not want this message."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise ServiceAway("máy chủ thư không nhận tài khoản gửi") from error
    except smtplib.SMTPResponseException as error:
        raise ServiceAway(f"máy chủ thư trả lời {error.smtp_code}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise ServiceAway(f"không nối được máy chủ thư ({type(error).__name__})") from error


def _expect(answered: tuple[int, bytes]) -> None:
    code = answered[0]
    if code not in {_OK, _OK + 1}:
        raise _refused(code)


def _refused(code: int) -> TemporaryFailure | PermanentFailure:
    if code == _SERVICE_CLOSES:
        return ServiceAway(f"máy chủ thư tạm ngừng ({code})")
    if code >= _PERMANENT:
        return PermanentFailure(f"máy chủ thư từ chối hẳn ({code})")
    return TemporaryFailure(f"máy chủ thư tạm từ chối ({code})")


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def compose(message: Message, server: MailServer) -> EmailMessage:
    """A message as mail. Header values are built from parts by the library, so no value can begin another header."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _address(server.sender_name, server.sender)
    mail["To"] = _address(message.name, message.to)
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = message_id(message.key, server.sender)
    if server.reply_to:
        mail["Reply-To"] = server.reply_to
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text, subtype="plain", charset="utf-8", cte="base64")
    mail["Content-Language"] = "vi"
    if message.attachment is not None:
        mail.add_attachment(
            message.attachment.content, maintype="application", subtype="pdf", filename=message.attachment.filename
        )
    return mail


def message_id(key: str, sender: str) -> str:
    """The Message-ID of a key: always the same, and it tells nothing of the dossier."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{sender.rpartition('@')[2]}>"


def _address(name: str, address: str) -> Address:
    try:
        return Address(" ".join(name.split()), addr_spec=address)
    except (ValueError, IndexError) as error:
        raise PermanentFailure("địa chỉ thư không đúng dạng") from error
