"""What is told about a file that says it is a letter of this office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    """What was found out about a file. No personal data: what stands in the register, and who signed.

    `ok`: it is, byte for byte, a letter that stands in the register, holds, and is signed as it was issued. `intact`
    is of the signature; of a letter that was issued unsigned, that its bytes are those of the register. `registered`:
    the register has its entry, found by these bytes or by what the file says of itself. `reason` says why not ok.
    """

    ok: bool
    signed: bool
    intact: bool
    trusted: bool
    registered: bool
    number: str | None
    issued_at: datetime | None
    title: str | None
    unit: str | None
    signer: str | None
    signed_at: datetime | None
    is_time_proven: bool
    is_cancelled: bool
    replaced_by: str | None
    problem: str
    reason: str
