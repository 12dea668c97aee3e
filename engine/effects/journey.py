"""One dossier on its way, inside one transaction: the process moves, its effects are carried out, the rows follow.

Use cases open a `Journey` over a locked dossier, `complete` a step or `throw` an event, and `finish` it. Nothing else
writes the state, the steps, the clock or the status of a dossier.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.domain.dossier import counter_digits
from engine.domain.people import SCHEDULER
from engine.domain.status import DossierStatus, check_transition, foremost
from engine.effects.apologies import STOPS, order_letter, put_away_obsolete, settle_missed
from engine.effects.clock import Clockwork
from engine.effects.ending import withdraw_dossier
from engine.effects.handing import send_slip_along
from engine.effects.ladder import Climb
from engine.effects.linked import follow_group
from engine.effects.messages import Noted, promise_messages
from engine.effects.notices import notify
from engine.effects.outcome import record_outcome
from engine.persistence.repositories.history import Link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from engine.domain.letter_templates import HeldTemplate
    from engine.domain.people import Actor, Role
    from engine.domain.process import Advance, Effect, OpenTask
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord, TaskRecord
    from engine.persistence.repositories.linked import GroupRecord
    from engine.persistence.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class OpenStep:
    """What a journey needs to know of a step that is open."""

    step_id: str
    status: DossierStatus
    timer_at: datetime | None


class Journey:
    """A locked dossier, what has to be written about it, and who moves it when."""

    def __init__(
        self,
        tx: Transaction,
        office: Office,
        dossier: DossierRecord,
        *,
        by: Actor,
        at: datetime,
        recorded_at: datetime | None = None,
    ) -> None:
        """Open the journey of a dossier that this transaction holds the lock of.

        `at` is when the act was done, `recorded_at` (default: the same) when it is written down.
        """
        self.tx = tx
        self.office = office
        self.dossier = dossier
        self.by = by.at_work_in((dossier.unit_id, dossier.deciding_unit_id))
        self.at = at
        self.recorded_at = recorded_at or at
        self.definition = office.library.get(tx, dossier.definition_ref)
        self.case = self.definition.procedure.case(dossier.case_id)
        self.unit = office.units.get(dossier.unit_id)
        self.deciding_unit = office.units.get(dossier.deciding_unit_id)
        self.clock = Clockwork(self)
        self.climb = Climb(self)
        # Who was told something in answer to the rung at hand.
        self.notified: set[str] = set()
        # The leader signs the apology in this act: the machine need not.
        self.signs_apology = False
        self.changes: dict[str, Any] = {}
        self.answers: Mapping[str, str] = {}
        self.remark = ""
        # What each unit says in its letters, read when the first one is issued.
        self.templates: dict[int, HeldTemplate] = {}
        # The letter that was numbered last in this journey, as it is cited.
        self.latest_letter = ""
        # The step that was completed last, and whether the others of a group follow what happens here.
        self.done_step_id = ""
        self.leads_group = True
        self.missed_due_at: datetime | None = None
        self.final_status: DossierStatus | None = None
        self._link = Link(dossier.event_count, dossier.event_hash)
        # What was written into the history in this act: the applicant is told of it.
        self._noted: list[Noted] = []
        # The same, and not forgotten when the dossier is saved: what may be taken back is judged by it.
        self.written: list[Noted] = []
        self._open_steps: dict[str, OpenStep] | None = None
        self._moved_steps = False

    @cached_property
    def linked(self) -> GroupRecord | None:
        """The group that the dossier was handed in with, if it was not handed in alone."""
        return self.tx.linked.group_of(self.dossier.id)

    def beside(self, dossier: DossierRecord, *, by: Actor | None = None) -> Journey:
        """The journey of another dossier that this transaction holds, at the same moment and in the same act."""
        return Journey(self.tx, self.office, dossier, by=by or self.by, at=self.at, recorded_at=self.recorded_at)

    def complete(self, task: TaskRecord, variables: Mapping[str, object]) -> Advance:
        """Complete an open step with the routing variables that its form gave."""
        self.done_step_id = task.step_id
        advance = self.office.runner.complete(
            self.definition, self.tx.dossiers.state(self.dossier.id), task.task_key, variables
        )
        self._follow(advance, completed=task)
        return advance

    def throw(self, message: str, variables: Mapping[str, object] | None = None) -> Advance:
        """Throw a message of the engine into the process."""
        advance = self.office.runner.throw(
            self.definition, self.tx.dossiers.state(self.dossier.id), message, variables or {}
        )
        self._follow(advance, completed=None)
        return advance

    def hears(self, message: str) -> bool:
        """Whether the process waits for a message now."""
        return message in self.office.runner.waiting_messages(self.definition, self.tx.dossiers.state(self.dossier.id))

    @property
    def open_steps(self) -> dict[str, OpenStep]:
        """The steps that are open in this transaction, by their keys."""
        if self._open_steps is None:
            self._open_steps = {
                task.task_key: OpenStep(task.step_id, DossierStatus(task.status), task.timer_at)
                for task in self.tx.tasks.open_of(self.dossier.id)
            }
        return self._open_steps

    def start(self, advance: Advance) -> None:
        """Carry out what the first stretch of the process ordered, up to the first steps that wait for people."""
        self._follow(advance, completed=None)

    @property
    def counter_digits(self) -> str:
        """What the scanner of the counter reads from the receipt of this dossier."""
        return counter_digits(self.dossier.id)

    def note(self, kind: str, **data: Any) -> None:
        """Append to the history of the dossier."""
        self.note_by(self.by, kind, **data)

    def act_as(self, role: Role, unit_id: int) -> None:
        """Say in which role of which unit the act at hand is done: whose place somebody takes in it, if anybody's."""
        self.by = self.by.at_work(role, unit_id)

    def note_by(self, by: Actor, kind: str, **data: Any) -> None:
        """Append to the history what somebody else did than who moves the dossier: the machine."""
        if by.acting_for is not None:  # both names stand on the record
            data["acting_for"] = {"username": by.acting_for.username, "name": by.acting_for.full_name}
        self._link = self.tx.history.append(
            self.dossier.id,
            self._link,
            kind=kind,
            at=self.at,
            recorded_at=self.recorded_at,
            by=by.username,
            data=data,
        )
        self._noted.append(Noted(self._link.count, kind, data))
        self.written.append(self._noted[-1])

    def forget_steps(self) -> None:
        """Read the open steps again when they are asked for: their dates were changed."""
        self._open_steps = None

    def change(self, **columns: Any) -> None:
        """Change columns of the dossier when the journey is finished."""
        self.changes.update(columns)

    def count_up(self, column: str) -> int:
        """Count a column of the dossier up by one; answers the new count."""
        count = int(self.changes.get(column, getattr(self.dossier, column))) + 1
        self.changes[column] = count
        return count

    def finish(self) -> DossierRecord:
        """Bring status and due date up to date and save; raises `Conflict` if the row moved meanwhile."""
        steps = self.open_steps.values()
        status = self.final_status or foremost(step.status for step in steps) or self.dossier.status
        if status is not self.dossier.status:
            check_transition(self.dossier.status, status)
            self.note("status_changed", was=int(self.dossier.status), now=int(status))
            if status is DossierStatus.RESOLVED:
                self.changes.setdefault("resolved_at", self.at)
            if self.leads_group:
                follow_group(self, status)
        put_away_obsolete(self)
        self.changes.update(self.clock.columns())
        if self.by.username != SCHEDULER.username or self._moved_steps:
            self.changes["act_version"] = self.dossier.version + 1
        self.changes.update(status=int(status), event_count=self._link.count, event_hash=self._link.hash)
        self.dossier = self.tx.dossiers.save(self.dossier, **self.changes)
        self.changes = {}
        promise_messages(self, self._noted)
        self._noted = []
        return self.dossier

    def restore(self, columns: Mapping[str, Any]) -> None:
        """Save the dossier with the columns that it had before, because an act on it is taken back; tell nobody."""
        chain = {"event_count": self._link.count, "event_hash": self._link.hash}
        self.dossier = self.tx.dossiers.save(self.dossier, **columns, **chain, act_version=self.dossier.version + 1)

    def _follow(self, advance: Advance, completed: TaskRecord | None) -> None:
        done_key = completed.task_key if completed else None
        self._moved_steps = self._moved_steps or bool(advance.closed or advance.opened)
        for key in advance.closed:
            interrupted = key != done_key
            self.tx.tasks.close(
                self.dossier.id,
                key,
                at=self.at,
                by=self.by.username,
                interrupted=interrupted,
                late_minutes=self.clock.late_minutes(completed.step_due_at) if completed and not interrupted else None,
            )
            self.open_steps.pop(key, None)
        self._count_returns(advance, completed)
        for effect in advance.effects:
            self._carry_out(effect)
        self._open(advance.opened)
        send_slip_along(self, completed)
        self.tx.dossiers.save_state(self.dossier.id, advance.state)

    def _count_returns(self, advance: Advance, completed: TaskRecord | None) -> None:
        if completed is None or completed.waits_for:
            return
        done = self.tx.tasks.done_steps(self.dossier.id)
        earlier = done[: done.index(completed.step_id)]  # going through the same steps again forward is no return
        if any(task.step.id in earlier for task in advance.opened):
            self.count_up("return_count")

    def _open(self, tasks: Iterable[OpenTask]) -> None:
        rows = [self._row(task) for task in tasks]
        for row in rows:
            self.open_steps[row["task_key"]] = OpenStep(row["step_id"], DossierStatus(row["status"]), row["timer_at"])
        self.tx.tasks.open_all(rows)

    def _row(self, task: OpenTask) -> dict[str, Any]:
        step = task.step
        unit = self.office.units.for_lane(step.unit_kind, desk=self.unit, deciding=self.deciding_unit)
        return {
            "dossier_id": self.dossier.id,
            "task_key": task.id,
            "step_id": step.id,
            "diagram_element": task.diagram_element,
            "name": step.name,
            "role": step.role.value,
            "unit_id": unit.id,
            "status": int(step.status),
            "phase": step.phase,
            "waits_for": step.waits_for.value if step.waits_for else None,
            "opened_at": self.at,
            "step_due_at": self.clock.step_due_at(step),
            "timer_at": self.clock.timer_at(step),
            "slack_minutes": self.clock.slack_minutes(step),
        }

    def _carry_out(self, effect: Effect) -> None:
        EFFECTS[effect.name](self, effect.arguments)


def _move_clock(journey: Journey, arguments: Mapping[str, str]) -> None:
    if arguments["action"] in STOPS:
        settle_missed(journey)
    journey.clock.move(arguments["action"], phase=arguments.get("phase", "next"), ground=arguments.get("ground", ""))


# What a diagram may order. The checker refuses any other name before a diagram is used.
EFFECTS: dict[str, Callable[[Journey, Mapping[str, str]], None]] = {
    "move_clock": _move_clock,
    "order_letter": order_letter,
    "notify": notify,
    "record_outcome": record_outcome,
    "withdraw_dossier": withdraw_dossier,
}
