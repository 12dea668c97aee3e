"""Steps that somebody has chosen in a list, with what it takes to act on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from engine.persistence.base import table_of
from engine.persistence.models import Dossier, Task

_T = table_of(Task).c
_D = table_of(Dossier).c
_CHOSEN = (
    select(
        *(_T.id, _T.step_id, _T.name, _T.role, _T.unit_id, _T.claimed_by_id, _T.closed_at),
        *(_D.code, _D.version, _D.definition_ref),
    )
    .select_from(table_of(Task).join(table_of(Dossier), _D.id == _T.dossier_id))
    .where(_T.id.in_(bindparam("ids", expanding=True)))
    .order_by(_T.urgent_at, _T.id)
)


@dataclass(frozen=True, slots=True)
class ChosenStep:
    """A step of a list, open or not."""

    id: int
    step_id: str
    name: str
    role: str
    unit_id: int
    claimed_by_id: int | None
    closed_at: datetime | None
    code: str
    version: int
    definition_ref: str


def chosen_steps(connection: Connection, task_ids: Collection[int]) -> list[ChosenStep]:
    """The steps with these ids, the most urgent first."""
    if not task_ids:
        return []
    return [ChosenStep(**row) for row in connection.execute(_CHOSEN, {"ids": list(task_ids)}).mappings()]
