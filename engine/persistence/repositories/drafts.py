"""Apologies in preparation: written when a date will not be kept, decided on once by whoever holds the dossier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.persistence.base import UtcDateTime, table_of
from engine.persistence.models import ApologyDraft

WAITING, ISSUED, PUT_BACK, OBSOLETE = "waiting", "issued", "put_back", "obsolete"


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """An apology in preparation as it stands in its row. `created_by` is the machine, or who asked for more time."""

    id: int
    dossier_id: int
    unit_id: int
    due_at: datetime
    state: str
    reason_id: str
    reason: str
    new_due_at: datetime
    created_at: datetime
    created_by: str
    decided_at: datetime | None
    decided_by: str | None
    note: str | None
    letter_id: int | None


_A = table_of(ApologyDraft).c
_DRAFT = select(*(_A[name] for name in DraftRecord.__dataclass_fields__))
_OF = _DRAFT.where(_A.dossier_id == bindparam("key")).order_by(_A.id)
_FOR = _DRAFT.where(_A.dossier_id == bindparam("key"), _A.due_at == bindparam("date", type_=UtcDateTime()))
_ADD = insert(table_of(ApologyDraft)).returning(*_DRAFT.selected_columns)


class Drafts:
    """Apologies in preparation, as one transaction sees them. Whoever writes holds the lock of the dossier."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def of(self, dossier_id: int) -> list[DraftRecord]:
        """Every draft that a dossier ever had, oldest first."""
        return [DraftRecord(**row) for row in self._connection.execute(_OF, {"key": dossier_id}).mappings()]

    def for_date(self, dossier_id: int, due_at: datetime) -> DraftRecord | None:
        """The draft about one appointment, whatever became of it."""
        row = self._connection.execute(_FOR, {"key": dossier_id, "date": due_at}).mappings().one_or_none()
        return DraftRecord(**row) if row else None

    def waiting(self, dossier_id: int) -> DraftRecord | None:
        """The draft that waits for a decision; there is at most one."""
        return next((draft for draft in self.of(dossier_id) if draft.state == WAITING), None)

    def add(self, **facts: Any) -> DraftRecord:
        """Lay a new draft on the table."""
        return DraftRecord(**self._connection.execute(_ADD, {**facts, "state": WAITING}).mappings().one())

    def change(self, draft_id: int, **facts: Any) -> None:
        """Change a draft: its words, its date, what became of it."""
        self._connection.execute(update(table_of(ApologyDraft)).where(_A.id == draft_id).values(**facts))
