"""Steps that were recorded later than they were done, and what a supervisor says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from engine.domain.errors import NotFound
from engine.domain.late_records import LateState
from engine.persistence.base import table_of
from engine.persistence.models import Dossier, LateRecord, OverdueFact, Task
from engine.persistence.records import LateRecordRow

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection

_R = table_of(LateRecord).c
_D = table_of(Dossier).c
_T = table_of(Task).c
_F = table_of(OverdueFact).c
_ROWS = select(
    *(_R[name] for name in LateRecordRow.__dataclass_fields__ if name in _R),
    _D.code.label("dossier_code"),
    _D.procedure_name,
    _T.name.label("step_name"),
).select_from(
    table_of(LateRecord).join(table_of(Dossier), _D.id == _R.dossier_id).join(table_of(Task), _T.id == _R.task_id)
)
_ONE = _ROWS.where(_R.id == bindparam("key"))
_OF_DOSSIER = _ROWS.where(_R.dossier_id == bindparam("key")).order_by(_R.id)


class LateRecords:
    """Late records, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def add(self, **facts: Any) -> None:
        """Write down that a step was recorded late; nobody has decided on it yet."""
        values = {**facts, "state": LateState.PENDING.value, "evidence": facts.get("evidence", "")}
        self._connection.execute(insert(table_of(LateRecord)), values)

    def find(self, record_id: int) -> LateRecordRow:
        """Read one; raises `NotFound`."""
        row = self._connection.execute(_ONE, {"key": record_id}).mappings().one_or_none()
        if row is None:
            raise NotFound(what="lần ghi nhận muộn này")
        return LateRecordRow(**row)

    def of(self, dossier_id: int) -> list[LateRecordRow]:
        """Those of one dossier, in the order in which they were recorded."""
        return [LateRecordRow(**row) for row in self._connection.execute(_OF_DOSSIER, {"key": dossier_id}).mappings()]

    def page(
        self, unit_ids: Collection[int], *, pending: bool, limit: int, offset: int
    ) -> tuple[list[LateRecordRow], int]:
        """Those of units that wait for a decision (oldest first) or have one (newest first), and how many there are."""
        chosen = [_R.unit_id.in_(sorted(unit_ids)), _R.decided_at.is_(None) if pending else _R.decided_at.is_not(None)]
        order = _R.id.asc() if pending else _R.decided_at.desc()
        rows = self._connection.execute(_ROWS.where(*chosen).order_by(order, _R.id).limit(limit).offset(offset))
        count = select(func.count()).select_from(table_of(LateRecord)).where(*chosen)
        return [LateRecordRow(**row) for row in rows.mappings()], self._connection.scalar(count) or 0

    def decide(self, record_id: int, state: LateState, *, at: datetime, by: str, evidence: str, note: str) -> bool:
        """Write the decision down; False if somebody was faster."""
        values = {"state": state.value, "decided_at": at, "decided_by": by, "evidence": evidence, "note": note}
        statement = update(table_of(LateRecord)).where(_R.id == record_id, _R.decided_at.is_(None)).values(**values)
        return self._connection.execute(statement).rowcount == 1

    def date_task(self, task_id: int, done_at: datetime, late_minutes: int | None) -> None:
        """Let a closed step count as done at `done_at`."""
        values = {"done_at": done_at, "late_minutes": late_minutes}
        self._connection.execute(update(table_of(Task)).where(_T.id == task_id).values(**values))

    def acquit(self, dossier_id: int, kind: str, first: datetime, before: datetime) -> list[datetime]:
        """Mark the facts of `kind` whose date lies from `first` on and before `before`; answers those dates."""
        found = [_F.dossier_id == dossier_id, _F.kind == kind, _F.missed_due_at >= first, _F.missed_due_at < before]
        fresh = [*found, _F.recorded_late.is_(False)]
        dates = list(self._connection.scalars(select(_F.missed_due_at).where(*fresh)))
        self._connection.execute(update(table_of(OverdueFact)).where(*fresh).values(recorded_late=True))
        return dates
