"""How an official Vietnamese document words and breaks things: dates, names, titles, paper (Decree 30/2020, Annex I).

Everything here is a pure function of a letter's data, so an archive prints again as it was issued.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from letters import marks
from letters.data import Letter, Party
from letters.titles import TITLES, source_of_form, title_of

NBSP = "\N{NO-BREAK SPACE}"
LONGEST_SOLID = 40
"""A code or number longer than this may break: it would not fit a line anyway."""

LONGEST_HEADER_LINE = 24
"""Capitals that fit one line of the header's left column, on either paper."""

_COMPOUNDS = (
    "văn phòng|chi nhánh|trung tâm|bộ phận|ban quản lý|chi cục|phục vụ|hành chính công|hành chính|một cửa|đăng ký"
    "|đất đai|môi trường|nông nghiệp|nông thôn|tài nguyên|khoáng sản|khí tượng|thủy văn|biến đổi khí hậu|xây dựng"
    "|kinh tế|đô thị|hạ tầng|công thương|tài chính|kế hoạch|đầu tư|tư pháp|nội vụ|giao thông|vận tải|khu vực"
    "|khu công nghiệp|ủy ban|nhân dân|hội đồng|kiểm lâm|thủy lợi|thủy sản|chăn nuôi|thú y|trồng trọt|kỹ thuật|quan trắc"
)
_COMPOUND = re.compile(rf"\b(?:(?:và|các) )?(?:{_COMPOUNDS})\b", re.IGNORECASE)
_PLACE_HEADS = "tỉnh|thành phố|quận|huyện|thị xã|thị trấn|phường|xã|đặc khu"
_PLACE = re.compile(rf"\b((?i:{_PLACE_HEADS})) ([A-ZÀ-ỸĐ0-9][\w’'-]*(?: [A-ZÀ-ỸĐ0-9][\w’'-]*)*)")
_LONGEST_PLACE = 28
_FEW_WORDS = 6
_NUMBERED = re.compile(
    r"\b(số|Điều|khoản|lần|quyển|ngày|tháng|năm|tờ) (?=\d)|(?<=\d) (ngày|giờ|phút|tháng|năm|bộ|bản|tờ|m²)\b"
)


@dataclass(frozen=True, slots=True)
class Paper:
    """One way to set a letter: the stylesheet of that name, and the most pages it may take."""

    style: str
    most_pages: int = 1
    is_roll: bool = False
    """The page ends where its content ends."""


_SLIP = (Paper("a5"), Paper("a4-slip"), Paper("a4-slip", most_pages=2))
_LETTER = (Paper("a4"), Paper("a4-close"), Paper("a4", most_pages=2), Paper("a4-close", most_pages=2))

PAPERS: dict[str, tuple[Paper, ...]] = {
    "receipt": (*_SLIP, Paper("a4-slip", most_pages=3)),
    "supplement_request": (*_SLIP, Paper("a4-slip", most_pages=3)),
    "refusal": _SLIP,
    "apology": _LETTER,
    "discontinuation": (*_LETTER, Paper("a4-close", most_pages=3)),
    "routing_slip": (Paper("a5"), Paper("a4-slip"), Paper("a4-slip", most_pages=15)),
    "result_cover": (*_SLIP, Paper("a4-slip", most_pages=3)),
    "feedback_answer": (*_LETTER, Paper("a4-close", most_pages=4)),
    "error_apology": _LETTER,
}
"""Tried in turn until the letter fits. Circular 01/2018 sets slips on A5, which holds an ordinary one legibly; a long
one grows to A4. More pages are the last resort: a letter may be long, but it may not be missing. Forms with lists may
take a third page."""


def day(instant: datetime, zone: tzinfo) -> str:
    """Return "ngày 05 tháng 01 năm 2026": unbreakable; days below 10 and months 1 and 2 take a zero (Decree 30)."""
    local = instant.astimezone(zone)
    month = f"{local.month:02d}" if local.month <= 2 else str(local.month)  # noqa: PLR2004 - the decree's own rule
    return solid_spaces(f"ngày {local.day:02d} tháng {month} năm {local.year}")


def moment(instant: datetime, zone: tzinfo) -> str:
    """Return "10 giờ 30 phút, ngày 22 tháng 11 năm 2026"; breaks after the comma only."""
    local = instant.astimezone(zone)
    return solid_spaces(f"{local.hour:02d} giờ {local.minute:02d} phút") + ", " + day(instant, zone)


def in_prose(words: str) -> str:
    """Let a justified paragraph break before "năm 2026": a whole date kept together tears gaps into the line above."""
    return words.replace(f"{NBSP}năm{NBSP}", f" năm{NBSP}")


def sentence(text: str) -> str:
    """Return `text` with the full stop that a reason typed in haste lacks."""
    return text if text.endswith((".", "!", "?", "…", ";", ":")) else text + "."


def solid_spaces(text: str) -> str:
    """Return `text` with spaces at which no line breaks."""
    return text.replace(" ", NBSP)


def one_line(text: str) -> str:
    """Return a name that may have line breaks as one line, names of places held together."""
    return with_solid_places(" ".join(text.split("\n")))


def held(text: str, *, whole: bool = False) -> str:
    """Return free text on one line whose places, and numbers with their words ("số 18", "02 ngày"), hold together."""
    places = with_solid_places(" ".join(text.split("\n")), whole=whole)
    return _NUMBERED.sub(lambda found: solid_spaces(found.group()), places)


def with_solid_places(text: str, *, whole: bool = False) -> str:
    """Hold the name of a place together: "Lâm Đồng", and with `whole` its kind as well, "tỉnh Lâm Đồng".

    Running text holds the name only: the longer what may not break, the wider the gaps of a justified line.
    """

    def hold(found: re.Match[str]) -> str:
        kind, name = found.groups()
        if len(found.group()) > _LONGEST_PLACE:
            return found.group()
        return solid_spaces(found.group()) if whole else kind + " " + solid_spaces(name)

    return _PLACE.sub(hold, text)


def tail_held(text: str) -> str:
    """Return a name whose last two words hold together: none stands alone on the last line of a centred heading."""
    words = text.split(" ")
    if len(words) < _FEW_WORDS or len(words[-2]) + len(words[-1]) >= LONGEST_SOLID:
        return text
    return " ".join(words[:-1]) + NBSP + words[-1]


def header_lines(name: str) -> list[str]:
    """Return an agency's name in capitals, as the lines of the header: its own line breaks, or lines of like length.

    A word of several syllables ("đất đai") and the name of a place stay on one line.
    """
    if "\n" in name or not name:
        return [with_solid_places(line, whole=True).upper() for line in name.split("\n") if line]
    words = _COMPOUND.sub(lambda found: solid_spaces(found.group()), with_solid_places(name, whole=True)).upper()
    lines = textwrap.wrap(words, LONGEST_HEADER_LINE, break_long_words=False, break_on_hyphens=False)
    for width in range(LONGEST_HEADER_LINE - 1, 0, -1):
        narrower = textwrap.wrap(words, width, break_long_words=False, break_on_hyphens=False)
        if len(narrower) > len(lines) or max(map(len, narrower)) > width:
            break
        lines = narrower
    return lines


def solid(text: str) -> Markup:
    """Return a code, number or form of address that stays on one line, if it can."""
    if len(text) > LONGEST_SOLID:
        return escape(text)
    return Markup('<span class="solid">{}</span>').format(text)


def salutation(party: Party) -> str:
    """Return how the party is addressed before its name; nothing for an organisation."""
    return party.salutation or ("" if party.is_organisation else "Ông/Bà")


def pronoun(party: Party) -> str:
    """Return how the letter speaks to the party."""
    return party.salutation or ("Quý Tổ chức" if party.is_organisation else "Ông/Bà")


def count(number: int) -> str:
    """Return a number as forms print it: at least two digits."""
    return f"{number:02d}"


def context_of(letter: Letter) -> dict[str, object]:
    """Return what a template may name, apart from the functions of `FUNCTIONS`."""
    zone = ZoneInfo(letter.letterhead.timezone)
    issued = letter.issued_at.astimezone(zone).isoformat(timespec="seconds")
    return {
        "letter": letter,
        "head": letter.letterhead,
        "agency": one_line(letter.letterhead.agency),
        "title": title_of(letter),
        "title_lines": TITLES[letter.form, letter.regime].split("\n"),
        "source": source_of_form(letter.form, letter.regime, letter.form_number),
        "issued": issued,
        "qr": marks.qr(letter.verification_url),
        "bars": marks.bars(digits) if (digits := getattr(letter, "counter_digits", "")) else None,
        "day": lambda instant: day(instant, zone),
        "moment": lambda instant: moment(instant, zone),
    }


FUNCTIONS = {
    "count": count,
    "header_lines": header_lines,
    "held": held,
    "in_prose": in_prose,
    "one_line": one_line,
    "pronoun": pronoun,
    "salutation": salutation,
    "sentence": sentence,
    "solid": solid,
    "tail_held": tail_held,
}
"""What every template may call."""
