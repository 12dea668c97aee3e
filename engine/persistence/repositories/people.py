"""Units, people, heartbeats."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, Integer, String, bindparam, cast, delete, func, insert, literal, select, union_all, update

from engine.domain.people import Actor, Membership, Principal, Role, Unit
from engine.persistence.base import table_of
from engine.persistence.models import DelegationRow, Heartbeat, MembershipRow, Person, UnitRow
from engine.persistence.records import PersonRecord
from engine.persistence.statements import upsert

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import Connection, Row

_P = table_of(Person).c
_M = table_of(MembershipRow).c
_D = table_of(DelegationRow).c
_OWN = select(
    literal(0).label("place"),
    _M.id,
    _M.unit_id,
    _M.role,
    *(cast(None, kind).label(name) for name, kind in (("absent_id", Integer), ("username", String))),
    *(cast(None, String).label(name) for name in ("full_name", "authority", "title")),
).where(_M.person_id == bindparam("key"))
# What somebody holds for a colleague who is away: as long as that one is here and holds it.
_LENT = (
    select(literal(1), _D.id, _D.unit_id, _D.role, _D.absent_id, _P.username, _P.full_name, _D.authority, _D.title)
    .join(table_of(Person), _P.id == _D.absent_id)
    .join(table_of(MembershipRow), (_M.person_id == _D.absent_id) & (_M.unit_id == _D.unit_id) & (_M.role == _D.role))
    .where(
        _D.delegate_id == bindparam("key"),
        _D.starts_on <= bindparam("day", type_=Date),
        _D.ends_on >= bindparam("day", type_=Date),
        _D.revoked_at.is_(None),
        _P.is_active,
    )
)
_HELD = union_all(_OWN, _LENT).subquery()
_MEMBERSHIPS = select(_HELD).order_by(_HELD.c.place, _HELD.c.id)

_UNITS_LED = (
    select(_M.unit_id)
    .join(table_of(Person), _P.id == _M.person_id)
    .where(_M.unit_id.in_(bindparam("units", expanding=True)), _M.role == Role.LEADER.value, _P.is_active)
    .distinct()
)


# The day on which nobody stands in for anybody.
NEVER = date.min


def _membership(row: Row[Any]) -> Membership:
    absent = None
    if row.absent_id is not None:
        absent = Principal(row.absent_id, row.username, row.full_name, row.authority, row.title)
    return Membership(row.unit_id, Role(row.role), absent)


class People:
    """Accounts."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def by_username(self, username: str) -> PersonRecord | None:
        """Read an account."""
        columns = (_P[name] for name in PersonRecord.__dataclass_fields__)
        row = self._connection.execute(select(*columns).where(_P.username == username)).mappings().one_or_none()
        return PersonRecord(**row) if row else None

    def by_id(self, person_id: int) -> PersonRecord | None:
        """Read an account."""
        columns = (_P[name] for name in PersonRecord.__dataclass_fields__)
        row = self._connection.execute(select(*columns).where(_P.id == person_id)).mappings().one_or_none()
        return PersonRecord(**row) if row else None

    def actor(self, person_id: int, username: str, full_name: str, on: date = NEVER) -> Actor:
        """The actor behind an account, with the roles held now, and those held for others `on` a day if one is said."""
        rows = self._connection.execute(_MEMBERSHIPS, {"key": person_id, "day": on})
        return Actor(person_id, username, full_name, tuple(_membership(row) for row in rows))

    def add(
        self, *, username: str, full_name: str, password_hash: str, memberships: Iterable[Membership], **columns: Any
    ) -> int:
        """Open an account with its roles."""
        statement = insert(table_of(Person)).values(
            username=username, full_name=full_name, password_hash=password_hash, **columns
        )
        person_id = int(self._connection.execute(statement.returning(_P.id)).scalar_one())
        self.put_memberships(person_id, memberships)
        return person_id

    def change(self, person_id: int, **columns: Any) -> None:
        """Change columns of an account."""
        self._connection.execute(update(table_of(Person)).where(_P.id == person_id).values(**columns))

    def use_code(self, person_id: int, step: int) -> bool:
        """Note the half minute of a one-time code; False if it, or a later one, was used by somebody meanwhile."""
        statement = update(table_of(Person)).where(_P.id == person_id, _P.totp_last_step < step)
        return self._connection.execute(statement.values(totp_last_step=step)).rowcount == 1

    def put_memberships(self, person_id: int, memberships: Iterable[Membership]) -> None:
        """Let somebody hold exactly these roles."""
        self._connection.execute(delete(table_of(MembershipRow)).where(_M.person_id == person_id))
        for membership in memberships:
            self._connection.execute(
                insert(table_of(MembershipRow)),
                {"person_id": person_id, "unit_id": membership.unit_id, "role": membership.role.value},
            )

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

    def units_led(self, unit_ids: Collection[int]) -> frozenset[int]:
        """Which of some units have a leader whose account is open."""
        if not unit_ids:
            return frozenset()
        return frozenset(self._connection.scalars(_UNITS_LED, {"units": list(unit_ids)}))

    def working_in(self, unit_ids: Collection[int]) -> tuple[tuple[str, str], ...]:
        """Username and name of everybody who holds a role in one of some units, by name."""
        statement = (
            select(_P.username, _P.full_name)
            .join(table_of(MembershipRow), _M.person_id == _P.id)
            .where(_P.is_active, _M.unit_id.in_(unit_ids))
            .distinct()
            .order_by(_P.full_name, _P.username)
        )
        return tuple((row.username, row.full_name) for row in self._connection.execute(statement))

    def held_in(self, unit_ids: Collection[int]) -> tuple[tuple[str, str, Membership], ...]:
        """Username and name of everybody who holds a role in one of some units, with each role, by name."""
        statement = (
            select(_P.username, _P.full_name, _M.unit_id, _M.role)
            .join(table_of(MembershipRow), _M.person_id == _P.id)
            .where(_P.is_active, _M.unit_id.in_(unit_ids))
            .order_by(_P.full_name, _M.id)
        )
        rows = self._connection.execute(statement)
        return tuple((row.username, row.full_name, Membership(row.unit_id, Role(row.role))) for row in rows)

    def accounts(self) -> list[tuple[PersonRecord, tuple[Membership, ...]]]:
        """Every account with its roles, by name: there are as many as people work here."""
        held: dict[int, list[Membership]] = {}
        for row in self._connection.execute(select(_M.person_id, _M.unit_id, _M.role).order_by(_M.id)):
            held.setdefault(row.person_id, []).append(Membership(row.unit_id, Role(row.role)))
        columns = (_P[name] for name in PersonRecord.__dataclass_fields__)
        rows = self._connection.execute(select(*columns).order_by(_P.full_name, _P.id)).mappings()
        return [(PersonRecord(**row), tuple(held.get(row["id"], ()))) for row in rows]

    def admins(self, *, but: int = 0) -> int:
        """How many open accounts hold the role of an administrator, one left out."""
        statement = (
            select(func.count(func.distinct(_P.id)))
            .join(table_of(MembershipRow), _M.person_id == _P.id)
            .where(_P.is_active, _M.role == Role.ADMIN.value, _P.id != but)
        )
        return self._connection.scalar(statement) or 0

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
                is_active=row["is_active"],
                succeeded_by=tuple(int(each) for each in row["succeeded_by"].split(",") if each),
                **row["facts"],
            )
            for row in rows
        ]

    def change_unit(self, unit_id: int, **columns: Any) -> None:
        """Change columns of a unit."""
        unit = table_of(UnitRow)
        self._connection.execute(update(unit).where(unit.c.id == unit_id).values(**columns))

    def put_unit(self, *, code: str, name: str, kind: str, parent_id: int | None, facts: dict[str, Any]) -> int:
        """Enter a unit or bring its facts up to date; answers its id. One that was merged away stays so."""
        upsert(
            self._connection,
            table_of(UnitRow),
            "code",
            code=code,
            name=name,
            kind=kind,
            parent_id=parent_id,
            facts=facts,
        )
        return int(self._connection.scalar(select(table_of(UnitRow).c.id).where(table_of(UnitRow).c.code == code)) or 0)

    def beat(self, name: str, at: datetime, detail: dict[str, Any]) -> None:
        """Note that a repeated job finished."""
        upsert(self._connection, table_of(Heartbeat), "name", name=name, at=at, detail=detail)

    def touch(self, name: str) -> None:
        """Change nothing of a heartbeat, in a way that a database which only reads refuses."""
        beat = table_of(Heartbeat)
        self._connection.execute(update(beat).where(beat.c.name == name).values(name=name))

    def heartbeat(self, name: str) -> tuple[datetime, dict[str, Any]] | None:
        """When a repeated job last finished, and what it found."""
        row = self._connection.execute(
            select(table_of(Heartbeat)).where(table_of(Heartbeat).c.name == name)
        ).one_or_none()
        return (row.at, row.detail) if row else None
