"""Another house for tests: a small OpenID Connect provider at an address of this machine, with keys of its own."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.support.network import LOOPBACK

CLIENT, SECRET = "motcua", "a secret of the test"


@dataclass
class House:
    """What the other house knows and answers; a test changes it to spoil an answer."""

    address: str = ""
    now: int = 0
    person: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)  # instead of, or besides, what is right
    error: str = ""
    is_away: bool = False
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1", "alg": "RS256"}))
    forger: RSAKey | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def let_in(self, address: str) -> str:
        """What a browser does there: goes to `address`, the person signs in, it is sent back; answers where to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked.append(asked)
        if self.error:
            back = {"error": self.error, "state": asked["state"]}
        else:
            code = f"code-{len(self.asked)}"
            self.codes[code] = asked
            back = {"code": code, "state": asked["state"]}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        right = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '%20')}".encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization not in {f"Basic {right}", f"Basic {plain}"}:
            return 401, {"error": "invalid_client"}
        if asked is None or challenge.rstrip(b"=").decode() != asked.get("code_challenge"):
            return 400, {"error": "invalid_grant"}
        claims = {"iss": self.address, "aud": CLIENT, "sub": "1", "nonce": asked["nonce"], "iat": self.now}
        claims |= {"exp": self.now + 300, "auth_time": self.now, **self.person, **self.claims}
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.forger or self.key)
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": signed}

    def document(self, path: str) -> dict[str, Any] | None:
        if path == "/.well-known/openid-configuration":
            places = {"authorization_endpoint": "ask", "token_endpoint": "token", "jwks_uri": "keys"}
            return {"issuer": self.address, **{name: f"{self.address}/{place}" for name, place in places.items()}}
        return {"keys": [self.key.as_dict(private=False)]} if path == "/keys" else None


@contextmanager
def another_house(now: int) -> Iterator[House]:
    """The other house, open while the block runs."""
    house = House(now=now)

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = house.document(self.path)
            self._answer(404 if found is None else 200, found or {})

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            form = {name: values[0] for name, values in parse_qs(content).items()}
            self._answer(*house.token(form, self.headers.get("Authorization") or ""))

        def _answer(self, status: int, document: dict[str, Any]) -> None:
            body = b"<h1>away</h1>" if house.is_away else json.dumps(document).encode()
            self.send_response(503 if house.is_away else status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Door)
    house.address = f"http://{LOOPBACK}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield house
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
