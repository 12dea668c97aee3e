"""The two codes a machine reads off a letter, as vector paths that stay sharp at any resolution.

QR holds a URL for a telephone; Code 128 holds digits for the counter's scanner, which types them like a keyboard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import segno
from barcode.codex import Code128

QR_QUIET = 4
"""Modules of white around a QR (ISO/IEC 18004)."""

BARS_QUIET = 10
"""Modules of white beside a Code 128 (ISO/IEC 15417)."""

_QR_MASK = 3
"""Any mask is read; choosing the prettiest costs three times as much as drawing it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A path to draw with a pen one module thick in a box of `width` x `height` modules, the quiet zone included."""

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
    return Mark("".join(runs), size, size)


@lru_cache(maxsize=64)
def bars(digits: str) -> Mark:
    """Return the Code 128 of `digits`, one module high: stretch it to the height wanted."""
    modules = [int(module) for module in "".join(Code128(digits).build())]
    runs = (_run(x, 0, length) for x, length in _dark(modules, BARS_QUIET))
    return Mark("".join(runs), len(modules) + 2 * BARS_QUIET, 1)


def _dark(modules: Iterable[int], start: int) -> Iterator[tuple[int, int]]:
    """Yield (position, length) of each run of dark modules, counted from `start`."""
    position = start
    for is_dark, run in groupby(bool(module) for module in modules):
        length = sum(1 for _ in run)
        if is_dark:
            yield position, length
        position += length


def _run(x: int, y: int, length: int) -> str:
    """Return a pen stroke along the middle of a row: drawn twice as fast as a filled rectangle."""
    return f"M{x} {y}.5h{length}"
