"""Appointments that were missed in a period, and what was written about each: what the reports on lateness count."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, exists, func, null, or_, select, union_all
from sqlalchemy.orm import aliased

from engine.domain.lateness_report import Missed
from engine.persistence.base import UtcDateTime, table_of
from engine.persistence.models import Dossier, Letter, LetterDraft, OverdueFact
from engine.persistence.queries.criteria import UNITS

_D = table_of(Dossier).c
_L = table_of(Letter).c
_F = table_of(OverdueFact).c
_A = table_of(LetterDraft).c
_START, _END = bindparam("start", type_=UtcDateTime()), bindparam("end", type_=UtcDateTime())
_ROWS_AT_ONCE = 2000
_OF_DOSSIER = (_D.code, _D.procedure_code, _D.procedure_name, _D.deciding_unit_id, _D.resolved_at, _D.ended_at)
_OF_LETTER = (_L.number_text, _L.issued_at, _L.new_due_at, _L.delivered_at)
_DONE_AT = func.coalesce(_D.resolved_at, _D.ended_at, type_=UtcDateTime())
_EARLIER = aliased(table_of(Letter))


def _apology_about(missed: Any) -> Any:
    return and_(_L.dossier_id == _D.id, _L.form == "apology", _L.cancelled_at.is_(None), _L.missed_due_at == missed)


def _was_made_anew(missed: Any) -> Any:
    """Whether the missed date was itself the one that an apology, or its draft, had offered."""
    offered = select(_EARLIER.c.id).where(
        _EARLIER.c.dossier_id == _D.id,
        _EARLIER.c.form == "apology",
        _EARLIER.c.cancelled_at.is_(None),
        _EARLIER.c.missed_due_at < missed,
    )
    in_phase = and_(_D.first_due_at < missed, _D.due_at == missed)
    promised = exists(offered.where(_EARLIER.c.new_due_at == missed)).correlate(
        table_of(Dossier), table_of(OverdueFact)
    )
    return or_(promised, and_(in_phase, exists(offered).correlate(table_of(Dossier), table_of(OverdueFact))))


_WAITS = exists(select(_A.id).where(_A.dossier_id == _D.id, _A.form == "apology", _A.state == "waiting")).correlate(
    table_of(Dossier)
)
_FOUND = (
    select(
        _F.missed_due_at,
        _F.found_at,
        *_OF_DOSSIER,
        *_OF_LETTER,
        _was_made_anew(_F.missed_due_at).label("is_second"),
        _WAITS.label("is_waiting"),
    )
    .select_from(
        table_of(OverdueFact)
        .join(table_of(Dossier), _D.id == _F.dossier_id)
        .outerjoin(table_of(Letter), _apology_about(_F.missed_due_at))
    )
    # A date that the calendar moved after all, or that was missed only by recording late, was not missed.
    .where(
        _F.kind == "overdue",
        _F.moved_at.is_(None),
        _F.recorded_late.is_(False),
        _F.missed_due_at >= _START,
        _F.missed_due_at < _END,
    )
)
_IS_FOUND = exists(
    select(_F.id).where(_F.dossier_id == _L.dossier_id, _F.kind == "overdue", _F.missed_due_at == _L.missed_due_at)
).correlate(table_of(Letter))
# The date was moved before it was missed, so no sweep found it; a file that was done by it all the same is not late.
_ANNOUNCED = (
    select(
        _L.missed_due_at,
        null().label("found_at"),
        *_OF_DOSSIER,
        *_OF_LETTER,
        (_L.id < 0).label("is_second"),
        _WAITS.label("is_waiting"),
    )
    .select_from(table_of(Letter).join(table_of(Dossier), _D.id == _L.dossier_id))
    .where(
        _L.form == "apology",
        _L.cancelled_at.is_(None),
        _L.missed_due_at >= _START,
        _L.missed_due_at < _END,
        ~_IS_FOUND,
        or_(_DONE_AT.is_(None), _L.missed_due_at < _DONE_AT),
    )
)


# As an expression: by the column itself, SQLite would read everything that the units ever decided.
_OF_UNITS = (_D.deciding_unit_id + 0).in_(UNITS)


@cache
def _statement(*, everything: bool) -> Select[Any]:
    parts = [part if everything else part.where(_OF_UNITS) for part in (_FOUND, _ANNOUNCED)]
    both = union_all(*parts).subquery()
    columns = (both.c[name] for name in Missed.__dataclass_fields__)
    return select(*columns).order_by(both.c.missed_due_at, both.c.code)


def missed_between(
    connection: Connection, start: datetime, end: datetime, unit_ids: Collection[int] | None = None
) -> Iterator[Missed]:
    """Appointments that were missed from `start` on and before `end`; decided by `unit_ids` (None: by any unit)."""
    statement = _statement(everything=unit_ids is None).execution_options(yield_per=_ROWS_AT_ONCE)
    for row in connection.execute(statement, {"start": start, "end": end, "units": sorted(unit_ids or ())}):
        yield Missed(*row)
