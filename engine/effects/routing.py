"""The hand-over log of a dossier: who handed it over to whom, when, and whether the step before was in time (form 06).

It is read from the steps as they were opened and closed: nothing is kept twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.deadline import classify
from engine.domain.people import MACHINES, name_of
from engine.domain.status import DossierStatus
from engine.persistence.queries.dossier_page import DossierPage
from letters import HandOver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord, TaskRecord
    from engine.persistence.unit_of_work import Transaction

APPLICANT_SIDE = "Người nộp hồ sơ"
_NOBODY = "Không rõ"


class RoutingLog:
    """The hand-overs of one dossier, oldest first."""

    def __init__(self, tx: Transaction, office: Office, dossier: DossierRecord) -> None:
        """Read the steps and the names of who did them."""
        self._office = office
        self._dossier = dossier
        self.tasks: Sequence[TaskRecord] = sorted(tx.tasks.all_of(dossier.id), key=lambda task: task.id)
        page = DossierPage(tx.connection)
        usernames = {task.closed_by for task in self.tasks if task.closed_by} | {dossier.received_by}
        self._names: Mapping[str, str] = page.names(usernames - MACHINES.keys())
        self._holders = page.names_by_id({task.claimed_by_id for task in self.tasks if task.claimed_by_id is not None})

    def hand_overs(self) -> tuple[HandOver, ...]:
        """Handed in by the applicant, handed on with every step that was done, handed out at the end."""
        return (self._handed_in(), *(line for task in self.tasks if task.closed_at for line in self._handed_on(task)))

    def other_units(self) -> tuple[str, ...]:
        """The units beside desk and deciding unit that had a step of the dossier."""
        own = {self._dossier.unit_id, self._dossier.deciding_unit_id}
        others = dict.fromkeys(task.unit_id for task in self.tasks if task.unit_id not in own)
        return tuple(self._unit(unit_id) for unit_id in others)

    def _handed_in(self) -> HandOver:
        dossier = self._dossier
        giver = dossier.submitter.full_name if dossier.submitter else dossier.applicant.full_name
        return HandOver(
            giver=giver[:200],
            giver_unit=APPLICANT_SIDE,
            receiver=self._name(dossier.received_by),
            receiver_unit=self._unit(dossier.unit_id),
            at=dossier.received_at,
            note="Nộp hồ sơ",
        )

    def _handed_on(self, task: TaskRecord) -> Iterator[HandOver]:
        at = task.finished_at
        assert at is not None
        followers = [later for later in self.tasks if self._opener(later) is task]
        receivers = [(self._holder(later), self._unit(later.unit_id)) for later in followers]
        for receiver, receiver_unit in receivers or [self._last(task)]:
            yield HandOver(
                giver=self._name(task.closed_by or "") or _NOBODY,
                giver_unit=self._unit(task.unit_id),
                receiver=receiver,
                receiver_unit=receiver_unit,
                at=at,
                result=self._timeliness(task),
                note=(task.name + (" (dừng giữa chừng)" if task.is_interrupted else ""))[:400],
            )

    def _opener(self, task: TaskRecord) -> TaskRecord | None:
        """The step whose end opened this one: the last of those that ended at that very moment."""
        before = (each for each in self.tasks if each.id < task.id and each.closed_at == task.opened_at)
        return max(before, key=lambda each: each.id, default=None)

    def _last(self, task: TaskRecord) -> tuple[str, str]:
        """Who gets what comes of a step that no step follows: the applicant, where the dossier ended there."""
        dossier = self._dossier
        if dossier.ended_at == task.closed_at and dossier.status is DossierStatus.DELIVERED:
            return dossier.applicant.full_name[:200], APPLICANT_SIDE
        return "", ""

    def _timeliness(self, task: TaskRecord) -> str:
        if task.is_interrupted or task.finished_at is None:
            return ""
        found = classify(task.finished_at, task.step_due_at, self._office.settings.zone)
        return found.label if found else ""

    def _holder(self, task: TaskRecord) -> str:
        if task.closed_by and not task.is_interrupted:
            return self._name(task.closed_by)
        return self._holders.get(task.claimed_by_id, "") if task.claimed_by_id is not None else ""

    def _name(self, username: str) -> str:
        return name_of(username, self._names)

    def _unit(self, unit_id: int) -> str:
        return self._office.units.get(unit_id).name
