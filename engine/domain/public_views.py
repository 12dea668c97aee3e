"""What the public is shown of a dossier and of a letter: no more than its holder knows; instants are in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.message_views import PublicMessage
    from engine.domain.status import DossierStatus
    from engine.domain.time_views import TimeAccount
    from engine.domain.views import ClockLine, LinkedChain, Urgency


@dataclass(frozen=True, slots=True)
class PublicStep:
    """One step as the citizen sees it: ``done``, ``current`` or ``ahead``."""

    name: str
    state: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PublicLetter:
    """A letter that the holder of the dossier may fetch with its token."""

    title: str
    number_text: str
    issued_at: datetime
    token: str


@dataclass(frozen=True, slots=True)
class PublicDossier:
    """What the look-up answers: no name in full, no number of any card."""

    code: str
    procedure_name: str
    masked_name: str
    status: DossierStatus
    waits_for: str
    unit_name: str
    unit_phone: str
    unit_address: str
    received_at: datetime
    due_at: datetime | None
    first_due_at: datetime | None
    urgency: Urgency
    resolved_at: datetime | None
    delivered_at: datetime | None
    steps: tuple[PublicStep, ...]
    letters: tuple[PublicLetter, ...]
    clock: tuple[ClockLine, ...]
    time: TimeAccount
    linked: LinkedChain | None = None
    messages: tuple[PublicMessage, ...] = ()
    moved: DateMoved | None = None


@dataclass(frozen=True, slots=True)
class DateMoved:
    """That the appointment was moved by a change of the calendar, and why; the last time that it was."""

    was: datetime
    now: datetime
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerifiedLetter:
    """What the public page says of a letter found by its token: no personal data."""

    title: str
    number_text: str
    issued_at: datetime
    unit_name: str
    sha256: str
    has_document: bool
    is_cancelled: bool
    replaced_by: str = ""
    signed_by: str = ""
    signed_at: datetime | None = None
