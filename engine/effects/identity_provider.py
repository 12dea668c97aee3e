"""The other house: OpenID Connect with PKCE, state and nonce, through Authlib and requests, each call with a limit."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from engine.domain.errors import CannotRun, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.settings.sign_in import OidcSettings

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
_LEEWAY_SECONDS = 120
_LONGEST_ANSWER = 512 * 1024


class ProviderAway(CannotRun):
    """Nơi cấp tài khoản chung không trả lời ({detail}). Hãy thử lại sau ít phút hoặc báo quản trị viên."""

    code = "provider_away"


class ProviderRefused(Refused):
    """Nơi cấp tài khoản chung không cho đăng nhập ({detail}). Hãy thử lại từ trang đăng nhập."""

    code = "provider_refused"


class AnswerNotTrusted(Refused):
    """Câu trả lời của nơi cấp tài khoản chung không hợp lệ ({detail}). Hãy đăng nhập lại từ đầu."""

    code = "answer_not_trusted"


@dataclass(frozen=True, slots=True)
class Errand:
    """What a browser takes along to the other house and has to bring back: kept in its signed cookie."""

    address: str
    state: str
    nonce: str
    verifier: str


class IdentityProvider:
    """One other house."""

    def __init__(self, settings: OidcSettings) -> None:
        """Ask nothing yet."""
        self._settings = settings
        self._found: dict[str, Any] = {}

    def begin(self, redirect_uri: str, *, again: bool) -> Errand:
        """Send somebody off to sign in; `again` asks the other house for a new proof. Raises `ProviderAway`."""
        errand = {name: secrets.token_urlsafe(32) for name in ("state", "nonce")}
        verifier = secrets.token_urlsafe(48)
        more = {"prompt": "login", "max_age": "0"} if again else {}
        with self._session(redirect_uri) as session:
            address, _ = session.create_authorization_url(
                self._place("authorization_endpoint"), **errand, code_verifier=verifier, **more
            )
        return Errand(address, errand["state"], errand["nonce"], verifier)

    def finish(self, redirect_uri: str, answer: str, errand: Errand, *, at: datetime) -> Mapping[str, Any]:
        """Take what the browser brought back (`answer`: its whole address); answers the claims about the person.

        Raises `ProviderAway`, `ProviderRefused`, `AnswerNotTrusted`.
        """
        try:
            with self._session(redirect_uri) as session:
                token = session.fetch_token(
                    self._place("token_endpoint"),
                    authorization_response=answer,
                    state=errand.state,
                    code_verifier=errand.verifier,
                    timeout=self._settings.timeout_seconds,
                )
        except OAuthError as error:
            raise ProviderRefused(detail=str(error.error or "lỗi không rõ")[:60]) from None
        except (requests.RequestException, ValueError) as error:
            raise ProviderAway(detail=type(error).__name__) from None
        return self._claims(str(token.get("id_token", "")), str(token.get("access_token", "")), errand, at)

    def _claims(self, id_token: str, access_token: str, errand: Errand, at: datetime) -> Mapping[str, Any]:
        try:
            found = jwt.decode(id_token, self._keys(), algorithms=list(_ALGORITHMS))
            claims = CodeIDToken(
                found.claims,
                found.header,
                options={
                    "iss": {"essential": True, "value": self._settings.issuer},
                    "aud": {"essential": True, "value": self._settings.client_id},
                    "nonce": {"essential": True, "value": errand.nonce},
                },
                params={"nonce": errand.nonce, "client_id": self._settings.client_id, "access_token": access_token},
            )
            claims.validate(now=int(at.timestamp()), leeway=_LEEWAY_SECONDS)
        except Exception as error:
            if not isinstance(error, (JoseError, ValueError, KeyError, TypeError)) and "authlib" not in str(
                type(error)
            ):
                raise
            raise AnswerNotTrusted(detail=type(error).__name__) from None
        return dict(found.claims)

    def _session(self, redirect_uri: str) -> OAuth2Session:
        settings = self._settings
        session = OAuth2Session(
            settings.client_id,
            settings.client_secret or None,
            scope=settings.scopes,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if settings.client_secret else "none",
        )
        session.max_redirects = 0
        return session

    def _place(self, name: str) -> str:
        if not self._found:
            found = self._get(f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self._settings.issuer.rstrip("/"):
                raise AnswerNotTrusted(detail="issuer")
            self._found = found
        place = str(self._found.get(name, ""))
        if not place:
            raise AnswerNotTrusted(detail=name)
        return place

    def _keys(self) -> KeySet:
        return KeySet.import_key_set(self._get(self._place("jwks_uri")))  # type: ignore[arg-type] # checked inside

    def _get(self, address: str) -> dict[str, Any]:
        try:
            answer = requests.get(address, timeout=self._settings.timeout_seconds, allow_redirects=False, stream=True)
            with answer:
                answer.raise_for_status()
                content = answer.raw.read(_LONGEST_ANSWER, decode_content=True)
            found = json.loads(content)
        except (requests.RequestException, ValueError) as error:
            raise ProviderAway(detail=type(error).__name__) from None
        if not isinstance(found, dict):
            raise ProviderAway(detail="JSON")
        return found
