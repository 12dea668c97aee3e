"""One dossier goes from units that end to those that take over, with its steps, drafts, messages, dates; and back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.domain.reorganisation import NotReorganisedNow
from engine.effects.journey import Journey
from engine.effects.reprojecting import follow_calendar
from engine.persistence.repositories.reorganisations import BELONGINGS, DOSSIER, Reorganisations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord, TaskRecord
    from engine.persistence.unit_of_work import Transaction


class Rehoming:
    """Moves dossiers of one order in one transaction."""

    def __init__(self, tx: Transaction, office: Office, order: Any, *, by: Actor, at: datetime) -> None:
        """Work for an order: a row of `reorganisations`."""
        self._tx, self._office, self._order, self._by, self._at = tx, office, order, by, at
        self._rows = Reorganisations(tx.connection)

    def move(self, dossier: DossierRecord, homes: Mapping[int, int]) -> bool:
        """Move a locked dossier; `homes` says where each unit's work goes. False if nothing of it is to move."""
        steps = [task for task in self._tx.tasks.open_of(dossier.id) if task.unit_id in homes]
        new = (
            homes.get(dossier.unit_id, dossier.unit_id),
            homes.get(dossier.deciding_unit_id, dossier.deciding_unit_id),
        )
        if dossier.ended_at is not None or (not steps and new == (dossier.unit_id, dossier.deciding_unit_id)):
            return False
        was = {"unit_id": dossier.unit_id, "deciding_unit_id": dossier.deciding_unit_id}
        strange = {task.id: task for task in steps if self._is_held_by_a_stranger(task, homes[task.unit_id])}
        kept: dict[str, list[list[Any]]] = {
            "steps": [[task.id, task.unit_id, task.claimed_by_id if task.id in strange else None] for task in steps],
            "rows": [],
        }
        for task in steps:
            self._rows.set_step_unit(task.id, homes[task.unit_id])
            if task.id in strange:
                self._tx.tasks.give(task.id, None)
        for each in BELONGINGS:
            if each.of_dossier:
                for row_id, unit_id, _ in self._rows.belongings(each, homes.keys(), dossier.id):
                    self._rows.give(each.subject, row_id, homes[unit_id], was=unit_id)
                    kept["rows"].append([each.subject, row_id, unit_id, homes[unit_id]])
        names = self._name(was["deciding_unit_id"], was["unit_id"]), self._name(new[1], new[0])
        facts: dict[str, Any] = {"order": self._order.id, "document": self._order.document}
        if strange:
            facts["freed"] = [task.name for task in strange.values()]
        counted_on = self._count(dossier, new[1])
        saved = self._settle(dossier, new, "rehomed", was=names[0], now=names[1], **facts)
        now = {"deciding_unit_id": new[1], "counted_on": counted_on, "name": names[1]}
        self._rows.keep(
            self._order.id,
            DOSSIER,
            dossier.id,
            at=self._at,
            dossier_id=dossier.id,
            was={**was, **kept, "due_at": _said(dossier.due_at), "name": names[0]},
            now={**now, "version": saved.version, "due_at": _said(saved.due_at)},
            result="moved",
        )
        return True

    def bring_back(self, dossier: DossierRecord, kept: Any) -> None:
        """Put a locked dossier back; raises `NotReorganisedNow` if anything was done to it since."""
        if why := why_not_back(dossier, kept):
            raise NotReorganisedNow(detail=why)
        for task_id, unit_id, *holder in kept.was["steps"]:  # rows of before say nothing of a holder
            self._rows.set_step_unit(task_id, unit_id)
            if any(holder):
                self._tx.tasks.give(task_id, holder[0])
        for subject, row_id, unit_id, now in kept.was["rows"]:
            self._rows.give(subject, row_id, unit_id, was=now)
        home = (kept.was["unit_id"], kept.was["deciding_unit_id"])
        back_on = self._count(dossier, home[1])
        self._settle(dossier, home, "rehomed_back", now=kept.was["name"], order=self._order.id)
        self._rows.mark_reverted(kept.id, self._at, now={**kept.now, "back_on": back_on})

    def _settle(self, dossier: DossierRecord, home: tuple[int, int], kind: str, **facts: Any) -> DossierRecord:
        """Write the new home, of its forecast too, say so, and let the dates follow the calendar of who decides now."""
        self._rows.set_home(dossier.id, *home)
        self._tx.forecasts.rehome(dossier.id, home[1])
        moved = replace(dossier, unit_id=home[0], deciding_unit_id=home[1])
        journey = Journey(self._tx, self._office, moved, by=self._by, at=self._at)
        journey.note(kind, **facts)
        follow_calendar(journey)
        return journey.finish()

    def _count(self, dossier: DossierRecord, deciding_id: int) -> str:
        """Count in the sums of reports that another unit decides; answers the local day of which it counts.

        What is done and waits to be fetched counts as received there: its outcome will be that unit's, on the day when
        it was done, which was before today.
        """
        at = self._at if dossier.resolved_at is None else dossier.received_at
        day = self._office.local_day(at)
        if deciding_id != dossier.deciding_unit_id:
            facts = {"procedure_code": dossier.procedure_code, "channel": dossier.channel.value}
            self._tx.report_book.move(day, from_id=dossier.deciding_unit_id, to_id=deciding_id, **facts)
        return day.isoformat()

    def _is_held_by_a_stranger(self, task: TaskRecord, home: int) -> bool:
        """Whether who has taken a step does not go with it: nobody could do it, and only a supervisor give it on."""
        if task.claimed_by_id is None:
            return False
        place = (task.claimed_by_id, home, task.role)
        return not (self._rows.holds(*place) or self._rows.stands_in(*place))

    def _name(self, deciding: int, desk: int) -> str:
        units = self._office.units
        names = dict.fromkeys((units.get(desk).name, units.get(deciding).name))
        return " / ".join(names)


def why_not_back(dossier: Any, kept: Any) -> str:
    """Why a dossier that was moved (`version`, `ended_at`) cannot go back; empty if nothing was done to it since."""
    if dossier.ended_at is not None:
        return "hồ sơ đã kết thúc ở đơn vị mới"
    if dossier.version != kept.now["version"]:
        return "hồ sơ đã được xử lý tiếp ở đơn vị mới"
    return ""


def _said(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
