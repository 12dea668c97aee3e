"""What a register says that cannot be right, or that was left lying: few rows, found by indexes of what is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from engine.domain.messages import STUCK
from engine.persistence.base import table_of
from engine.persistence.models import ClockEntryRow, Delivery, Dossier, Letter, OutboxEntry, Task
from engine.persistence.queries.board import BoardReader
from engine.persistence.queries.criteria import IS_OPEN, IS_PAUSED, concerns

_D, _T, _C = table_of(Dossier).c, table_of(Task).c, table_of(ClockEntryRow).c
_O, _L, _S = table_of(OutboxEntry).c, table_of(Letter).c, table_of(Delivery).c
_PAUSED = "paused"


class QualityReader:
    """What needs a second look, in the dossiers of some units."""

    def __init__(self, board: BoardReader, most: int) -> None:
        """Read at most so many rows of each kind; they are counted whole."""
        self._connection, self._values = board.connection, board.values
        self._everything = board.everything
        self._most = most

    def unassigned(self, before: datetime) -> tuple[int, Sequence[Any]]:
        """Steps opened before a moment that nobody has taken and that wait for nobody outside."""
        where = [_T.closed_at.is_(None), _T.claimed_by_id.is_(None), _T.waits_for.is_(None), _T.opened_at < before]
        if not self._everything:
            where.append(_T.unit_id.in_(self._values["units"]))
        source = table_of(Task).join(table_of(Dossier), _D.id == _T.dossier_id)
        return self._found((_D.code, _T.name, _T.unit_id, _T.opened_at), source, where, _T.opened_at)

    def paused(self, before: datetime) -> tuple[int, Sequence[Any]]:
        """Dossiers whose clock was stopped before a moment and has not run since."""
        since = (
            select(func.max(_C.at))
            .where(_C.dossier_id == _D.id, _C.kind == _PAUSED)
            .correlate(table_of(Dossier))
            .scalar_subquery()
        )
        where = [IS_PAUSED, concerns(everything=self._everything), since < before]
        columns = (_D.code, _D.procedure_name, _D.deciding_unit_id, since.label("since"))
        return self._found(columns, table_of(Dossier), where, since)

    def deciding(self) -> Sequence[tuple[int, int]]:
        """Units that decide on open dossiers, and on how many."""
        statement = (
            select(_D.deciding_unit_id, func.count())
            .where(IS_OPEN, concerns(everything=self._everything))
            .group_by(_D.deciding_unit_id)
        )
        return [(row[0], row[1]) for row in self._connection.execute(statement, self._values)]

    def letters(self) -> tuple[int, Sequence[Any]]:
        """Letters whose document could not be made, and that the machine has given up."""
        where = [_O.given_up_at.is_not(None), _O.done_at.is_(None), *self._of_units(_L.unit_id)]
        source = (
            table_of(OutboxEntry)
            .join(table_of(Letter), _L.id == _O.letter_id)
            .join(table_of(Dossier), _D.id == _L.dossier_id)
        )
        return self._found((_D.code, _L.title, _L.unit_id, _O.given_up_at), source, where, _O.given_up_at)

    def messages(self) -> tuple[int, Sequence[Any]]:
        """Messages that did not arrive, or of which nobody knows whether they did."""
        state = or_(*(_S.state == each.value for each in sorted(STUCK)))
        where = [state, *self._of_units(_S.unit_id)]
        source = table_of(Delivery).join(table_of(Dossier), _D.id == _S.dossier_id)
        return self._found((_D.code, _S.subject, _S.unit_id, _S.created_at), source, where, _S.created_at)

    def _of_units(self, column: Any) -> list[ColumnElement[bool]]:
        return [] if self._everything else [column.in_(self._values["units"])]

    def _found(self, columns: Any, source: Any, where: Any, order: Any) -> tuple[int, Sequence[Any]]:
        values = self._values
        count = self._connection.scalar(select(func.count()).select_from(source).where(*where), values) or 0
        rows = select(*columns).select_from(source).where(*where).order_by(order.asc(), _D.id).limit(self._most)
        return count, self._connection.execute(rows, values).all() if count else ()
