"""The official forms as data: one frozen dataclass a form, complete enough to print the same letter again in ten years.

Values are typed (aware `datetime`, `int`, `tuple`); `letters.layout` turns them into words in the letterhead's time
zone. Every string is cleaned when the object is made (`letters.text.clean`), so what is frozen is what is printed.
Making an object never fails on what people typed; `check` says what cannot be printed, and `Renderer` always asks it.

Numbers of the forms: Circular 03/2025/TT-VPCP, Annex I (Circular 01/2018/TT-VPCP for `regime="2018"`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cache
from typing import Annotated, ClassVar, get_args, get_type_hints
from zoneinfo import ZoneInfo

from letters.errors import LetterNotRenderable
from letters.regime import REGIMES
from letters.text import Text, clean, problems_in

MOST_ITEMS = 30
MOST_DIGITS = 24
LONGEST_URL = 180

LATER = {"later": True}
"""Metadata of a field that a form got after letters were issued without it: at its default it is not written down, so
a letter frozen before prints to the same bytes."""


@dataclass(frozen=True, slots=True)
class Listing:
    """How a list field prints: its Vietnamese label, its fewest and most entries."""

    label: str
    fewest: int = 0
    most: int = MOST_ITEMS


class Cleaned:
    """Cleans every text field of a frozen dataclass when the object is made; refuses instants without an offset."""

    __slots__ = ()

    def __post_init__(self) -> None:
        """Clean texts in place; a naive `datetime` is the caller's mistake and raises `ValueError`."""
        kind: type = type(self)
        for name, rule in text_rules(kind).items():
            value = getattr(self, name)
            cleaned = (
                clean(value, lines=rule.lines)
                if isinstance(value, str)
                else tuple(clean(entry, lines=rule.lines) for entry in value)
            )
            object.__setattr__(self, name, cleaned)
        for each in fields(self):  # type: ignore[arg-type]
            value = getattr(self, each.name)
            if isinstance(value, datetime) and value.tzinfo is None:
                raise ValueError(f"{type(self).__name__}.{each.name} needs an aware datetime")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead(Cleaned):
    """What all letters of one unit share. Names in ordinary case; the header prints them in capitals.

    A line break in an agency's name is kept in the header, and reads as a space in the body.
    """

    agency: Annotated[str, Text("Tên cơ quan", 200, lines=True)]
    place: Annotated[str, Text("Địa danh", 60)]
    parent_agency: Annotated[str, Text("Tên cơ quan chủ quản", 200, lines=True, optional=True)] = ""
    contact_phone: Annotated[str, Text("Số điện thoại liên hệ", 60, optional=True)] = ""
    timezone: str = "Asia/Ho_Chi_Minh"
    """IANA name of the zone in which instants are printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party(Cleaned):
    """A person or an organisation (chủ hồ sơ, người nộp hồ sơ)."""

    name: Annotated[str, Text("Họ tên, tên tổ chức", 300)]
    is_organisation: bool = False
    salutation: Annotated[str, Text("Danh xưng", 20, optional=True)] = ""
    """"Ông" or "Bà" where it is known; empty prints "Ông/Bà" for a person, nothing for an organisation."""
    identifier: Annotated[str, Text("Số định danh", 40, optional=True)] = ""
    address: Annotated[str, Text("Địa chỉ", 300, optional=True)] = ""
    phone: Annotated[str, Text("Số điện thoại", 40, optional=True)] = ""
    email: Annotated[str, Text("Email", 120, optional=True)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer(Cleaned):
    """Who signs: "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ", "GIÁM ĐỐC"; a deputy's `authority` line is "KT. GIÁM ĐỐC"."""

    title: Annotated[str, Text("Chức vụ người ký", 120)]
    name: Annotated[str, Text("Họ tên người ký", 120, optional=True)] = ""
    """Empty leaves the place of the name free: the name is written by hand."""
    authority: Annotated[str, Text("Quyền hạn người ký", 120, optional=True)] = ""
    electronic: Annotated[str, Text("Chữ ký số", 300, lines=True, optional=True)] = field(default="", metadata=LATER)
    """Who signed electronically, and when: stands where a hand would sign (`letters.signing.block`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Cleaned):
    """One component of a dossier with how many sheets of which kind were handed in or given back."""

    name: Annotated[str, Text("Thành phần hồ sơ", 250)]
    original: int = 0
    copies: int = 0
    electronic: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterAppointment(Cleaned):
    """A later phase of a procedure with several appointments (giai đoạn 2), whose date is not known at receipt."""

    name: Annotated[str, Text("Tên giai đoạn", 80)]
    limit: Annotated[str, Text("Thời hạn giai đoạn", 80)]
    starts_on: Annotated[str, Text("Mốc tính của giai đoạn", 200)]
    """Reads on after the limit: "kể từ ngày nhận được chứng từ hoàn thành nghĩa vụ tài chính"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeDue(Cleaned):
    """What the tables of the procedure say is due at receipt, in words ready to print."""

    amount: Annotated[str, Text("Phí, lệ phí phải nộp", 60)]
    rate: Annotated[str, Text("Mức thu", 80, optional=True)] = ""
    """Which of the posted amounts it is: "mức nộp trực tiếp", "mức nộp trực tuyến"."""
    state: Annotated[str, Text("Tình trạng thu", 120)] = "chưa thu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter(Cleaned):
    """What every form holds. `form` is the name used in diagrams, `form_number` the official one."""

    form: ClassVar[str]
    form_number: ClassVar[str]

    letterhead: Letterhead
    number: Annotated[str, Text("Số văn bản", 80)]
    """What follows "Số:", e.g. "12/2026/PXL-CNVPĐKĐĐ"."""
    issued_at: datetime
    """When the letter was issued; its day is the date printed, and the document's creation date."""
    applicant: Party
    dossier_code: Annotated[str, Text("Mã hồ sơ", 60)]
    procedure_name: Annotated[str, Text("Nội dung yêu cầu giải quyết", 500)]
    signer: Signer
    verification_url: Annotated[str, Text("Địa chỉ kiểm tra văn bản", LONGEST_URL)]
    """What the QR holds: the page of this letter; for form 01 the look-up page of the dossier."""
    recipients: Annotated[tuple[str, ...], Text("Nơi nhận", 200), Listing("Nơi nhận", most=8)] = ()
    regime: str = REGIMES[-1].name
    """"2018" or "2025": see `letters.regime_on`."""
    opening: Annotated[str, Text("Câu mở đầu", 500, optional=True)] = field(default="", metadata=LATER)
    """What the unit says first, before the words of the form."""
    closing: Annotated[str, Text("Câu kết", 500, optional=True)] = field(default="", metadata=LATER)
    """What the unit says last, before the signature."""
    replaces: Annotated[str, Text("Thay thế văn bản", 200, optional=True)] = field(default="", metadata=LATER)
    """The cancelled letter whose place this one takes: "số 12/PXL-CNVPĐKĐĐ ngày 06/3/2026"."""
    reprint: Annotated[str, Text("Bản in lại", 300, optional=True)] = field(default="", metadata=LATER)
    """Marks a copy that was printed again: when, by whom, of which original. Empty on every original."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSlip(Letter):
    """Form 01, Giấy tiếp nhận hồ sơ và hẹn trả kết quả. `signer` is the clerk who received."""

    form: ClassVar[str] = "receipt"
    form_number: ClassVar[str] = "01"

    items: Annotated[tuple[Item, ...], Listing("Thành phần hồ sơ", fewest=1)]
    received_at: datetime
    due_at: datetime | None
    """The (first) appointment; None where the date is agreed later."""
    time_limit: Annotated[str, Text("Thời gian giải quyết", 120)]
    """Ready to print: "05 ngày làm việc"."""
    collect_at: Annotated[str, Text("Nơi nhận kết quả", 300)]
    counter_digits: Annotated[str, Text("Mã vạch", MOST_DIGITS)]
    """What the counter's scanner types: decimal digits only, printed as Code 128."""
    sets: int = 1
    submitter: Party | None = None
    """Who handed the dossier in for the applicant (người được ủy quyền), when it is somebody else."""
    authorisation: Annotated[str, Text("Giấy ủy quyền", 200, optional=True)] = ""
    later_appointments: Annotated[tuple[LaterAppointment, ...], Listing("Giai đoạn sau", most=8)] = ()
    register_book: Annotated[str, Text("Quyển số", 20, optional=True)] = ""
    register_entry: Annotated[str, Text("Số thứ tự", 20, optional=True)] = ""
    fee: FeeDue | None = field(default=None, metadata=LATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementRequest(Letter):
    """Form 02, Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ. `signer` is who guides the applicant."""

    form: ClassVar[str] = "supplement_request"
    form_number: ClassVar[str] = "02"

    requirements: Annotated[tuple[str, ...], Text("Nội dung bổ sung", 500), Listing("Nội dung bổ sung", 1, most=20)]
    reason: Annotated[str, Text("Lý do", 1500, lines=True)]
    contact_name: Annotated[str, Text("Người liên hệ", 200)]
    contact_phone: Annotated[str, Text("Số điện thoại liên hệ", 60, optional=True)] = ""
    respond_by: datetime | None = None
    """Last moment for the supplement, where the office sets one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalSlip(Letter):
    """Form 03, Phiếu từ chối tiếp nhận, giải quyết hồ sơ. `signer` is the clerk; the code may be missing."""

    form: ClassVar[str] = "refusal"
    form_number: ClassVar[str] = "03"

    dossier_code: Annotated[str, Text("Mã hồ sơ", 60, optional=True)] = ""
    reason: Annotated[str, Text("Lý do", 1500, lines=True)]
    submitter: Party | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApologyLetter(Letter):
    """Form 04, the apology for lateness; its official title and wording follow `regime`.

    2025: Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết; 2018: Phiếu xin lỗi và hẹn lại ngày trả kết quả.
    Issued before `due_at` it says that the date will not be kept, after it that it was not.
    """

    form: ClassVar[str] = "apology"
    form_number: ClassVar[str] = "04"

    received_at: datetime
    due_at: datetime
    """The date that is missed."""
    new_due_at: datetime
    reason: Annotated[str, Text("Lý do", 1500, lines=True)]
    deciding_agency: Annotated[str, Text("Cơ quan giải quyết hồ sơ", 200, optional=True)] = ""
    """Who is late, when it is not the agency of the letterhead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscontinuationNotice(Letter):
    """Form 05, Thông báo dừng giải quyết hồ sơ (Decree 118/2025, art. 21)."""

    form: ClassVar[str] = "discontinuation"
    form_number: ClassVar[str] = "05"

    received_at: datetime
    discontinued_at: datetime
    reason: Annotated[str, Text("Lý do", 1500, lines=True)]
    is_requested_by_applicant: bool = False
    returned_items: Annotated[tuple[Item, ...], Listing("Giấy tờ trả lại")] = ()


def check(letter: Letter) -> None:
    """Refuse what no letter may print.

    Raises:
        LetterNotRenderable: with one Vietnamese sentence for each field that is too long, empty or malformed.

    """
    problems = [*_problems(letter), *_problems_of_form(letter)]
    if problems:
        raise LetterNotRenderable(problems)


def texts_in(part: Cleaned) -> Iterator[tuple[str, Text]]:
    """Yield every text of a letter with its rule, the nested parts included."""
    kind: type = type(part)
    rules = text_rules(kind)
    for each in fields(part):  # type: ignore[arg-type]
        value = getattr(part, each.name)
        entries = value if isinstance(value, tuple) else (value,)
        for entry in entries:
            if isinstance(entry, Cleaned):
                yield from texts_in(entry)
            elif each.name in rules:
                yield entry, rules[each.name]


def _problems(letter: Letter) -> Iterator[str]:
    for text, rule in texts_in(letter):
        yield from problems_in(text, rule)
    kind: type = type(letter)
    for name, listing in list_rules(kind).items():
        length = len(getattr(letter, name))
        if not listing.fewest <= length <= listing.most:
            yield f"«{listing.label}» có {length} mục, phải từ {listing.fewest} đến {listing.most}"


def _problems_of_form(letter: Letter) -> Iterator[str]:
    if letter.regime not in {regime.name for regime in REGIMES}:
        yield f"không có bộ mẫu «{letter.regime}»"
    if not re.fullmatch(r"https?://[!-~]+", letter.verification_url):
        yield "«Địa chỉ kiểm tra văn bản» phải là một địa chỉ http(s) không dấu"
    if not _is_zone(letter.letterhead.timezone):
        yield f"không có múi giờ «{letter.letterhead.timezone}»"
    digits = getattr(letter, "counter_digits", None)
    if digits is not None and not re.fullmatch("[0-9]+", digits):
        yield "«Mã vạch» chỉ được gồm chữ số"
    if isinstance(letter, ReceiptSlip) and letter.sets < 1:
        yield "«Số lượng hồ sơ» phải từ 1 bộ"
    for item in (
        *getattr(letter, "items", ()),
        *getattr(letter, "returned_items", ()),
        *getattr(letter, "results", ()),
    ):
        if min(item.original, item.copies, item.electronic) < 0:
            yield f"«{item.name}» có số lượng âm"


@cache
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


@cache
def text_rules(kind: type) -> dict[str, Text]:
    """Return the rule (label, longest length) of each text field of a form or of a part of one, by field name."""
    return {name: rule for name, rule in _rules(kind) if isinstance(rule, Text)}


@cache
def list_rules(kind: type) -> dict[str, Listing]:
    """Return the rule (label, fewest and most entries) of each list field, by field name."""
    return {name: rule for name, rule in _rules(kind) if isinstance(rule, Listing)}


def _rules(kind: type) -> list[tuple[str, object]]:
    hints = get_type_hints(kind, include_extras=True)
    return [(name, rule) for name, hint in hints.items() for rule in get_args(hint)[1:]]
