"""What a bar code of ours says: on which kind of paper it is, and on which one. Digits only; the last two are checks.

A receipt (and every other letter of a dossier) holds the number of the dossier; an envelope begins with 9, a blank
slip with 8, and both are longer, so that none is taken for another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from engine.domain.dossier import dossier_id_of
from engine.domain.messages import item_of

FEWEST, MOST = 8, 20
_SLIP = re.compile(r"8(\d{4})(\d{7})\d{2}")


class ScanKind(StrEnum):
    """The paper that a bar code is on."""

    DOSSIER = "dossier"
    ENVELOPE = "envelope"
    SLIP = "slip"


@dataclass(frozen=True, slots=True)
class Scan:
    """A bar code that was read: the id of the dossier or of the letter on its way, or the unit and number of a slip."""

    kind: ScanKind
    number: int
    unit_id: int = 0


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a bar code leads to: a dossier (at its hand-over, where its result waits), an envelope, a slip."""

    kind: ScanKind
    code: str = ""
    number: int = 0
    digits: str = ""
    is_waiting_for_hand_over: bool = False


def read_scan(typed: str) -> Scan | None:
    """Read a bar code; None if it is none of ours, or a digit is wrong."""
    digits = typed.strip()
    if not (digits.isascii() and digits.isdigit() and FEWEST <= len(digits) <= MOST and int(digits) % 97 == 1):
        return None
    if slip := _SLIP.fullmatch(digits):
        return Scan(ScanKind.SLIP, int(slip[2]), int(slip[1]))
    if (delivery_id := item_of(digits)) is not None:
        return Scan(ScanKind.ENVELOPE, delivery_id)
    dossier_id = dossier_id_of(digits)
    return None if dossier_id is None else Scan(ScanKind.DOSSIER, dossier_id)
