"""The signing table: open steps of the units that a person leads, most urgent first, filtered where they are stored."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select

from engine.domain.people import Role
from engine.domain.permissions import places_of
from engine.persistence.base import table_of
from engine.persistence.models import Task
from engine.persistence.queries.criteria import most_urgent_first
from engine.persistence.queries.work_items import ITEM_COLUMNS, ITEMS, work_item
from engine.persistence.queries.work_rows import IS_DOABLE, IS_OPEN, T

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from engine.domain.people import Actor
    from engine.domain.views import WorkItem
    from engine.persistence.queries.lines import Lens

_WAITS = and_(IS_OPEN, IS_DOABLE)
_COUNT = select(func.count()).select_from(table_of(Task)).where(_WAITS)


@cache
def _rows(*, extension_counts: bool) -> Select[*tuple[Any, ...]]:
    order = (*most_urgent_first(extension_counts=extension_counts), T.id.asc())
    return select(*ITEM_COLUMNS).select_from(ITEMS).where(_WAITS).order_by(*order)


def waiting_for(connection: Connection, lens: Lens, actor: Actor, most: int) -> tuple[tuple[WorkItem, ...], int]:
    """What waits for the person's signature, the first `most`, and how many there are: two statements."""
    places = sorted(places_of(actor, {Role.LEADER}))
    if not places:
        return (), 0
    values = {"memberships": places, "hands": sorted(actor.hands)}
    statement = _rows(extension_counts=lens.outlook.extension_counts).limit(most)
    rows = connection.execute(statement, values).mappings().all()
    total = len(rows) if len(rows) < most else connection.scalar(_COUNT, values) or 0
    return tuple(work_item(lens, row) for row in rows), total
