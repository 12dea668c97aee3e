"""Numbered slips for a time without power: the number in words, as a bar code, and read back from what was typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

# The bar code begins with 8 and is longer than that of a receipt: no scanner takes one for the other.
_HEAD = "8"
_UNIT, _NUMBER = 4, 7
_CODE = re.compile(rf"{_HEAD}\d{{{_UNIT + _NUMBER + 2}}}")
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class SlipView:
    """A slip as its desk sees it."""

    number: int
    label: str
    batch: int
    state: str
    printed_at: datetime
    settled_at: datetime | None = None
    settled_by: str = ""
    reason: str = ""
    dossier_code: str = ""


@dataclass(frozen=True, slots=True)
class SlipPage:
    """The slips of a desk: those given out and not keyed in, how many they are, and those settled last."""

    unit_code: str
    unit_name: str
    total: int
    outstanding: tuple[SlipView, ...]
    settled: tuple[SlipView, ...]


def slip_label(unit_code: str, number: int) -> str:
    """The number as it is printed: ``PT-BS-TTPVHCC-000012``."""
    return f"PT-{unit_code}-{number:06d}"


def slip_digits(unit_id: int, number: int) -> str:
    """What the bar code of a slip holds: digits only, the last two check the others (ISO 7064 mod 97-10)."""
    body = f"{_HEAD}{unit_id:0{_UNIT}d}{number:0{_NUMBER}d}"
    return f"{body}{98 - int(body) * 100 % 97:02d}"


def slip_number(text: str, unit_id: int, unit_code: str) -> int | None:
    """The number that was typed or scanned, if it is one of this desk: the number, the label or the bar code."""
    plain = text.strip().upper()
    if re.fullmatch(rf"\d{{1,{_NUMBER}}}", plain):
        return int(plain)
    if _CODE.fullmatch(plain) and int(plain) % 97 == 1:
        return int(plain[1 + _UNIT : -2]) if int(plain[1 : 1 + _UNIT]) == unit_id else None
    head = f"PT-{unit_code.upper()}-"
    digits = plain.removeprefix(head)
    return int(digits) if plain.startswith(head) and re.fullmatch(rf"\d{{1,{_NUMBER}}}", digits) else None
