"""The composition root: settings in, a working `Engine` out. Nothing is opened before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bootstrap.counter import AtTheCounter
from engine.bootstrap.files import WithFiles
from engine.bootstrap.letters import InTheMail
from engine.bootstrap.reports import WithReports
from engine.clock import SystemClock
from engine.effects.calendars import Calendars
from engine.effects.library import Library
from engine.effects.signing import SignerState
from engine.persistence import migrations
from engine.process.runner import Runner
from engine.services.health import Doctor
from engine.services.installation import Installation
from letters import fonts

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.clock import Clock
    from engine.config import Settings
    from engine.domain.health import FilesLook, Health
    from engine.services.installation import Installed
    from engine.services.outbox import Rendered
    from letters import Letter


class Engine(AtTheCounter, WithFiles, InTheMail, WithReports):
    """Everything an entry point may ask for, one attribute a subject, each built when it is first used."""

    def migrate(self, at: datetime) -> tuple[str | None, str, Installed]:
        """Create or upgrade the database and enter units and procedures; answers the revisions before and after."""
        # read first: with a broken diagram or calendar nothing is to be written
        library, source = self.library, self.calendar_source
        before, after = migrations.upgrade(self._database)
        installed = Installation(self.uow, self.settings, library, source).put_in_order(at)
        for known in ("office", "calendars", "units"):
            self.__dict__.pop(known, None)
        return before, after, installed

    def check_database(self) -> None:
        """Raise unless the database is at the revision that this program needs."""
        migrations.check(self._database)

    def health(self, at: datetime) -> Health:
        """Look at every part of the installation; a broken part is told, not run into."""
        doctor = Doctor(
            self.uow,
            self.settings,
            calendars=self._readable_calendars,
            check_schema=self.check_database,
            check_fonts=fonts.require,
            unpublished=self._unpublished,
            signers=self._signer_states,
            files=self._look_at_files,
        )
        return doctor.look(at)

    def _signer_states(self, at: datetime) -> tuple[SignerState, ...]:
        self.check_database()
        return self.signatures.states(at)

    def _look_at_files(self) -> FilesLook:
        self.check_database()
        return self.file_keeping.look()

    def _unpublished(self) -> list[str]:
        self.check_database()
        return [each.file for each in self.publication.unpublished()]

    def _readable_calendars(self) -> Calendars:
        self.check_database()  # says what to do, where the tables of the calendars are not there yet
        return self.calendars

    def close(self) -> None:
        """Stop the render process and close every connection."""
        for name in ("gate", "posting", "designing", "rehearsing", "prints", "correspondence", "report_papers"):
            if name in self.__dict__:
                self.__dict__[name].close()
        self._presses.close()
        if "_database" in self.__dict__:
            self.uow.close()


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    render: Callable[[Letter], Rendered] | None = None,
    library: Library | None = None,
    runner: Runner | None = None,
) -> Engine:
    """Build the engine of one installation; see `Engine` for what may be given to it."""
    return Engine(settings, clock=clock or SystemClock(), render=render, library=library, runner=runner)
