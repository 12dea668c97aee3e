"""A key in a token or a hardware module, reached over PKCS#11. The key never leaves it.

Needs the maker's library (`module`) and the Python package `python-pkcs11`, which is imported when the token is opened:
an office without tokens does not install it. The session stays open between letters; one that was lost (the token was
pulled out) is opened again at the next letter. A PIN that was refused is not tried again: three wrong ones lock a token
for good.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from letters.signing.errors import SignerAway, SignerLocked

if TYPE_CHECKING:
    from types import ModuleType

_T = TypeVar("_T")
_PIN_FAULTS = ("PinIncorrect", "PinLocked", "PinInvalid", "PinLenRange", "PinExpired")


@dataclass(frozen=True, slots=True)
class _Opened:
    key: Any
    chain: tuple[bytes, ...]
    is_elliptic: bool


class Pkcs11Keys:
    """The key labelled `label` in the token labelled `token`, and the certificate with the same label."""

    def __init__(self, module: Path, token: str, label: str, pin: Callable[[], str]) -> None:
        """Name module, token and key; `pin` is asked when the token is opened."""
        self._module = module
        self._token = token
        self._label = label
        self._pin = pin
        self._lock = threading.Lock()
        self._open: _Opened | None = None
        self._refusal = ""

    @property
    def chain(self) -> Sequence[bytes]:
        """The certificate of the key as DER; raises `SignerAway` or `SignerLocked`."""
        return self._used(lambda opened, _library: opened.chain)

    def sign(self, data: bytes, digest: str) -> bytes:
        """Let the token sign; raises `SignerAway` or `SignerLocked`."""

        def sign(opened: _Opened, library: ModuleType) -> bytes:
            if opened.is_elliptic:
                raw = opened.key.sign(hashlib.new(digest, data).digest(), mechanism=library.Mechanism.ECDSA)
                return _as_der(raw)
            mechanism = getattr(library.Mechanism, f"{digest.upper()}_RSA_PKCS")
            return bytes(opened.key.sign(data, mechanism=mechanism))

        return self._used(sign)

    def _used(self, act: Callable[[_Opened, ModuleType], _T]) -> _T:
        if self._refusal:
            raise SignerLocked(self._refusal)
        try:
            import pkcs11  # noqa: PLC0415 - only offices with a token have it
        except ImportError as fault:
            raise SignerAway("Máy này chưa cài python-pkcs11; hãy chạy “pip install mot-cua[pkcs11]”.") from fault
        with self._lock:
            try:
                self._open = self._open or self._opened(pkcs11)
                return act(self._open, pkcs11)
            except (pkcs11.exceptions.PKCS11Error, RuntimeError, OSError) as fault:
                self._open = None
                raise self._told(fault) from fault

    def _opened(self, library: ModuleType) -> _Opened:
        kinds, attributes = library.ObjectClass, library.Attribute
        token = library.lib(str(self._module)).get_token(token_label=self._token)
        session = token.open(user_pin=self._pin())
        key = session.get_key(object_class=kinds.PRIVATE_KEY, label=self._label)
        wanted = {attributes.CLASS: kinds.CERTIFICATE, attributes.LABEL: self._label}
        chain = tuple(bytes(found[attributes.VALUE]) for found in session.get_objects(wanted))
        if not chain:
            raise SignerAway(f"Thiết bị ký «{self._token}» không có chứng thư «{self._label}».")
        public = x509.load_der_x509_certificate(chain[0]).public_key()
        return _Opened(key, chain, isinstance(public, ec.EllipticCurvePublicKey))

    def _told(self, fault: Exception) -> SignerAway | SignerLocked:
        name = type(fault).__name__
        if name in _PIN_FAULTS:
            self._refusal = (
                f"Mã PIN của thiết bị ký «{self._token}» bị từ chối ({name}). Hệ thống không thử lại để thiết bị "
                "không bị khóa; hãy sửa mã PIN rồi khởi động lại."
            )
            return SignerLocked(self._refusal)
        return SignerAway(f"Không dùng được thiết bị ký «{self._token}» ({name}); hãy kiểm tra thiết bị đã cắm chưa.")


def _as_der(raw: bytes) -> bytes:
    """Turn a token's r and s, one after the other, into the form that signatures of documents want."""
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature  # noqa: PLC0415 - only here

    half = len(raw) // 2
    return encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))
