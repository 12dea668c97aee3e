"""Hand-overs of results, and the tokens of surveys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from engine.persistence.base import table_of
from engine.persistence.models import HandOverRow, SurveyToken

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection

_H, _S = table_of(HandOverRow).c, table_of(SurveyToken).c
_OF_DOSSIER = select(table_of(HandOverRow)).where(_H.dossier_id == bindparam("key"))
_OF_TOKEN = select(table_of(SurveyToken)).where(_S.token_hash == bindparam("key"))
_TOKENS_OF = select(table_of(SurveyToken)).where(_S.dossier_id == bindparam("key")).order_by(_S.id.desc())


@dataclass(frozen=True, slots=True)
class HandOverRecord:
    """A hand-over as it stands in its row."""

    dossier_id: int
    unit_id: int
    at: datetime
    by: str
    method: str
    receiver_kind: str
    receiver_name: str
    identity_tail: str
    authorisation: str
    result_number: str
    result_on: date | None
    signed: bool
    postal_code: str


@dataclass(frozen=True, slots=True)
class SurveyTokenRecord:
    """A token as it stands in its row."""

    id: int
    token_hash: str
    dossier_id: int
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None
    channel: str


class HandOvers:
    """Hand-overs, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def add(self, **facts: Any) -> None:
        """Write down a hand-over; the database refuses a second one of the same dossier."""
        self._connection.execute(insert(table_of(HandOverRow)), facts)

    def of(self, dossier_id: int) -> HandOverRecord | None:
        """The hand-over of a dossier, if its result has left the desk."""
        row = self._connection.execute(_OF_DOSSIER, {"key": dossier_id}).mappings().one_or_none()
        return HandOverRecord(**row) if row else None


class SurveyTokens:
    """Tokens, as one transaction sees them. A token is named by its hash: see `engine.domain.survey_tokens`."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def add(self, **facts: Any) -> None:
        """Keep a new token."""
        self._connection.execute(insert(table_of(SurveyToken)), facts)

    def find(self, token_hash: str) -> SurveyTokenRecord | None:
        """The token of a hash, used, expired or not."""
        row = self._connection.execute(_OF_TOKEN, {"key": token_hash}).mappings().one_or_none()
        return SurveyTokenRecord(**row) if row else None

    def of(self, dossier_id: int) -> list[SurveyTokenRecord]:
        """The tokens of a dossier, the latest first."""
        rows = self._connection.execute(_TOKENS_OF, {"key": dossier_id}).mappings()
        return [SurveyTokenRecord(**row) for row in rows]

    def use(self, token_id: int, at: datetime) -> bool:
        """Use a token up; False if somebody has used it already or it has expired."""
        statement = (
            update(table_of(SurveyToken))
            .where(_S.id == token_id, _S.used_at.is_(None), _S.expires_at > at)
            .values(used_at=at)
        )
        return self._connection.execute(statement).rowcount == 1

    def expire(self, dossier_id: int, at: datetime) -> None:
        """Let every token of a dossier that nobody has used end now: another one takes its place."""
        statement = (
            update(table_of(SurveyToken))
            .where(_S.dossier_id == dossier_id, _S.used_at.is_(None), _S.expires_at > at)
            .values(expires_at=at)
        )
        self._connection.execute(statement)
