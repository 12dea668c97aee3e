"""Late records: a supervisor decides whether a step was done when somebody says it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.late_records import LateState
from engine.domain.permissions import check_can_decide_late_record, check_can_see_board, overseen_units
from engine.domain.step_plan import late_minutes
from engine.domain.time_views import LateRecordLine
from engine.effects.journey import Journey
from engine.effects.late_records import decide
from engine.persistence.queries.dossier_page import DossierPage

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.records import LateRecordRow
    from engine.persistence.unit_of_work import UnitOfWork

PAGE_SIZE = 50


class LateRecords:
    """Lists late records and decides on them."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def page(self, actor: Actor, *, pending: bool = True, page: int = 1) -> tuple[tuple[LateRecordLine, ...], int]:
        """Those of the units that the person supervises, and how many; `pending`: those that wait for a decision.

        Raises `Refused` for people who oversee no unit.
        """
        units = self._office.units
        check_can_see_board(actor, units)
        with self._uow.read() as tx:
            rows, total = tx.late_records.page(
                overseen_units(actor, units), pending=pending, limit=PAGE_SIZE, offset=(max(page, 1) - 1) * PAGE_SIZE
            )
            people = {row.recorded_by for row in rows} | {row.decided_by for row in rows if row.decided_by}
            names = DossierPage(tx.connection).names(people)
        return tuple(self._line(actor, row, dict(names)) for row in rows), total

    def decide(
        self, actor: Actor, record_id: int, state: LateState, *, at: datetime, evidence: str = "", note: str = ""
    ) -> str:
        """Approve (with evidence) or refuse (with a reason) a late record; answers the code of its dossier.

        Raises `NotFound`, `Refused` for whoever does not supervise the unit and for whoever recorded it, and what
        `engine.effects.late_records.decide` raises.
        """
        with self._uow.write() as tx:
            code = tx.late_records.find(record_id).dossier_code
            dossier = tx.dossiers.lock(code)
            record = tx.late_records.find(record_id)
            check_can_decide_late_record(actor, record.unit_id, record.recorded_by, self._office.units)
            journey = Journey(tx, self._office, dossier, by=actor, at=at)
            decide(journey, record, state, evidence=evidence, note=note)
            journey.finish()
            return code

    def _line(self, actor: Actor, row: LateRecordRow, names: dict[str, str]) -> LateRecordLine:
        calendar = self._office.calendar_of(row.unit_id)
        return LateRecordLine(
            id=row.id,
            dossier_code=row.dossier_code,
            procedure_name=row.procedure_name,
            step_name=row.step_name,
            unit_name=self._office.units.get(row.unit_id).name,
            done_at=row.done_at,
            recorded_at=row.recorded_at,
            delay_minutes=late_minutes(row.recorded_at, row.done_at, calendar),
            recorded_by_name=names.get(row.recorded_by, row.recorded_by),
            reason=row.reason,
            evidence=row.evidence,
            state=row.state,
            decided_at=row.decided_at,
            decided_by_name=names.get(row.decided_by or "", row.decided_by or ""),
            note=row.note or "",
            is_own=row.recorded_by == actor.username,
        )
