"""Writes each object of a PDF once.

WeasyPrint's writer turns all of them into bytes twice, compressing included, where the file has an identifier made of
its content, as PDF/A wants. The bytes are the same.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Any

_LEVEL = 9
"""What pydyf compresses with."""

_PROFILE_MARK = slice(36, 40), b"acsp"
"""Where a colour profile says that it is one: the same in every letter."""


def written_once(_document: Any, pdf: Any) -> None:
    """Replace the objects of a finished document by their bytes, as the `finisher` of `write_pdf`."""
    import pydyf  # type: ignore[import-untyped] # noqa: PLC0415 - comes with WeasyPrint, which only a renderer loads

    class Written(pydyf.Object):  # type: ignore[misc] # the library has no types
        """An object that is bytes already."""

        compressible = True
        data = b""

    for index, thing in enumerate(pdf.objects):
        if thing.free != "f":
            fixed = Written()
            fixed.number, fixed.generation, fixed.compressible = thing.number, thing.generation, thing.compressible
            fixed.data = _stream(thing, pydyf) if isinstance(thing, pydyf.Stream) and thing.compress else thing.data
            pdf.objects[index] = fixed


def _stream(thing: Any, pydyf: Any) -> bytes:
    content = b"\n".join(item if type(item) is bytes else pydyf._to_bytes(item) for item in thing.stream)  # noqa: SLF001
    place, mark = _PROFILE_MARK
    packed = _packed_profile(content) if content[place] == mark else zlib.compress(content, _LEVEL)
    extra = pydyf.Dictionary({**thing.extra, "Filter": "/FlateDecode", "Length": len(packed)})
    return b"\n".join((extra.data, b"stream", packed, b"endstream"))


@lru_cache(maxsize=2)
def _packed_profile(content: bytes) -> bytes:
    return zlib.compress(content, _LEVEL)
