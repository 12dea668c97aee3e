"""A look into a PDF: whole, readable without a password, nothing before or behind it, nothing that acts by itself."""

from __future__ import annotations

import re
import zlib
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING

import pypdfium2 as pdfium
from pypdfium2 import raw

from engine.domain.attachments import FileKind, FileRefused, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.domain.attachments import Limits

_END = b"%%EOF"
_TAIL = 1024
_LARGEST_SIDE = 14_400  # points: the largest page that Acrobat opens
_MOST_UNPACKED = 64 * 1024 * 1024
_ESCAPED = re.compile(rb"#([0-9a-fA-F]{2})")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_LONGEST_HEAD = 65_536
# The names are long: no compressed picture spells one by chance, so that the whole file is searched for them.
_ACTIVE = (
    (re.compile(rb"/JavaScript(?![A-Za-z0-9])"), "mã JavaScript"),
    (re.compile(rb"/Launch(?![A-Za-z0-9])"), "lệnh mở chương trình khác"),
    (re.compile(rb"/(?:SubmitForm|ImportData|GoToE)(?![A-Za-z0-9])"), "lệnh tự gửi dữ liệu"),
    (re.compile(rb"/RichMedia(?![A-Za-z0-9])|/XFA\s*[\[\d]"), "nội dung động (RichMedia, XFA)"),
)
_EMBEDDED = re.compile(rb"/EmbeddedFiles?(?![A-Za-z0-9])")
_ENCRYPTED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")


def look(path: Path, name: str, limits: Limits) -> Finding:
    """Look into a PDF; raises `FileRefused`."""
    content = path.read_bytes()
    _check_end(content, name)
    written = b"\n".join(_written(content, name))
    if _ENCRYPTED.search(written):
        raise FileRefused(name, "encrypted")
    pages, signatures, attached, scripts = _open(path, name, limits)
    active = next((found for mark, found in _ACTIVE if mark.search(written)), "mã JavaScript" if scripts else "")
    if active and limits.refuses_scripts:
        raise FileRefused(name, "active", found=active)
    has_embedded = attached or int(bool(_EMBEDDED.search(written)))
    if has_embedded and limits.refuses_embedded:
        raise FileRefused(name, "active", found="tệp khác kèm bên trong")
    notes = (("signatures", signatures), ("embedded", has_embedded), ("scripts", int(bool(active))))
    return Finding(FileKind.PDF, pages=pages, notes=tuple(note for note in notes if note[1]))


def picture(path: Path, page: int, width: int) -> bytes:
    """A page (from 1) as a PNG."""
    with closing(pdfium.PdfDocument(path)) as document, closing(document[page - 1]) as sheet:
        across, down = sheet.get_size()
        scale = min(width / across, 3 * width / max(down, 1))
        image = sheet.render(scale=scale, may_draw_forms=False).to_pil()
    written = BytesIO()
    image.convert("RGB").quantize(128).save(written, "PNG", optimize=True)
    return written.getvalue()


def _check_end(content: bytes, name: str) -> None:
    at = content.rfind(_END)
    if at < 0 or at < len(content) - _TAIL - len(_END):
        raise FileRefused(name, "broken", detail="thiếu dấu kết thúc của PDF")
    if content[at + len(_END) :].strip(b"\r\n\t \0"):
        raise FileRefused(name, "polyglot", found="dữ liệu sau dấu kết thúc của PDF")


def _written(content: bytes, name: str) -> Iterator[bytes]:
    """Every name of the document with its escapes taken out: in the open, and packed in streams of objects."""
    yield _plain(content)
    left = _MOST_UNPACKED
    for found in _STREAM.finditer(content):
        begins = max(content.rfind(b"endobj", 0, found.start()), content.rfind(b"endstream", 0, found.start()), 0)
        head = _plain(content[max(begins, found.start() - _LONGEST_HEAD) : found.start()])
        if b"/ObjStm" in head:
            unpacked = _unpack(head, content, found.end(), left, name)
            left -= len(unpacked)
            yield _plain(unpacked)


def _unpack(head: bytes, content: bytes, at: int, most: int, name: str) -> bytes:
    if b"/Filter" not in head:
        return content[at : content.find(b"endstream", at)]
    if not re.search(rb"/Filter\s*\[?\s*/FlateDecode\s*\]?\s*(?:/|$|>|\r|\n)", head) or b"/Predictor" in head:
        raise FileRefused(name, "broken", detail="cấu trúc nén bên trong không đọc được")
    try:
        unpacked = zlib.decompressobj().decompress(memoryview(content)[at:], most + 1)
    except zlib.error:
        raise FileRefused(name, "broken", detail="cấu trúc nén bên trong không đọc được") from None
    if len(unpacked) > most:
        raise FileRefused(name, "bomb", detail=f"hơn {_MOST_UNPACKED >> 20} MB")
    return unpacked


def _plain(content: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: bytes([int(found.group(1), 16)]), content)


def _open(path: Path, name: str, limits: Limits) -> tuple[int, int, int, int]:
    """Pages, signatures, files inside, scripts: as a real reader sees them."""
    try:
        with closing(pdfium.PdfDocument(path)) as document:
            pages = len(document)
            _check_pages(document, pages, name, limits)
            return (
                pages,
                max(int(raw.FPDF_GetSignatureCount(document)), 0),
                max(int(raw.FPDFDoc_GetAttachmentCount(document)), 0),
                max(int(raw.FPDFDoc_GetJavaScriptActionCount(document)), 0),
            )
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise FileRefused(name, "encrypted") from None
        raise FileRefused(name, "broken", detail="không mở được bằng trình đọc PDF") from None


def _check_pages(document: pdfium.PdfDocument, pages: int, name: str, limits: Limits) -> None:
    if pages == 0:
        raise FileRefused(name, "broken", detail="không có trang nào")
    if pages > limits.most_pages:
        raise FileRefused(name, "too_many_pages", pages=pages, most=limits.most_pages)
    for number in {0, pages - 1}:
        with closing(document[number]) as page:
            if max(page.get_size()) > _LARGEST_SIDE:
                raise FileRefused(name, "bomb", detail="khổ giấy lớn bất thường")
