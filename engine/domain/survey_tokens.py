"""The token with which a citizen rates the service once: short enough to type, too many to guess.

Twelve letters of an alphabet without look-alikes are sixty bits; with an end date and a limit on tries nobody finds
one. The database holds its hash only: who reads the table can neither rate nor learn who may.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from enum import StrEnum

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
GROUP = 4
VALID_FOR = timedelta(days=30)
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


class SurveyChannel(StrEnum):
    """How a token reached its citizen."""

    SLIP = "slip"
    MESSAGE = "message"
    POST = "post"


def new_token() -> str:
    """Make a token that nobody can guess, for example ``7KQ2M0XVR4TA``."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_token(typed: str) -> str:
    """A token as it was typed or stood in an address: small letters, groups and look-alikes do not matter."""
    kept = "".join(filter(str.isalnum, typed.upper()))
    return kept.translate(_LOOK_ALIKES)


def digest_of(typed: str) -> str:
    """What the database knows a token by."""
    return hashlib.sha256(read_token(typed).encode()).hexdigest()


def grouped(token: str) -> str:
    """A token as it is printed: ``7KQ2-M0XV-R4TA``."""
    return "-".join(token[at : at + GROUP] for at in range(0, len(token), GROUP))
