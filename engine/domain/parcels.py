"""Parcels of land as people write them, and whether two of them are the same: old and new names of communes.

Since 01/7/2025 communes are made of several old ones. Their map sheets mostly keep the old numbers, so that sheet 12 of
two old communes now lies twice in one new commune. A parcel is told by the new commune, the old one where it is known,
the sheet and the number; where one of two parcels does not say the old commune, they *may* be the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from engine.domain.dossier import fold
from engine.domain.errors import BadInput

LONGEST_NUMBER = 20
LONGEST_COMMUNE = 80
_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z./-]{0,19}")
_OLD = re.compile(r"\s*[(\[]?\bcu\b[)\]]?\s*$")
_SHORT = (("p. ", "phuong "), ("x. ", "xa "), ("tt. ", "thi tran "), ("f. ", "phuong "))


class BadParcel(BadInput):
    """Thửa đất ghi chưa đúng: {detail}."""

    code = "bad_parcel"


@dataclass(frozen=True, slots=True)
class ParcelName:
    """A parcel as it was typed."""

    commune: str
    sheet: str
    number: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel that can be compared: `commune` is the key of the commune of today, `was` that of the old one or empty.

    `told` says the parcel in words, with the commune as it was written.
    """

    commune: str
    was: str
    sheet: str
    number: str
    written: str = ""

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What it is compared by, however it was written."""
        return self.commune, self.was, self.sheet, self.number

    @property
    def told(self) -> str:
        """The parcel in words."""
        return f"thửa {self.number}, tờ bản đồ {self.sheet}, {self.written or self.commune}"

    def match(self, other: Parcel) -> Match | None:
        """Whether this is the same parcel as another one; None if it is not."""
        if (self.commune, self.sheet, self.number) != (other.commune, other.sheet, other.number):
            return None
        if self.was and other.was and self.was != other.was:
            return None
        return Match.SAME if self.was == other.was else Match.POSSIBLE


class Match(StrEnum):
    """How sure it is that two parcels are one."""

    SAME = "same"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class OldCommune:
    """A commune until 30/6/2025; `sheets` are its map sheets that have been numbered anew."""

    name: str
    sheets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of today and what it was made of."""

    code: str
    name: str
    was: tuple[OldCommune, ...] = ()


class Communes:
    """The communes of a province, today's and those they were made of."""

    def __init__(self, communes: tuple[Commune, ...] = (), source: str = "") -> None:
        """Put them in order; names are compared without accents."""
        self.all = communes
        self.source = source
        self._now = {commune_key(each.name): each for each in communes}
        self._old = {commune_key(old.name): (each, old) for each in communes for old in each.was}

    @property
    def names(self) -> tuple[str, ...]:
        """What may be chosen: names of today, and old ones marked as such."""
        now = [each.name for each in self.all]
        old = [f"{was.name} (cũ)" for each in self.all for was in each.was]
        return (*now, *old)

    def is_known(self, name: str) -> bool:
        """Whether the list has this commune, by its name of today or an old one."""
        return commune_key(name) in self._now or commune_key(name) in self._old

    def resolve(self, typed: ParcelName) -> Parcel:
        """Make a parcel comparable; raises `BadParcel`. An unknown commune is its own key."""
        sheet, number = plain_number(typed.sheet, "số tờ bản đồ"), plain_number(typed.number, "số thửa")
        written = " ".join(typed.commune.split())
        if not 1 < len(written) <= LONGEST_COMMUNE:
            raise BadParcel(detail=f"tên xã, phường có từ 2 đến {LONGEST_COMMUNE} ký tự")
        key, says_old = commune_key(written), bool(_OLD.search(fold(written)))
        found = self._old.get(key)
        if key in self._now and not (says_old and found):
            commune = self._now[key]
            only = commune.was[0] if len(commune.was) == 1 else None  # made of one old commune: nothing to tell apart
            was = commune_key(only.name) if only else ""
            sheet = only.sheets.get(sheet, sheet) if only else sheet
            return Parcel(commune.code, was, sheet, number, written)
        if found:
            commune, old = found
            new_sheet = old.sheets.get(sheet)
            # a sheet with a new number is the only one of its number: the old name tells nothing any more
            return Parcel(commune.code, "" if new_sheet else key, new_sheet or sheet, number, written)
        return Parcel(key, "", sheet, number, written)


def commune_key(name: str) -> str:
    """The name of a commune without accents, abbreviations and the word for "old"."""
    key = _OLD.sub("", fold(name)).strip(" ,.")
    for short, long in _SHORT:
        if key.startswith(short):
            key = long + key.removeprefix(short)
    return key[:LONGEST_COMMUNE]


def plain_number(text: str, what: str) -> str:
    """A number of a sheet or parcel as it is compared: ``007`` is ``7``; raises `BadParcel`."""
    number = "".join(text.split()).upper()
    number = re.sub(r"^0+(?=\d)", "", number)
    if not _NUMBER.fullmatch(number):
        raise BadParcel(
            detail=f"{what} “{text[:40]}” gồm chữ số, có thể kèm chữ cái, gạch nối, chấm, ví dụ 45 hoặc 45A"
        )
    return number


class BlockEffect(StrEnum):
    """What a block of a parcel does at the counter."""

    REFUSE = "refuse"
    WARN = "warn"

    @property
    def label(self) -> str:
        """The effect in words."""
        return {"refuse": "Không tiếp nhận", "warn": "Cảnh báo"}[self.value]


class BlockKind(StrEnum):
    """Why a parcel is barred."""

    DISPUTE = "dispute"
    SEIZURE = "seizure"
    RECOVERY = "recovery"
    VIOLATION = "violation"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The kind in words."""
        return {
            "dispute": "Đang tranh chấp",
            "seizure": "Kê biên, phong tỏa, ngăn chặn",
            "recovery": "Đã có thông báo thu hồi đất",
            "violation": "Vi phạm đang xử lý",
            "other": "Lý do khác",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Block:
    """A document that bars dossiers about a parcel, from one day to another (None: until it is lifted)."""

    commune: str
    sheet: str
    number: str
    kind: BlockKind
    effect: BlockEffect
    document: str
    from_on: date
    to_on: date | None
    reason: str


class FindingKind(StrEnum):
    """What the guard may find."""

    BLOCK = "block"
    OPEN_FILE = "open_file"
    DUPLICATE = "duplicate"
    UNKNOWN_COMMUNE = "unknown_commune"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the guard found, in words; `key` names it in the answer of the clerk."""

    key: str
    kind: FindingKind
    text: str
    refuses: bool = False
    needs_answer: bool = True
    dossier_code: str = ""


@dataclass(frozen=True, slots=True)
class GuardAnswer:
    """What the clerk decided about what the guard found: the findings seen, why to go on, the leader's document."""

    seen: tuple[str, ...] = ()
    reason: str = ""
    document: str = ""
