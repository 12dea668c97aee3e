"""A look into documents that are packages (Word, Excel, OpenDocument): counted while they are unpacked, no macros."""

from __future__ import annotations

import re
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from engine.archives import BROKEN_ZIP
from engine.domain.attachments import FileKind, FileRefused, Finding

if TYPE_CHECKING:
    from pathlib import Path

    from engine.domain.attachments import Limits

BEGINNING = b"PK\x03\x04"
_END = b"PK\x05\x06"
_END_SIZE = 22
_MOST_PARTS = 4000
_MOST_UNPACKED = 256 * 1024 * 1024
_MOST_RATIO = 300
_CHUNK = 1 << 16
_MAIN = {"word/document.xml": FileKind.DOCX, "xl/workbook.xml": FileKind.XLSX}
_ODT = b"application/vnd.oasis.opendocument.text"
_MACROS = re.compile(
    r"(^|/)(vbaProject|vbaData|activeX|Basic/|Scripts/|oleObject|embeddings/)|\.(class|jar|exe|dll|js|vbs|hta)$",
    re.IGNORECASE,
)
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def kind_of(path: Path) -> FileKind | None:
    """Which document a package is; None for any other archive."""
    try:
        with zipfile.ZipFile(path) as package:
            names = {entry.filename for entry in package.infolist()[: _MOST_PARTS + 1]}
            if "[Content_Types].xml" in names:
                return next((kind for main, kind in _MAIN.items() if main in names), None)
            if "mimetype" in names and package.getinfo("mimetype").file_size == len(_ODT):
                return FileKind.ODT if package.read("mimetype") == _ODT else None
    except BROKEN_ZIP:
        return None
    return None


def look(path: Path, name: str, _limits: Limits) -> Finding:
    """Unpack a document to nowhere, counting; raises `FileRefused`."""
    _check_edges(path, name)
    kind = kind_of(path)
    assert kind is not None, "it was one a moment ago"
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
            if len(entries) > _MOST_PARTS:
                raise FileRefused(name, "bomb", detail=f"hơn {_MOST_PARTS} phần")
            left = min(_MOST_UNPACKED, max(path.stat().st_size, _CHUNK) * _MOST_RATIO)
            for entry in entries:
                _check_entry(entry, name)
                left = _unpack(package, entry, left, name)
    except BROKEN_ZIP:
        raise FileRefused(name, "broken", detail="gói nén không mở được") from None
    return Finding(kind)


def _check_edges(path: Path, name: str) -> None:
    """Nothing stands before the package or behind it."""
    content = path.read_bytes()
    at = content.rfind(_END)
    comment = int.from_bytes(content[at + 20 : at + _END_SIZE], "little") if at >= 0 else 0
    if at < 0 or comment or at + _END_SIZE != len(content):
        raise FileRefused(name, "polyglot", found="dữ liệu sau phần kết thúc của gói")


def _check_entry(entry: zipfile.ZipInfo, name: str) -> None:
    place = PurePosixPath(entry.filename.replace("\\", "/"))
    if entry.flag_bits & 1:
        raise FileRefused(name, "encrypted")
    if place.is_absolute() or ".." in place.parts:
        raise FileRefused(name, "broken", detail="phần bên trong có đường dẫn ra ngoài")
    if _MACROS.search(entry.filename):
        raise FileRefused(name, "polyglot", found="macro hoặc tệp nhúng")


def _unpack(package: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, name: str) -> int:
    head = b""
    with package.open(entry) as part:
        while chunk := part.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise FileRefused(name, "bomb", detail="giải nén ra lớn gấp hàng trăm lần")
            head = head or chunk
    if entry.filename.endswith((".xml", ".rels")) and _DOCTYPE.search(head):
        raise FileRefused(name, "broken", detail="XML có khai báo thực thể")
    return left
