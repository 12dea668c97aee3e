"""The visible part of a signature: words in the place where a hand would sign. The signature itself has no picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from letters.data import Letter
from letters.signing.keys import Certificate

_Form = TypeVar("_Form", bound=Letter)


def with_block(letter: _Form, certificate: Certificate, at: datetime) -> _Form:
    """Return the letter with who signs and when: to the second, with the zone, as the letterhead's people read it."""
    moment = at.astimezone(ZoneInfo(letter.letterhead.timezone)).replace(microsecond=0)
    words = f"Ký bởi: {certificate.subject}\nThời gian ký: {moment.isoformat()}"
    return replace(letter, signer=replace(letter.signer, electronic=words))
