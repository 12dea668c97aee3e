"""Sessions, recovery codes, and what was done about accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from engine.persistence.base import table_of
from engine.persistence.models import AccessEvent, Person, RecoveryCode, WebSession

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

_P = table_of(Person).c
_S = table_of(WebSession).c
_R = table_of(RecoveryCode).c
_E = table_of(AccessEvent).c
_SESSION = (
    select(
        _P.id.label("person_id"),
        _P.username,
        _P.full_name,
        _P.is_demo,
        _P.must_change_password,
        _P.totp_since.is_not(None).label("has_codes"),
        _S.started_at,
        _S.seen_at,
        _S.confirmed_at,
        _S.needs_code,
        _S.method,
    )
    .join(table_of(WebSession), _S.person_id == _P.id)
    .where(_S.token_hash == bindparam("key"), _S.ended_at.is_(None), _P.is_active)
)


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """An open session, and what its person owes."""

    person_id: int
    username: str
    full_name: str
    is_demo: bool
    must_change_password: bool
    has_codes: bool
    started_at: datetime
    seen_at: datetime
    confirmed_at: datetime | None
    needs_code: bool
    method: str


class Sessions:
    """Signed-in browsers."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def start(self, token_hash: str, person_id: int, at: datetime, **facts: Any) -> None:
        """Open a session."""
        row = {"token_hash": token_hash, "person_id": person_id, "started_at": at, "seen_at": at, **facts}
        self._connection.execute(insert(table_of(WebSession)), row)

    def find(self, token_hash: str) -> SessionRecord | None:
        """An open session; None if there is none, it was ended, or the account is closed."""
        row = self._connection.execute(_SESSION, {"key": token_hash}).mappings().one_or_none()
        return SessionRecord(**row) if row else None

    def change(self, key: str, /, **columns: Any) -> None:
        """Change columns of a session; another `token_hash` among them turns the key."""
        self._connection.execute(update(table_of(WebSession)).where(_S.token_hash == key).values(**columns))

    def end(self, token_hash: str, at: datetime) -> None:
        """End a session for good."""
        self._connection.execute(
            update(table_of(WebSession)).where(_S.token_hash == token_hash, _S.ended_at.is_(None)).values(ended_at=at)
        )

    def end_all(self, person_id: int, at: datetime, *, but: str = "") -> int:
        """End every session of somebody but the one with a hash; answers how many were open."""
        statement = (
            update(table_of(WebSession))
            .where(_S.person_id == person_id, _S.ended_at.is_(None), _S.token_hash != but)
            .values(ended_at=at)
        )
        return self._connection.execute(statement).rowcount

    def end_one(self, person_id: int, ref: str, at: datetime) -> bool:
        """End the session of somebody that the first signs of its hash name."""
        statement = (
            update(table_of(WebSession))
            .where(_S.person_id == person_id, _S.ended_at.is_(None), func.substr(_S.token_hash, 1, len(ref)) == ref)
            .values(ended_at=at)
        )
        return self._connection.execute(statement).rowcount > 0

    def open_of(self, person_id: int, seen_since: datetime, started_since: datetime) -> list[RowMapping]:
        """The sessions of somebody that were used lately, the latest first."""
        statement = (
            select(table_of(WebSession))
            .where(
                _S.person_id == person_id,
                _S.ended_at.is_(None),
                _S.seen_at >= seen_since,
                _S.started_at >= started_since,
            )
            .order_by(_S.seen_at.desc())
        )
        return list(self._connection.execute(statement).mappings())

    def forget(self, before: datetime) -> None:
        """Drop sessions that nobody has used since `before`."""
        self._connection.execute(delete(table_of(WebSession)).where(_S.seen_at < before))


class Proofs:
    """Recovery codes, and the record of what was done about accounts."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def put_recovery_codes(self, person_id: int, hashes: Iterable[str]) -> None:
        """Give somebody new recovery codes in place of the old ones."""
        self._connection.execute(delete(table_of(RecoveryCode)).where(_R.person_id == person_id))
        rows = [{"person_id": person_id, "code_hash": each} for each in hashes]
        if rows:
            self._connection.execute(insert(table_of(RecoveryCode)), rows)

    def use_recovery_code(self, person_id: int, code_hash: str, at: datetime) -> bool:
        """Use a recovery code up; False if there is none like it, or it was used."""
        statement = (
            update(table_of(RecoveryCode))
            .where(_R.person_id == person_id, _R.code_hash == code_hash, _R.used_at.is_(None))
            .values(used_at=at)
        )
        return self._connection.execute(statement).rowcount == 1

    def count_recovery_codes(self, person_id: int) -> int:
        """How many recovery codes somebody has left."""
        statement = select(func.count()).where(_R.person_id == person_id, _R.used_at.is_(None))
        return self._connection.scalar(statement) or 0

    def record(self, kind: str, /, *, by: str, at: datetime, person_id: int | None = None, **data: Any) -> None:
        """Write down what was done about an account: never a password, a code or a token."""
        row = {"kind": kind, "by": by, "at": at, "person_id": person_id, "data": data}
        self._connection.execute(insert(table_of(AccessEvent)), row)

    def events(self, person_id: int | None = None, *, most: int, offset: int = 0) -> list[RowMapping]:
        """What was done about one account or all, the latest first."""
        statement = select(table_of(AccessEvent), _P.username, _P.full_name).outerjoin(
            table_of(Person), _P.id == _E.person_id
        )
        if person_id is not None:
            statement = statement.where(_E.person_id == person_id)
        else:  # what inspectors look at is in the trail: nothing was done
            statement = statement.where(_E.kind != "looked_at")
        return list(self._connection.execute(statement.order_by(_E.id.desc()).limit(most).offset(offset)).mappings())
