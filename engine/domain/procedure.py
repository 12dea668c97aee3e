"""The posted facts of a procedure: what an office publishes about it, as values.

They come from the YAML file beside the diagram; nothing in them is computed. A fact that was recalled or derived
keeps its mark (`R` read, `M` recalled, `D` derived) so that an office knows what to check.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.domain.assessment import DecidedBy
from engine.domain.dossier import Channel
from engine.domain.versions import Version

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, time

    from engine.domain.deadline import ProcessingTime
    from engine.domain.grounds import PauseEnd
    from engine.domain.posted import Doubt, OnlineOffer, ResultForm, Sets, Statement, StatutoryLimit, Way
    from engine.domain.process import FormField
    from engine.domain.rungs import Ladder


@dataclass(frozen=True, slots=True)
class Phase:
    """One appointment (hẹn) of a procedure: its own limit, starting on its own event (`receipt`, `payment_proof`).

    `covers` names phases of other cases that are one with this phase in this case: a diagram drawn for two appointments
    also serves a case that the law gives only one.
    """

    name: str
    label: str
    limit: ProcessingTime
    starts_on: str = "receipt"
    covers: tuple[str, ...] = ()

    def spans(self, name: str) -> bool:
        """Whether steps of the phase called `name` spend the time of this phase."""
        return name == self.name or name in self.covers


@dataclass(frozen=True, slots=True)
class ProcedureCase:
    """One published case of a procedure with its own limits (trường hợp).

    `statutory`: the longer limit of the law, where the province posts a shorter one; `note`: what is printed beside the
    limit ("cắt giảm 12/60 ngày, 20 %"), held against it by the checker.
    """

    id: str
    name: str
    phases: tuple[Phase, ...]
    is_default: bool = False
    statutory: StatutoryLimit | None = None
    note: str = ""
    mark: str = ""

    def phase(self, name: str) -> Phase:
        """Answer the phase that spans `name`; `LookupError` if the case has none."""
        for phase in self.phases:
            if phase.spans(name):
                return phase
        message = f"case {self.id!r} has no phase {name!r}"
        raise LookupError(message)


@dataclass(frozen=True, slots=True)
class ProcedureItem:
    """One paper that the dossier must or may hold (thành phần hồ sơ).

    `required_when`: an expression over the questions of the desk; where it is true the paper must be there.
    """

    id: str
    name: str
    form: str = ""
    originals: int = 0
    copies: int = 0
    is_required: bool = True
    from_database: str = ""
    mark: str = ""
    required_when: str = ""


@dataclass(frozen=True, slots=True)
class Fee:
    """One row of the fee table, in whole đồng; None where nothing is posted. `case` empty: for every case."""

    name: str
    case: str = ""
    direct: int | None = None
    online: int | None = None
    unit: str = ""
    note: str = ""
    mark: str = ""
    online_discount: int | None = None
    """What is stated to be taken off online, in percent; None where nothing is stated."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The act that published this version of the procedure."""

    number: str
    issued_on: date | None = None
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from, with its mark."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class UnitNeeded:
    """A unit that another province has and this installation need not have: its kind, its name, the kind above it."""

    kind: str
    name: str
    under: str


@dataclass(frozen=True, slots=True)
class Procedure:
    """One version of an administrative procedure (thủ tục hành chính).

    `deciding_unit` is a unit kind. `effective_from`/`effective_to` are days, both included; None: open. `province`: the
    one whose own version this is, empty for all; then `units_needed` are the units of that province that others lack.
    `pauses`: by ground, what the clock does when the pause is over, where that differs from the ground itself.
    `same_day_cutoff` is the local time of day until which a same-day file is answered the same day.
    `rungs` is a warning ladder of its own, where it has one. `questions` are asked at the desk; the tables that
    `decided_by` names make case and fee of the answers.
    """

    code: str
    name: str
    process: str
    version: str
    sector: str
    sector_name: str
    deciding_unit: str
    cases: tuple[ProcedureCase, ...]
    levels: tuple[str, ...] = ()
    province: str = ""
    units_needed: tuple[UnitNeeded, ...] = ()
    effective_from: date | None = None
    effective_to: date | None = None
    decision: Decision | None = None
    legal_basis: tuple[str, ...] = ()
    items: tuple[ProcedureItem, ...] = ()
    fees: tuple[Fee, ...] = ()
    result: str = ""
    result_valid: str = ""
    channels: frozenset[Channel] = field(default_factory=lambda: frozenset(Channel))
    pauses: Mapping[str, PauseEnd] = field(default_factory=dict, hash=False)
    same_day_cutoff: time | None = None
    rungs: Ladder | None = None
    sources: tuple[Source, ...] = ()
    audience: tuple[Statement, ...] = ()
    conditions: tuple[Statement, ...] = ()
    submission: tuple[Way, ...] = ()
    delivery: tuple[Way, ...] = ()
    online: OnlineOffer | None = None
    sets: Sets | None = None
    result_forms: tuple[ResultForm, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    questions: tuple[FormField, ...] = ()
    decided_by: DecidedBy = field(default_factory=DecidedBy)

    @property
    def default_case(self) -> ProcedureCase:
        """The case that holds when the receiver names none."""
        return next((case for case in self.cases if case.is_default), self.cases[0])

    def case(self, case_id: str = "") -> ProcedureCase:
        """Answer the case `case_id`, the default one for ``""``; `LookupError` if there is none of that id."""
        if not case_id:
            return self.default_case
        for case in self.cases:
            if case.id == case_id:
                return case
        message = f"procedure {self.code} has no case {case_id!r}"
        raise LookupError(message)

    @property
    def set_count(self) -> int:
        """How many sets of the dossier are handed in; one where nothing is posted."""
        return (self.sets.count if self.sets else 0) or 1

    @property
    def dated(self) -> Version:
        """This version as the rules of days and provinces see it."""
        return Version(
            code=self.code,
            version=self.version,
            levels=self.levels,
            province=self.province,
            effective_from=self.effective_from,
            effective_to=self.effective_to,
            where=f"{self.process}.yaml",
        )
