"""Files that people bring to a dossier: which kinds there are, how they are named, why one is refused, who may."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from engine.domain.errors import BadInput
from engine.domain.people import WORKING_ROLES, Role
from engine.domain.permissions import units_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from engine.domain.people import Actor

LONGEST_NAME = 180


class FileKind(StrEnum):
    """What a file is by its content."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    DOCX = "docx"
    XLSX = "xlsx"
    ODT = "odt"
    XML = "xml"

    @property
    def label(self) -> str:
        """The kind as people call it."""
        return _KINDS[self][0]

    @property
    def extensions(self) -> tuple[str, ...]:
        """How names of such files end; the first one is used where a name has none."""
        return _KINDS[self][2]

    @property
    def mimetype(self) -> str:
        """The media type under which the file is handed out."""
        return _KINDS[self][1]

    @property
    def has_pictures(self) -> bool:
        """Whether its pages can be shown as pictures."""
        return self in {FileKind.PDF, FileKind.JPEG, FileKind.PNG, FileKind.TIFF}


_OOXML = "application/vnd.openxmlformats-officedocument"
_KINDS: dict[FileKind, tuple[str, str, tuple[str, ...]]] = {
    FileKind.PDF: ("PDF", "application/pdf", (".pdf",)),
    FileKind.JPEG: ("ảnh JPEG", "image/jpeg", (".jpg", ".jpeg", ".jpe")),
    FileKind.PNG: ("ảnh PNG", "image/png", (".png",)),
    FileKind.TIFF: ("ảnh TIFF", "image/tiff", (".tif", ".tiff")),
    FileKind.DOCX: ("văn bản Word (docx)", f"{_OOXML}.wordprocessingml.document", (".docx",)),
    FileKind.XLSX: ("bảng tính Excel (xlsx)", f"{_OOXML}.spreadsheetml.sheet", (".xlsx",)),
    FileKind.ODT: ("văn bản OpenDocument (odt)", "application/vnd.oasis.opendocument.text", (".odt",)),
    FileKind.XML: ("XML có chữ ký số", "application/xml", (".xml",)),
}


class ScanState(StrEnum):
    """Whether somebody looked for viruses in a file."""

    OFF = "off"
    CLEAN = "clean"
    WAITING = "waiting"
    INFECTED = "infected"

    @property
    def may_open(self) -> bool:
        """Whether people may open the file."""
        return self in {ScanState.OFF, ScanState.CLEAN}


@dataclass(frozen=True, slots=True)
class Limits:
    """What the office takes: kinds, sizes in bytes, pages of a document, pixels of a picture."""

    kinds: tuple[FileKind, ...]
    largest_file: int
    largest_dossier: int
    most_pages: int
    most_pixels: int
    refuses_scripts: bool = True
    refuses_embedded: bool = False


REASONS = {
    "empty": "tệp rỗng (0 byte)",
    "too_large": "tệp lớn hơn {megabytes} MB, mức tối đa của một tệp",
    "dossier_full": "hồ sơ sẽ có hơn {megabytes} MB tệp đính kèm, mức tối đa của một hồ sơ",
    "name": "tên tệp không hợp lệ ({detail}); hãy đổi tên rồi gửi lại",
    "kind": "nội dung là {found}; nơi này chỉ nhận {kinds}",
    "extension": "tên tệp kết thúc bằng “{extension}” nhưng nội dung là {found}",
    "polyglot": "tệp chứa lẫn nội dung loại khác ({found}); hãy quét hoặc xuất lại thành tệp thường",
    "active": "tệp PDF chứa {found}; hãy in lại thành PDF thường",
    "encrypted": "tệp được đặt mật khẩu hoặc mã hóa nên không kiểm tra được",
    "broken": "tệp hỏng hoặc thiếu phần cuối ({detail})",
    "bomb": "tệp nén quá mức: mở ra sẽ chiếm quá nhiều bộ nhớ ({detail})",
    "too_many_pages": "tệp có {pages} trang, tối đa {most}",
    "stopped": "kiểm tra quá lâu hoặc tốn quá nhiều bộ nhớ nên đã dừng",
    "virus": "chương trình diệt vi-rút báo “{found}”",
    "unscanned": "chương trình diệt vi-rút chưa trả lời; hãy thử lại sau ít phút",
}


class FileRefused(BadInput):
    """Không nhận tệp “{name}”: {reason}."""

    code = "file_refused"

    def __init__(self, name: str, why: str, **facts: object) -> None:
        """Say why, by a key of `REASONS`."""
        self.why, self.told = why, {key: str(value) for key, value in facts.items()}
        super().__init__(name=name, reason=REASONS[why].format(**facts))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look into a file found. `notes`: codes of `NOTES` with their number, for whoever reads the list."""

    kind: FileKind
    pages: int = 0
    width: int = 0
    height: int = 0
    notes: tuple[tuple[str, int], ...] = ()


NOTES = {
    "signatures": "{count} chữ ký số",
    "embedded": "có {count} tệp kèm bên trong",
    "scripts": "có mã tự chạy bên trong",
}


@dataclass(frozen=True, slots=True)
class AttachmentLine:
    """One file in the list of a dossier. `notes` are sentences about its content; `may_open`: it was scanned."""

    id: int
    item_id: str
    name: str
    kind: FileKind
    size: int
    sha256: str
    pages: int
    added_at: datetime
    added_by_name: str
    scan: ScanState
    notes: tuple[str, ...] = ()
    removed_at: datetime | None = None
    removed_by_name: str = ""
    removed_reason: str = ""
    may_remove: bool = False
    opinion_id: int | None = None

    @property
    def may_open(self) -> bool:
        """Whether the file may be opened."""
        return self.removed_at is None and self.scan.may_open


@dataclass(frozen=True, slots=True)
class AttachmentPlace:
    """One item of the dossier with the files that belong to it; the last place, without an item, has all others."""

    item_id: str
    name: str
    is_present: bool
    files: tuple[AttachmentLine, ...]


@dataclass(frozen=True, slots=True)
class AttachmentList:
    """Everything that the part “Tệp đính kèm” of a page shows."""

    dossier_code: str
    places: tuple[AttachmentPlace, ...]
    removed: tuple[AttachmentLine, ...]
    limits: Limits
    may_add: bool
    may_export: bool
    desks: tuple[tuple[str, str], ...] = ()

    @property
    def count(self) -> int:
        """How many files there are."""
        return sum(len(place.files) for place in self.places)

    def of_opinion(self, opinion_id: int) -> tuple[AttachmentLine, ...]:
        """The files that came with what another unit answered."""
        return tuple(file for place in self.places for file in place.files if file.opinion_id == opinion_id)

    def find(self, attachment_id: int) -> AttachmentLine | None:
        """A file of the list by its id, also a removed one."""
        lines = [line for place in self.places for line in place.files]
        return next((line for line in (*lines, *self.removed) if line.id == attachment_id), None)


@dataclass(frozen=True, slots=True)
class WaitingScan:
    """A file that the scanner of a desk has dropped."""

    name: str
    size: int
    changed_at: datetime


def checked_name(name: str) -> str:
    """The name under which a file is shown, if it is a name and nothing else; raises `FileRefused`.

    A name is never used as a path: this keeps out what deceives the eye of whoever reads the list later.
    """
    shown = unicodedata.normalize("NFC", name).strip()
    if not shown or shown.strip(". ") == "":
        raise FileRefused("", "name", detail="không có tên")
    if fault := _fault_of(shown):
        raise FileRefused(_harmless(shown), "name", detail=fault)
    return shown


def _fault_of(name: str) -> str:
    if any(mark in name for mark in ("/", "\\", "\0")) or name.startswith(".."):
        return "có dấu đường dẫn"
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in name):
        return "có ký tự ẩn hoặc đổi chiều chữ"
    return f"dài hơn {LONGEST_NAME} ký tự" if len(name) > LONGEST_NAME else ""


def _harmless(name: str) -> str:
    shown = "".join(letter if unicodedata.category(letter)[0] not in "CZ" or letter == " " else "·" for letter in name)
    return shown if len(shown) <= 60 else f"{shown[:57]}…"  # noqa: PLR2004 - what fits into a sentence


def check_extension(name: str, kind: FileKind) -> None:
    """Raise `FileRefused` unless the end of a name says what the content is."""
    extension = PurePosixPath(name).suffix.lower()
    if extension not in kind.extensions:
        raise FileRefused(name, "extension", extension=extension or "(không có đuôi)", found=kind.label)


def safe_name(name: str, kind: FileKind, number: int) -> str:
    """A name that every system can keep: letters, digits, dashes, and the ending of its kind."""
    plain = unicodedata.normalize("NFD", PurePosixPath(name).stem.replace("đ", "d").replace("Đ", "D"))
    kept = "".join(
        letter if letter.isascii() and letter.isalnum() else "-"
        for letter in plain
        if letter.isprintable() and not unicodedata.combining(letter)
    )
    parts = [part for part in kept.split("-") if part]
    return f"{number:03d}-{'-'.join(parts)[:80] or 'tep'}{kind.extensions[0]}"


def _said(words: str, last: str = "") -> Callable[[Mapping[str, Any], object], str]:
    def say(data: Mapping[str, Any], _telling: object) -> str:
        more = f": {data[last]}" if last and data.get(last) else ""
        return f"{words} “{data.get('name', '')}”{more}"

    return say


# What the history of a dossier says of its files.
FILE_EVENTS = {
    "attachment_added": _said("Đưa vào tệp"),
    "attachment_removed": _said("Gỡ tệp", "reason"),
    "attachment_infected": _said("Chương trình diệt vi-rút báo mã độc trong tệp", "virus"),
    "dossier_exported": lambda _data, _telling: "Xuất toàn bộ hồ sơ ra tệp",
}

# --- who may ----------------------------------------------------------------------------------------------------------

EXPORTERS = frozenset({Role.LEADER, Role.RECORDS})


def attaching_unit(actor: Actor, involved: Collection[int]) -> int | None:
    """For which of the units that a dossier has to do with the person would add a file; None: for none."""
    return min(units_of(actor, WORKING_ROLES) & frozenset(involved), default=None)


def can_remove(actor: Actor, added_by: str, unit_id: int) -> bool:
    """Whether the person may take a file away: who brought it, or the leader of the unit for which it was brought."""
    return actor.username == added_by or actor.holds(Role.LEADER, unit_id)


def can_export(actor: Actor, involved: Collection[int], supervised: Collection[int]) -> bool:
    """Whether the person may carry a whole dossier out: leaders and records offices of its units, its supervisors."""
    here = frozenset(involved)
    return actor.is_machine or not here.isdisjoint(units_of(actor, EXPORTERS) | frozenset(supervised))
