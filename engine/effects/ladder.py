"""How far a dossier has come on the warning ladder of its unit and procedure, and when it must be looked at next.

The row of the dossier remembers the last rung that was told for its due date; a date that moved has been told nothing.
The unique key of the rung's fact is the claim: whoever writes it first tells it, whatever a row remembers.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from engine.domain.reprojection import untold
from engine.domain.rungs import RungAction
from engine.effects.lateness_rules import lateness_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.domain.rungs import Moment, Rung
    from engine.effects.journey import Journey
    from engine.effects.lateness_rules import LatenessRules


class Climb:
    """The ladder of the dossier of one journey."""

    def __init__(self, journey: Journey) -> None:
        """Belong to a journey."""
        self._journey = journey
        self._told: dict[datetime, tuple[str, str]] = {}

    @cached_property
    def rules(self) -> LatenessRules:
        """What the office has said for this unit and procedure."""
        journey = self._journey
        return lateness_rules(journey.office, journey.definition.procedure, journey.deciding_unit)

    def untold(self, due_at: datetime) -> tuple[Moment, ...]:
        """The rungs of the running appointment that stand above the last one told, in the order of time."""
        clock = self._journey.clock
        return untold(clock.view, clock.rules, reached=self.words(due_at)[0])

    def claim(self, rung: Rung, due_at: datetime, ordinal: int = 1) -> bool:
        """Take a rung of a due date for oneself; False if it was told before. Either way it is behind the dossier."""
        journey = self._journey
        label = rung.label if rung.does(RungAction.BADGE) else self.words(due_at)[1]
        self._told[due_at] = (rung.name, label)
        return journey.tx.history.record_fact(journey.dossier.id, due_at, rung.name, journey.at, ordinal)

    def highest(self, moments: Sequence[Moment]) -> Moment:
        """The one of several rungs that stands highest."""
        return max(moments, key=lambda moment: self.rules.ladder.place(moment.rung.name))

    def words(self, due_at: datetime | None) -> tuple[str, str]:
        """Name and label of the last rung told for a due date."""
        dossier = self._journey.dossier
        kept = (dossier.rung, dossier.rung_label) if dossier.due_at == due_at else ("", "")
        return self._told.get(due_at, kept) if due_at is not None else ("", "")
