"""What the use cases of one installation share: settings, clock, calendars, units, procedures, the database."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from engine.bootstrap.presses import Presses
from engine.calendars import read_source
from engine.domain.units import UnitTree
from engine.effects.calendars import Calendars
from engine.effects.groups import Groups
from engine.effects.library import Library
from engine.effects.office import Office
from engine.effects.signing import Signatures
from engine.persistence.base import open_database
from engine.persistence.unit_of_work import UnitOfWork
from engine.process.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy

    from engine.calendars import CalendarSource
    from engine.clock import Clock
    from engine.config import Settings
    from engine.domain.calendar import WorkingCalendar
    from engine.services.outbox import Rendered
    from letters import Letter


class Foundation:
    """What every use case stands on, each part built when it is first used."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock,
        render: Callable[[Letter], Rendered] | None = None,
        library: Library | None = None,
        runner: Runner | None = None,
    ) -> None:
        """Hold the settings.

        `render` stands in for the child process that renders letters, `library` for the procedures of the settings;
        a `runner` of one's own sees every move of every process.
        """
        self.settings = settings
        self.clock = clock
        self._given_library = library
        self._runner = runner or Runner()
        self._presses = Presses(settings.letters, render)

    # --- what the use cases share ---

    @property
    def calendar(self) -> WorkingCalendar:
        """The working calendar of the installation itself; `office.calendar_of` has the one of each unit."""
        return self.calendars.default

    @cached_property
    def calendar_source(self) -> CalendarSource:
        """The calendar file; raises what is wrong with it."""
        return read_source(self.settings)

    @cached_property
    def calendars(self) -> Calendars:
        """The working calendar of every unit."""
        pause = self.settings.calendar.look_again_seconds
        return Calendars(self.uow, self.calendar_source, lambda: self.units, look_every_seconds=pause)

    @cached_property
    def units(self) -> UnitTree:
        """The units, as the database has them."""
        with self.uow.read() as tx:
            return UnitTree(tx.installation.units())

    @cached_property
    def library(self) -> Library:
        """The procedures; raises what is wrong with their files."""
        return self._given_library or Library.open(self.settings.procedures, self.settings.province)

    @cached_property
    def groups(self) -> Groups:
        """The groups of linked procedures; raises what is wrong with their files."""
        return Groups.open(self.settings.procedures)

    @cached_property
    def office(self) -> Office:
        """Settings, calendars, procedures and units together. Units and calendars come from the database."""
        self.calendars.read()  # now, and not in the middle of somebody's transaction
        return Office(self.settings, self.calendars, self.library, self.units, self._runner, self.groups)

    @cached_property
    def signatures(self) -> Signatures:
        """Who signs for which unit."""
        return Signatures(self.settings, lambda: self.units)

    @cached_property
    def uow(self) -> UnitOfWork:
        """Transactions on the database."""
        return UnitOfWork(self._database)

    @cached_property
    def _database(self) -> sqlalchemy.Engine:
        return open_database(self.settings.database_url)
