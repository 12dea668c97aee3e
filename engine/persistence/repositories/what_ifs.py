"""What somebody thought of entering into a calendar, and which dates it would move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import case, delete, func, insert, or_, select, update

from engine.persistence.base import table_of
from engine.persistence.models import Dossier, WhatIfLine, WhatIfRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_W, _L, _D = table_of(WhatIfRow).c, table_of(WhatIfLine).c, table_of(Dossier).c
# Late ones first, then those that are late no longer, then the others.
_ORDER = case({"late": 0, "cleared": 1}, value=_L.turn, else_=2)
_LINES = (
    select(_L.id, _D.code, _D.procedure_name, _D.deciding_unit_id, _L.due_before, _L.due_after, _L.turn, _L.why)
    .select_from(table_of(WhatIfLine).join(table_of(Dossier), _D.id == _L.dossier_id))
    .order_by(_ORDER, _L.id)
)
_NOTHING = dict.fromkeys(("done", "moved", "late", "cleared", "cursor"), 0)


class WhatIfs:
    """What-ifs, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def add(self, **facts: Any) -> int:
        """Keep a question; nothing of it is answered yet."""
        statement = insert(table_of(WhatIfRow)).values(**_NOTHING, cursor_rules="", **facts).returning(_W.id)
        return int(self._connection.scalar(statement) or 0)

    def find(self, number: int) -> Any:
        """A question with how far its answer is."""
        return self._connection.execute(select(*_W).where(_W.id == number)).one_or_none()

    def waiting(self) -> list[int]:
        """Questions without a whole answer, the oldest first."""
        return list(self._connection.scalars(select(_W.id).where(_W.finished_at.is_(None)).order_by(_W.id)))

    def claim(self, number: int, at: datetime, until: datetime) -> Any:
        """Take a question that nobody else answers now."""
        free = or_(_W.leased_until.is_(None), _W.leased_until < at)
        statement = update(table_of(WhatIfRow)).where(_W.id == number, _W.finished_at.is_(None), free)
        if self._connection.execute(statement.values(leased_until=until)).rowcount != 1:
            return None
        return self.find(number)

    def go_on(self, number: int, lines: Sequence[Mapping[str, Any]], **columns: Any) -> None:
        """Write what one batch found, and how far the answer is."""
        if lines:
            self._connection.execute(insert(table_of(WhatIfLine)), [{**line, "what_if_id": number} for line in lines])
        self._connection.execute(update(table_of(WhatIfRow)).where(_W.id == number).values(**columns))

    def page(self, number: int, limit: int, offset: int) -> Sequence[Any]:
        """Dossiers whose dates would move: late ones first."""
        return self._connection.execute(_LINES.where(_L.what_if_id == number).limit(limit).offset(offset)).all()

    def all_lines(self, number: int) -> Iterator[Any]:
        """Every one of them, read as it is asked for."""
        statement = _LINES.where(_L.what_if_id == number).execution_options(yield_per=1000)
        with self._connection.execute(statement) as rows:
            yield from rows

    def forget_before(self, at: datetime) -> None:
        """Throw away what was asked before `at`: an answer grows old with every dossier that moves on."""
        old = select(_W.id).where(_W.asked_at < at)
        self._connection.execute(delete(table_of(WhatIfLine)).where(_L.what_if_id.in_(old)))
        self._connection.execute(delete(table_of(WhatIfRow)).where(_W.asked_at < at))

    def count(self) -> int:
        """How many questions are kept."""
        return int(self._connection.scalar(select(func.count()).select_from(table_of(WhatIfRow))) or 0)
