"""What people see of apologies in preparation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.views import DossierLine


@dataclass(frozen=True, slots=True)
class ReasonChoice:
    """A reason that an apology may give, filled in for one dossier."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class DraftLine:
    """An apology that waits on the leader's table. `asked_by`: who asked for more time, empty for the machine.

    `is_missed`: its date has passed. `is_kept`: it waits for the leader also then; otherwise the machine issues it.
    """

    dossier: DossierLine
    due_at: datetime
    reason_id: str
    reason: str
    new_due_at: datetime
    created_at: datetime
    asked_by: str
    is_missed: bool
    is_kept: bool


@dataclass(frozen=True, slots=True)
class LetterPreview:
    """The words of a letter that is not issued yet: a draft has no number."""

    title: str
    agency: str
    parent_agency: str
    place: str
    addressee: str
    procedure_name: str
    dossier_code: str
    received_at: datetime
    due_at: datetime
    new_due_at: datetime
    reason: str
    is_missed: bool
    signer_title: str
    signer_name: str


@dataclass(frozen=True, slots=True)
class DraftView:
    """One draft with everything that is decided about it."""

    line: DraftLine
    reasons: tuple[ReasonChoice, ...]
    preview: LetterPreview


@dataclass(frozen=True, slots=True)
class ExtensionOffer:
    """What somebody who works on a dossier may ask for. `refusal` says why not, where the law does not allow it."""

    due_at: datetime
    new_due_at: datetime
    reasons: tuple[ReasonChoice, ...]
    refusal: str = ""
    waiting: DraftLine | None = None
