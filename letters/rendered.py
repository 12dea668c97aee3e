"""What rendering gives back, apart from the renderer: asking for a letter needs none of its libraries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished letter: the file, how many pages it has, and the SHA-256 of the file in hexadecimal."""

    pdf: bytes
    pages: int
    sha256: str
