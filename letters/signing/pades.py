"""Signs a finished letter: PAdES-B-B, or B-T with a time stamp authority, by pyHanko.

The signature has no picture: a stamp would break PDF/A (its font) and PDF/UA (a widget outside the structure). What
people see of it is drawn in the letter before. It is appended, so the unsigned letter is the beginning of the signed
file, byte for byte.
"""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any

from asn1crypto import x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import PdfSigner as _PdfSigner
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from letters.signing.errors import SignerAway, SigningFailed
from letters.signing.keys import Certificate, KeyStore, SigningFacts

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from pyhanko.sign.timestamps import TimeStamper

FIELD = "ChuKySo"
"""Name of the signature's field in the file."""

_DIGEST = "sha256"
_ROOM = 2048
_ROOM_FOR_TIMESTAMP = 12 * 1024
"""Bytes beside the certificates: guessing the room is what saves a second signature, made only to be measured."""

TIMESTAMP_PATIENCE = 8
"""Seconds that a time stamp authority may take."""


class _StoredKey(signers.Signer):
    """What pyHanko asks for a raw signature: the key store, whose key is unlocked already."""

    def __init__(self, keys: KeyStore) -> None:
        chain = [x509.Certificate.load(der) for der in keys.chain]
        super().__init__(signing_cert=chain[0], cert_registry=_store(chain))
        self._keys = keys

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002 - pyHanko's signature
        return b"\0" * 512 if dry_run else self._keys.sign(data, digest_algorithm)


class PadesSigner:
    """Signs letters with one key. May be used from several threads, one letter after the other in each."""

    def __init__(self, keys: KeyStore, *, timestamps: TimeStamper | None = None) -> None:
        """Sign with `keys`; with `timestamps` (see `timestamps_of`) every signature carries a time stamp."""
        self._keys = keys
        self._timestamps = timestamps

    @cached_property
    def certificate(self) -> Certificate:
        """Whose signature it is; raises `SignerAway` or `SignerLocked`."""
        return Certificate.read(self._keys.chain[0])

    def sign(self, pdf: bytes, facts: SigningFacts) -> bytes:
        """Return the file with its signature.

        Raises:
            SignerAway, SignerLocked: see there.
            CertificateOutOfDate: at `facts.at` the certificate does not hold.
            SigningFailed: anything else; the message says what.

        """
        self.certificate.check_valid_at(facts.at)
        try:
            return _run(self._signed(pdf, facts))
        except SigningFailed:
            raise
        except (OSError, TimeoutError) as fault:
            raise SignerAway(f"Không lấy được dấu thời gian: {str(fault) or type(fault).__name__}.") from fault
        except Exception as fault:
            raise SigningFailed(f"Không ký được văn bản: {fault}.") from fault

    @cached_property
    def _key(self) -> _StoredKey:
        return _StoredKey(self._keys)

    @cached_property
    def _room(self) -> int:
        """Hexadecimal digits to keep free for the signature."""
        bytes_kept = sum(map(len, self._keys.chain)) + _ROOM
        return 2 * (bytes_kept + (_ROOM_FOR_TIMESTAMP if self._timestamps else 0))

    async def _signed(self, pdf: bytes, facts: SigningFacts) -> bytes:
        meta = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm=_DIGEST,
            subfilter=fields.SigSeedSubFilter.PADES,
            reason=facts.reason or None,
            location=facts.place or None,
            name=self.certificate.subject,
        )
        output = io.BytesIO()
        session = _PdfSigner(meta, self._key, timestamper=self._timestamps).init_signing_session(
            IncrementalPdfFileWriter(io.BytesIO(pdf))
        )
        session.system_time = facts.at
        document = session.prepare_tbs_document(validation_info=None, bytes_reserved=self._room)
        digest, _ = document.digest_tbs_document(output=output)
        attributes = PdfCMSSignedAttributes(signing_time=facts.at, cades_signed_attrs=meta.cades_signed_attr_spec)
        done = await document.perform_signature(digest.document_digest, attributes)
        await done.post_signature_processing(output)
        return output.getvalue()


def _store(certificates: list[x509.Certificate]) -> SimpleCertificateStore:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call] # its __init__ has no types
    for each in certificates:
        store.register(each)
    return store


def timestamps_of(url: str, *, patience: float = TIMESTAMP_PATIENCE) -> TimeStamper:
    """Return the time stamp authority (RFC 3161 over HTTP) at `url`."""
    return HTTPTimeStamper(url, timeout=int(patience))


def _run(work: Coroutine[Any, Any, bytes]) -> bytes:
    """Run to the end, on a thread of its own: whoever calls may be inside an event loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
