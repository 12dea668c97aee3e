"""Checks of hash chains in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine.persistence.base import table_of
from engine.persistence.models import AuditCheck

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

_T = table_of(AuditCheck)
_C = _T.c
_LATEST = 20


class AuditChecks:
    """Checks, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def add(self, **facts: Any) -> int:
        """Ask for a check; answers its number."""
        row = {"after_id": 0, "dossiers": 0, "events": 0, "broken": [], **facts}
        return int(self._connection.scalar(insert(_T).values(**row).returning(_C.id)) or 0)

    def unfinished(self) -> list[int]:
        """The checks that are to go on, the oldest first."""
        return list(self._connection.scalars(select(_C.id).where(_C.finished_at.is_(None)).order_by(_C.id)))

    def lock(self, number: int) -> Any:
        """Hold a check until this transaction ends."""
        self.change(number, id=number)
        return self.find(number)

    def find(self, number: int) -> Any:
        """One check, or None."""
        return self._connection.execute(select(_T).where(_C.id == number)).one_or_none()

    def latest(self, units: Collection[int]) -> Sequence[Any]:
        """The latest checks of some units."""
        statement = select(_T).where(_C.unit_id.in_(units)).order_by(_C.id.desc()).limit(_LATEST)
        return self._connection.execute(statement).all()

    def change(self, number: int, **columns: Any) -> None:
        """Change columns of a check."""
        self._connection.execute(update(_T).where(_C.id == number).values(**columns))
