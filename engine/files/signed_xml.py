"""A look into XML that carries a signature: well formed, no DTD, no page of a browser, a signature in it.

Whether the signature is worth anything is not decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from engine.domain.attachments import FileKind, FileRefused, Finding

if TYPE_CHECKING:
    from pathlib import Path

    from engine.domain.attachments import Limits

_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_BROWSERS = ("http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg", "http://www.w3.org/1999/XSL/Transform")
_BOM = b"\xef\xbb\xbf"


def looks_like(head: bytes) -> bool:
    """Whether a file begins like XML that says so."""
    return head.removeprefix(_BOM).startswith(b"<?xml")


def look(path: Path, name: str, _limits: Limits) -> Finding:
    """Look into XML; raises `FileRefused`."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(path.read_bytes(), parser)
    except etree.XMLSyntaxError:
        raise FileRefused(name, "broken", detail="XML không đúng cú pháp") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise FileRefused(name, "broken", detail="XML có khai báo thực thể")
    spaces = {str(element.tag)[1:].partition("}")[0] for element in root.iter("{*}*")}
    if spaces & set(_BROWSERS):
        raise FileRefused(name, "polyglot", found="trang web hoặc hình SVG")
    if root.tag != _SIGNATURE and root.find(f".//{_SIGNATURE}") is None:
        raise FileRefused(name, "broken", detail="XML không có chữ ký số")
    return Finding(FileKind.XML, notes=(("signatures", sum(1 for _each in root.iter(_SIGNATURE))),))
