"""What stands beside the record of a dossier, as people see it: notes, opinions, links, who has it open; who may."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.domain.errors import Refused
from engine.domain.people import WORKING_ROLES
from engine.domain.permissions import holds_step, units_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.domain.permissions import OpenStep
    from engine.domain.status import DossierStatus

LONGEST_NOTE = 2000
LONGEST_QUESTION = 4000
# How a note calls a colleague: @minh. A name as accounts have them; what is glued to a word (an address) is none.
_CALL = re.compile(r"(?<![\w.@])@([a-z0-9](?:[a-z0-9._-]{0,78}[a-z0-9])?)", re.IGNORECASE)


class Verdict(StrEnum):
    """What another unit says to what it was asked."""

    AGREE = "agree"
    CONDITION = "condition"
    DISAGREE = "disagree"
    NOTED = "noted"

    @property
    def label(self) -> str:
        """The verdict as people say it."""
        return _VERDICTS[self]


_VERDICTS = {
    Verdict.AGREE: "Thống nhất",
    Verdict.CONDITION: "Thống nhất, có điều kiện",
    Verdict.DISAGREE: "Không thống nhất",
    Verdict.NOTED: "Cung cấp thông tin",
}


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note of a unit; without words once it was removed. `may_edit`: its writer may still mend it."""

    id: int
    unit_name: str
    author_name: str
    text: str
    at: datetime
    edited_at: datetime | None
    removed_at: datetime | None
    is_mine: bool
    may_edit: bool


@dataclass(frozen=True, slots=True)
class OpinionView:
    """What was asked of a unit about a dossier. `is_late`: not answered in time, or not yet and the time is over."""

    id: int
    dossier_code: str
    procedure_name: str
    applicant_name: str
    asking_unit: str
    unit: str
    question: str
    asked_at: datetime
    asked_by: str
    due_at: datetime
    is_late: bool
    chased_at: datetime | None
    chase_count: int
    verdict: str
    answer: str
    answered_at: datetime | None
    answered_by: str
    cancelled_at: datetime | None
    may_answer: bool = False
    may_chase: bool = False

    @property
    def is_open(self) -> bool:
        """Whether an answer is still waited for."""
        return self.answered_at is None and self.cancelled_at is None


@dataclass(frozen=True, slots=True)
class RelatedView:
    """Another dossier that has to do with this one, and why; `link_id` where somebody has linked the two."""

    code: str
    procedure_name: str
    applicant_name: str
    status: DossierStatus
    why: str
    link_id: int | None = None


@dataclass(frozen=True, slots=True)
class Watcher:
    """Somebody else who has the page open."""

    full_name: str
    since_at: datetime


@dataclass(frozen=True, slots=True)
class Beside:
    """Everything that stands beside one dossier for one person."""

    notes: tuple[NoteView, ...] = ()
    note_units: tuple[tuple[int, str], ...] = ()
    colleagues: tuple[tuple[str, str], ...] = ()
    opinions: tuple[OpinionView, ...] = ()
    related: tuple[RelatedView, ...] = ()
    watchers: tuple[Watcher, ...] = ()
    follow_up_at: datetime | None = None
    follow_up_words: str = ""
    may_ask: bool = False
    asked_units: tuple[tuple[str, str], ...] = ()
    opinion_days: int = 3


def called_in(text: str) -> frozenset[str]:
    """The usernames that a note calls, in small letters."""
    return frozenset(name.lower() for name in _CALL.findall(text))


def note_units(actor: Actor, involved_units: Collection[int]) -> frozenset[int]:
    """The units in which the person works and that have to do with the dossier: among these they leave notes."""
    return units_of(actor, WORKING_ROLES) & frozenset(involved_units)


def check_can_note(actor: Actor, unit_id: int, involved_units: Collection[int]) -> None:
    """Raise `Refused` unless the person may read and leave notes of the unit beside the dossier."""
    if unit_id not in note_units(actor, involved_units):
        raise Refused(detail="ghi chú nội bộ dành cho người làm việc trong chính đơn vị đang xử lý hồ sơ")


def can_ask_opinion(actor: Actor, deciding_unit_id: int, steps: Collection[OpenStep]) -> bool:
    """Whether the person may ask another unit: they have an open step of the dossier, or work where it is decided."""
    return any(holds_step(actor, step) for step in steps) or deciding_unit_id in units_of(actor, WORKING_ROLES)


def check_can_ask_opinion(actor: Actor, deciding_unit_id: int, steps: Collection[OpenStep]) -> None:
    """Raise `Refused` unless the person may ask another unit about the dossier."""
    if not can_ask_opinion(actor, deciding_unit_id, steps):
        raise Refused(detail="chỉ người đang xử lý hồ sơ hoặc cơ quan giải quyết được hỏi ý kiến đơn vị khác")


def can_answer_opinion(actor: Actor, unit_id: int) -> bool:
    """Whether the person may answer for the unit that was asked."""
    return unit_id in units_of(actor, WORKING_ROLES)


def check_can_answer_opinion(actor: Actor, unit_id: int) -> None:
    """Raise `Refused` unless the person may answer for the unit that was asked."""
    if not can_answer_opinion(actor, unit_id):
        raise Refused(detail="chỉ người làm việc ở đơn vị được hỏi mới trả lời được ý kiến này")


def check_can_chase_opinion(actor: Actor, asking_unit_id: int) -> None:
    """Raise `Refused` unless the person works in the unit that has asked."""
    if asking_unit_id not in units_of(actor, WORKING_ROLES):
        raise Refused(detail="chỉ đơn vị đã hỏi được nhắc hoặc thôi hỏi ý kiến này")
