"""The working calendars of an installation: which one a unit keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.domain.calendar import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Calendars:
    """The calendar of every unit. `default` is the installation's own."""

    default: WorkingCalendar

    def of(self, unit_id: int) -> WorkingCalendar:
        """The calendar that the unit keeps: dates of a dossier follow its deciding unit's."""
        del unit_id
        return self.default
