"""What a running procedure looks like from outside: its steps, its open work, its effects; and what a checker says.

These values are all that leaves `engine.process`. They hold no time of day: time belongs to the caller.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.domain.ranges import Range
from engine.domain.status import DossierStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from engine.domain.limits import ProcessingTime
    from engine.domain.people import Role


# The unit kind of a lane that is filled by the dossier's deciding unit (shared call activities).
DECIDING_UNIT = "deciding"
TIMER_PREFIX = "timer_"


def timer_message(step_id: str) -> str:
    """The message that the timer of a step throws; a boundary event of the step catches it."""
    return f"{TIMER_PREFIX}{step_id}"


class FieldType(StrEnum):
    """How a field of a step's form is filled in."""

    CHOICE = "choice"
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"


class WaitsFor(StrEnum):
    """Whose time a step outside the clock spends."""

    APPLICANT = "applicant"
    OTHER_AGENCY = "other_agency"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class FieldOption:
    """One answer that a choice field offers."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of the form that closes a step. `is_routing`: a condition of the diagram reads it.

    `required_when`: an expression over the other fields of the form; where it is true the field must be filled in.
    `range`: between which values the answer lies, of a number or a day.
    """

    id: str
    label: str
    type: FieldType = FieldType.TEXT
    is_required: bool = False
    options: tuple[FieldOption, ...] = ()
    is_routing: bool = False
    required_when: str = ""
    range: Range = Range()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class Milestone:
    """A deadline inside a step: so long after it opened, `name` should be done."""

    name: str
    after: ProcessingTime


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """One user task of a diagram: who does it, how long it may take, what it asks.

    `id` is unique in a procedure together with the shared diagrams it calls. `limits` maps a case of the procedure to
    its limit, in the unit of `phase`; the key ``""`` holds for every other case. A step outside the clock has none.
    `pauses_on`: the grounds on which the clock may be paused when this step is completed.
    `timer`: so long after the step opened, the engine throws `timer_message` into the process (a posting is over, a
    silent agency is deemed to agree).
    """

    id: str
    name: str
    role: Role
    unit_kind: str
    lane_name: str
    phase: str | None = None
    limits: Mapping[str, Decimal] = field(default_factory=dict, hash=False)
    status: DossierStatus = DossierStatus.IN_PROGRESS
    is_outside_clock: bool = False
    waits_for: WaitsFor | None = None
    form: tuple[FormField, ...] = ()
    process: str = ""
    timer: ProcessingTime | None = None
    milestones: tuple[Milestone, ...] = ()
    pauses_on: frozenset[str] = frozenset()

    @property
    def timer_message(self) -> str:
        """The message that the timer of this step throws."""
        return timer_message(self.id)

    def limit_for(self, case: str = "") -> Decimal | None:
        """Answer the limit of this step in `case`, in the unit of its phase; None outside the clock."""
        return self.limits.get(case, self.limits.get(""))


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A step that waits for a person now.

    `id` is short and stays the same over save and restore. `path` names the call activities and subprocesses that
    hold the step, outermost first. `diagram_element` is where the dossier stands on the procedure's own diagram: the
    step itself, or the call activity through which it was reached.
    """

    id: str
    step: StepDefinition
    path: tuple[str, ...] = ()
    diagram_element: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that a service task of the diagram orders; the use case carries it out."""

    name: str
    arguments: Mapping[str, str] = field(hash=False)
    element_id: str


@dataclass(frozen=True, slots=True)
class Advance:
    """Where an instance stands after one call of the runner.

    `state` is to be stored as it is. `effects` stand in the order in which the diagram reached them. `opened` and
    `closed` (ids) compare with the instance before the call. `visited` lists ``process/element`` of every flow node
    that was passed in this call. `variables` are the routing variables after it. `end_id` names the end event of the
    procedure's own diagram at which the instance finished.
    """

    state: bytes
    open_tasks: tuple[OpenTask, ...]
    opened: tuple[OpenTask, ...] = ()
    closed: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    is_finished: bool = False
    end_id: str | None = None
    variables: Mapping[str, object] = field(default_factory=dict, hash=False)
    visited: tuple[str, ...] = ()

    def task(self, step_id: str) -> OpenTask:
        """Answer the one open task of step `step_id`; `LookupError` without exactly one."""
        found = [task for task in self.open_tasks if task.step.id == step_id]
        if len(found) != 1:
            open_now = ", ".join(task.step.id for task in self.open_tasks)
            message = f"{len(found)} open tasks of step {step_id!r}; open: {open_now}"
            raise LookupError(message)
        return found[0]


class Severity(StrEnum):
    """Whether a problem forbids the use of a file."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a procedure file: what, where, and what to do, in Vietnamese and in English."""

    code: str
    message: str
    message_en: str
    severity: Severity = Severity.ERROR
    element: str = ""
    element_name: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that the import changed in a file drawn elsewhere, in Vietnamese and in English."""

    code: str
    message: str
    message_en: str
    element: str = ""
    element_name: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class FileReport:
    """What the checker found in one file. A warning alone leaves the file ok.

    `changes` and `written` (paths of the rewritten diagrams) are of files that were drawn elsewhere.
    """

    path: str
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    written: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing forbids the use of the file."""
        return not any(problem.severity is Severity.ERROR for problem in self.problems)
