"""How sendings of forms were answered, so that a repetition is answered alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select, update

from engine.persistence.base import table_of
from engine.persistence.models import DoneOnce

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_O = table_of(DoneOnce).c
_FIND = select(_O.location, _O.told).where(_O.key == bindparam("sent"), _O.person_id == bindparam("person"))
_ANSWER = (
    update(table_of(DoneOnce))
    .where(_O.key == bindparam("sent"), _O.location.is_(None))
    .values(location=bindparam("where_to"), told=bindparam("words"))
)


@dataclass(frozen=True, slots=True)
class Answered:
    """How a sending was answered: where its person was led, and what they were told (tone, sentence).

    `location` is None while the first sending is still being answered, and empty where it was answered by a page.
    """

    location: str | None
    told: tuple[tuple[str, str], ...] = ()


class DoneOnceBook:
    """Sendings that were carried out, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def find(self, key: str, person_id: int) -> Answered | None:
        """How a sending was answered; None if nothing was ever written on its behalf."""
        row = self._connection.execute(_FIND, {"sent": key, "person": person_id}).one_or_none()
        if row is None:
            return None
        return Answered(row.location, tuple((str(tone), str(words)) for tone, words in row.told or ()))

    def answer(self, key: str, location: str, told: tuple[tuple[str, str], ...]) -> None:
        """Keep how a sending was answered."""
        words = [list(line) for line in told]
        self._connection.execute(_ANSWER, {"sent": key, "where_to": location, "words": words})

    def forget(self, before: datetime) -> int:
        """Forget what was sent before a moment: no page is open that long. Answers how many there were."""
        return self._connection.execute(delete(table_of(DoneOnce)).where(_O.at < before)).rowcount
