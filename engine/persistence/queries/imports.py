"""What came of an import: counted over the whole database, by the names of the system it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from engine.persistence.base import table_of
from engine.persistence.models import Dossier, Letter, LetterDocument, OutcomeRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

_D = table_of(Dossier).c
_L = table_of(Letter).c
_O = table_of(OutcomeRow).c
_OVERDUE = select(_D.external_code).where(_D.overdue_count > 0).order_by(_D.external_code)
_LATE = (
    select(_D.external_code)
    .join(table_of(OutcomeRow), _O.dossier_id == _D.id)
    .where(_O.timeliness == "late")
    .order_by(_D.external_code)
)
_TIMELINESS = select(_O.timeliness, func.count()).group_by(_O.timeliness)
_APOLOGIES = select(func.count()).select_from(table_of(Letter)).where(_L.form == "apology")
_PDFS = (
    select(func.count())
    .select_from(table_of(LetterDocument))
    .join(table_of(Letter), _L.id == table_of(LetterDocument).c.letter_id)
    .where(_L.form == "apology")
)
_APOLOGISED = select(func.count(_L.dossier_id.distinct())).where(_L.form == "apology")


@dataclass(frozen=True, slots=True)
class ImportFigures:
    """The figures of an import. Ids are those of the other system, in alphabetical order."""

    dossiers: int
    delivered: int
    early: int
    on_time: int
    late_ids: tuple[str, ...]
    overdue_ids: tuple[str, ...]
    apology_letters: int
    apology_pdfs: int
    apologised: int

    @property
    def letter_coverage(self) -> float | None:
        """Overdue dossiers with an apology among all overdue ones; None when there was nothing to apologise for."""
        return self.apologised / len(self.overdue_ids) if self.overdue_ids else None


def import_figures(connection: Connection) -> ImportFigures:
    """Count over the whole database."""
    timeliness = {row[0]: row[1] for row in connection.execute(_TIMELINESS)}
    return ImportFigures(
        dossiers=connection.scalar(select(func.count()).select_from(table_of(Dossier))) or 0,
        delivered=connection.scalar(select(func.count()).where(_D.delivered_at.is_not(None))) or 0,
        early=timeliness.get("early", 0),
        on_time=timeliness.get("on_time", 0),
        late_ids=tuple(connection.scalars(_LATE)),
        overdue_ids=tuple(connection.scalars(_OVERDUE)),
        apology_letters=connection.scalar(_APOLOGIES) or 0,
        apology_pdfs=connection.scalar(_PDFS) or 0,
        apologised=connection.scalar(_APOLOGISED) or 0,
    )
