"""Letters in preparation: laid on the table when they become necessary, decided on once under a lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.domain.errors import NotFound
from engine.persistence.base import UtcDateTime, table_of
from engine.persistence.models import LetterDraft

APOLOGY = "apology"
WAITING, ISSUED, PUT_BACK, OBSOLETE = "waiting", "issued", "put_back", "obsolete"


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """A letter in preparation as it stands in its row. `created_by` is the machine, or who wrote or asked for it.

    `data` is the letter as it was written, without number; an apology, which is built anew, has dates instead.
    """

    id: int
    dossier_id: int
    unit_id: int
    form: str
    event_key: str
    due_at: datetime | None
    state: str
    reason_id: str
    reason: str
    new_due_at: datetime | None
    data: str | None
    created_at: datetime
    created_by: str
    decided_at: datetime | None
    decided_by: str | None
    note: str | None
    letter_id: int | None

    @property
    def missed_at(self) -> datetime:
        """The appointment that an apology is about."""
        assert self.due_at is not None, "only an apology is about a date"
        return self.due_at

    @property
    def offered_at(self) -> datetime:
        """The new appointment that an apology offers."""
        assert self.new_due_at is not None, "only an apology offers a date"
        return self.new_due_at


_A = table_of(LetterDraft).c
_DRAFT = select(*(_A[name] for name in DraftRecord.__dataclass_fields__))
_OF = _DRAFT.where(_A.dossier_id == bindparam("key")).order_by(_A.id)
_BY_ID = _DRAFT.where(_A.id == bindparam("key"))
_FOR = _DRAFT.where(
    _A.dossier_id == bindparam("key"), _A.form == APOLOGY, _A.due_at == bindparam("date", type_=UtcDateTime())
)
_ADD = insert(table_of(LetterDraft)).returning(*_DRAFT.selected_columns)


class Drafts:
    """Letters in preparation, as one transaction sees them. Whoever writes holds the lock of the dossier."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def of(self, dossier_id: int, form: str = "") -> list[DraftRecord]:
        """Every draft that a dossier ever had, of one form or of all, oldest first."""
        drafts = [DraftRecord(**row) for row in self._connection.execute(_OF, {"key": dossier_id}).mappings()]
        return [draft for draft in drafts if not form or draft.form == form]

    def find(self, draft_id: int) -> DraftRecord:
        """Read a draft; raises `NotFound`."""
        row = self._connection.execute(_BY_ID, {"key": draft_id}).mappings().one_or_none()
        if row is None:
            raise NotFound(what="dự thảo văn bản")
        return DraftRecord(**row)

    def for_date(self, dossier_id: int, due_at: datetime) -> DraftRecord | None:
        """The draft of the apology about one appointment, whatever became of it."""
        row = self._connection.execute(_FOR, {"key": dossier_id, "date": due_at}).mappings().one_or_none()
        return DraftRecord(**row) if row else None

    def waiting(self, dossier_id: int) -> DraftRecord | None:
        """The apology that waits for a decision; there is at most one."""
        return next((draft for draft in self.of(dossier_id, APOLOGY) if draft.state == WAITING), None)

    def add(self, **facts: Any) -> DraftRecord:
        """Lay a new draft on the table."""
        return DraftRecord(**self._connection.execute(_ADD, {**facts, "state": WAITING}).mappings().one())

    def change(self, draft_id: int, **facts: Any) -> None:
        """Change a draft: its words, its date, what became of it."""
        self._connection.execute(update(table_of(LetterDraft)).where(_A.id == draft_id).values(**facts))
