"""What the engine shows: frozen pictures of a moment, read by pages, the command line and reports.

Instants are aware and in UTC; who shows them puts them into the installation's time zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.domain.dossier import Applicant, Channel, HandedInItem, Submitter
    from engine.domain.letter_views import LetterMoment
    from engine.domain.message_views import MessageLine
    from engine.domain.messages import NoticeChannel
    from engine.domain.status import DossierStatus
    from engine.domain.time_views import TimeAccount


class Urgency(StrEnum):
    """How a due date stands at a moment. Computed, never stored as a state."""

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    IN_TIME = "in_time"
    PAUSED = "paused"
    NO_DATE = "no_date"

    @property
    def label(self) -> str:
        """The word beside the colour."""
        return URGENCY_LABELS[self]


URGENCY_LABELS = {
    Urgency.OVERDUE: "Quá hạn",
    Urgency.DUE_SOON: "Sắp đến hạn",
    Urgency.IN_TIME: "Trong hạn",
    Urgency.PAUSED: "Tạm dừng tính",
    Urgency.NO_DATE: "Không tính hạn",
}


@dataclass(frozen=True, slots=True)
class DossierLine:
    """One dossier in a list. `remaining_minutes` are office minutes, negative when late, None without a due date.

    `linked`: which of how many procedures handed in together (``1/2``); empty for a dossier handed in alone.
    """

    code: str
    applicant_name: str
    procedure_code: str
    procedure_name: str
    status: DossierStatus
    channel: Channel
    unit_name: str
    received_at: datetime
    due_at: datetime | None
    first_due_at: datetime | None
    urgency: Urgency
    remaining_minutes: int | None
    step_name: str = ""
    step_unit_name: str = ""
    holder_name: str = ""
    is_second_lateness: bool = False
    letters: tuple[LetterLine, ...] = ()
    rung: str = ""
    rung_label: str = ""
    has_draft: bool = False
    linked: str = ""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One open step in a worklist."""

    task_id: int
    step_id: str
    step_name: str
    role: str
    unit_id: int
    opened_at: datetime
    step_due_at: datetime | None
    claimed_by_id: int | None
    claimed_by_name: str
    version: int
    dossier: DossierLine
    slack_minutes: int | None = None
    late_minutes: int | None = None
    step_minutes: int | None = None
    """Office minutes until the step is due, negative when late; None for a step without a date."""


@dataclass(frozen=True, slots=True)
class WorkPage:
    """One page of a worklist and how many there are of each view."""

    items: tuple[WorkItem, ...]
    total: int
    page: int
    page_size: int
    counts: Mapping[str, int]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of dossiers that were searched for. `only_open`: the words are so common that only open ones were met.

    `only_newest`: of the open ones so many, the newest; 0 where all were met.
    """

    lines: tuple[DossierLine, ...]
    total: int
    page: int
    page_size: int
    is_cut: bool
    only_open: bool
    only_newest: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of the form that a step asks to be filled in.

    `needed_when`: on what answers it must be, `range`: between which values it lies; both in words.
    """

    id: str
    label: str
    type: str
    is_required: bool
    options: tuple[tuple[str, str], ...] = ()
    needed_when: str = ""
    range: str = ""


@dataclass(frozen=True, slots=True)
class StepView:
    """An open step on the page of a dossier; `may_act` for the person who looks."""

    task_id: int
    step_id: str
    name: str
    role: str
    unit_name: str
    opened_at: datetime
    step_due_at: datetime | None
    claimed_by_id: int | None
    claimed_by_name: str
    fields: tuple[FieldView, ...]
    may_act: bool
    slack_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of the history: who did what and when; `recorded_at` differs when it was keyed in later."""

    seq: int
    at: datetime
    recorded_at: datetime
    by_name: str
    kind: str
    text: str
    remark: str = ""
    charged: tuple[tuple[str, int], ...] = ()
    is_machine: bool = False
    leads_to: tuple[str, ...] = ()
    """The steps that a completed step has opened, each with the unit that has it."""


@dataclass(frozen=True, slots=True)
class LetterLine:
    """One letter of a dossier as it stands in the register."""

    id: int
    form: str
    title: str
    number_text: str
    issued_at: datetime
    status: str
    token: str
    missed_due_at: datetime | None = None
    new_due_at: datetime | None = None
    sha256: str = ""
    delivered_at: datetime | None = None
    moments: tuple[LetterMoment, ...] = ()
    """What became of it; only where the page of its dossier is shown."""


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One sentence of the explanation of a due date."""

    at: datetime | None
    what: str
    source: str


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What a finished dossier counts as. Minutes are office minutes after (+) or before (-) the due date."""

    result: str
    timeliness: str | None
    days: int | None
    office_minutes: int | None
    elapsed_minutes: int | None
    is_apologised: bool
    is_corrected: bool
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class LinkedLine:
    """One procedure of a group: ``done``, ``current``, ``ahead`` or ``ended`` (it never began), and in words.

    `code` and `token` (of the receipt) are there once it has a dossier.
    """

    position: int
    name: str
    procedure_code: str
    state: str
    said: str
    limits: str
    code: str = ""
    token: str = ""
    is_this: bool = False
    due_at: datetime | None = None
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class LinkedChain:
    """The group of procedures with which a dossier was handed in; `lead_code` is the code on its receipt."""

    name: str
    lead_code: str
    goes_together: bool
    is_complete: bool
    members: tuple[LinkedLine, ...]


@dataclass(frozen=True, slots=True)
class DossierView:
    """Everything the page of a dossier shows to somebody who works on it."""

    line: DossierLine
    version: int
    case_name: str
    applicant: Applicant
    submitter: Submitter | None
    items: tuple[HandedInItem, ...]
    content: str
    result_channel: Channel
    deciding_unit_name: str
    resolved_at: datetime | None
    delivered_at: datetime | None
    steps: tuple[StepView, ...]
    events: tuple[EventView, ...]
    letters: tuple[LetterLine, ...]
    clock: tuple[ClockLine, ...]
    outcome: OutcomeView | None
    definition_ref: str
    active_step_ids: tuple[str, ...]
    done_step_ids: tuple[str, ...]
    can_withdraw: bool
    time: TimeAccount
    linked: LinkedChain | None = None
    answers: tuple[tuple[str, str], ...] = ()
    fee_due: int | None = None
    messages: tuple[MessageLine, ...] = ()
    notify_by: tuple[NoticeChannel, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """A page of the register of letters.

    `total` beyond `MOST_COUNTED` says only that there are more.
    """

    letters: tuple[RegisterLine, ...]
    total: int
    page: int
    page_size: int
    units: tuple[tuple[str, str], ...] = ()
    years: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A letter with the dossier it belongs to."""

    letter: LetterLine
    dossier_code: str
    applicant_name: str
    unit_name: str
    year: int = 0
    number: int = 0
    note: str = ""
    """Why it was cancelled, or what is wrong with it."""


@dataclass(frozen=True, slots=True)
class ProcedureLine:
    """A procedure as it is offered at the counter and on the public list; a group of them names its members.

    `questions` are asked at receipt; where `is_case_decided`, a table makes the case of the answers. `limits` stand in
    the order of `cases`.
    """

    code: str
    name: str
    sector: str
    sector_name: str
    limits: tuple[str, ...]
    cases: tuple[tuple[str, str], ...]
    items: tuple[ProcedureItem, ...]
    fees: tuple[str, ...]
    result: str
    needs_agreed_date: bool
    levels: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    questions: tuple[FieldView, ...] = ()
    is_case_decided: bool = False


@dataclass(frozen=True, slots=True)
class ProcedureItem:
    """A paper that a procedure asks for."""

    id: str
    name: str
    form: str
    originals: int
    copies: int
    is_required: bool
    from_database: str
    required_when: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A word from the engine to the people who hold a dossier, or about what their unit owes (then without a code)."""

    id: int
    at: datetime
    dossier_code: str
    text: str
    unit_code: str = ""


@dataclass(frozen=True, slots=True)
class LetterPdf:
    """A letter as a file. `content` is None without a document; `waiting`: it is still being written."""

    filename: str
    content: bytes | None
    sha256: str
    waiting: bool
