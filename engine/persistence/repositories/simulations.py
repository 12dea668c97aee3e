"""Simulations as objects, and the files of a quarter that they replay."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, func, insert, or_, select, update

from engine.persistence.base import table_of
from engine.persistence.models import Dossier, OutcomeRow, Simulation, Task

_S, _T, _D, _O = (table_of(model).c for model in (Simulation, Task, Dossier, OutcomeRow))
_DUE = func.coalesce(_D.first_due_at, _D.due_at, type_=_D.due_at.type)
_DONE = (_T.closed_at.is_not(None), _T.is_interrupted.is_(False))
_BEFORE_ITS_ANSWER = (*_DONE, or_(_D.resolved_at.is_(None), _T.closed_at <= _D.resolved_at))
OUTSIDE = ("applicant", "other_agency")  # nobody of ours works on such a step


class Simulations:
    """Simulations, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def add(self, **facts: Any) -> int:
        """Keep a question; nothing of it is answered yet."""
        return int(self._connection.scalar(insert(table_of(Simulation)).values(done=0, **facts).returning(_S.id)) or 0)

    def find(self, number: int) -> Any:
        """A simulation."""
        return self._connection.execute(select(*_S).where(_S.id == number)).one_or_none()

    def of(self, made_by: str, most: int) -> Sequence[Any]:
        """The last simulations of a person."""
        statement = select(*_S).where(_S.made_by == made_by).order_by(_S.id.desc()).limit(most)
        return self._connection.execute(statement).all()

    def waiting(self) -> list[int]:
        """Those without a result, the oldest first."""
        return list(self._connection.scalars(select(_S.id).where(_S.finished_at.is_(None)).order_by(_S.id)))

    def claim(self, number: int, at: datetime, until: datetime) -> Any:
        """Take one that nobody else works on; None if somebody does."""
        free = or_(_S.leased_until.is_(None), _S.leased_until < at)
        statement = update(table_of(Simulation)).where(_S.id == number, _S.finished_at.is_(None), free)
        taken = self._connection.execute(statement.values(leased_until=until)).rowcount == 1
        return self.find(number) if taken else None

    def go_on(self, number: int, **columns: Any) -> None:
        """Write how far it is."""
        self._connection.execute(update(table_of(Simulation)).where(_S.id == number).values(**columns))

    def unfinished(self, made_by: str) -> int:
        """How many of a person's wait for their answer."""
        statement = select(func.count()).where(_S.made_by == made_by, _S.finished_at.is_(None))
        return int(self._connection.scalar(statement) or 0)

    def forget(self, made_by: str, kept: int) -> None:
        """Throw away a person's answered ones but the last `kept`."""
        older = select(_S.id).where(_S.made_by == made_by).order_by(_S.id.desc()).offset(kept).limit(1)
        last = self._connection.scalar(older)
        if last is not None:
            wanted = (_S.made_by == made_by, _S.id <= last, _S.finished_at.is_not(None))
            self._connection.execute(delete(table_of(Simulation)).where(*wanted))

    # --- what was ---

    def procedures(self, start: datetime, end: datetime, unit_ids: Collection[int], most: int) -> Sequence[Any]:
        """Which procedures the files of `steps` are of, how many, and when the last of them came."""
        names = (_D.procedure_code, func.max(_D.procedure_name).label("name"))
        counts = (func.count().label("files"), func.max(_D.received_at, type_=_D.received_at.type).label("last"))
        statement = select(*names, *counts).where(_D.id.in_(_chosen(start, end, unit_ids, most)))
        return self._connection.execute(statement.group_by(_D.procedure_code).order_by(_D.procedure_code)).all()

    def teams(self, start: datetime, end: datetime, unit_ids: Collection[int], most: int) -> Sequence[Any]:
        """Who closed steps of those files: how many people of each role in each unit."""
        people = func.count(func.coalesce(_T.closed_by, "").distinct()).label("people")
        of_files = _T.dossier_id.in_(_chosen(start, end, unit_ids, most))
        statement = select(_T.unit_id, _T.role, people).where(
            of_files, *_DONE, func.coalesce(_T.waits_for, "").not_in(OUTSIDE)
        )
        return self._connection.execute(statement.group_by(_T.unit_id, _T.role).order_by(_T.unit_id, _T.role)).all()

    def steps(self, start: datetime, end: datetime, unit_ids: Collection[int], most: int) -> Sequence[Any]:
        """The steps of files decided by `unit_ids` that came from `start` on, before `end`, and have been answered."""
        columns = (_T.step_id, _T.role, _T.unit_id, _T.waits_for, _T.opened_at, _T.closed_at, _T.closed_by)
        statement = (
            select(_D.id, _D.procedure_code, _D.received_at, _DUE.label("due_at"), *columns)
            .select_from(table_of(Dossier).join(table_of(Task), _T.dossier_id == _D.id))
            .where(
                _D.id.in_(_chosen(start, end, unit_ids, most)),
                *_BEFORE_ITS_ANSWER,
            )
            .order_by(_D.received_at, _D.id, _T.opened_at, _T.id)
        )
        return self._connection.execute(statement).all()


def _chosen(start: datetime, end: datetime, unit_ids: Collection[int], most: int) -> Select[tuple[int]]:
    return (
        select(_D.id)
        .join(table_of(OutcomeRow), _O.dossier_id == _D.id)
        .where(
            _O.finished_at >= start,
            _O.deciding_unit_id.in_(list(unit_ids)),
            _D.received_at >= start,
            _D.received_at < end,
            _DUE.is_not(None),
            _O.timeliness.is_not(None),
            exists().where(_T.dossier_id == _D.id, *_BEFORE_ITS_ANSWER).correlate(table_of(Dossier)),
        )
        .order_by(_D.received_at, _D.id)
        .limit(most)
    )
