"""The signing table: open steps of the units that a person leads, most urgent first, filtered where they are stored."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, and_, bindparam, func, or_, select, tuple_

from engine.domain.people import Role
from engine.domain.views import WorkItem
from engine.persistence.base import table_of
from engine.persistence.models import Dossier, OutcomeRow, Person, Task
from engine.persistence.queries.criteria import D, most_urgent_first
from engine.persistence.queries.lines import LINE_COLUMNS, StepFacts

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from engine.domain.people import Actor
    from engine.persistence.queries.lines import Facts, Lens

_T = table_of(Task).c
_P = table_of(Person).c
_O = table_of(OutcomeRow).c
_PLACES: BindParameter[Any] = bindparam("places", expanding=True)
_PERSON: BindParameter[Any] = bindparam("person")

# What somebody else of the same unit has taken is theirs to sign.
_WAITS = and_(
    _T.closed_at.is_(None),
    tuple_(_T.unit_id, _T.role).in_(_PLACES),
    or_(_T.claimed_by_id.is_(None), _T.claimed_by_id == _PERSON),
)
_COUNT = select(func.count()).select_from(table_of(Task)).where(_WAITS)
_COLUMNS = (
    _T.id.label("task_id"),
    _T.step_id,
    _T.name.label("step_name"),
    _T.role,
    _T.unit_id.label("step_unit_id"),
    _T.opened_at,
    _T.step_due_at,
    _T.slack_minutes,
    _T.claimed_by_id,
    _P.full_name.label("claimed_by_name"),
    *LINE_COLUMNS,
)


@cache
def _rows(*, extension_counts: bool) -> Select[*tuple[Any, ...]]:
    tables = (
        table_of(Task)
        .join(table_of(Dossier), D.id == _T.dossier_id)
        .outerjoin(table_of(OutcomeRow), _O.dossier_id == D.id)
        .outerjoin(table_of(Person), _P.id == _T.claimed_by_id)
    )
    order = (*most_urgent_first(extension_counts=extension_counts), _T.id.asc())
    return select(*_COLUMNS).select_from(tables).where(_WAITS).order_by(*order)


def waiting_for(connection: Connection, lens: Lens, actor: Actor, most: int) -> tuple[tuple[WorkItem, ...], int]:
    """What waits for the person's signature, the first `most`, and how many there are: two statements."""
    places = [(m.unit_id, m.role.value) for m in actor.memberships if m.role is Role.LEADER]
    if not places:
        return (), 0
    values = {"places": places, "person": actor.id}
    statement = _rows(extension_counts=lens.outlook.extension_counts).limit(most)
    rows = connection.execute(statement, values).mappings().all()
    total = len(rows) if len(rows) < most else connection.scalar(_COUNT, values) or 0
    return tuple(_item(lens, row) for row in rows), total


def _item(lens: Lens, row: Facts) -> WorkItem:
    holder = row["claimed_by_name"] or ""
    step = StepFacts(row["step_name"], lens.units.get(row["step_unit_id"]).name, holder)
    return WorkItem(
        task_id=row["task_id"],
        step_id=row["step_id"],
        step_name=row["step_name"],
        role=row["role"],
        opened_at=row["opened_at"],
        step_due_at=row["step_due_at"],
        claimed_by_id=row["claimed_by_id"],
        claimed_by_name=holder,
        version=row["version"],
        dossier=lens.line(row, step=step, letters=()),
        slack_minutes=row["slack_minutes"],
    )
