"""Proofs of who somebody is: passwords (argon2id), one-time codes (TOTP, RFC 6238), recovery codes.

The secret of the codes has to be read again to check one, so it is sealed with a key made of the installation's
`secret_key`; passwords, tokens and recovery codes are kept as hashes only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from functools import cached_property
from typing import TYPE_CHECKING

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet, InvalidToken

from engine.domain.errors import CannotRun

if TYPE_CHECKING:
    from datetime import datetime

    from engine.config import Settings

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none is taken for another
_HALF_MINUTE = 30


class NoSecretKey(CannotRun):
    """Chưa đặt khóa bí mật MOTCUA_SECRET_KEY nên chưa dùng được mã xác thực; người quản trị cần đặt khóa này."""

    code = "no_secret_key"


class SealBroken(CannotRun):
    """Khóa bí mật MOTCUA_SECRET_KEY đã đổi; người quản trị cần đặt lại mã xác thực của tài khoản này."""

    code = "seal_broken"


class Credentials:
    """How one installation checks proofs."""

    def __init__(self, settings: Settings) -> None:
        """Take the cost of a guess and the key from the settings."""
        cost = settings.sign_in.argon2
        self._hasher = PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)
        self._key = settings.secret_key
        self._issuer = settings.name

    # --- passwords ---

    def hash(self, password: str) -> str:
        """Hash a password."""
        return self._hasher.hash(password)

    def is_right(self, password_hash: str | None, password: str) -> bool:
        """Check a password; without a hash as long as with one, and never right."""
        try:
            self._hasher.verify(password_hash or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return bool(password_hash)

    def is_old(self, password_hash: str) -> bool:
        """Whether a password was hashed at another cost than holds now."""
        return self._hasher.check_needs_rehash(password_hash)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe(16))

    # --- codes ---

    def new_secret(self) -> str:
        """Make a secret for codes; raises `NoSecretKey` where it could not be sealed."""
        self._vault  # noqa: B018 - raises
        return pyotp.random_base32()

    def seal(self, secret: str) -> str:
        """Seal a secret for the database."""
        return self._vault.encrypt(secret.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """Read a sealed secret; raises `SealBroken` when the key is another one now."""
        try:
            return self._vault.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealBroken from None

    def address(self, secret: str, username: str) -> str:
        """What the QR code of the enrolment says to the telephone."""
        return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=self._issuer)

    @staticmethod
    def step_of(secret: str, code: str, *, at: datetime, after: int) -> int | None:
        """The half minute of a right code, now or one beside it; None for a wrong one, and for one that was used."""
        now = int(at.timestamp()) // _HALF_MINUTE
        totp = pyotp.TOTP(secret)
        typed = "".join(code.split()).encode()
        fits = [
            step
            for step in (now - 1, now, now + 1)
            if hmac.compare_digest(totp.at(step * _HALF_MINUTE).encode(), typed)
        ]
        return next((step for step in fits if step > after), None)

    @staticmethod
    def new_recovery_codes() -> tuple[str, ...]:
        """Codes that open an account once each, some fifty bits strong, in two groups of five."""
        words = ("".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES))
        return tuple(f"{word[:5]}-{word[5:]}" for word in words)

    @cached_property
    def _vault(self) -> Fernet:
        if not self._key:
            raise NoSecretKey
        key = hmac.digest(self._key.encode(), b"motcua: seal of one-time codes", "sha256")
        return Fernet(base64.urlsafe_b64encode(key))


def hash_of(token: str) -> str:
    """What is kept of a token or a recovery code: they are long and random, one pass is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def typed_recovery_code(text: str) -> str:
    """A recovery code as somebody typed it: capitals, spaces and missing dashes do not matter."""
    letters = "".join(letter for letter in text.lower() if letter.isalnum())
    return f"{letters[:5]}-{letters[5:]}"


def new_token() -> str:
    """The secret of a session."""
    return secrets.token_urlsafe(32)


def first_password() -> str:
    """A password for the first sign-in, to be typed from paper."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))
