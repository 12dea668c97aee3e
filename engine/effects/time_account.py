"""The time account of a dossier: its steps and its clock ledger, charged minute by minute on its calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.explanation import say_office_time
from engine.domain.grounds import Holder
from engine.domain.permissions import ONE_STOP
from engine.domain.process import WaitsFor
from engine.domain.time_shares import Course, StepSpan, charge, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from engine.domain.clock_ledger import PhaseRecord
    from engine.domain.time_shares import Stretch, TimeShare
    from engine.domain.units import UnitTree
    from engine.effects.journey import Journey
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord, TaskRecord

_WAITING = {
    WaitsFor.APPLICANT: Holder.APPLICANT,
    WaitsFor.OTHER_AGENCY: Holder.OTHER_AGENCY,
    WaitsFor.DESK: Holder.COUNTER,
}


def course_of(
    units: UnitTree, tasks: Iterable[TaskRecord], phases: Sequence[PhaseRecord], deciding_unit_id: int
) -> Course:
    """What the rows of a dossier say of its course."""
    spans = tuple(
        StepSpan(task.name, _holder(units, task), task.unit_id, task.opened_at, task.closed_at) for task in tasks
    )
    return Course(spans, phases, deciding_unit_id)


def account(
    office: Office,
    dossier: DossierRecord,
    tasks: Iterable[TaskRecord],
    phases: Sequence[PhaseRecord],
    until: datetime,
) -> tuple[Stretch, ...]:
    """Whose time it was from the hand-in of a dossier until it was done, or until now."""
    course = course_of(office.units, tasks, phases, dossier.deciding_unit_id)
    return charge(course, dossier.received_at, until, office.calendar_of(dossier.deciding_unit_id))


def shares_so_far(journey: Journey, until: datetime) -> tuple[TimeShare, ...]:
    """Whose time the dossier of a journey has taken until then."""
    tasks = journey.tx.tasks.all_of(journey.dossier.id)
    return total(account(journey.office, journey.dossier, tasks, journey.clock.ledger.phases, until))


def share_name(units: UnitTree, holder: Holder, unit_id: int | None) -> str:
    """Whose time it is, as people call them."""
    return units.get(unit_id).name if unit_id is not None else holder.label


def say_office_shares(units: UnitTree, shares: Iterable[TimeShare]) -> str:
    """``Bộ phận Một cửa 2 giờ làm việc, …``: the shares for which the office answers, in words."""
    own = [share for share in shares if share.holder.is_office and share.office_time]
    return ", ".join(
        f"{share_name(units, share.holder, share.unit_id)} {say_office_time(share.office_time)}" for share in own
    )


def _holder(units: UnitTree, task: TaskRecord) -> Holder:
    if task.waits_for:
        return _WAITING[WaitsFor(task.waits_for)]
    return Holder.COUNTER if units.get(task.unit_id).kind == ONE_STOP else Holder.UNIT
