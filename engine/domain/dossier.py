"""What a dossier is made of when it is handed in, and how it is numbered and found again."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from engine.domain.fees import Payment
    from engine.domain.messages import NoticeChannel
    from engine.domain.parcels import GuardAnswer, ParcelName

SECOND_FACT_DIGITS = 4
_SPACES = re.compile(r"\s+")


class Channel(StrEnum):
    """How a dossier was handed in."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    POSTAL = "postal"

    @property
    def label(self) -> str:
        """The channel as it is printed."""
        return {"in_person": "Trực tiếp", "online": "Trực tuyến", "postal": "Bưu chính công ích"}[self.value]


@dataclass(frozen=True, slots=True)
class Applicant:
    """The person or organisation whose dossier it is (chủ hồ sơ)."""

    full_name: str
    identity_number: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Submitter:
    """The authorised person who hands the dossier in (người nộp hồ sơ được ủy quyền)."""

    full_name: str
    identity_number: str = ""
    phone: str = ""
    authorisation: str = ""


@dataclass(frozen=True, slots=True)
class HandedInItem:
    """One paper of the dossier as it was handed in.

    `obtained`: how the office has it: empty on paper, `scanned`, or `database` for what it looked up itself and may not
    ask for (Decree 118/2025).
    """

    id: str
    name: str
    originals: int = 0
    copies: int = 0
    is_present: bool = True
    obtained: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """Everything that a receipt needs. `agreed_due_at` only for procedures whose date is agreed at receipt.

    `unit_code` is the desk; it may be left empty by a clerk who serves only one. `answers` are those to the questions
    of the procedure, as they were typed; where its tables decide the case, `case` is left empty. `notify_by` is how
    the applicant wants to be told, the first choice first; naming a channel means that they agreed to it.
    `parcels` are those that it is about. `guard` is what a clerk decided about what the guard found; None where nobody
    stands at a desk to be asked: then only parcels are looked at. `slip_number` is that of the slip on which it was
    written first, `draft_token` that of the begun form which goes with the receipt.
    `payment` is what was paid for it at once.
    """

    procedure_code: str
    applicant: Applicant
    unit_code: str = ""
    channel: Channel = Channel.IN_PERSON
    case: str = ""
    content: str = ""
    submitter: Submitter | None = None
    items: tuple[HandedInItem, ...] = ()
    result_channel: Channel = Channel.IN_PERSON
    received_at: datetime | None = None
    agreed_due_at: datetime | None = None
    idempotency_key: str = ""
    external_code: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    notify_by: tuple[NoticeChannel, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    parcels: tuple[ParcelName, ...] = ()
    guard: GuardAnswer | None = None
    slip_number: str = ""
    draft_token: str = ""
    payment: Payment | None = None


def dossier_code(pattern: str, *, identifier: str, on: date, number: int) -> str:
    """Write the code of a dossier, for example ``000.00.00.H56-260522-0001``.

    The pattern is a setting because the rule changes (Circular 4/2025/TT-VPCP, Decree 309/2026/NĐ-CP).
    """
    return pattern.format(identifier=identifier, yymmdd=on.strftime("%y%m%d"), number=number)


def counter_digits(dossier_id: int) -> str:
    """What the bar code of a receipt holds: digits only, since a scanner types and Telex rewrites letters.

    The last two digits check the others (ISO 7064 mod 97-10).
    """
    return f"{dossier_id:08d}{98 - dossier_id * 100 % 97:02d}"


def dossier_id_of(digits: str) -> int | None:
    """Read a scanned bar code back; None if it is not one of ours or a digit is wrong."""
    if not re.fullmatch(r"\d{10,}", digits) or int(digits) % 97 != 1:
        return None
    return int(digits[:-2])


def fold(text: str) -> str:
    """Write `text` without accents and in small letters, so that people can search by what they can type."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _SPACES.sub(" ", plain).strip().lower()


def search_key(*parts: str) -> str:
    """Join what a dossier can be found by into one folded text."""
    return fold(" ".join(part for part in parts if part))


def mask_name(name: str) -> str:
    """Hide a name for public pages: ``Nguyễn Thị Lan`` becomes ``N***** T** Lan``."""
    words = name.split()
    return " ".join([*(word[0] + "*" * (len(word) - 1) for word in words[:-1]), *words[-1:]])


def second_fact_matches(given: str, *, identity_number: str, phone: str) -> bool:
    """Whether `given` is the last four digits of the identity number or of the phone of the applicant."""
    digits = re.sub(r"\D", "", given)
    return len(digits) == SECOND_FACT_DIGITS and any(
        re.sub(r"\D", "", fact)[-4:] == digits for fact in (identity_number, phone) if fact
    )
