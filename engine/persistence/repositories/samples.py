"""Samples for inspections, and the finished dossiers that they are drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from engine.persistence.base import table_of
from engine.persistence.models import Dossier, InspectionSample, OutcomeRow, SampledDossier

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_S = table_of(InspectionSample)
_F = table_of(SampledDossier)
_D = table_of(Dossier).c
_OUT = table_of(OutcomeRow).c
_LATEST = 50


class Samples:
    """Samples, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def finished(self, units: Collection[int], moments: tuple[datetime, datetime], procedure: str) -> Sequence[Any]:
        """What dossiers of some units that ended in a period came to."""
        statement = (
            select(
                _D.id,
                _D.code,
                _D.procedure_code,
                _OUT.deciding_unit_id,
                _OUT.timeliness,
                _OUT.result,
                _OUT.return_count,
            )
            .join(table_of(Dossier), _D.id == _OUT.dossier_id)
            .where(
                _OUT.finished_at >= moments[0],
                _OUT.finished_at < moments[1],
                _OUT.deciding_unit_id.in_(units),
            )
        )
        return self._connection.execute(
            statement.where(_OUT.procedure_code == procedure) if procedure else statement
        ).all()

    def add(self, rows: Iterable[dict[str, Any]], **facts: Any) -> int:
        """Keep a sample with its dossiers; answers its number."""
        number = int(self._connection.scalar(insert(_S).values(**facts).returning(_S.c.id)) or 0)
        blank = {"sample_id": number, "finding": "", "remark": ""}
        if found := [{**blank, **row} for row in rows]:
            self._connection.execute(insert(_F), found)
        return number

    def find(self, number: int) -> Any:
        """One sample, or None."""
        return self._connection.execute(select(_S).where(_S.c.id == number)).one_or_none()

    def latest(self, units: Collection[int]) -> Sequence[Any]:
        """The latest samples of some units."""
        return self._connection.execute(
            select(_S).where(_S.c.unit_id.in_(units)).order_by(_S.c.id.desc()).limit(_LATEST)
        ).all()

    def lines(self, number: int) -> Sequence[Any]:
        """The dossiers of a sample, in the order of strata and ranks."""
        statement = (
            select(_F, _D.code, _D.procedure_name, _D.deciding_unit_id)
            .join(table_of(Dossier), _D.id == _F.c.dossier_id)
            .where(_F.c.sample_id == number)
            .order_by(_F.c.stratum, _F.c.rank)
        )
        return self._connection.execute(statement).all()

    def note(self, number: int, line_id: int, **facts: Any) -> bool:
        """Write down what was found in a dossier of a sample; False if it has none such."""
        statement = update(_F).where(_F.c.id == line_id, _F.c.sample_id == number).values(**facts)
        return self._connection.execute(statement).rowcount == 1
