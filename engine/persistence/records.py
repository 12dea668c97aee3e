"""Rows as values: what the repositories hand out. Frozen; to change a row, say so to its repository."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.domain.dossier import Applicant, Channel, HandedInItem, Submitter
from engine.domain.status import DossierStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from typing import Any

    from sqlalchemy import RowMapping


@dataclass(frozen=True, slots=True)
class DossierRecord:
    """A dossier as it stands in its row."""

    id: int
    code: str
    external_code: str
    receipt_token: str
    procedure_code: str
    procedure_name: str
    case_id: str
    definition_ref: str
    unit_id: int
    deciding_unit_id: int
    status: DossierStatus
    channel: Channel
    result_channel: Channel
    applicant: Applicant
    submitter: Submitter | None
    items: tuple[HandedInItem, ...]
    details: Mapping[str, Any]
    content: str
    received_at: datetime
    received_by: str
    due_at: datetime | None
    first_due_at: datetime | None
    attention_at: datetime | None
    calendar_version: str | None
    rules_version: str
    is_paused: bool
    overdue_count: int
    supplement_rounds: int
    return_count: int
    correction_count: int
    resolved_at: datetime | None
    delivered_at: datetime | None
    delivered_by: str | None
    ended_at: datetime | None
    rung: str
    rung_label: str
    has_draft: bool
    act_version: int
    version: int
    event_count: int
    event_hash: str

    def was_seen_at(self, version: int) -> bool:
        """Whether whoever saw `version` saw everything that people have done, and what they have to do.

        A warning or a letter of the machine raises the version too; it takes nothing away from an act of a person.
        """
        return self.act_version <= version <= self.version

    @classmethod
    def read(cls, row: RowMapping) -> DossierRecord:
        """Turn a row of the table into a value; columns that a use case never reads are left behind."""
        facts = {name: row[name] for name in cls.__dataclass_fields__}
        facts["status"] = DossierStatus(row["status"])
        facts["channel"] = Channel(row["channel"])
        facts["result_channel"] = Channel(row["result_channel"])
        facts["applicant"] = Applicant(**row["applicant"])
        facts["submitter"] = Submitter(**row["submitter"]) if row["submitter"] else None
        facts["items"] = tuple(HandedInItem(**item) for item in row["items"])
        return cls(**facts)


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """An open or closed step."""

    id: int
    dossier_id: int
    task_key: str
    step_id: str
    diagram_element: str
    name: str
    role: str
    unit_id: int
    status: int
    phase: str | None
    waits_for: str | None
    opened_at: datetime
    step_due_at: datetime | None
    timer_at: datetime | None
    claimed_by_id: int | None
    closed_at: datetime | None
    closed_by: str | None
    is_interrupted: bool
    done_at: datetime | None = None
    late_minutes: int | None = None
    slack_minutes: int | None = None
    desk_id: int = 0
    deciding_unit_id: int = 0
    urgent_at: datetime | None = None

    @property
    def finished_at(self) -> datetime | None:
        """When the step was done: as approved where it was recorded late, else when it was closed."""
        return self.done_at or self.closed_at


@dataclass(frozen=True, slots=True)
class LateRecordRow:
    """That a step was recorded later than it was done, with the dossier and the step it is about.

    `first_entry` to `last_entry` are the lines of the clock ledger that the step wrote; none if the first is greater.
    """

    id: int
    dossier_id: int
    task_id: int
    unit_id: int
    done_at: datetime
    recorded_at: datetime
    recorded_by: str
    reason: str
    evidence: str
    first_entry: int
    last_entry: int
    state: str
    decided_at: datetime | None
    decided_by: str | None
    note: str | None
    dossier_code: str
    procedure_name: str
    step_name: str


@dataclass(frozen=True, slots=True)
class LetterRecord:
    """A letter of the register, without its document."""

    id: int
    dossier_id: int
    unit_id: int
    form: str
    regime: str
    title: str
    event_key: str
    year: int
    number: int
    number_text: str
    token: str
    data: str
    issued_at: datetime
    missed_due_at: datetime | None
    new_due_at: datetime | None
    rendered_at: datetime | None
    sha256: str | None
    delivered_at: datetime | None
    failure: str | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    state: str
    sent_at: datetime | None
    replaces_id: int | None
    template_id: int | None
    template_set: str | None
    issued_by: str
    signed_at: datetime | None
    signed_by: str | None
    signed_sha256: str | None


@dataclass(frozen=True, slots=True)
class LetterEventRecord:
    """That something became of a letter: a state of its life, or that it was printed again."""

    letter_id: int
    what: str
    at: datetime
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class LetterTemplateRecord:
    """A version of what a unit says in its letters."""

    id: int
    unit_id: int
    version: int
    valid_from: date
    content: str
    note: str
    published_at: datetime
    published_by: str


@dataclass(frozen=True, slots=True)
class OutboxRecord:
    """A promise that waits to be kept."""

    id: int
    key: str
    topic: str
    letter_id: int
    attempts: int
    leased_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """An account with what sign-in needs."""

    id: int
    username: str
    full_name: str
    password_hash: str
    is_active: bool
    failed_tries: int
    locked_until: datetime | None
    is_demo: bool = False
    must_change_password: bool = False
    password_changed_at: datetime | None = None
    totp_secret: str = field(default="", repr=False)
    totp_since: datetime | None = None
    totp_last_step: int = 0
    oidc_subject: str = ""

    @property
    def has_codes(self) -> bool:
        """Whether the person shows one-time codes."""
        return self.totp_since is not None
