"""What people see of letters: their lives, the register with its filters, the table of those that wait for a leader."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.domain.letter_life import LetterState
    from engine.domain.letter_templates import HeldTemplate, LetterTemplate
    from engine.domain.views import DossierLine, LetterLine, RegisterLine

# A page of a register does not count further than this: a province writes some hundred thousand letters a year.
MOST_COUNTED = 10_000


class RegisterState(StrEnum):
    """What a register may be asked for."""

    WAITING = "waiting"
    FAILED = "failed"
    UNDELIVERED = "undelivered"
    SECOND = "second"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """What people call it."""
        return _ASKED[self]


_ASKED = {
    RegisterState.WAITING: "Đang chờ lập tệp, chờ gửi",
    RegisterState.FAILED: "Lỗi, gửi không được, bị trả lại",
    RegisterState.UNDELIVERED: "Chưa đến người nhận",
    RegisterState.SECOND: "Hẹn lại rồi vẫn trễ",
    RegisterState.CANCELLED: "Đã hủy",
}


@dataclass(frozen=True, slots=True)
class RegisterQuestion:
    """Which letters of a register somebody wants to see; what is left empty does not narrow it."""

    form: str = ""
    unit_code: str = ""
    year: int | None = None
    state: RegisterState | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class LetterMoment:
    """One moment in the life of a letter."""

    what: str
    at: datetime
    by_name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class LetterLife:
    """One letter with everything that became of it, and what the person who looks may do."""

    letter: LetterLine
    state: LetterState
    unit_name: str
    dossier_code: str
    applicant_name: str
    moments: tuple[LetterMoment, ...]
    replaces: tuple[int, str] | None
    replaced_by: tuple[int, str] | None
    template: str
    """Which version of the unit's template the words were taken from; empty: those of the installation."""
    reason: str | None
    """The words that a replacement may change; None where the form has none."""
    may_cancel: bool
    must_replace: bool
    may_reprint: bool


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    """A letter on a leader's table. `seen` names its words: what is signed is what was shown."""

    id: int
    form: str
    title: str
    dossier_code: str
    applicant_name: str
    procedure_name: str
    unit_name: str
    created_at: datetime
    author: str
    due_at: datetime | None
    is_missed: bool
    seen: str


@dataclass(frozen=True, slots=True)
class DraftLetter:
    """A letter that waits, or was put back, in words: what it says under which heading."""

    line: WaitingLetter
    state: LetterState
    note: str
    words: tuple[tuple[str, str], ...]
    editable: tuple[tuple[str, str, str], ...]
    """What its author may change: field, heading, text (lines of a list each on a line)."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of several letters that were signed together: numbers, and what was left with the reason."""

    numbers: tuple[str, ...]
    left: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ThreeQuestions:
    """What a supervisor asks: late files without a letter, letters never delivered, who is late a second time."""

    without_letter: tuple[DossierLine, ...]
    without_letter_total: int
    undelivered: tuple[RegisterLine, ...]
    undelivered_total: int
    second_lateness: tuple[DossierLine, ...]
    second_lateness_total: int


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """One version of a unit's template, for the log beside the form."""

    id: int
    version: int
    valid_from: date
    note: str
    published_at: datetime
    published_by: str
    is_in_force: bool
    letters: int


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """The template of a unit as the administrator edits it."""

    unit_code: str
    unit_name: str
    units: tuple[tuple[str, str], ...]
    template: LetterTemplate
    held: HeldTemplate
    versions: tuple[TemplateVersion, ...]
    forms: tuple[tuple[str, str], ...]
    defaults: LetterTemplate
    """What holds where the template is empty: the configuration's letterhead and signer, what units above say."""
