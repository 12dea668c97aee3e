"""One running dossier moves to another version of its procedure, or back, inside one transaction.

The appointment that the applicant was given stays, unless the order says that the new limits apply; then the change is
a line of the clock ledger, with its document, and no date becomes later than promised unless the order allows that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from engine.domain.answers import read_answers
from engine.domain.limits import LimitUnit, ProcessingTime
from engine.effects.journey import Journey
from engine.process.moving import Moved, Obstacle, is_same_place, move, put_back

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.domain.procedure import ProcedureCase
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord, TaskRecord
    from engine.persistence.repositories.versions import MovedRecord
    from engine.persistence.unit_of_work import Transaction
    from engine.process.definitions import Definition

_KEPT = ("name", "diagram_element", "status", "phase")


class LimitRule(StrEnum):
    """Which limit a dossier has after it moved: the one it was received under, or that of the new version."""

    KEEP = "keep"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Order:
    """What was decided: the version to move to, whose limits hold, by which document, whether dates may be later."""

    target: Definition
    rule: LimitRule = LimitRule.KEEP
    document: str = ""
    allows_later: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a move would do to one dossier; with obstacles it does nothing."""

    moved: Moved
    obstacles: tuple[Obstacle, ...]
    steps: tuple[str, ...]
    due_before: datetime | None
    due_after: datetime | None
    limit: ProcessingTime | None = None


class Mover:
    """A dossier that this transaction holds, the version that it is to move to, and who moves it when."""

    def __init__(
        self, tx: Transaction, office: Office, dossier: DossierRecord, order: Order, *, by: Actor, at: datetime
    ) -> None:
        """Look at a dossier; nothing is written before `carry_out`."""
        self._tx, self._office, self._dossier, self._order = tx, office, dossier, order
        self._by, self._at = by, at
        self._journey = Journey(tx, office, dossier, by=by, at=at)
        self._tasks = tx.tasks.open_of(dossier.id)

    def plan(self) -> Plan:
        """Say whether the dossier can move, and what its date would be."""
        old, new = self._journey.definition, self._order.target
        state = self._tx.dossiers.state(self._dossier.id)
        moved = move(old, new, state, self._known())
        obstacles = [*moved.obstacles, *self._of_the_office()]
        case = next((case for case in new.procedure.cases if case.id == self._dossier.case_id), None)
        limit = None
        if case is None:
            text = "phiên bản mới không còn trường hợp “{what}”"
            obstacles.append(Obstacle("case_gone", self._journey.case.name, text))
        else:
            obstacles += self._of_the_phases(case)
            limit = self._new_limit(case) if not obstacles else None
        if moved.state:
            obstacles += self._of_the_steps(moved.state)
        due_before = due_after = self._journey.clock.view.due_at
        if limit is not None:
            obstacles += self._of_the_date(limit)
            due_after = self._journey.clock.with_limit(limit, self._order.document).due_at
        steps = tuple(task.name for task in self._tasks)
        return Plan(moved, tuple(dict.fromkeys(obstacles)), steps, due_before, due_after, limit)

    def carry_out(self, plan: Plan, move_id: int) -> None:
        """Move the dossier as planned, and keep all that puts it back."""
        old = self._journey.definition
        before = self._tx.dossiers.state(self._dossier.id)
        self._tx.versions.keep_moved(
            move_id=move_id,
            dossier_id=self._dossier.id,
            from_ref=old.ref,
            old_state=before,
            new_state=plan.moved.state,
            old_steps=[_kept(task) for task in self._tasks],
            clock_seq=len(self._journey.clock.ledger.entries),
            old_limit=self._running_limit() if plan.limit is not None else None,
            moved_at=self._at,
        )
        steps = {task.id: task for task in self._office.runner.open_tasks(self._order.target, plan.moved.state)}
        for task in self._tasks:
            opened = steps[task.task_key]
            self._tx.tasks.revise(
                task.id,
                name=opened.step.name,
                diagram_element=opened.diagram_element,
                status=int(opened.step.status),
                phase=opened.step.phase,
            )
        journey = _under(self._journey, self._order.target, plan.moved.state)
        if plan.limit is not None:
            journey.clock.change_limit(plan.limit, self._order.document)
        journey.note("version_changed", **_said(old, self._order.target), move=move_id, document=self._order.document)
        journey.finish()

    # --- what stands in the way ---

    def _known(self) -> dict[str, object]:
        """What the dossier can answer besides its state: its case and channel, and what was answered on forms."""
        dossier, old, new = self._dossier, self._journey.definition, self._order.target
        known: dict[str, object] = {"case": dossier.case_id, "channel": dossier.channel.value}
        newly_read = new.routing_variables - old.routing_variables - known.keys()
        if newly_read:
            for event in self._tx.history.standing_events(dossier.id):
                answers = event["data"].get("answers") or {}
                step = old.steps.get(str(event["data"].get("step_id", "")))
                fields = [field for field in (step.form if step else ()) if field.id in newly_read & answers.keys()]
                known |= _typed(fields, answers)
        return known

    def _of_the_office(self) -> Iterator[Obstacle]:
        kinds = self._journey.definition.procedure.deciding_unit, self._order.target.procedure.deciding_unit
        if kinds[0] != kinds[1]:
            yield Obstacle("deciding_unit_changed", kinds[1], "phiên bản mới do cơ quan khác giải quyết ({what})")

    def _of_the_phases(self, case: ProcedureCase) -> Iterator[Obstacle]:
        """Every appointment that began must be one of the new version: later ones are counted after them."""
        names = {phase.name for phase in case.phases}
        for record in self._journey.clock.ledger.phases:
            for name in {record.name, *record.joined} - names:
                yield Obstacle("phase_gone", name, "phiên bản mới không còn lần hẹn “{what}” mà hồ sơ đã bắt đầu")
            cutoffs = {each.procedure.same_day_cutoff for each in (self._journey.definition, self._order.target)}
            if record.is_open and record.limit.unit is LimitUnit.SAME_DAY and len(cutoffs) > 1:
                yield Obstacle("cutoff_changed", record.name, "giờ chốt trong ngày khác, ngày hẹn đã trao sẽ đổi")

    def _of_the_steps(self, state: bytes) -> Iterator[Obstacle]:
        opened = {task.id: task.step for task in self._office.runner.open_tasks(self._order.target, state)}
        units = self._office.units
        for task in self._tasks:
            step = opened[task.task_key]
            unit = units.for_lane(step.unit_kind, desk=self._journey.unit, deciding=self._journey.deciding_unit)
            if step.role.value != task.role or unit.id != task.unit_id:
                yield Obstacle("actor_changed", task.name, "bước “{what}” do người khác hoặc đơn vị khác làm")
            if step.phase != task.phase:
                yield Obstacle("phase_changed", task.name, "bước “{what}” thuộc lần hẹn khác")
            if (step.waits_for.value if step.waits_for else None) != task.waits_for:
                yield Obstacle("clock_changed", task.name, "bước “{what}” được tính giờ theo cách khác")

    def _of_the_date(self, limit: ProcessingTime) -> Iterator[Obstacle]:
        current = self._journey.clock.view.current
        assert current is not None
        if current.record.agreed_due_at or limit.unit is LimitUnit.AGREED:
            yield Obstacle("date_agreed", "", "ngày hẹn là do thỏa thuận, không theo thời hạn của thủ tục")
            return
        if current.record.extension is not None:
            yield Obstacle("reappointed", "", "đã hẹn lại ngày trả kết quả, không đổi thời hạn được nữa")
            return
        after = self._journey.clock.with_limit(limit, self._order.document).current
        assert after is not None
        if after.standing_due_at > current.standing_due_at and not self._order.allows_later:
            text = "thời hạn mới làm ngày hẹn lùi lại so với giấy hẹn đã trao ({what})"
            yield Obstacle("later_than_promised", limit.label, text)
        if after.standing_due_at < self._at <= current.standing_due_at:
            yield Obstacle("already_past", limit.label, "theo thời hạn mới ({what}) ngày hẹn đã qua rồi")

    def _new_limit(self, case: ProcedureCase) -> ProcessingTime | None:
        """The limit of the running appointment in the new version, if it is to hold and differs."""
        current = self._journey.clock.view.current
        if self._order.rule is LimitRule.KEEP or current is None:
            return None
        first, *joined = (case.phase(name).limit for name in (current.name, *current.record.joined))
        limit = reduce(add, joined, first)
        return limit if limit != current.record.limit else None

    def _running_limit(self) -> dict[str, str]:
        current = self._journey.clock.view.current
        assert current is not None
        limit = current.record.limit
        return {"phase": current.name, "amount": str(limit.amount), "unit": limit.unit.value}


def cannot_go_back(tx: Transaction, dossier: DossierRecord, kept: MovedRecord, to_ref: str) -> tuple[Obstacle, ...]:
    """Why a dossier that was moved cannot be put back; nothing if it has not moved on since."""
    if dossier.ended_at is not None:
        return (Obstacle("ended", dossier.code, "hồ sơ đã kết thúc"),)
    if dossier.definition_ref != to_ref:
        return (Obstacle("moved_again", dossier.code, "hồ sơ đã được chuyển tiếp sang phiên bản khác"),)
    if not is_same_place(tx.dossiers.state(dossier.id), kept.new_state):
        return (Obstacle("moved_on", dossier.code, "hồ sơ đã đi tiếp theo phiên bản mới"),)
    return ()


def bring_back(
    tx: Transaction,
    office: Office,
    dossier: DossierRecord,
    kept: MovedRecord,
    *,
    by: Actor,
    at: datetime,
    document: str,
) -> None:
    """Put a dossier back as it was: version, place, open steps, limit. The clock ledger keeps both changes."""
    journey = Journey(tx, office, dossier, by=by, at=at)
    new = journey.definition
    state = put_back(kept.old_state, tx.dossiers.state(dossier.id))
    rows = {task.task_key: task for task in tx.tasks.open_of(dossier.id)}
    for step in kept.old_steps:
        tx.tasks.revise(rows[step["task_key"]].id, **{name: step[name] for name in _KEPT})
    back = _under(journey, office.library.get(tx, kept.from_ref), state)
    if kept.old_limit is not None:
        limit = ProcessingTime(Decimal(kept.old_limit["amount"]), LimitUnit(kept.old_limit["unit"]))
        back.clock.change_limit(limit, document)
    back.note("version_restored", **_said(new, back.definition), move=kept.move_id)
    back.finish()
    tx.versions.mark_reverted(kept.id, at)


def _under(journey: Journey, definition: Definition, state: bytes) -> Journey:
    """Write version and state of the dossier of a journey; answers its journey from there on."""
    tx, dossier = journey.tx, journey.dossier
    tx.versions.set_version(dossier.id, definition.ref)
    tx.dossiers.save_state(dossier.id, state)
    moved = replace(dossier, definition_ref=definition.ref)
    return Journey(tx, journey.office, moved, by=journey.by, at=journey.at)


def _kept(task: TaskRecord) -> dict[str, Any]:
    return {"task_key": task.task_key, **{name: getattr(task, name) for name in _KEPT}}


def _said(old: Definition, new: Definition) -> dict[str, str]:
    return {"was": old.procedure.version, "now": new.procedure.version, "was_ref": old.ref, "now_ref": new.ref}


def _typed(fields: list[Any], answers: Mapping[str, str]) -> dict[str, object]:
    return read_answers([replace(field, is_required=False) for field in fields], answers)
