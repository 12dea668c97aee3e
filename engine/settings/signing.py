"""Which unit signs its letters with which key, and whose signatures are believed. No password ever stands here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from engine.settings.strict import Strict


class UnitSigning(Strict):
    """How one unit signs, and every unit below it that has no line of its own.

    `pkcs12`: the key is in `file`. `pkcs11`: in the token named `token`, reached by the maker's library `module`, under
    the label `key`. The password (PIN) is in the variable `password_env` or in the first line of `password_file`.
    """

    unit: str = Field(min_length=1)
    method: Literal["none", "pkcs12", "pkcs11"]
    file: Path | None = None
    module: Path | None = None
    token: str = ""
    key: str = ""
    password_env: str = Field("", pattern=r"^(MOTCUA_[A-Z0-9_]+)?$")
    password_file: Path | None = None
    visible: bool = True

    @model_validator(mode="after")
    def _is_whole(self) -> Self:  # noqa: N804 - a validator of the whole has an instance
        needed = {
            "none": (),
            "pkcs12": (("file", self.file),),
            "pkcs11": (("module", self.module), ("token", self.token), ("key", self.key)),
        }[self.method]
        missing = [name for name, value in needed if not value]
        if missing:
            message = f"{self.unit}: phương thức {self.method} cần thêm {', '.join(missing)}"
            raise ValueError(message)
        if self.method != "none" and bool(self.password_env) == bool(self.password_file):
            message = f"{self.unit}: hãy ghi password_env hoặc password_file (một trong hai)"
            raise ValueError(message)
        return self

    def password(self) -> str:
        """Read the password from where it lies; raises `PasswordMissing`. Asked only when a key is unlocked."""
        if self.password_env:
            if self.password_env not in os.environ:
                raise PasswordMissing(f"chưa đặt biến môi trường {self.password_env}")
            return os.environ[self.password_env]
        assert self.password_file is not None, "a key has its password in one of the two"
        try:
            return self.password_file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise PasswordMissing(f"không đọc được tệp mật khẩu {self.password_file}") from error


class PasswordMissing(Exception):
    """The password of a key is not where the settings say."""


class SigningSettings(Strict):
    """Signatures of the installation.

    `trust` is a folder of certificates (PEM, DER) whose signatures are believed, `revocation` one of lists and answers
    (.crl, .ocsp). `timestamp_url` names an authority (RFC 3161) that is asked for every signature. `test_keys` is the
    folder in which `motcua demo` puts certificates worth nothing: units without a line of their own use them.
    """

    trust: Path | None = None
    revocation: Path | None = None
    timestamp_url: str = Field("", pattern=r"^(https?://[!-~]+)?$")
    test_keys: Path | None = None
    warn_days: int = Field(30, ge=1, le=365)
    units: tuple[UnitSigning, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        """An empty folder in a file or a variable means none."""
        if not isinstance(value, dict):
            return value
        return {name: None if content == "" and name != "timestamp_url" else content for name, content in value.items()}

    def anchored(self, base: Path) -> SigningSettings:
        """Return the same with relative paths read from the folder of the settings' file."""
        changes = {name: _at(base, getattr(self, name)) for name in ("trust", "revocation", "test_keys")}
        units = tuple(
            unit.model_copy(
                update={name: _at(base, getattr(unit, name)) for name in ("file", "module", "password_file")}
            )
            for unit in self.units
        )
        return self.model_copy(update={**changes, "units": units})


def _at(base: Path, path: Path | None) -> Path | None:
    return None if path is None else base / path
