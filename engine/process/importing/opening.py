"""From the bytes of a file to the root of a BPMN document, whatever tool wrote it; or the reason why it is none."""

from __future__ import annotations

import codecs
import re

from lxml import etree

from engine.process.importing.model import Notes
from engine.process.problems import report
from engine.process.safe_xml import BPMN, XmlRefused, name_of, read_xml

_DECLARED = re.compile(r"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"'][^>]*\?>")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WITHOUT_MARK = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
# Names that tools write and Python knows by another.
_ALIASES = {"macroman": "mac_roman", "x-macroman": "mac_roman", "ansi": "cp1252", "unicode": "utf-16"}
_HEAD = 600
# Names of the same language before it was final.
_OLD_NAMES = ("http://schema.omg.org/spec/BPMN/2.0", "http://www.omg.org/spec/BPMN/20100501/MODEL")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"PK\x03\x04", b"BM")
_OTHER_LANGUAGES = {
    "DMN": ("bảng quyết định (DMN)", "a decision table (DMN)"),
    "CMMN": ("mô hình hồ sơ vụ việc (CMMN)", "a case model (CMMN)"),
    "XPDL": ("mô hình XPDL", "an XPDL model"),
    "svg": ("hình vẽ SVG", "an SVG picture"),
}


def open_bpmn(content: bytes, notes: Notes) -> etree._Element:
    """Answer the root element ``definitions``; raises `XmlRefused` with what the file is instead."""
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise XmlRefused(report("file_empty"))
    if content.startswith(_PICTURES):
        raise XmlRefused(report("not_text"))
    root = read_xml(_as_utf8(content, notes), any_namespace=True)
    name = name_of(root.tag)
    if name == (BPMN, "definitions"):
        return root
    for mark, (words, words_en) in _OTHER_LANGUAGES.items():
        if f"/{mark}/" in name.namespace or name.namespace.endswith(f"/{mark}") or name.local == mark:
            raise XmlRefused(report("other_language", found=words, found_en=words_en))
    if name.local == "definitions" and "BPMN" in name.namespace.upper():
        raise XmlRefused(report("bpmn_version", found=name.namespace))
    raise XmlRefused(report("not_bpmn", root=name.local))


def _as_utf8(content: bytes, notes: Notes) -> bytes:
    """Decode what libxml2 may not know (any encoding of Python's), and take the declaration away."""
    mark, encoding = next(((mark, name) for mark, name in _MARKS if content.startswith(mark)), (b"", ""))
    body = content[len(mark) :]
    if not encoding:
        encoding = next((name for start, name in _WITHOUT_MARK if body.startswith(start)), "")
    declared = _DECLARED.match(body[:_HEAD].decode(encoding or "latin-1", "replace"))
    said = declared.group(1).lower() if declared else "utf-8"
    if not encoding:
        encoding = _ALIASES.get(said, said)
        if encoding.startswith(("utf-16", "utf_16", "ucs")):
            encoding = "utf-8"  # it was read byte by byte so far: the declaration is wrong
    text = _decode(body, encoding)
    if encoding not in {"utf-8", "us-ascii", "ascii"}:
        notes.change("encoding_read", encoding=said if declared else encoding)
    for old in _OLD_NAMES:
        text = text.replace(f'"{old}"', f'"{BPMN}"')
    return _DECLARED.sub("", text.lstrip("\ufeff"), count=1).lstrip().encode()


def _decode(body: bytes, encoding: str) -> str:
    try:
        text = body.decode(encoding)
    except LookupError as error:
        raise XmlRefused(report("unknown_encoding", found=encoding)) from error
    except (UnicodeDecodeError, UnicodeError) as error:
        if encoding != "utf-8":
            raise XmlRefused(report("unknown_encoding", found=encoding)) from error
        text = body.decode("cp1252", "replace")
    return text
