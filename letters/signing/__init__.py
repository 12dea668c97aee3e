"""Electronic signatures of letters: PAdES baseline, invisible, so that PDF/A-3a and PDF/UA-1 survive the signing.

    from letters.signing import Pkcs12Keys, Pkcs11Keys     # where a unit's key lives
    from letters.signing.pades import PadesSigner          # PadesSigner(keys).sign(pdf, SigningFacts(at=...)) -> bytes
    from letters.signing.checker import Checker            # Checker(trust).check(pdf) -> Finding, in a child process
    from letters.signing.trial import make_trial_keys      # certificates for a demonstration, worth nothing in law

`Signer` is what the rest of the product knows: another way to sign (a remote service, a card) needs its one method.
Libraries for signatures are imported where they are used: asking what a certificate says needs none of pyHanko.
Failures are the classes of `letters.signing.errors`; every one of them leaves the letter as it was, unsigned.
"""

from letters.signing.errors import (
    CertificateOutOfDate,
    FileUnreadable,
    SignerAway,
    SignerLocked,
    SigningFailed,
)
from letters.signing.finding import Finding, Problem, Trust
from letters.signing.keys import Certificate, KeyStore, Pkcs12Keys, Signer, SigningFacts
from letters.signing.pkcs11 import Pkcs11Keys

__all__ = [
    "Certificate",
    "CertificateOutOfDate",
    "FileUnreadable",
    "Finding",
    "KeyStore",
    "Pkcs11Keys",
    "Pkcs12Keys",
    "Problem",
    "Signer",
    "SignerAway",
    "SignerLocked",
    "SigningFacts",
    "SigningFailed",
    "Trust",
]
