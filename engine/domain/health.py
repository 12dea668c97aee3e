"""Whether the parts of an installation work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Check(NamedTuple):
    """One part of the installation that was looked at: its name, whether it works, and what was seen."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Health:
    """Whether every part of the installation works."""

    ok: bool
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class FilesLook:
    """A quick look at the store: newest files that are missing, files that wait for a scanner, if there is one."""

    missing: int = 0
    waiting: int = 0
    scans: bool = False
