"""Where a unit's key lives, and what its certificate says. The reference is a PKCS#12 file, opened once and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import NameOID

from letters.signing.errors import CertificateOutOfDate, SignerAway, SignerLocked, SigningFailed

DIGESTS: dict[str, type[hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


@dataclass(frozen=True, slots=True)
class SigningFacts:
    """What goes into a signature beside the file: the moment (aware), why, and where."""

    at: datetime
    reason: str = ""
    place: str = ""


class Signer(Protocol):
    """Signs finished letters. The one thing that another way of signing has to offer."""

    @property
    def certificate(self) -> Certificate:
        """Whose signature it will be; raises `SignerAway` or `SignerLocked`."""
        ...

    def sign(self, pdf: bytes, facts: SigningFacts) -> bytes:
        """Return the file with its signature appended; raises `SigningFailed`, and then nothing was signed."""
        ...


class KeyStore(Protocol):
    """Holds one private key and its certificate, in a file, a token or anywhere else."""

    @property
    def chain(self) -> Sequence[bytes]:
        """The certificate of the key, then those above it, each as DER."""
        ...

    def sign(self, data: bytes, digest: str) -> bytes:
        """Return the raw signature of `data`: RSA PKCS#1 v1.5, or ECDSA as DER; `digest` is a name of `DIGESTS`."""
        ...


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says of its holder. Instants are aware, in UTC."""

    subject: str
    issuer: str
    serial: str
    valid_from: datetime
    valid_to: datetime

    @classmethod
    def read(cls, der: bytes) -> Certificate:
        """Read a certificate in DER."""
        found = x509.load_der_x509_certificate(der)
        return cls(
            subject=common_name(found.subject),
            issuer=common_name(found.issuer),
            serial=f"{found.serial_number:x}",
            valid_from=found.not_valid_before_utc,
            valid_to=found.not_valid_after_utc,
        )

    def check_valid_at(self, at: datetime) -> None:
        """Raise `CertificateOutOfDate` unless the certificate holds at `at`."""
        if at < self.valid_from:
            raise CertificateOutOfDate(
                f"Chứng thư số «{self.subject}» chỉ có hiệu lực từ {self.valid_from:%d/%m/%Y}; hãy xem đồng hồ máy."
            )
        if at > self.valid_to:
            raise CertificateOutOfDate(
                f"Chứng thư số «{self.subject}» đã hết hạn ngày {self.valid_to:%d/%m/%Y}; hãy cài chứng thư mới."
            )


def common_name(name: x509.Name) -> str:
    """Return what a person reads in a name: its common name, else its organisation, else all of it."""
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        found = name.get_attributes_for_oid(kind)
        if found:
            return str(found[0].value)
    return name.rfc4514_string()


class Pkcs12Keys:
    """A key and its certificates in a PKCS#12 file (.p12, .pfx), RSA or elliptic curve.

    The file is opened at the first use and the key kept in memory: unlocking it costs several times what a signature
    does. A new object reads the file anew.
    """

    def __init__(self, path: Path, password: Callable[[], str]) -> None:
        """Name the file; `password` is asked when it is opened, and nothing here keeps or shows it."""
        self._path = path
        self._password = password

    @property
    def chain(self) -> Sequence[bytes]:
        """The certificates, as DER; raises `SignerAway` or `SignerLocked`."""
        return self._opened[1]

    def sign(self, data: bytes, digest: str) -> bytes:
        """Sign with the kept key; raises `SignerAway` or `SignerLocked`."""
        key = self._opened[0]
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(data, padding.PKCS1v15(), DIGESTS[digest]())
        return key.sign(data, ec.ECDSA(DIGESTS[digest]()))

    @cached_property
    def _opened(self) -> tuple[rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, tuple[bytes, ...]]:
        try:
            content = self._path.read_bytes()
        except OSError as fault:
            raise SignerAway(f"Không đọc được tệp chứng thư số {self._path} ({fault.strerror}).") from fault
        try:
            key, certificate, others = pkcs12.load_key_and_certificates(content, self._password().encode())
        except ValueError as fault:
            raise SignerLocked(f"Mật khẩu của {self._path.name} sai, hoặc tệp không phải PKCS#12.") from fault
        if certificate is None or not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise SigningFailed(f"Tệp {self._path.name} không có khóa RSA hoặc ECDSA kèm chứng thư.")
        return key, tuple(each.public_bytes(Encoding.DER) for each in (certificate, *others))
