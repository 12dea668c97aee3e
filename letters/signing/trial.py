"""Certificates to try signing with: an authority of our own and one certificate a unit. They are worth nothing in law.

Every name in them says so, and so do the names of the files. A real certificate comes from the Government Cipher
Committee or a public authority; nothing here makes a request for one.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID

MARK = "THỬ NGHIỆM"
ROOT_NAME = f"Một Cửa - {MARK}, không có giá trị pháp lý"
ROOT_FILE, PASSWORD_FILE = "chung-thuc-thu-nghiem.pem", "mat-khau-thu-nghiem"
LONGEST_NAME = 64
"""Bytes: what the library lets into a name."""

_BEFORE, _AFTER = timedelta(days=400), timedelta(days=1100)
_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Authority:
    """Issues certificates of one trial root."""

    key: _Key
    certificate: x509.Certificate

    @classmethod
    def founded(cls, at: datetime, *, name: str = ROOT_NAME) -> Authority:
        """Make a root that holds from a year before `at` to three years after it."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(name)
        plain = _builder(subject, subject, key.public_key(), at - _BEFORE, at + _AFTER)
        certificate = (
            plain.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)

    @property
    def pem(self) -> bytes:
        """The certificate, to be trusted by whoever wants to."""
        return self.certificate.public_bytes(Encoding.PEM)

    def issue(
        self, name: str, public_key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, valid_from: datetime, to: datetime
    ) -> x509.Certificate:
        """Issue a certificate for signing documents."""
        return (
            _builder(_name(name), self.certificate.subject, public_key, valid_from, to)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .sign(self.key, hashes.SHA256())
        )

    def pkcs12(self, name: str, password: str, valid_from: datetime, to: datetime, *, key: _Key | None = None) -> bytes:
        """Make a key (or take `key`), issue its certificate, and return both as PKCS#12."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        certificate = self.issue(name, key.public_key(), valid_from, to)
        lock = BestAvailableEncryption(password.encode())
        return pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, [self.certificate], lock)


def make_trial_keys(folder: Path, units: Mapping[str, str], at: datetime) -> int:
    """Give every unit (code: name) that has none a key file `<code>.p12` in `folder`; answers how many were made.

    The password, the same for all, is in a file beside them, and all but the root is for the owner's eyes only. The
    root's own key is thrown away: when a unit is added, a new root joins the old ones.
    """
    missing = {code: name for code, name in units.items() if not (folder / f"{code}.p12").exists()}
    if not missing:
        return 0
    (folder / "trust").mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    password_file = folder / PASSWORD_FILE
    if not password_file.exists():
        _keep(password_file, secrets.token_urlsafe(24).encode())
    password = password_file.read_text(encoding="utf-8")
    authority = Authority.founded(at)
    number = sum(1 for _ in (folder / "trust").iterdir())
    _keep(folder / "trust" / f"{number}-{ROOT_FILE}", authority.pem)
    for code, name in missing.items():
        holder = f"{MARK} - {name}"
        _keep(folder / f"{code}.p12", authority.pkcs12(holder, password, at - _BEFORE, at + _AFTER))
    return len(missing)


def _keep(path: Path, content: bytes) -> None:
    """Write a file that appears whole, readable by its owner only."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(content)
    fresh.replace(path)


def _name(text: str) -> x509.Name:
    short = text
    while len(short.encode()) > LONGEST_NAME:
        short = short.rstrip("…")[:-1].rstrip() + "…"
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Một Cửa ({MARK})"),
            x509.NameAttribute(NameOID.COMMON_NAME, short),
        ]
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    valid_from: datetime,
    to: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(to)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
