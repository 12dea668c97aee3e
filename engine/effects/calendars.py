"""The working calendars of an installation: which one a unit keeps, and how running processes hear of a change.

The book is read once and its calendars are worked out once for each version; a dossier never asks the database for a
calendar. Every process looks whether the book has grown when a request or a tick begins, a few seconds apart at most.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.domain.calendar_book import CalendarBook
from engine.domain.units import UnitTree
from engine.effects.calendar_file import file_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from engine.calendars import CalendarSource
    from engine.domain.calendar import WorkingCalendar
    from engine.domain.calendar_book import Frame
    from engine.domain.people import Unit
    from engine.persistence.unit_of_work import Transaction, UnitOfWork


def keep_calendars(tx: Transaction, frame: Frame, at: datetime) -> CalendarBook:
    """Keep for ever the calendars of all units as the book says them in this transaction; answers the book."""
    book, units = CalendarBook(tx.calendars.facts(), frame), UnitTree(tx.installation.units())
    calendars = [book.calendar(), *(book.calendar(units.above(unit.id)) for unit in units)]
    tx.calendars.keep(calendars, at)
    return book


@dataclass(frozen=True, slots=True)
class _Known:
    """The book as it was last read."""

    book: CalendarBook
    number: int
    kept: frozenset[str]
    of_unit: dict[int, WorkingCalendar] = field(default_factory=dict)


class Calendars:
    """The calendar of every unit. `default` is the installation's own: the province's, the top of its tree."""

    def __init__(
        self, uow: UnitOfWork, source: CalendarSource, units: Callable[[], UnitTree], *, look_every_seconds: float
    ) -> None:
        """Read the book of `uow` when it is first asked for; an installation without one goes by its file."""
        self._uow = uow
        self.source = source
        self._units = units
        self._pause = look_every_seconds
        self._looked = 0.0
        self._known: _Known | None = None
        self._mark: tuple[int, int] | None = None

    def read(self) -> None:
        """Read the book now, if it was not read yet."""
        self._current()

    @property
    def book(self) -> CalendarBook:
        """Every fact that was entered."""
        return self._current().book

    @property
    def default(self) -> WorkingCalendar:
        """The calendar of the installation itself: of the one top of its tree, else the nation's."""
        tops = [unit.id for unit in self._units() if unit.parent_id is None]
        return self.of(tops[0]) if len(tops) == 1 else self.book.calendar()

    def of(self, unit_id: int) -> WorkingCalendar:
        """The calendar that the unit keeps: dates of a dossier follow its deciding unit's."""
        known = self._current()
        found = known.of_unit.get(unit_id)
        if found is None:
            found = known.of_unit[unit_id] = known.book.calendar(self._units().above(unit_id))
        return found

    def keep(self, tx: Transaction, calendar: WorkingCalendar, at: datetime) -> None:
        """Keep for ever a calendar by which a date was computed; one that is kept already costs nothing."""
        if calendar.version not in self._current().kept:
            tx.calendars.keep([calendar], at)

    def renew(self, units: Iterable[Unit], mark: tuple[int, int]) -> None:
        """Know other units than before: one was entered, was merged away, or is back."""
        self._units().renew(units)
        self._known, self._mark = None, mark

    def look_again(self, *, at_once: bool = False) -> None:
        """Read the book again if somebody wrote in it since; asks no more than every few seconds unless `at_once`."""
        if self._known is None or (not at_once and time.monotonic() - self._looked < self._pause):
            return
        with self._uow.read() as tx:
            last, mark = tx.calendars.last_id_and_units()
            units = tx.installation.units() if mark != self._mark else None
        self._looked = time.monotonic()
        if units is not None:
            self.renew(units, mark)
        elif last != self._known.number:
            self._known = None

    def _current(self) -> _Known:
        known = self._known
        if known is None:
            with self._uow.read() as tx:
                facts, kept = tx.calendars.facts(), frozenset(tx.calendars.kept())
                self._mark = self._mark or tx.calendars.last_id_and_units()[1]
            book = CalendarBook(facts or file_facts(self.source), self.source.frame)
            known = self._known = _Known(book, book.number if facts else 0, kept)
            self._looked = time.monotonic()
        return known
