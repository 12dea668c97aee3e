"""How far a change of a calendar reaches: the stretches of time in which office hours changed, for the database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from engine.domain.rungs import MOST_DAYS
from engine.persistence.repositories.reprojection import Stretch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.domain.calendar import WorkingCalendar
    from engine.domain.calendar_changes import DaysChanged

# Days beyond which no dossier is dated.
_FIRST, _LAST = date(1910, 1, 1), date(2190, 1, 1)
# More stretches than a year of drafts has are looked at as one.
_MOST = 40


def stretches(days: Iterable[DaysChanged], calendar: WorkingCalendar) -> tuple[Stretch, ...]:
    """The stretches of changed days, those that touch or overlap as one.

    A rung may be told so many working days after a date; what is a day further away is reached by nothing.
    """
    spans = joined((max(each.first, _FIRST), min(each.last, _LAST)) for each in days)
    if len(spans) > _MOST:
        spans = [(spans[0][0], spans[-1][1])]
    midnight = datetime.min.time()
    return tuple(
        Stretch(
            starts_at=calendar.at(first, midnight),
            ends_at=calendar.at(last + timedelta(days=1), midnight),
            due_before=calendar.at(calendar.add_working_days(first, -MOST_DAYS - 1), midnight),
        )
        for first, last in spans
    )


def joined(spans: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """Spans of days in order, those that touch or overlap as one."""
    found: list[tuple[date, date]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + timedelta(days=1):
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found
