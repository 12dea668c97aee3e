"""The content of a definition as files: brought into one spelling, packed, and named by its digest.

The digest is taken of the files as they are packed, so a version keeps its name for ever, whatever a later library
writes for the same XML.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping

from engine.archives import BROKEN_ZIP
from engine.process.errors import DefinitionInvalid
from engine.process.problems import report
from engine.process.safe_xml import canonical

_MAX_UNPACKED = 40 * 1024 * 1024
_EPOCH = (1980, 1, 1, 0, 0, 0)


def one_spelling(name: str, content: bytes) -> bytes:
    """Write a file so that the same content is the same bytes: canonical XML; text without BOM and carriage returns."""
    if name.endswith((".bpmn", ".dmn")):
        return canonical(content)
    return content.decode("utf-8-sig").replace("\r\n", "\n").encode()


def digest(files: Mapping[str, bytes]) -> str:
    """Answer the sha256 of names and contents, in hexadecimal."""
    found = hashlib.sha256()
    for name, content in sorted(files.items()):
        found.update(f"{name}\0{len(content)}\0".encode())
        found.update(content)
    return found.hexdigest()


def pack(files: Mapping[str, bytes]) -> bytes:
    """Put files into a zip: the same bytes for the same files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def unpack(packed: bytes) -> dict[str, bytes]:
    """Take out what `pack` put in; raises `DefinitionInvalid` for anything else, before it fills the memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            files = {name: archive.read(name) for name in archive.namelist()} if size <= _MAX_UNPACKED else {}
    except BROKEN_ZIP as error:
        raise _damaged() from error
    if not files:
        raise _damaged()
    return files


def _damaged() -> DefinitionInvalid:
    return DefinitionInvalid(file="sources", problems=(report("sources_damaged"),))
