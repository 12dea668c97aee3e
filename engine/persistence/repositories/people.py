"""Units, people and their sessions, heartbeats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from engine.domain.people import Actor, Membership, Role, Unit
from engine.persistence.base import table_of
from engine.persistence.models import Heartbeat, MembershipRow, Person, UnitRow, WebSession
from engine.persistence.records import PersonRecord
from engine.persistence.statements import upsert

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import Connection

_P = table_of(Person).c
_S = table_of(WebSession).c
_M = table_of(MembershipRow).c
_SESSION = (
    select(_P.id, _P.username, _P.full_name, _S.seen_at)
    .join(table_of(WebSession), _S.person_id == _P.id)
    .where(_S.token_hash == bindparam("key"), _S.ended_at.is_(None), _P.is_active)
)
_MEMBERSHIPS = select(_M.unit_id, _M.role).where(_M.person_id == bindparam("key")).order_by(_M.id)

_UNITS_LED = (
    select(_M.unit_id)
    .join(table_of(Person), _P.id == _M.person_id)
    .where(_M.unit_id.in_(bindparam("units", expanding=True)), _M.role == Role.LEADER.value, _P.is_active)
    .distinct()
)


class People:
    """Accounts and sessions."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def by_username(self, username: str) -> PersonRecord | None:
        """Read an account."""
        columns = (_P[name] for name in PersonRecord.__dataclass_fields__)
        row = self._connection.execute(select(*columns).where(_P.username == username)).mappings().one_or_none()
        return PersonRecord(**row) if row else None

    def actor(self, person_id: int, username: str, full_name: str) -> Actor:
        """The actor behind an account, with the roles held now."""
        rows = self._connection.execute(_MEMBERSHIPS, {"key": person_id})
        return Actor(person_id, username, full_name, tuple(Membership(row.unit_id, Role(row.role)) for row in rows))

    def add(
        self, *, username: str, full_name: str, password_hash: str, is_demo: bool, memberships: Iterable[Membership]
    ) -> int:
        """Open an account with its roles."""
        statement = insert(table_of(Person)).values(
            username=username, full_name=full_name, password_hash=password_hash, is_demo=is_demo
        )
        person_id = int(self._connection.execute(statement.returning(_P.id)).scalar_one())
        for membership in memberships:
            self._connection.execute(
                insert(table_of(MembershipRow)),
                {"person_id": person_id, "unit_id": membership.unit_id, "role": membership.role.value},
            )
        return person_id

    def count_wrong_try(self, person_id: int) -> int:
        """Count a wrong password; answers how many there were in a row."""
        statement = (
            update(Person).where(_P.id == person_id).values(failed_tries=_P.failed_tries + 1).returning(_P.failed_tries)
        )
        return int(self._connection.execute(statement).scalar_one())

    def note_tries(self, person_id: int, *, failed: int, locked_until: datetime | None) -> None:
        """Keep count of wrong passwords."""
        self._connection.execute(
            update(table_of(Person)).where(_P.id == person_id).values(failed_tries=failed, locked_until=locked_until)
        )

    def start_session(self, token_hash: str, person_id: int, at: datetime) -> None:
        """Open a session."""
        self._connection.execute(
            insert(table_of(WebSession)),
            {"token_hash": token_hash, "person_id": person_id, "started_at": at, "seen_at": at},
        )

    def session(self, token_hash: str) -> tuple[Actor, datetime] | None:
        """Who holds a session, and when it was last used; None if there is none or it was ended."""
        row = self._connection.execute(_SESSION, {"key": token_hash}).one_or_none()
        return (self.actor(row.id, row.username, row.full_name), row.seen_at) if row else None

    def touch_session(self, token_hash: str, at: datetime) -> None:
        """Note that a session was used."""
        self._connection.execute(update(table_of(WebSession)).where(_S.token_hash == token_hash).values(seen_at=at))

    def end_session(self, token_hash: str, at: datetime) -> None:
        """End a session for good."""
        self._connection.execute(
            update(table_of(WebSession)).where(_S.token_hash == token_hash, _S.ended_at.is_(None)).values(ended_at=at)
        )

    def forget_sessions(self, before: datetime) -> None:
        """Drop sessions that nobody has used since `before`."""
        self._connection.execute(delete(table_of(WebSession)).where(_S.seen_at < before))

    def units_led(self, unit_ids: Collection[int]) -> frozenset[int]:
        """Which of some units have a leader whose account is open."""
        if not unit_ids:
            return frozenset()
        return frozenset(self._connection.scalars(_UNITS_LED, {"units": list(unit_ids)}))

    def demo_accounts(self) -> list[tuple[str, str, str, str]]:
        """Username, name, role and unit of each demonstration account."""
        unit = table_of(UnitRow).c
        statement = (
            select(_P.username, _P.full_name, _M.role, unit.name)
            .join(table_of(MembershipRow), _M.person_id == _P.id)
            .join(table_of(UnitRow), unit.id == _M.unit_id)
            .where(_P.is_demo, _P.is_active)
            .order_by(_P.id, _M.id)
        )
        return [tuple(row) for row in self._connection.execute(statement)]

    def count(self) -> int:
        """How many accounts there are."""
        return self._connection.scalar(select(func.count()).select_from(table_of(Person))) or 0


class Installation:
    """Units and heartbeats."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def units(self) -> list[Unit]:
        """Every unit, in the order in which they were entered."""
        rows = self._connection.execute(select(table_of(UnitRow)).order_by(table_of(UnitRow).c.id)).mappings()
        return [
            Unit(
                id=row["id"],
                code=row["code"],
                name=row["name"],
                kind=row["kind"],
                parent_id=row["parent_id"],
                **row["facts"],
            )
            for row in rows
        ]

    def put_unit(self, *, code: str, name: str, kind: str, parent_id: int | None, facts: dict[str, Any]) -> int:
        """Enter a unit or bring its facts up to date; answers its id."""
        upsert(
            self._connection,
            table_of(UnitRow),
            "code",
            code=code,
            name=name,
            kind=kind,
            parent_id=parent_id,
            facts=facts,
            is_active=True,
        )
        return int(self._connection.scalar(select(table_of(UnitRow).c.id).where(table_of(UnitRow).c.code == code)) or 0)

    def beat(self, name: str, at: datetime, detail: dict[str, Any]) -> None:
        """Note that a repeated job finished."""
        upsert(self._connection, table_of(Heartbeat), "name", name=name, at=at, detail=detail)

    def heartbeat(self, name: str) -> tuple[datetime, dict[str, Any]] | None:
        """When a repeated job last finished, and what it found."""
        row = self._connection.execute(
            select(table_of(Heartbeat)).where(table_of(Heartbeat).c.name == name)
        ).one_or_none()
        return (row.at, row.detail) if row else None
