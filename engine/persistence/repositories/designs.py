"""Drafts of procedures: files and what is known of them, changed by one person at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine.domain.errors import Conflict, NotFound
from engine.persistence.base import table_of
from engine.persistence.models import Design, DesignEvent

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

OPEN, WAITING, PUBLISHED, DELETED = "open", "waiting", "published", "deleted"
_D, _E = table_of(Design).c, table_of(DesignEvent).c


class DesignChanged(Conflict):
    """Bản nháp {dossier_code} vừa được người khác sửa. Hãy tải lại trang rồi làm lại thay đổi của bạn."""

    code = "design_changed"


@dataclass(frozen=True, slots=True)
class DesignRecord:
    """A draft as it stands in its row."""

    id: int
    stem: str
    code: str
    name: str
    state: str
    version: int
    files: bytes
    look: dict[str, Any]
    changes: list[Any]
    trial: dict[str, Any]
    told: dict[str, Any]
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    asked_at: datetime | None
    asked_by: str


class Designs:
    """Drafts, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def add(self, **values: Any) -> int:
        """Keep a new draft; answers its number."""
        values = {"version": 1, "state": OPEN, "trial": {}, "told": {}, "asked_at": None, "asked_by": "", **values}
        result = self._connection.execute(insert(table_of(Design)).values(**values).returning(_D.id))
        return int(result.scalar_one())

    def change(self, design_id: int, version: int, **values: Any) -> None:
        """Change a draft that nobody has changed since `version`; raises `DesignChanged`."""
        statement = (
            update(table_of(Design))
            .where(_D.id == design_id, _D.version == version, _D.state.in_((OPEN, WAITING)))
            .values(version=version + 1, **values)
        )
        if self._connection.execute(statement).rowcount != 1:
            raise DesignChanged(dossier_code=design_id)

    def get(self, design_id: int) -> DesignRecord:
        """The draft of a number; raises `NotFound`, also once it was deleted."""
        row = self._connection.execute(select(table_of(Design)).where(_D.id == design_id)).mappings().one_or_none()
        if row is None or row["state"] == DELETED:
            raise NotFound(what=f"bản nháp số {design_id}")
        return DesignRecord(**{**row, "files": bytes(row["files"])})

    def all(self, most: int = 100) -> list[DesignRecord]:
        """Every draft that was not deleted, the one changed last first."""
        statement = (
            select(table_of(Design)).where(_D.state != DELETED).order_by(_D.updated_at.desc(), _D.id.desc()).limit(most)
        )
        rows = self._connection.execute(statement).mappings()
        return [DesignRecord(**{**row, "files": bytes(row["files"])}) for row in rows]

    def note(self, design_id: int, kind: str, *, at: datetime, by: str, **data: Any) -> None:
        """Write down what somebody did."""
        row = {"design_id": design_id, "kind": kind, "at": at, "by": by, "data": data}
        self._connection.execute(insert(table_of(DesignEvent)), row)

    def events(self, design_id: int) -> list[dict[str, Any]]:
        """What was done about a draft, the latest first."""
        statement = select(table_of(DesignEvent)).where(_E.design_id == design_id).order_by(_E.id.desc())
        return [dict(row) for row in self._connection.execute(statement).mappings()]
