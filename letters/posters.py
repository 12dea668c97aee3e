"""What hangs on the wall and lies on the counter, as data: one frozen dataclass a kind, made from the posted facts.

A wall sheet, a leaflet and a step sheet hold the same facts of one procedure and differ in what they print of them; the
wall list names every procedure. Values are words ready to print; `verification_url` is what the QR holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar

from letters.data import LONGEST_URL, Cleaned, Letterhead, Listing, list_rules, texts_in
from letters.errors import LetterNotRenderable
from letters.text import Text, problems_in

LONG = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper(Cleaned):
    """One paper of the dossier (thành phần hồ sơ)."""

    name: Annotated[str, Text("Giấy tờ", 500)]
    form: Annotated[str, Text("Mẫu", 300, optional=True)] = ""
    originals: int = 0
    copies: int = 0
    note: Annotated[str, Text("Ghi chú giấy tờ", 300, optional=True)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Cleaned):
    """A heading and what stands beside it: a way to hand in, a case and its limit."""

    head: Annotated[str, Text("Mục", 500)]
    text: Annotated[str, Text("Nội dung", LONG)]
    note: Annotated[str, Text("Ghi chú", LONG, optional=True)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLine(Cleaned):
    """One row of the fee table, amounts in words ready to print; empty where nothing is posted."""

    name: Annotated[str, Text("Khoản thu", 500)]
    direct: Annotated[str, Text("Mức nộp trực tiếp", 200, optional=True)] = ""
    online: Annotated[str, Text("Mức nộp trực tuyến", 200, optional=True)] = ""
    note: Annotated[str, Text("Ghi chú", LONG, optional=True)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine(Cleaned):
    """One step: its number, what is done, by whom, within how long, on which condition, and what comes out."""

    number: Annotated[str, Text("Số thứ tự", 20)]
    name: Annotated[str, Text("Bước", 300)]
    actor: Annotated[str, Text("Người thực hiện", 200)]
    time: Annotated[str, Text("Thời gian", 300)]
    part: Annotated[str, Text("Nhóm bước", 300, optional=True)] = ""
    when: Annotated[tuple[str, ...], Text("Trường hợp", 300), Listing("Trường hợp", most=12)] = ()
    papers: Annotated[tuple[str, ...], Text("Biểu mẫu, kết quả", 300), Listing("Biểu mẫu, kết quả", most=12)] = ()
    is_usual: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLine(Cleaned):
    """One procedure of the wall list."""

    sector: Annotated[str, Text("Lĩnh vực", 200)]
    code: Annotated[str, Text("Mã thủ tục", 60)]
    name: Annotated[str, Text("Tên thủ tục", 800)]
    limit: Annotated[str, Text("Thời hạn", LONG)]
    url: Annotated[str, Text("Địa chỉ", LONGEST_URL)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster(Cleaned):
    """What every poster holds. `form` is the name of its template."""

    form: ClassVar[str]

    letterhead: Letterhead
    issued_at: datetime
    """The day that is printed as the day of printing."""
    title: Annotated[str, Text("Tên", 800)]
    verification_url: Annotated[str, Text("Địa chỉ trang thủ tục", LONGEST_URL)]
    contact: Annotated[tuple[str, ...], Text("Liên hệ", 300), Listing("Liên hệ", most=6)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedurePoster(Poster):
    """The posted facts of one procedure."""

    code: Annotated[str, Text("Mã thủ tục", 60)]
    sector: Annotated[str, Text("Lĩnh vực", 200)]
    level: Annotated[str, Text("Cấp thực hiện", 200)]
    version: Annotated[str, Text("Phiên bản", 60)]
    effective: Annotated[str, Text("Hiệu lực", 200, optional=True)] = ""
    decision: Annotated[str, Text("Quyết định công bố", 400, optional=True)] = ""
    audience: Annotated[tuple[str, ...], Text("Đối tượng", LONG), Listing("Đối tượng", most=10)] = ()
    conditions: Annotated[tuple[str, ...], Text("Điều kiện", LONG), Listing("Điều kiện", most=30)] = ()
    sets: Annotated[str, Text("Số bộ", 60, optional=True)] = ""
    items: Annotated[tuple[Paper, ...], Listing("Thành phần hồ sơ", most=60)] = ()
    submission: Annotated[tuple[Line, ...], Listing("Cách thức nộp", most=8)] = ()
    delivery: Annotated[tuple[Line, ...], Listing("Cách thức nhận", most=8)] = ()
    online: Annotated[str, Text("Mức độ trực tuyến", 120, optional=True)] = ""
    steps: Annotated[tuple[StepLine, ...], Listing("Các bước", fewest=1, most=120)]
    limits: Annotated[tuple[Line, ...], Listing("Thời hạn", fewest=1, most=40)]
    fees: Annotated[tuple[FeeLine, ...], Listing("Phí, lệ phí", most=60)] = ()
    result: Annotated[str, Text("Kết quả", LONG)]
    result_forms: Annotated[tuple[Line, ...], Listing("Mẫu kết quả", most=12)] = ()
    result_valid: Annotated[str, Text("Thời hạn của kết quả", 500, optional=True)] = ""
    basis: Annotated[tuple[str, ...], Text("Căn cứ pháp lý", LONG), Listing("Căn cứ pháp lý", most=60)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WallSheet(ProcedurePoster):
    """The public facts on A4, for the wall (niêm yết công khai)."""

    form: ClassVar[str] = "wall_sheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaflet(ProcedurePoster):
    """The same on A4 across, folded twice (tờ rơi)."""

    form: ClassVar[str] = "leaflet"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSheet(ProcedurePoster):
    """The internal procedure in the form of ISO 9001 (quy trình nội bộ): every step with actor, time and papers."""

    form: ClassVar[str] = "step_sheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class WallList(Poster):
    """Every procedure of an office on one list, for the wall (bảng niêm yết)."""

    form: ClassVar[str] = "wall_list"

    lines: Annotated[tuple[ListLine, ...], Listing("Thủ tục", fewest=1, most=500)]


POSTERS: dict[str, type[Poster]] = {poster.form: poster for poster in (WallSheet, Leaflet, StepSheet, WallList)}
"""Every kind by its name."""


def check_poster(poster: Poster) -> None:
    """Refuse what no poster may print; raises `LetterNotRenderable` with one Vietnamese sentence for each problem."""
    problems = list(dict.fromkeys(_problems(poster)))
    if problems:
        raise LetterNotRenderable(problems)


def _problems(part: Cleaned) -> Iterator[str]:
    for text, rule in texts_in(part):
        yield from problems_in(text, rule)
    yield from _problems_of_lists(part)
    if isinstance(part, Poster) and not re.fullmatch(r"https?://[!-~]+", part.verification_url):
        yield "«Địa chỉ trang thủ tục» phải là một địa chỉ http(s) không dấu"


def _problems_of_lists(part: Cleaned) -> Iterator[str]:
    kind: type = type(part)
    for name, listing in list_rules(kind).items():
        entries = getattr(part, name)
        if not listing.fewest <= len(entries) <= listing.most:
            yield f"«{listing.label}» có {len(entries)} mục, phải từ {listing.fewest} đến {listing.most}"
        for entry in entries:
            if isinstance(entry, Cleaned):
                yield from _problems_of_lists(entry)
