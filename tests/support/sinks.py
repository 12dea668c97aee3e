"""The other sides of the channels, on free ports of this machine: a mail server and a gateway with moods.

with MailSink() as sink: ...            sink.mails, sink.down(), sink.up(), sink.moods[address] = [451, 250]
with GatewaySink("secret") as sink: ... sink.posted, sink.accepted, sink.moods = [503, 200]
"""

from __future__ import annotations

import hashlib
import hmac
import json
import socketserver
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from tests.support.network import LOOPBACK, held_socket


class _TcpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class MailSink:
    """A mail server. `moods` are the answers to RCPT by address, one a try; then it takes everything."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.recipients: list[str] = []
        self.moods: defaultdict[str, list[int]] = defaultdict(list)
        self.data_moods: list[int] = []
        self.seconds = 0.0
        self.on_mail: Callable[[], object] = lambda: None
        self.drops_after_data = 0
        self._held = held_socket()  # nobody else is given the port while the server is down
        self.port = self._held.getsockname()[1]
        self._server: _TcpServer | None = None

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()
        self._held.close()

    def up(self) -> None:
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                sink._talk(self.rfile, self.wfile)

        self._server = _TcpServer((LOOPBACK, self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self.raw]

    def _talk(self, read: object, write: object) -> None:
        def say(line: str) -> None:
            write.write(f"{line}\r\n".encode())  # type: ignore[attr-defined]
            write.flush()  # type: ignore[attr-defined]

        say("220 sink ESMTP")
        recipient = ""
        while line := read.readline():  # type: ignore[attr-defined]
            word = line[:4].upper().strip()
            if word == b"QUIT":
                return say("221 bye")
            if word == b"RCPT":
                recipient = line.split(b"<")[1].split(b">")[0].decode()
                mood = self.moods[recipient].pop(0) if self.moods[recipient] else 250
                say(f"{mood} told")
            elif word == b"DATA":
                if self.data_moods:
                    say(f"{self.data_moods.pop(0)} not now")
                    continue
                say("354 go on")
                if not self._take(read, recipient):
                    return None
                say("250 taken")
            else:
                say("250 fine")
        return None

    def _take(self, read: object, recipient: str) -> bool:
        lines: list[bytes] = []
        while (line := read.readline()) not in {b".\r\n", b""}:  # type: ignore[attr-defined]
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        time.sleep(self.seconds)
        self.raw.append(b"".join(lines))
        self.recipients.append(recipient)
        self.on_mail()
        if self.drops_after_data:
            self.drops_after_data -= 1
            return False
        return True


class GatewaySink:
    """A gateway for short messages that knows keys again. `moods` are its next answers; then it takes everything."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.posted: list[dict[str, str]] = []
        self.accepted: dict[str, dict[str, str]] = {}
        self.moods: list[int] = []
        self.on_message: Callable[[], object] = lambda: None
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = sink._take(self.headers, body) if sink.url.endswith(self.path) else (404, {})
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}/messages?house=motcua"

    def _take(self, head: object, body: bytes) -> tuple[int, dict[str, str]]:
        get = head.get  # type: ignore[attr-defined]
        signed = hmac.new(self.secret.encode(), get("X-MotCua-Timestamp").encode() + b"." + body, hashlib.sha256)
        if not hmac.compare_digest(signed.hexdigest(), get("X-MotCua-Signature")):
            return 401, {}
        message = json.loads(body)
        assert message["key"] == get("Idempotency-Key")
        self.posted.append(message)
        if self.moods and (mood := self.moods.pop(0)) != 200:
            return mood, {}
        known = message["key"] in self.accepted
        self.accepted[message["key"]] = message
        self.on_message()
        return (409 if known else 200), {"id": f"g{len(self.accepted)}"}
