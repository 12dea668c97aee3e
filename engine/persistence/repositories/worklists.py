"""What people keep for their lists: named filters, choices; and what became of acts on many rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from engine.persistence.base import table_of
from engine.persistence.models import BulkOrder, BulkRow, Person, SavedFilterRow, WorkChoice
from engine.persistence.statements import insert_once, upsert

_F = table_of(SavedFilterRow).c
_C = table_of(WorkChoice).c
_P = table_of(Person).c
_O = table_of(BulkOrder).c
_R = table_of(BulkRow).c
_MINE = (
    select(_F.id, _F.name, _F.asked, _F.unit_id, _F.owner_id, _P.full_name)
    .select_from(table_of(SavedFilterRow).join(table_of(Person), _P.id == _F.owner_id))
    .where(or_(_F.owner_id == bindparam("person"), _F.unit_id.in_(bindparam("units", expanding=True))))
    .order_by(_F.name, _F.id)
)
_CHOICES = select(_C.opens_next, _C.sort).where(_C.person_id == bindparam("person"))
_ROWS = select(_R.task_id, _R.code, _R.state, _R.said).where(_R.order_id == bindparam("order"))
_ORDER = select(_O.id, _O.person_id, _O.kind).where(_O.key == bindparam("key"))


@dataclass(frozen=True, slots=True)
class SavedFilterRecord:
    """A kept filter as it stands in its row."""

    id: int
    name: str
    asked: str
    unit_id: int | None
    owner_id: int
    owner_name: str


@dataclass(frozen=True, slots=True)
class BulkRowRecord:
    """What became of one step."""

    task_id: int
    code: str
    state: str
    said: str


class WorkBook:
    """Filters, choices and acts on many rows, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    # --- filters ---

    def filters(self, person_id: int, units: Collection[int]) -> list[SavedFilterRecord]:
        """The person's own filters, and those that colleagues share with these units, by name."""
        rows = self._connection.execute(_MINE, {"person": person_id, "units": list(units)})
        return [SavedFilterRecord(*row) for row in rows]

    def keep_filter(self, person_id: int, name: str, asked: str, unit_id: int | None, *, at: datetime) -> None:
        """Keep a filter under a name; the person's filter of the same name is replaced."""
        known = select(_F.id).where(_F.owner_id == person_id, _F.name == name)
        found = self._connection.scalar(known)
        values = {"asked": asked, "unit_id": unit_id}
        if found is not None:
            self._connection.execute(update(table_of(SavedFilterRow)).where(_F.id == found).values(**values))
            return
        row = {"owner_id": person_id, "name": name, "created_at": at, **values}
        self._connection.execute(insert(table_of(SavedFilterRow)), row)

    def drop_filter(self, person_id: int, filter_id: int) -> bool:
        """Forget a filter of a person; False if it is not theirs."""
        statement = delete(table_of(SavedFilterRow)).where(_F.id == filter_id, _F.owner_id == person_id)
        return self._connection.execute(statement).rowcount == 1

    # --- choices ---

    def choices(self, person_id: int) -> tuple[bool, str] | None:
        """Whether the next dossier opens, and the order of lists; None where the person never chose."""
        row = self._connection.execute(_CHOICES, {"person": person_id}).one_or_none()
        return (row.opens_next, row.sort) if row else None

    def choose(self, person_id: int, *, opens_next: bool, sort: str) -> None:
        """Keep what a person chose."""
        upsert(
            self._connection, table_of(WorkChoice), "person_id", person_id=person_id, opens_next=opens_next, sort=sort
        )

    # --- acts on many rows ---

    def order(self, key: str, person_id: int, kind: str, *, at: datetime) -> int | None:
        """The number of the order with this key, opened if it is new; None if the key belongs to somebody else."""
        insert_once(self._connection, table_of(BulkOrder), key=key, person_id=person_id, kind=kind, at=at)
        found = self._connection.execute(_ORDER, {"key": key}).one()
        return int(found.id) if (found.person_id, found.kind) == (person_id, kind) else None

    def rows(self, order_id: int) -> dict[int, BulkRowRecord]:
        """What became of the steps of an order so far, by step."""
        rows = self._connection.execute(_ROWS, {"order": order_id})
        return {row.task_id: BulkRowRecord(*row) for row in rows}

    def write_row(self, order_id: int, row: BulkRowRecord) -> bool:
        """Write down what became of a step; False if that is written already."""
        values = {"task_id": row.task_id, "code": row.code, "state": row.state, "said": row.said}
        return insert_once(self._connection, table_of(BulkRow), order_id=order_id, **values)
