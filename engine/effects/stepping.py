"""People take the open steps of a dossier and complete them, inside a transaction that is already open.

One act on one dossier; the use cases say in which transaction: a step by itself, or one of many that were chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.errors import Conflict, NotAllowedNow, NotFound
from engine.domain.people import SCHEDULER, Role
from engine.domain.permissions import check_can_do_step
from engine.effects.forms import days_of, read_form
from engine.effects.hand_over import is_hand_over_step
from engine.effects.journey import Journey
from engine.effects.late_records import claim as claim_earlier
from engine.effects.late_records import write_down
from engine.effects.lateness import notice_lateness
from engine.effects.returning import asked_form, note_return, reason_told
from engine.effects.undoing import Before, remember

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from engine.domain.late_records import DoneEarlier
    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord, TaskRecord
    from engine.persistence.unit_of_work import Transaction


class MovedByMachine(Conflict):
    """Hệ thống vừa chuyển hồ sơ {dossier_code} sang bước khác vì hết thời gian chờ, không phải do người khác xử lý.

    Hãy tải lại hồ sơ; nội dung bạn nhập vẫn được giữ.
    """

    code = "moved_by_machine"


@dataclass(frozen=True, slots=True)
class Completed:
    """Where a dossier stands after a step."""

    code: str
    version: int
    next_steps: tuple[str, ...]
    is_finished: bool
    undo_until: datetime | None = None
    """Until when the person may take it back; None where it stands at once (see `engine.effects.undoing`)."""


@dataclass(frozen=True, slots=True)
class StepAct:
    """What a person does with one open step. `expected_version` is the version that they saw (None for machines).

    `handing_over`: what is written down with the hand-over of a result, before its step; nobody hands one over without.
    """

    code: str
    task_id: int
    expected_version: int | None
    answers: Mapping[str, str]
    remark: str = ""
    earlier: DoneEarlier | None = None
    handing_over: Callable[[Journey], None] | None = None


def find_open_step(tx: Transaction, code: str, task_id: int) -> tuple[DossierRecord, TaskRecord]:
    """Lock a dossier and read its open step; raises `Conflict` if the step is done, `NotFound` if there is none."""
    dossier = tx.dossiers.lock(code)
    task = next((task for task in tx.tasks.all_of(dossier.id) if task.id == task_id), None)
    if task is None:
        raise NotFound(what=f"bước xử lý của hồ sơ {code}")
    if task.closed_at is not None:
        raise (MovedByMachine if task.closed_by == SCHEDULER.username else Conflict)(dossier_code=code)
    if dossier.ended_at is not None:
        raise NotAllowedNow(detail=f"hồ sơ {code} đã kết thúc")
    return dossier, task


def claim_step(tx: Transaction, office: Office, actor: Actor, code: str, task_id: int, *, at: datetime) -> None:
    """Take an open step; raises `Conflict` if somebody else has it, `Refused` if it is not the person's to take."""
    dossier, task = find_open_step(tx, code, task_id)
    check_can_do_step(actor, task)
    if actor.id is None or not tx.tasks.claim(task_id, actor.id):
        raise Conflict(dossier_code=code)
    note_step(tx, office, dossier, actor, at, "step_claimed", task)


def release_step(tx: Transaction, office: Office, actor: Actor, code: str, task_id: int, *, at: datetime) -> None:
    """Give a step back; raises `Conflict` if the person does not hold it any more."""
    dossier, task = find_open_step(tx, code, task_id)
    if actor.id is None or not tx.tasks.release(task_id, actor.id):
        raise Conflict(dossier_code=code)
    note_step(tx, office, dossier, actor, at, "step_released", task)


def _both_ends(journey: Journey, task: TaskRecord) -> dict[str, bool]:
    """Told where one and the same person received a dossier and approves of it; it may happen in an absence."""
    is_same = Role(task.role) is Role.LEADER and journey.dossier.received_by == journey.by.username
    return {"also_received": True} if is_same else {}


def complete_step(tx: Transaction, office: Office, actor: Actor, act: StepAct, *, at: datetime) -> Completed:
    """Complete an open step with the answers of its form, as text; the process moves on to the next steps.

    Raises `Conflict` if the dossier moved since it was seen, `FormRefused` naming each field that is not right,
    `Refused` if the step is not the person's. A person hands a result over with all that goes with it
    (`HandingOver`), or is refused; imports and machines repeat what was done elsewhere.
    """
    dossier, task = find_open_step(tx, act.code, act.task_id)
    if act.expected_version is not None and not dossier.was_seen_at(act.expected_version):
        raise Conflict(dossier_code=act.code)
    check_can_do_step(actor, task)
    journey = Journey(tx, office, dossier, by=actor, at=at)
    journey.act_as(Role(task.role), task.unit_id)
    step = journey.definition.steps[task.step_id]
    if act.handing_over is None and is_hand_over_step(step) and not actor.is_machine:
        raise NotAllowedNow(detail=f"kết quả của hồ sơ {act.code} được trả ở trang “Trả kết quả”; hãy mở trang đó")
    journey.answers = dict(act.answers)
    journey.remark = act.remark.strip()
    variables = read_form(asked_form(office, step), act.answers, days_of(office, dossier, at))
    if act.earlier is not None:
        claim_earlier(journey, task, act.earlier)
    notice_lateness(journey)
    first_entry = len(journey.clock.ledger.entries) + 1
    before = Before(dossier, tx.dossiers.state(dossier.id), first_entry - 1)
    if act.handing_over is not None:
        act.handing_over(journey)
    journey.note(
        "step_completed",
        step_id=task.step_id,
        name=task.name,
        unit_id=task.unit_id,
        answers={field.id: act.answers[field.id] for field in step.form if act.answers.get(field.id)},
        remark=journey.remark,
        **reason_told(office, step, act.answers),
        **_both_ends(journey, task),
    )
    advance = journey.complete(task, variables)
    note_return(journey, task, advance)
    if act.earlier is not None:
        write_down(journey, task, act.earlier, first_entry=first_entry)
    saved = journey.finish()
    steps = tuple(task.step.name for task in advance.open_tasks)
    until = remember(journey, before, task, advance) if act.earlier is None else None
    return Completed(act.code, saved.version, steps, advance.is_finished, until)


def note_step(
    tx: Transaction, office: Office, dossier: DossierRecord, actor: Actor, at: datetime, kind: str, task: TaskRecord
) -> None:
    """Write into the history what was done with a step, without moving the process."""
    journey = Journey(tx, office, dossier, by=actor, at=at)
    journey.act_as(Role(task.role), task.unit_id)
    journey.note(kind, step_id=task.step_id, name=task.name)
    journey.finish()
