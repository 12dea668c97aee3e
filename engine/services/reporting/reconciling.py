"""Our register beside a list that another system exported: what is missing where, what stands differently."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from engine.domain.errors import Refused
from engine.domain.permissions import supervised_units
from engine.domain.reconciliation import Ours, Reconciled, compare, read_lines
from engine.domain.status import DossierStatus
from engine.persistence.queries.report_sums import received_codes, states_of
from engine.rule_files.reports import load_state_words
from engine.tables.uploads import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from engine.domain.people import Actor
    from engine.domain.report_period import ReportPeriod
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import UnitOfWork

# A province receives thirty thousand dossiers in a busy month; a list that is cut would be “not there” by half.
MOST_CODES = 100_000


class Reconciling:
    """Compares registers; writes nothing and keeps nothing of what was uploaded."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def compare(self, actor: Actor, content: bytes, period: ReportPeriod) -> Reconciled:
        """What differs between a list (CSV or Excel) and what our register received in a period.

        Only dossiers of units that the person supervises, and of those whose work these took over, are looked at: a
        code of anybody else's is “not here”.
        Raises `Refused`, `UnreadableTable`, `NoCodes`.
        """
        own = self._office.units.with_predecessors(supervised_units(actor, self._office.units))
        if not own:
            raise Refused(detail="đối soát dành cho người giám sát")
        words = load_state_words(self._office.settings.procedures)
        lines = read_lines(read_table(content, MOST_CODES), words.headings, words.states)
        zone = self._office.settings.zone
        start = datetime.combine(period.first, time.min, tzinfo=zone)
        end = datetime.combine(period.last + timedelta(days=1), time.min, tzinfo=zone)
        with self._uow.read() as tx:
            named = states_of(tx.connection, {line.code for line in lines if line.code})
            here = received_codes(tx.connection, start, end, own, MOST_CODES + 1)
        mine = [row for row in named if {row["unit_id"], row["deciding_unit_id"]} & own]
        known = {row["code"]: self._ours(row) for row in (*mine, *here[:MOST_CODES])}
        return compare(lines, known.values(), period.first, period.last, is_cut=len(here) > MOST_CODES)

    def _ours(self, row: Mapping[str, Any]) -> Ours:
        return Ours(
            code=row["code"],
            external_code=row["external_code"],
            state=DossierStatus(row["status"]),
            received_on=self._day(row["received_at"]),
            due_on=self._day(row["due_at"]),
            done_on=self._day(row["resolved_at"] or row["ended_at"]),
        )

    def _day(self, at: datetime | None) -> date | None:
        return at.astimezone(self._office.settings.zone).date() if at else None
