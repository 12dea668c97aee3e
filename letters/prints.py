"""What is printed and is no letter: no number of its own, no place in the register of letters.

The register of dossiers (form 07; 06 in 2018), the book of letters, the hand-over list of a day, the list of a bag for
the post office, slips for a power cut, and the receipt on a roll of 80 mm. They are rendered like posters; every value
is in words ready to print.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from letters.data import Cleaned, Listing, ReceiptSlip
from letters.posters import Poster
from letters.regime import REGIMES
from letters.text import Text

MOST_LETTERS = 2000
MOST_IN_A_BAG = 500
MOST_ENTRIES = 1000
"""Rows that one print takes; a longer register is printed in parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry(Cleaned):
    """One dossier of the register. Dates are days, or empty where there is none yet."""

    code: Annotated[str, Text("Mã hồ sơ", 80)]
    procedure: Annotated[str, Text("Tên thủ tục", 800)]
    sets: Annotated[str, Text("Số lượng hồ sơ", 10)]
    applicant: Annotated[str, Text("Tên cá nhân, tổ chức", 300)]
    address: Annotated[str, Text("Địa chỉ, số điện thoại", 400, optional=True)] = ""
    agency: Annotated[str, Text("Cơ quan chủ trì", 200)]
    received_on: Annotated[str, Text("Ngày nhận", 40)]
    due_on: Annotated[str, Text("Hẹn trả", 40, optional=True)] = ""
    delivered_on: Annotated[str, Text("Ngày trả", 40, optional=True)] = ""
    channel: Annotated[str, Text("Phương thức nhận", 80)]
    receiver: Annotated[str, Text("Ký nhận", 200, optional=True)] = ""
    note: Annotated[str, Text("Ghi chú", 300, optional=True)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterBook(Poster):
    """Sổ theo dõi hồ sơ of a unit and period: A4 across, the head on every page."""

    form: ClassVar[str] = "register_book"

    period: Annotated[str, Text("Kỳ", 120)]
    entries: Annotated[tuple[RegisterEntry, ...], Listing("Hồ sơ", most=MOST_ENTRIES)] = ()
    regime: str = REGIMES[-1].name


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(Cleaned):
    """One dossier on a hand-over list."""

    code: Annotated[str, Text("Mã hồ sơ", 80)]
    applicant: Annotated[str, Text("Chủ hồ sơ", 300)]
    procedure: Annotated[str, Text("Tên thủ tục", 800)]
    papers: Annotated[str, Text("Số giấy tờ", 60, optional=True)] = ""
    handed_at: Annotated[str, Text("Giờ giao", 40)]
    giver: Annotated[str, Text("Người giao", 200)]
    due_on: Annotated[str, Text("Hẹn trả", 40, optional=True)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingUnit(Cleaned):
    """What one unit was given on the day."""

    name: Annotated[str, Text("Đơn vị nhận", 200)]
    dossiers: Annotated[tuple[HandedOver, ...], Listing("Hồ sơ bàn giao", fewest=1, most=MOST_ENTRIES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverList(Poster):
    """Danh sách bàn giao hồ sơ of one unit and day, one sheet to sign for each receiver."""

    form: ClassVar[str] = "hand_over_list"

    day: Annotated[str, Text("Ngày", 60)]
    receivers: Annotated[tuple[ReceivingUnit, ...], Listing("Đơn vị nhận", fewest=1, most=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RollReceipt(Poster):
    """The receipt (form 01) on a thermal roll of 80 mm, as long as it has to be: the facts of an issued receipt."""

    form: ClassVar[str] = "roll_receipt"

    receipt: ReceiptSlip


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterEntry(Cleaned):
    """One letter of the register of letters; a cancelled one stands there with its reason."""

    unit: Annotated[str, Text("Đơn vị", 200)]
    number: Annotated[str, Text("Số ký hiệu", 80)]
    issued_at: Annotated[str, Text("Ban hành", 40)]
    title: Annotated[str, Text("Văn bản", 200)]
    dossier: Annotated[str, Text("Mã hồ sơ", 80)]
    applicant: Annotated[str, Text("Chủ hồ sơ", 300)]
    state: Annotated[str, Text("Tình trạng", 80)]
    delivered_at: Annotated[str, Text("Đến người nhận", 40, optional=True)] = ""
    note: Annotated[str, Text("Ghi chú", 300, optional=True)] = ""
    sha256: Annotated[str, Text("SHA-256", 64, optional=True)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterBook(Poster):
    """Sổ văn bản: letters of units, forms and years in the order of their numbers, A4 across."""

    form: ClassVar[str] = "letter_book"

    scope: Annotated[str, Text("Phạm vi", 300)]
    entries: Annotated[tuple[LetterEntry, ...], Listing("Văn bản", most=MOST_LETTERS)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlankSlip(Cleaned):
    """One numbered slip: the number in words, and as a bar code."""

    label: Annotated[str, Text("Số phiếu", 60)]
    digits: Annotated[str, Text("Mã vạch", 40)]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlankSlips(Poster):
    """Numbered slips to write on when there is no power, two on a sheet of A4."""

    form: ClassVar[str] = "blank_slips"

    slips: Annotated[tuple[BlankSlip, ...], Listing("Phiếu", fewest=1, most=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostLine(Cleaned):
    """One letter in a bag for the post office; `digits` are its bar code, `posted_number` what the post office gave."""

    digits: Annotated[str, Text("Mã vạch", 40)]
    name: Annotated[str, Text("Người nhận", 300)]
    address: Annotated[str, Text("Địa chỉ", 500)]
    letter: Annotated[str, Text("Văn bản", 200)]
    dossier_code: Annotated[str, Text("Mã hồ sơ", 80)]
    posted_number: Annotated[str, Text("Số bưu gửi", 80, optional=True)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostList(Poster):
    """The list that goes to the post office with a bag of letters, signed by who hands it over and who takes it."""

    form: ClassVar[str] = "post_list"

    number: Annotated[str, Text("Số chuyến", 60)]
    lines: Annotated[tuple[PostLine, ...], Listing("Thư", fewest=1, most=MOST_IN_A_BAG)]


PRINTS: dict[str, type[Poster]] = {
    kind.form: kind for kind in (RegisterBook, HandOverList, RollReceipt, LetterBook, BlankSlips, PostList)
}
"""Every kind by its name."""
