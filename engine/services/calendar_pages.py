"""Look at a calendar: a year of a unit with what it inherits, who entered what, and what waits for confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.calendar_book import NATION
from engine.domain.calendar_year import CalendarYear, LevelDay, LevelHours, LogLine, SwitchLine, months_of
from engine.domain.permissions import calendar_units, can_keep_calendar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine.domain.calendar_book import CalendarBook
    from engine.domain.people import Actor, Unit
    from engine.effects.office import Office

LOG_LINES = 60


class CalendarPages:
    """The book of calendars, as a page shows it."""

    def __init__(self, office: Office) -> None:
        """Look at one installation."""
        self._office = office

    def year(self, actor: Actor, year: int, *, unit_code: str, at: datetime) -> CalendarYear:
        """A year of the calendar of a unit; `unit_code` empty: the nation's for who keeps it, else the person's own."""
        office, tree = self._office, self._office.units
        office.calendars.look_again(at_once=True)
        unit = tree.by_code(unit_code) if unit_code else self._first_unit(actor)
        book = office.calendars.book
        levels = tuple(tree.get(unit_id) for unit_id in tree.above(unit.id)) if unit else ()
        calendar = book.calendar([level.id for level in levels])
        return CalendarYear(
            year=year,
            unit=unit,
            levels=levels,
            units=tuple(each for each in tree if each.id in calendar_units(actor, tree)),
            months=months_of(calendar, year),
            days=tuple(self._level_days(actor, book, levels, year)),
            hours=tuple(self._level_hours(actor, book, levels)),
            usual_hours=book.frame.hours,
            proposed=book.proposed(year),
            switches=tuple(self._switches(book)),
            log=tuple(self._log(book, levels)),
            state=book.year(year),
            is_confirmed=calendar.is_confirmed(year),
            version=calendar.version,
            at=at,
            can_keep=can_keep_calendar(actor, unit.id if unit else NATION, tree),
            can_keep_nation=can_keep_calendar(actor, NATION, tree),
        )

    def _first_unit(self, actor: Actor) -> Unit | None:
        if can_keep_calendar(actor, NATION, self._office.units):
            return None
        mine = sorted(calendar_units(actor, self._office.units))
        return self._office.units.get(mine[0]) if mine else None

    def _level(self, unit_id: int | None) -> Unit | None:
        return None if unit_id is None else self._office.units.get(unit_id)

    def _level_days(self, actor: Actor, book: CalendarBook, levels: Sequence[Unit], year: int) -> Sequence[LevelDay]:
        found = []
        for level in (None, *levels):
            level_id = level.id if level else NATION
            may = can_keep_calendar(actor, level_id, self._office.units)
            for each in book.days(level_id):
                if each.day.on.year == year:
                    counts = not each.switch or book.switch(each.switch).is_on
                    found.append(LevelDay(book.counted(each), each.fact, level, counts, may and not each.switch))
        return sorted(found, key=lambda line: line.day.on)

    def _level_hours(self, actor: Actor, book: CalendarBook, levels: Sequence[Unit]) -> Sequence[LevelHours]:
        return [
            LevelHours(each, level, can_keep_calendar(actor, level.id if level else NATION, self._office.units))
            for level in (None, *levels)
            for each in book.hours(level.id if level else NATION)
        ]

    def _switches(self, book: CalendarBook) -> Sequence[SwitchLine]:
        labels: Mapping[str, str] = self._office.calendars.source.switches
        states = {name: book.switch(name) for name in labels}
        return [SwitchLine(name, label, states[name].is_on, states[name].fact) for name, label in labels.items()]

    def _log(self, book: CalendarBook, levels: Sequence[Unit]) -> Sequence[LogLine]:
        known = {NATION, *(level.id for level in levels)}
        shown = [fact for fact in reversed(book.facts) if fact.unit_id in known and not fact.by_file][:LOG_LINES]
        return [LogLine(fact, self._level(fact.unit_id), book.is_cancelled(fact)) for fact in shown]
