"""Many dossiers at once: their rows, their ledgers and open steps are read in bulk, and their dates worked out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.domain.reprojection import Rules, foresee, reproject
from engine.effects.clock import read_ledger
from engine.effects.lateness_rules import lateness_rules
from engine.effects.reprojecting import standing_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from engine.domain.calendar import WorkingCalendar
    from engine.domain.calendar_changes import CalendarChange
    from engine.domain.reprojection import Moved, Reprojected
    from engine.domain.rungs import Ladder
    from engine.effects.office import Office
    from engine.effects.reprojecting import Changes
    from engine.persistence.unit_of_work import Transaction
    from engine.process.definitions import Definition

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Worked:
    """A dossier as it was read, and its dates anew; None where its ledger cannot be worked out."""

    row: Any
    steps: list[Any]
    found: Reprojected | None


class Projector:
    """Works dates out by the calendars and rules of the office, or by calendars that it might have."""

    def __init__(
        self,
        tx: Transaction,
        office: Office,
        changes: Changes,
        at: datetime,
        calendar_of: Callable[[int], WorkingCalendar] | None = None,
    ) -> None:
        """Read in one transaction; nothing is written."""
        self._tx, self._office, self._changes, self._at = tx, office, changes, at
        self._calendar_of = calendar_of or office.calendar_of
        self._rules: dict[tuple[str, int], tuple[Definition, Rules]] = {}

    def work(self, ids: Collection[int]) -> Iterator[Worked]:
        """Work dossiers out, in the order of their numbers."""
        found = self._tx.reprojections
        rows, clocks, steps = found.rows(ids), found.clocks(ids), found.steps(ids)
        for row in rows:
            mine = steps.get(row.id, [])
            try:
                yield Worked(row, mine, self._one(row, clocks.get(row.id, []), mine))
            except Exception:  # noqa: BLE001 - one bad ledger must not stop the others; the log has the trace
                _LOG.exception("the dates of a dossier cannot be worked out", extra={"dossier_id": row.id})
                yield Worked(row, [], None)

    def foresee(self, ids: Collection[int]) -> Iterator[tuple[Any, Moved]]:
        """The dossiers whose appointment would move, with how; the others are left out."""
        found = self._tx.reprojections
        rows, clocks = found.rows(ids), found.clocks(ids)
        for row in rows:
            try:
                definition, rules, _, change = self._known(row)
                standing = standing_of(row, (), definition)
                moved = foresee(read_ledger(clocks[row.id]), standing, rules, at=self._at, change=change)
            except Exception:  # noqa: BLE001 - the run that follows passes over it too, and counts it
                _LOG.exception("the dates of a dossier cannot be foreseen", extra={"dossier_id": row.id})
                continue
            if moved is not None:
                yield row, moved

    def _one(self, row: Any, clock: list[Any], steps: list[Any]) -> Reprojected:
        definition, rules, before, change = self._known(row)
        standing = standing_of(row, steps, definition)
        return reproject(read_ledger(clock), standing, rules, at=self._at, change=change, before=before)

    def _known(self, row: Any) -> tuple[Definition, Rules, WorkingCalendar | None, CalendarChange]:
        definition, rules = self._rules_of(row.definition_ref, row.deciding_unit_id)
        book = self._office.calendars.book
        return definition, rules, *self._changes.since(self._tx, row.calendar_version, rules.calendar, book)

    def _rules_of(self, ref: str, unit_id: int) -> tuple[Definition, Rules]:
        known = self._rules.get((ref, unit_id))
        if known is None:
            definition = self._office.library.get(self._tx, ref)
            procedure, unit = definition.procedure, self._office.units.get(unit_id)
            ladder: Ladder = lateness_rules(self._office, procedure, unit).ladder
            cutoff = procedure.same_day_cutoff or self._office.settings.same_day_cutoff
            known = self._rules[ref, unit_id] = (definition, Rules(self._calendar_of(unit_id), cutoff, ladder))
        return known
