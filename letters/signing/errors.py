"""Why a letter was not signed, or a file could not be examined. The text is Vietnamese and says what to do."""

from __future__ import annotations

from letters.errors import LetterError


class SigningFailed(LetterError):
    """Any failure to sign: the letter stays unsigned and waits."""

    code = "signing_failed"


class SignerAway(SigningFailed):
    """The key file, the token or the time stamp authority cannot be reached now: the same call may succeed later."""

    code = "signer_away"


class SignerLocked(SigningFailed):
    """The password or PIN is wrong: asking again by itself would lock the token for good, a person has to look."""

    code = "signer_locked"


class CertificateOutOfDate(SigningFailed):
    """The certificate is not valid at the moment of signing: it expired, or begins later."""

    code = "certificate_out_of_date"


class FileUnreadable(LetterError):
    """What was to be examined is no PDF, or none that can be read within the limits."""

    code = "file_unreadable"
