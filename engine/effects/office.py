"""What every effect needs besides the transaction: settings, calendar, procedures, units, what moves processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from engine.effects.groups import Groups
from engine.process.definitions import SHARED
from engine.process.grounds import load_grounds
from engine.process.returns import load_returns
from engine.process.runner import Runner

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.config import Settings
    from engine.domain.calendar import WorkingCalendar
    from engine.domain.grounds import Grounds
    from engine.domain.returns import Returns
    from engine.domain.units import UnitTree
    from engine.effects.calendars import Calendars
    from engine.effects.library import Library


@dataclass(frozen=True, slots=True)
class Office:
    """One installation at work."""

    settings: Settings
    calendars: Calendars
    library: Library
    units: UnitTree
    runner: Runner = field(default_factory=Runner)
    groups: Groups = field(default_factory=Groups)
    # The fingerprint of what moves dates besides calendars: the warning ladders and the hour of "within the day".
    rules_version: str = field(init=False)

    def __post_init__(self) -> None:
        """Take the fingerprint of the rules."""
        overdue = self.settings.overdue
        rules = (overdue.ladder, overdue.exceptions, self.settings.same_day_cutoff)
        object.__setattr__(self, "rules_version", sha256(repr(rules).encode()).hexdigest()[:16])

    @property
    def calendar(self) -> WorkingCalendar:
        """The calendar of the installation itself; dates of a dossier follow `calendar_of` its deciding unit."""
        return self.calendars.default

    def calendar_of(self, unit_id: int) -> WorkingCalendar:
        """The calendar that a unit keeps."""
        return self.calendars.of(unit_id)

    @property
    def grounds(self) -> Grounds:
        """The grounds on which the office pauses a clock, as their file says now."""
        return load_grounds(self.settings.procedures / SHARED)

    @property
    def returns(self) -> Returns:
        """Why dossiers are sent back, as the file of the office says now."""
        return load_returns(self.settings.procedures / SHARED)

    def local_day(self, at: datetime) -> date:
        """The day on which `at` falls for people at the counter."""
        return at.astimezone(self.settings.zone).date()
