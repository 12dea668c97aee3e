"""What was taken for dossiers, as one transaction sees it: lines are added and read, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select

from engine.persistence.base import table_of
from engine.persistence.models import Dossier, FeeEntry

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection

_F, _D = table_of(FeeEntry).c, table_of(Dossier).c
_LINES = select(table_of(FeeEntry), _D.code, _D.applicant_name).select_from(
    table_of(FeeEntry).join(table_of(Dossier), _D.id == _F.dossier_id)
)
_OF_DOSSIER = _LINES.where(_F.dossier_id == bindparam("key")).order_by(_F.id)
_OF_DAY = _LINES.where(_F.unit_id == bindparam("unit"), _F.paid_on == bindparam("day")).order_by(_F.id)


@dataclass(frozen=True, slots=True)
class FeeRecord:
    """An entry as it stands in its row, with the dossier that it belongs to."""

    id: int
    dossier_id: int
    unit_id: int
    due: int | None
    amount: int
    method: str
    receipt_number: str
    paid_on: date
    at: datetime
    by: str
    corrects_id: int | None
    reason: str
    code: str
    applicant_name: str


class FeeBook:
    """Entries, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def add(self, **facts: Any) -> None:
        """Write an entry down; the database refuses to undo one twice."""
        self._connection.execute(insert(table_of(FeeEntry)), {"corrects_id": None, "reason": "", **facts})

    def of(self, dossier_id: int) -> list[FeeRecord]:
        """The entries of a dossier, the oldest first."""
        return [FeeRecord(**row) for row in self._connection.execute(_OF_DOSSIER, {"key": dossier_id}).mappings()]

    def of_day(self, unit_id: int, day: date, most: int) -> list[FeeRecord]:
        """The entries of a desk on a local day, in the order in which they were written."""
        rows = self._connection.execute(_OF_DAY.limit(most), {"unit": unit_id, "day": day}).mappings()
        return [FeeRecord(**row) for row in rows]
