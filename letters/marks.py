"""The two codes a machine reads off a letter, as vector paths that stay sharp at any resolution.

QR holds a URL for a telephone; Code 128 holds digits for the counter's scanner, which types them like a keyboard.
A template names a mark by its address (`<img src="{{ mark.address }}">`), which holds the text itself, and `Marks`
draws it straight into the page: as SVG, one QR cost more than all the words of its letter.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import segno
from barcode.codex import Code128

QR_QUIET = 4
"""Modules of white around a QR (ISO/IEC 18004)."""

BARS_QUIET = 10
"""Modules of white beside a Code 128 (ISO/IEC 15417)."""

_QR_MASK = 3
"""Any mask is read; choosing the prettiest costs three times as much as drawing it."""


_SCHEME = "mark:"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is dark in a box of `width` x `height` modules, the quiet zone included, as rectangles in PDF's words."""

    address: str
    path: str
    width: int
    height: int


@lru_cache(maxsize=64)
def qr(text: str) -> Mark:
    """Return the QR of `text`, error correction M."""
    code = segno.make(text, error="m", mask=_QR_MASK, micro=False, boost_error=False)
    rows = list(code.matrix)
    size = len(rows) + 2 * QR_QUIET
    runs = (_run(x, y + QR_QUIET, length) for y, row in enumerate(rows) for x, length in _dark(row, QR_QUIET))
    return Mark(_address("qr", text), " ".join(runs), size, size)


@lru_cache(maxsize=64)
def bars(digits: str) -> Mark:
    """Return the Code 128 of `digits`, one module high: stretch it to the height wanted."""
    modules = [int(module) for module in "".join(Code128(digits).build())]
    runs = (_run(x, 0, length) for x, length in _dark(modules, BARS_QUIET))
    return Mark(_address("bars", digits), " ".join(runs), len(modules) + 2 * BARS_QUIET, 1)


class Marks(dict[str, Any]):
    """The images that a letter may show, by address: our marks and nothing else (WeasyPrint's cache of images)."""

    def __contains__(self, address: object) -> bool:
        """Say whether this is the address of one of our marks."""
        return isinstance(address, str) and address.startswith(_SCHEME)

    def __getitem__(self, address: str) -> _Drawn:
        """Return what draws the mark with this address."""
        kind, _, text = address.removeprefix(_SCHEME).partition(":")
        return _Drawn({"qr": qr, "bars": bars}[kind](urlsafe_b64decode(text).decode()))


class _Drawn:
    """A mark as WeasyPrint wants an image: it says its shape, and draws itself."""

    def __init__(self, mark: Mark) -> None:
        self._mark = mark

    def get_intrinsic_size(self, _resolution: object, _font_size: object) -> tuple[None, None, float]:
        """Return no size of its own: the stylesheet says how large a module is."""
        return None, None, self._mark.width / self._mark.height

    def draw(self, stream: Any, width: float, height: float, style: Any) -> None:
        """Fill the dark rectangles, stretched to `width` x `height`."""
        stream.set_color(style["color"])
        stream.transform(a=width / self._mark.width, d=height / self._mark.height)
        stream.stream.append(f"{self._mark.path} f".encode())


def _address(kind: str, text: str) -> str:
    return f"{_SCHEME}{kind}:{urlsafe_b64encode(text.encode()).decode()}"


def _dark(modules: Iterable[int], start: int) -> Iterator[tuple[int, int]]:
    """Yield (position, length) of each run of dark modules, counted from `start`."""
    position = start
    for is_dark, run in groupby(bool(module) for module in modules):
        length = sum(1 for _ in run)
        if is_dark:
            yield position, length
        position += length


def _run(x: int, y: int, length: int) -> str:
    return f"{x} {y} {length} 1 re"
