"""Who stands in for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, insert, or_, select, update

from engine.domain.accounts import Delegation
from engine.domain.people import Role
from engine.persistence.base import table_of
from engine.persistence.models import DelegationRow, Person

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Connection

_D = table_of(DelegationRow).c
_ABSENT = table_of(Person).alias("absent")
_DELEGATE = table_of(Person).alias("delegate")
_ALL = (
    select(
        *(_D[name] for name in ("id", "absent_id", "delegate_id", "unit_id", "role", "starts_on", "ends_on")),
        *(_D[name] for name in ("document", "authority", "title", "made_by", "revoked_at")),
        _ABSENT.c.full_name.label("absent_name"),
        _DELEGATE.c.full_name.label("delegate_name"),
    )
    .join(_ABSENT, _ABSENT.c.id == _D.absent_id)
    .join(_DELEGATE, _DELEGATE.c.id == _D.delegate_id)
)
MOST = 200


class Delegations:
    """Absences and who fills them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def add(self, **columns: Any) -> int:
        """Write a delegation down; answers its id."""
        statement = insert(table_of(DelegationRow)).values(**columns).returning(_D.id)
        return int(self._connection.execute(statement).scalar_one())

    def find(self, delegation_id: int) -> Delegation | None:
        """One delegation."""
        found = self._read(_D.id == delegation_id)
        return found[0] if found else None

    def revoke(self, delegation_id: int, *, at: datetime, by: str) -> bool:
        """End a delegation before its time; False if that was done already."""
        statement = (
            update(table_of(DelegationRow))
            .where(_D.id == delegation_id, _D.revoked_at.is_(None))
            .values(revoked_at=at, revoked_by=by)
        )
        return self._connection.execute(statement).rowcount == 1

    def of(self, person_id: int) -> tuple[Delegation, ...]:
        """The delegations by and to somebody, the latest first."""
        return self._read(or_(_D.absent_id == person_id, _D.delegate_id == person_id))

    def of_units(self, unit_ids: Collection[int]) -> tuple[Delegation, ...]:
        """The delegations of roles in some units, the latest first."""
        return self._read(_D.unit_id.in_(unit_ids))

    def standing(self, person_id: int, starts_on: date, ends_on: date) -> tuple[Delegation, ...]:
        """The delegations by or to somebody that hold on some day between two."""
        overlaps = and_(_D.starts_on <= ends_on, _D.ends_on >= starts_on, _D.revoked_at.is_(None))
        return self._read(and_(or_(_D.absent_id == person_id, _D.delegate_id == person_id), overlaps))

    def _read(self, condition: ColumnElement[bool]) -> tuple[Delegation, ...]:
        rows = self._connection.execute(_ALL.where(condition).order_by(_D.id.desc()).limit(MOST)).mappings()
        return tuple(Delegation(**{**row, "role": Role(row["role"])}) for row in rows)
