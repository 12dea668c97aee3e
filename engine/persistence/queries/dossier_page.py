"""What the page of one dossier needs besides its own row: who had to do with it, names, what it counted as."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select, union

from engine.domain.views import OutcomeView
from engine.persistence.base import table_of
from engine.persistence.models import Opinion, OutcomeRow, Person, Task
from engine.persistence.records import DossierRecord

_O = table_of(OutcomeRow).c
_P = table_of(Person).c
_T = table_of(Task).c
_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_NAMES = select(_P.username, _P.full_name).where(_P.username.in_(_KEYS))
_NAMES_BY_ID = select(_P.id, _P.full_name).where(_P.id.in_(_KEYS))
_OUTCOME = select(table_of(OutcomeRow)).where(_O.dossier_id == bindparam("key"))
_ASKED = table_of(Opinion).c
# Who had a step of a dossier, and who was asked about it.
_STEP_UNITS = union(
    select(_T.unit_id).where(_T.dossier_id == bindparam("key")),
    select(_ASKED.unit_id).where(_ASKED.dossier_id == bindparam("key")),
)


class DossierPage:
    """Readings for the page of one dossier, each one statement."""

    def __init__(self, connection: Connection) -> None:
        """Read over an open transaction."""
        self._connection = connection

    def involved_units(self, dossier: DossierRecord) -> frozenset[int]:
        """The units that received the dossier, decide on it, have or had a step of it, or were asked about it."""
        passed = self._connection.scalars(_STEP_UNITS, {"key": dossier.id})
        return frozenset({dossier.unit_id, dossier.deciding_unit_id, *passed})

    def names(self, usernames: Collection[str]) -> Mapping[str, str]:
        """Full names by username; unknown ones are left out."""
        if not usernames:
            return {}
        return {row.username: row.full_name for row in self._connection.execute(_NAMES, {"keys": sorted(usernames)})}

    def names_by_id(self, person_ids: Collection[int]) -> Mapping[int, str]:
        """Full names by id."""
        if not person_ids:
            return {}
        return {row.id: row.full_name for row in self._connection.execute(_NAMES_BY_ID, {"keys": sorted(person_ids)})}

    def outcome(self, dossier_id: int) -> OutcomeView | None:
        """What the dossier counted as; None while it is open."""
        row = self._connection.execute(_OUTCOME, {"key": dossier_id}).mappings().one_or_none()
        if row is None:
            return None
        return OutcomeView(**{name: row[name] for name in OutcomeView.__dataclass_fields__})
