"""Whether a certificate was revoked, by lists and answers that lie in a folder: nothing is asked over a network.

A list (CRL) or an answer (OCSP) counts only with a good signature of the issuer, or for an answer of a responder that
the issuer has certified for it. A revocation counts from its own date on; one that nobody dated counts always.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

MOST_FILES, LARGEST = 64, 8 << 20
_UNREADABLE = (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound)


class Revocations:
    """The lists and answers of some folders."""

    def __init__(self, folders: Iterable[Path]) -> None:
        """Read what is there; a file that is neither list nor answer is passed over."""
        self._lists: list[x509.CertificateRevocationList] = []
        self._answers: list[ocsp.OCSPResponse] = []
        for content in files_in(folders):
            self._take(content)

    def revoked_at(self, certificate: x509.Certificate, issuer: x509.Certificate) -> datetime | None:
        """When a certificate was revoked; None as far as is known."""
        dates = [*self._by_list(certificate, issuer), *self._by_answer(certificate, issuer)]
        return min(dates) if dates else None

    def _take(self, content: bytes) -> None:
        is_text = content.lstrip().startswith(b"-----BEGIN")
        try:
            self._lists.append(x509.load_pem_x509_crl(content) if is_text else x509.load_der_x509_crl(content))
        except ValueError:
            try:
                answer = ocsp.load_der_ocsp_response(content)
            except ValueError:
                return
            if answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL:
                self._answers.append(answer)

    def _by_list(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Iterator[datetime]:
        key = issuer.public_key()
        for each in self._lists:
            if each.issuer != issuer.subject or not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
                continue
            found = each.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if found is not None and each.is_signature_valid(key):
                yield found.revocation_date_utc

    def _by_answer(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Iterator[datetime]:
        for each in self._answers:
            is_revoked = each.certificate_status is ocsp.OCSPCertStatus.REVOKED
            if is_revoked and each.serial_number == certificate.serial_number and _is_signed_for(each, issuer):
                date = each.revocation_time_utc
                assert date is not None, "a revoked answer has its date"
                yield date


def _is_signed_for(answer: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    signers = [issuer]
    for each in answer.certificates:
        try:
            each.verify_directly_issued_by(issuer)
            usage = each.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except _UNREADABLE:
            continue
        if ExtendedKeyUsageOID.OCSP_SIGNING in usage:
            signers.append(each)
    return any(_verifies(answer, signer) for signer in signers)


def _verifies(answer: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, algorithm = signer.public_key(), answer.signature_hash_algorithm
    if algorithm is None:
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def files_in(folders: Iterable[Path]) -> Iterator[bytes]:
    """Yield the files of folders in the order of their names; a folder that is not there has none."""
    for folder in folders:
        paths = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
        for path in paths[:MOST_FILES]:
            if path.stat().st_size <= LARGEST:
                yield path.read_bytes()
