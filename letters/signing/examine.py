"""Examines a file that says it is a signed letter. Runs in the child of `letters.signing.checker`: files are hostile.

A certificate is looked at as it was when the letter was signed. When that was is proven by a time stamp, or known to
whoever asks (the register remembers when it signed a file with these bytes); else the signature's own word is taken,
and then a certificate that was revoked at any time counts as revoked: whoever has a stolen key writes any date.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from asn1crypto import pem
from asn1crypto import x509 as asn1
from cryptography import x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from letters.signing.errors import FileUnreadable
from letters.signing.finding import Finding, Problem, Trust
from letters.signing.keys import common_name
from letters.signing.revocation import Revocations, files_in

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko.sign.validation.status import PdfSignatureStatus

ATTACHMENT = "du-lieu.json"
LARGEST_CLAIM = 1 << 20
_USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)


@dataclass(frozen=True, slots=True)
class _Looked:
    status: PdfSignatureStatus
    problem: Problem
    moment: datetime | None
    is_proven: bool


def examine(pdf: bytes, trust: Trust, *, known_moment: datetime | None) -> Finding:
    """Examine a file; `known_moment` is when its signature is known to have been made.

    Raises `FileUnreadable` for what is no PDF.
    """
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        signatures = list(reader.embedded_regular_signatures)
        number, url = _claims(reader)
    except Exception as fault:
        raise FileUnreadable(f"Tệp không phải PDF đọc được: {type(fault).__name__}.") from fault
    found = Finding(
        signed=bool(signatures),
        intact=False,
        trusted=False,
        problem=Problem.ALTERED if signatures else Problem.UNSIGNED,
        claimed_number=number,
        claimed_url=url,
    )
    if not signatures:
        return found
    try:
        return _judged(found, signatures, _Judge(trust, known_moment))
    except Exception:  # noqa: BLE001 - a signature that cannot even be read is not the one that we made
        return found


def _judged(found: Finding, signatures: list[EmbeddedPdfSignature], judge: _Judge) -> Finding:
    """Every signature must be whole, and the last one cover the file; the first one is the office's."""
    looked = [judge.look(signature) for signature in signatures]
    first = looked[0]
    whole = all(each.problem is not Problem.ALTERED for each in looked)
    whole = whole and looked[-1].status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    problem = next((each.problem for each in looked if each.problem), Problem.NONE) if whole else Problem.ALTERED
    certificate = _certificate(first.status.signing_cert)
    return replace(
        found,
        intact=whole,
        trusted=whole and not problem,
        problem=problem,
        signer=common_name(certificate.subject),
        issuer=common_name(certificate.issuer),
        moment=first.moment,
        is_proven=first.is_proven,
        has_timestamp=first.status.timestamp_validity is not None,
    )


class _Judge:
    """Knows the roots, the revocations, and what is known of the moment."""

    def __init__(self, trust: Trust, known_moment: datetime | None) -> None:
        self._roots = list(_certificates(files_in(trust.roots)))
        self._revocations = Revocations(trust.revocation)
        self._known_moment = known_moment

    def look(self, signature: EmbeddedPdfSignature) -> _Looked:
        """Judge one signature."""
        stamped = _stamped_at(signature)
        proven = stamped or self._known_moment
        moment = proven or signature.self_reported_timestamp
        status = self._validated(signature, moment)
        return _Looked(status, self._problem(signature, status, moment, proven), moment, proven is not None)

    def _problem(
        self,
        signature: EmbeddedPdfSignature,
        status: PdfSignatureStatus,
        moment: datetime | None,
        proven: datetime | None,
    ) -> Problem:
        if not (status.intact and status.valid) or status.docmdp_ok is False:
            return Problem.ALTERED
        stamp = status.timestamp_validity
        if stamp is not None and not (stamp.valid and stamp.intact and stamp.trusted):
            return Problem.BAD_TIMESTAMP
        certificate = _certificate(status.signing_cert)
        if not status.trusted:
            return self._why_not_trusted(signature, certificate, moment)
        return Problem.REVOKED if self._is_revoked(status, proven) else Problem.NONE

    def _why_not_trusted(
        self, signature: EmbeddedPdfSignature, certificate: x509.Certificate, moment: datetime | None
    ) -> Problem:
        """Tell a stranger from somebody we know whose certificate did not hold at that moment."""
        begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if moment is None or begins <= moment <= ends:
            return Problem.UNKNOWN_SIGNER
        if not self._validated(signature, begins + (ends - begins) / 2).trusted:
            return Problem.UNKNOWN_SIGNER
        return Problem.EXPIRED if moment > ends else Problem.NOT_YET_VALID

    def _validated(self, signature: EmbeddedPdfSignature, moment: datetime | None) -> PdfSignatureStatus:
        context = ValidationContext(
            trust_roots=self._roots, moment=moment, allow_fetching=False, revocation_mode="soft-fail"
        )
        # on a thread of its own: it runs an event loop, and whoever calls may be inside one already
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(validate_pdf_signature, signature, context, key_usage_settings=_USAGE).result()

    def _is_revoked(self, status: PdfSignatureStatus, proven: datetime | None) -> bool:
        path = [_certificate(each) for each in status.validation_path or ()]
        for issuer, certificate in pairwise(path):
            revoked_at = self._revocations.revoked_at(certificate, issuer)
            if revoked_at is not None and (proven is None or revoked_at <= proven):
                return True
        return False


def _stamped_at(signature: EmbeddedPdfSignature) -> datetime | None:
    """When a time stamp authority says that the signature was there; whether it is believed is judged apart."""
    for stamp in extract_tst_data_iter(signature.signer_info, signed=False):
        moment: datetime = stamp["encap_content_info"]["content"].parsed["gen_time"].native
        return moment
    return None


def _claims(reader: PdfFileReader) -> tuple[str, str]:
    """Return the number and the address of its page that a letter's own data say; empty where there are none."""
    try:
        names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
        for index in range(0, len(names), 2):
            if str(names[index]) == ATTACHMENT:
                content = names[index + 1]["/EF"]["/F"].data
                told = json.loads(content) if len(content) <= LARGEST_CLAIM else {}
                return _text(told.get("number")), _text(told.get("verification_url"))
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, PdfError):
        pass
    return "", ""


def _text(value: object) -> str:
    return value[:200] if isinstance(value, str) else ""


def _certificates(files: Iterable[bytes]) -> Iterator[asn1.Certificate]:
    for content in files:
        try:
            if pem.detect(content):
                yield from (asn1.Certificate.load(der) for _, _, der in pem.unarmor(content, multiple=True))
            else:
                yield asn1.Certificate.load(content)
        except ValueError:
            continue


def _certificate(found: Any) -> x509.Certificate:
    return x509.load_der_x509_certificate(found.dump())
