"""Screens on walls: who made them, for which unit, and the hash of the secret that opens each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine.persistence.base import table_of
from engine.persistence.models import WallScreen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_W = table_of(WallScreen).c


class Walls:
    """Screens, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def add(self, **facts: Any) -> int:
        """Write a screen down; answers its number."""
        return int(self._connection.scalar(insert(table_of(WallScreen)).values(**facts).returning(_W.id)) or 0)

    def of_units(self, unit_ids: Iterable[int]) -> Sequence[Any]:
        """The screens of some units, the newest first; those that were revoked too."""
        statement = select(*_W).where(_W.unit_id.in_(sorted(unit_ids))).order_by(_W.id.desc())
        return self._connection.execute(statement).all()

    def by_token(self, token_hash: str) -> Any:
        """The screen that a secret opens, unless it was revoked."""
        statement = select(*_W).where(_W.token_hash == token_hash, _W.revoked_at.is_(None))
        return self._connection.execute(statement).one_or_none()

    def find(self, screen_id: int) -> Any:
        """A screen by its number."""
        return self._connection.execute(select(*_W).where(_W.id == screen_id)).one_or_none()

    def seen(self, screen_id: int, at: datetime) -> None:
        """Note that a screen shows."""
        self._connection.execute(update(table_of(WallScreen)).where(_W.id == screen_id).values(seen_at=at))

    def revoke(self, screen_id: int, *, at: datetime, by: str) -> None:
        """Let a screen show nothing from now on."""
        open_one = update(table_of(WallScreen)).where(_W.id == screen_id, _W.revoked_at.is_(None))
        self._connection.execute(open_one.values(revoked_at=at, revoked_by=by))
