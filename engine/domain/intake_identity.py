"""Identity numbers as they are typed or scanned at the counter: what they are, and what looks wrong about them.

A doubt is told and never refused: numbers of people who moved, of the oldest cards and of foreigners differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_PERSONAL, _OLD_CARD, _TAX, _TAX_BRANCH = 12, 9, 10, 13
_PASSPORT = re.compile(r"[A-Z]{1,2}\d{6,8}")
_SEPARATORS = re.compile(r"[\s.\-]")
_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_CARD_FIELDS = (6, 7, 11)
_LONGEST_CARD = 600
LONGEST_KEY = 20


class IdentityKind(StrEnum):
    """What kind of number it is."""

    PERSONAL = "personal"
    OLD_CARD = "old_card"
    TAX = "tax"
    PASSPORT = "passport"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Card:
    """What the code on an identity card says (``number|old number|name|birth|sex|address|issued``)."""

    number: str
    old_number: str
    full_name: str
    born_on: date | None
    sex: str
    address: str


def identity_key(text: str) -> str:
    """A number as it is compared and found: capital letters and digits only; empty if that is none."""
    key = _SEPARATORS.sub("", text).upper()
    return key if 1 <= len(key) <= LONGEST_KEY and key.isascii() and key.isalnum() else ""


def identity_kind(text: str) -> IdentityKind:
    """What kind of number this is."""
    key = identity_key(text)
    if _PASSPORT.fullmatch(key):
        return IdentityKind.PASSPORT
    lengths = {
        _PERSONAL: IdentityKind.PERSONAL,
        _OLD_CARD: IdentityKind.OLD_CARD,
        _TAX: IdentityKind.TAX,
        _TAX_BRANCH: IdentityKind.TAX,
    }
    return lengths.get(len(key), IdentityKind.UNKNOWN) if key.isdigit() else IdentityKind.UNKNOWN


def doubts(text: str, places: Collection[str], *, on: date, card: Card | None = None) -> tuple[str, ...]:
    """What looks wrong about a number, in Vietnamese sentences; `places` are the codes of provinces, if known.

    Sources: Decree 70/2024/NĐ-CP art. 17 (three digits place, one century and sex, two year of birth, six at random);
    Circular 86/2024/TT-BTC (tax code, the tenth digit checks the others).
    """
    key, kind = identity_key(text), identity_kind(text)
    if kind is IdentityKind.PERSONAL:
        return tuple(_personal_doubts(key, places, on, card))
    if kind is IdentityKind.TAX and not tax_code_holds(key[:_TAX]):
        return (f"Mã số thuế {key}: chữ số kiểm tra không khớp, hãy đọc lại từng số.",)
    return ()


def tax_code_holds(code: str) -> bool:
    """Whether the tenth digit of a tax code fits the nine before it."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, code, strict=False))
    return 10 - total % 11 == int(code[9])


def read_card(text: str) -> Card | None:
    """Read the code of an identity card that was scanned or pasted; None if it is none."""
    parts = [part.strip() for part in text.strip().split("|")]
    if len(text) > _LONGEST_CARD or len(parts) not in _CARD_FIELDS or not re.fullmatch(r"\d{12}", parts[0]):
        return None
    if not parts[2] or not re.fullmatch(r"\d{9}|", parts[1]):
        return None
    return Card(parts[0], parts[1], parts[2], _day(parts[3]), parts[4], parts[5])


def born_year(number: str) -> tuple[int, str]:
    """Year of birth and sex that a personal number of twelve digits says."""
    century, year = int(number[3]), int(number[4:6])
    return 1900 + century // 2 * 100 + year, "Nữ" if century % 2 else "Nam"


def _personal_doubts(key: str, places: Collection[str], on: date, card: Card | None) -> list[str]:
    found = []
    if places and key[:3] not in places:
        found.append(f"Số định danh {key}: ba số đầu “{key[:3]}” không phải mã tỉnh nào trong danh mục.")
    year, sex = born_year(key)
    if year > on.year:
        found.append(f"Số định danh {key}: năm sinh đọc được là {year}, sau năm nay.")
    if card is not None and card.number == key:
        if card.born_on is not None and card.born_on.year != year:
            found.append(f"Thẻ ghi năm sinh {card.born_on.year}, số định danh cho năm {year}.")
        if card.sex in {"Nam", "Nữ"} and card.sex != sex:
            found.append(f"Thẻ ghi giới tính {card.sex}, số định danh cho {sex}.")
    return found


def _day(text: str) -> date | None:
    if not re.fullmatch(r"\d{8}", text):
        return None
    try:
        return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None
