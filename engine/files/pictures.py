"""A look into pictures: decoded to the last line, not larger than memory allows, nothing behind the end."""

from __future__ import annotations

import struct
import warnings
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageOps, UnidentifiedImageError

from engine.domain.attachments import FileKind, FileRefused, Finding

if TYPE_CHECKING:
    from pathlib import Path

    from engine.domain.attachments import Limits

_FORMATS = {FileKind.JPEG: ("JPEG", "MPO"), FileKind.PNG: ("PNG",), FileKind.TIFF: ("TIFF",)}
_SEGMENT = struct.Struct(">H")
_CHUNK = struct.Struct(">I4s")
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
# What cameras and telephones write behind a picture: a second picture, a moving one, notes of the maker.
_BENIGN = (b"\xff\xd8\xff",)
_BENIGN_INSIDE = (b"ftyp", b"SEFT", b"SEFH")
_HARMFUL = (
    (b"PK\x03\x04", "tệp nén ZIP"),
    (b"%PDF-", "PDF"),
    (b"Rar!", "tệp nén RAR"),
    (b"7z\xbc\xaf", "tệp nén 7z"),
    (b"\x7fELF", "chương trình"),
    (b"This program cannot be run", "chương trình"),
    (b"#!/", "chương trình"),
)


def look_jpeg(path: Path, name: str, limits: Limits) -> Finding:
    """Look into a JPEG; raises `FileRefused`."""
    content = path.read_bytes()
    _check_rest(content[_jpeg_end(content, name) :], name)
    return _decode(path, name, FileKind.JPEG, limits)


def look_png(path: Path, name: str, limits: Limits) -> Finding:
    """Look into a PNG; raises `FileRefused`."""
    content = path.read_bytes()
    if content[_png_end(content, name) :].strip(b"\0"):
        raise FileRefused(name, "polyglot", found="dữ liệu sau phần kết thúc của ảnh")
    return _decode(path, name, FileKind.PNG, limits)


def look_tiff(path: Path, name: str, limits: Limits) -> Finding:
    """Look into a TIFF, all its pages; raises `FileRefused`."""
    content = path.read_bytes()
    for mark, found in _HARMFUL[1:2]:
        if mark in content[:1024]:
            raise FileRefused(name, "polyglot", found=found)
    return _decode(path, name, FileKind.TIFF, limits)


def picture(path: Path, page: int, width: int, limits: Limits) -> bytes:
    """A page (from 1) as a PNG or JPEG, upright, without what the camera noted (place, owner, small pictures)."""
    Image.MAX_IMAGE_PIXELS = limits.most_pixels
    with Image.open(path) as image:
        image.seek(page - 1)
        if image.width * image.height > limits.most_pixels:
            raise FileRefused(path.name, "bomb", detail="quá nhiều điểm ảnh")
        image.draft("RGB", (2 * width, 2 * width))
        upright = ImageOps.exif_transpose(image).convert("RGB")
        upright.thumbnail((width, 3 * width))
        clean = Image.frombytes("RGB", upright.size, upright.tobytes())
    written = BytesIO()
    clean.quantize(256, method=Image.Quantize.FASTOCTREE).save(written, "PNG", optimize=True)
    return written.getvalue()


def _jpeg_end(content: bytes, name: str) -> int:
    """Where the picture itself ends; raises `FileRefused` where it never does."""
    at = 2
    while 0 <= at < len(content) - 3:
        if content[at] != 0xFF:  # noqa: PLR2004 - the beginning of every marker
            break
        marker = content[at + 1]
        if marker == _END_OF_IMAGE:
            return at + 2
        if marker == 0xFF or marker in _ALONE:  # noqa: PLR2004 - filling
            at += 1 if marker == 0xFF else 2  # noqa: PLR2004
            continue
        at += 2 + int(_SEGMENT.unpack_from(content, at + 2)[0])
        if marker == _START_OF_SCAN:
            at = _scan_end(content, at)
    if content[at : at + 2] == b"\xff\xd9":
        return at + 2
    raise FileRefused(name, "broken", detail="thiếu phần cuối của ảnh")


def _scan_end(content: bytes, at: int) -> int:
    """The next marker behind a stretch of packed lines; -1 without one."""
    while (at := content.find(b"\xff", at)) >= 0 and at + 1 < len(content):
        following = content[at + 1]
        if following != 0 and not 0xD0 <= following <= 0xD7:  # noqa: PLR2004 - a stuffed byte, a restart
            return at
        at += 2
    return -1


def _check_rest(rest: bytes, name: str) -> None:
    rest = rest.strip(b"\0\r\n ")
    if not rest:
        return
    harm = next((found for mark, found in _HARMFUL if mark in rest), "")
    is_known = rest.startswith(_BENIGN) or any(mark in rest for mark in _BENIGN_INSIDE)
    if harm or not is_known:
        raise FileRefused(name, "polyglot", found=harm or "dữ liệu lạ sau phần kết thúc của ảnh")


def _png_end(content: bytes, name: str) -> int:
    at = 8
    while at + 12 <= len(content):
        length, kind = _CHUNK.unpack_from(content, at)
        at += 12 + int(length)
        if kind == b"IEND" and at <= len(content):
            return at
    raise FileRefused(name, "broken", detail="thiếu phần cuối của ảnh")


def _decode(path: Path, name: str, kind: FileKind, limits: Limits) -> Finding:
    Image.MAX_IMAGE_PIXELS = limits.most_pixels
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=_FORMATS[kind]) as image:
                return _decode_all(image, name, kind, limits)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise FileRefused(name, "bomb", detail=f"hơn {limits.most_pixels // 1_000_000} triệu điểm ảnh") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, struct.error):
        raise FileRefused(name, "broken", detail="không giải mã được ảnh") from None


def _decode_all(image: Image.Image, name: str, kind: FileKind, limits: Limits) -> Finding:
    """Decode every page: one that cannot be read is found now, and not years later."""
    width, height = image.size
    pages = getattr(image, "n_frames", 1) if kind is FileKind.TIFF else 1
    if pages > limits.most_pages:
        raise FileRefused(name, "too_many_pages", pages=pages, most=limits.most_pages)
    total = 0
    for number in range(pages):
        image.seek(number)
        total += image.width * image.height
        if total > limits.most_pixels * 4 or image.width * image.height > limits.most_pixels:
            raise FileRefused(name, "bomb", detail="quá nhiều điểm ảnh")
        image.draft("RGB", (image.width // 8, image.height // 8))
        image.load()
    return Finding(kind, pages=pages, width=width, height=height)
