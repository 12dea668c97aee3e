"""The leader's table: apologies that wait for a signature, the soonest date first."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import Connection, RowMapping, bindparam, func, select

from engine.domain.draft_views import DraftLine
from engine.domain.letter_life import LetterState
from engine.domain.people import SCHEDULER
from engine.persistence.base import table_of
from engine.persistence.models import Dossier, LetterDraft, OutcomeRow, Person
from engine.persistence.queries.criteria import UNITS
from engine.persistence.queries.lines import LINE_COLUMNS, Lens

_A = table_of(LetterDraft).c
_D = table_of(Dossier).c
_O = table_of(OutcomeRow).c
_P = table_of(Person).c
_COLUMNS = (
    *LINE_COLUMNS,
    _D.deciding_unit_id,
    _D.definition_ref,
    _A.due_at.label("missed_at"),
    _A.reason_id,
    _A.reason,
    _A.new_due_at.label("offered_at"),
    _A.created_at,
    _A.created_by,
    func.coalesce(_P.full_name, _A.created_by).label("author"),
)
_WAITING = (
    select(*_COLUMNS)
    .select_from(
        table_of(LetterDraft)
        .join(table_of(Dossier), _D.id == _A.dossier_id)
        .outerjoin(table_of(OutcomeRow), _O.dossier_id == _D.id)
        .outerjoin(table_of(Person), _P.username == _A.created_by)
    )
    .where(_A.state == "waiting", _A.form == "apology")
)
_TABLE = _WAITING.where(_A.unit_id.in_(UNITS)).order_by(_A.due_at, _A.id).limit(bindparam("most"))
_ONE = _WAITING.where(_A.dossier_id == bindparam("key"))


_EVERY = (
    select(
        *(
            _A[name]
            for name in ("id", "form", "unit_id", "due_at", "reason", "new_due_at", "data", "note", "created_at")
        ),
        _D.code,
        _D.applicant_name,
        _D.procedure_name,
        func.coalesce(_P.full_name, _A.created_by).label("author"),
    )
    .select_from(
        table_of(LetterDraft)
        .join(table_of(Dossier), _D.id == _A.dossier_id)
        .outerjoin(table_of(Person), _P.username == _A.created_by)
    )
    .where(_A.unit_id.in_(UNITS))
    .order_by(_A.due_at.is_(None), _A.due_at, _A.created_at, _A.id)
    .limit(bindparam("most"))
)
_EVERY_IN_STATE = _EVERY.where(_A.state == bindparam("state"))
_EVERY_ONE = _EVERY.where(_A.id == bindparam("key"))


def waiting_letters(
    connection: Connection,
    unit_ids: Collection[int],
    most: int,
    *,
    state: LetterState | None = LetterState.WAITING,
    draft_id: int | None = None,
) -> list[RowMapping]:
    """Drafts of every form that some units issue: of one state, or one draft in any; dates first, then the oldest."""
    facts = {"units": sorted(unit_ids), "most": most}
    if draft_id is not None:
        return list(connection.execute(_EVERY_ONE, {**facts, "key": draft_id}).mappings())
    assert state is not None, "a state, or one draft"
    return list(connection.execute(_EVERY_IN_STATE, {**facts, "state": state.value}).mappings())


class DraftTable:
    """Drafts, as one transaction sees them. `is_kept` says of a row whether its unit signs by its leader."""

    def __init__(self, connection: Connection, lens: Lens, is_kept: Callable[[RowMapping], bool]) -> None:
        """Read over an open transaction; `lens` holds the moment."""
        self._connection = connection
        self._lens = lens
        self._is_kept = is_kept

    def waiting(self, unit_ids: Collection[int], most: int) -> tuple[DraftLine, ...]:
        """The first drafts of the table of some units, the soonest date first."""
        rows = self._connection.execute(_TABLE, {"units": sorted(unit_ids), "most": most}).mappings().all()
        return self._lines(rows)

    def of(self, dossier_id: int) -> DraftLine | None:
        """The draft of one dossier that waits."""
        rows = self._connection.execute(_ONE, {"key": dossier_id}).mappings().all()
        return next(iter(self._lines(rows)), None)

    def _lines(self, rows: Collection[RowMapping]) -> tuple[DraftLine, ...]:
        lines = self._lens.lines(self._connection, list(rows))
        return tuple(
            DraftLine(
                dossier=line,
                due_at=row["missed_at"],
                reason_id=row["reason_id"],
                reason=row["reason"],
                new_due_at=row["offered_at"],
                created_at=row["created_at"],
                asked_by="" if row["created_by"] == SCHEDULER.username else row["author"],
                is_missed=self._lens.outlook.at > row["missed_at"],
                is_kept=self._is_kept(row),
            )
            for row, line in zip(rows, lines, strict=True)
        )
