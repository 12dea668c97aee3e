"""Open dossiers that another unit took over, as orders that merge or split units kept it: of which day each counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from sqlalchemy import Connection, or_, select

from engine.persistence.base import table_of
from engine.persistence.models import Dossier, ReorganisedRow
from engine.persistence.repositories.reorganisations import DOSSIER, movements

if TYPE_CHECKING:
    from collections.abc import Sequence

_D, _R = table_of(Dossier).c, table_of(ReorganisedRow).c


@dataclass(frozen=True, slots=True)
class Taken:
    """One dossier that was given to another deciding unit, and the local day of which that counts."""

    dossier_id: int
    day: date
    from_id: int
    to_id: int
    procedure_code: str
    channel: str


def taken_over(connection: Connection, after: date | None = None) -> Sequence[Taken]:
    """Every change of a deciding unit, there and back, in order; of those only that count of a day after `after`."""
    statement = (
        select(_R.dossier_id, _R.was, _R.now, _D.procedure_code, _D.channel)
        .join(table_of(Dossier), _D.id == _R.dossier_id)
        .where(_R.subject == DOSSIER)
        .order_by(_R.id)
    )
    if after is not None:  # nothing counts of a day after the one on which it was done; a day lasts no longer anywhere
        since = datetime.combine(after, time.min, UTC)
        statement = statement.where(or_(_R.at >= since, _R.reverted_at >= since))
    found = []
    for row in connection.execute(statement):
        for told, from_id, to_id in movements(row.was, row.now):
            day = date.fromisoformat(told)
            if from_id != to_id and (after is None or day > after):
                found.append(Taken(row.dossier_id, day, from_id, to_id, row.procedure_code, row.channel))
    return sorted(found, key=lambda each: each.day)


def first_homes(taken: Sequence[Taken]) -> dict[int, int]:
    """Which unit each of these dossiers had before the first of these changes."""
    homes: dict[int, int] = {}
    for each in taken:
        homes.setdefault(each.dossier_id, each.from_id)
    return homes
