"""What a file is, found out from its content alone, and whether it is that and nothing else. Runs in the child."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

import puremagic

from engine.domain.attachments import FileKind, FileRefused, check_extension
from engine.files import packages, pdf, pictures, signed_xml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.domain.attachments import Finding, Limits

_HEAD = 4096
_BEGINNINGS = (
    (b"%PDF-", FileKind.PDF),
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"II*\x00", FileKind.TIFF),
    (b"MM\x00*", FileKind.TIFF),
)
# What makes a browser, a server or a machine run something, wherever it stands in a document or picture.
_STRANGE = (
    (re.compile(rb"<\?php", re.IGNORECASE), "mã PHP"),
    (re.compile(rb"<script[\s>]", re.IGNORECASE), "mã JavaScript của trang web"),
    (re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE), "trang web HTML"),
)
_CHUNK = 1 << 20
_OVERLAP = 64
_LOOKS: dict[FileKind, Callable[[Path, str, Limits], Finding]] = {
    FileKind.PDF: pdf.look,
    FileKind.JPEG: pictures.look_jpeg,
    FileKind.PNG: pictures.look_png,
    FileKind.TIFF: pictures.look_tiff,
    FileKind.DOCX: packages.look,
    FileKind.XLSX: packages.look,
    FileKind.ODT: packages.look,
    FileKind.XML: signed_xml.look,
}
_ONE_DOCUMENT = frozenset({FileKind.PDF, FileKind.JPEG, FileKind.PNG, FileKind.TIFF})


def inspect(path: Path, name: str, limits: Limits) -> Finding:
    """Look into a file; raises `FileRefused` unless it is wholly of a kind that the office takes."""
    if path.stat().st_size == 0:
        raise FileRefused(name, "empty")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    kind = _kind_of(path, head)
    if kind is None or kind not in limits.kinds:
        wanted = ", ".join(each.label for each in limits.kinds)
        raise FileRefused(name, "kind", found=kind.label if kind else _called(path), kinds=wanted)
    check_extension(name, kind)
    if kind in _ONE_DOCUMENT:
        _check_alone(path, name)
    return _LOOKS[kind](path, name, limits)


def _kind_of(path: Path, head: bytes) -> FileKind | None:
    found = next((kind for mark, kind in _BEGINNINGS if head.startswith(mark)), None)
    if found is not None:
        return found
    if head.startswith(packages.BEGINNING):
        return packages.kind_of(path)
    return FileKind.XML if signed_xml.looks_like(head) else None


def _called(path: Path) -> str:
    """What the content is, for whoever wonders why it is not taken."""
    try:
        found = puremagic.magic_file(str(path))
    except (puremagic.PureError, ValueError):
        found = []
    return f"loại “{found[0].name or found[0].extension}”" if found else "loại không nhận ra"


def _check_alone(path: Path, name: str) -> None:
    """Refuse a document that is something else as well to another program."""
    if zipfile.is_zipfile(path):
        raise FileRefused(name, "polyglot", found="tệp nén ZIP")
    with path.open("rb") as file:
        before = b""
        while chunk := file.read(_CHUNK):
            window = before + chunk
            for mark, found in _STRANGE:
                if mark.search(window):
                    raise FileRefused(name, "polyglot", found=found)
            before = window[-_OVERLAP:]
