"""The composition root: settings in, a working `Engine` out. Nothing is opened before it is used."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from engine.calendars import read_source
from engine.channels.opening import open_channels
from engine.clock import SystemClock
from engine.domain.units import UnitTree
from engine.effects.calendars import Calendars
from engine.effects.dispatch import Dispatcher
from engine.effects.groups import Groups
from engine.effects.library import Library
from engine.effects.office import Office
from engine.effects.signing import Signatures, SignerState
from engine.persistence import migrations
from engine.persistence.base import open_database
from engine.persistence.unit_of_work import UnitOfWork
from engine.presses import Presses
from engine.process.runner import Runner
from engine.services.access import Access
from engine.services.aftercare import Aftercare
from engine.services.apologies import Apologies
from engine.services.audit import Audit
from engine.services.calendar_pages import CalendarPages
from engine.services.calendars import CalendarBooks, CalendarTrial
from engine.services.catalogue import Catalogue
from engine.services.correspondence import Correspondence
from engine.services.delivery import Delivery
from engine.services.designing import Designing
from engine.services.dossiers import Dossiers
from engine.services.health import Doctor
from engine.services.imports import Imports
from engine.services.installation import Installation
from engine.services.intake import Intake
from engine.services.late_records import LateRecords
from engine.services.letter_acts import LetterActs
from engine.services.letter_table import LetterTable
from engine.services.letter_templates import LetterTemplates
from engine.services.lookup import Lookup
from engine.services.messages import Messages
from engine.services.moving import Moving
from engine.services.outbox import Outbox
from engine.services.overdue import Overdue
from engine.services.oversight import Oversight
from engine.services.post import Post
from engine.services.posting import Posting
from engine.services.prints import Prints
from engine.services.processing import Processing
from engine.services.publication import Publication
from engine.services.rehearsing import Rehearsing
from engine.services.reports import Reports
from engine.services.reprojection import Reprojection
from engine.services.verification import Verification
from engine.services.what_if import WhatIfs
from engine.services.worklist import Worklist
from letters import fonts
from letters.signing.checker import Checker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import sqlalchemy

    from engine.calendars import CalendarSource
    from engine.channels import Channel
    from engine.clock import Clock
    from engine.config import Settings
    from engine.domain.calendar import WorkingCalendar
    from engine.domain.health import Health
    from engine.domain.messages import NoticeChannel
    from engine.services.installation import Installed
    from engine.services.outbox import Rendered
    from letters import Letter


class Engine:
    """Everything an entry point may ask for, one attribute a subject, each built when it is first used."""

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

    # --- use cases ---

    @cached_property
    def access(self) -> Access:
        """Sign-in and accounts."""
        return Access(self.uow, self.office)

    @cached_property
    def intake(self) -> Intake:
        """Receipt."""
        return Intake(self.uow, self.office)

    @cached_property
    def processing(self) -> Processing:
        """Steps."""
        return Processing(self.uow, self.office)

    @cached_property
    def delivery(self) -> Delivery:
        """Ends by an event."""
        return Delivery(self.uow, self.office)

    @cached_property
    def overdue(self) -> Overdue:
        """The sweep."""
        return Overdue(self.uow, self.office)

    @cached_property
    def apologies(self) -> Apologies:
        """Drafts on the leader's table."""
        return Apologies(self.uow, self.office, self._presses.letter)

    @cached_property
    def outbox(self) -> Outbox:
        """Work after commit."""
        presses = self._presses
        return Outbox(self.uow, self.office, presses.letter, self.dispatcher, self.signatures, hands=presses.hands)

    @cached_property
    def dispatcher(self) -> Dispatcher:
        """Messages go out on their channels."""
        return Dispatcher(self.uow, self.office, lambda: self.channels)

    @cached_property
    def channels(self) -> Mapping[NoticeChannel, Channel]:
        """The channels on which a machine sends, as the settings have them."""
        return open_channels(self.settings.channels, house=self.settings.name)

    @cached_property
    def messages(self) -> Messages:
        """Messages on their way, for people."""
        return Messages(self.uow, self.office)

    @cached_property
    def post(self) -> Post:
        """Bags for the post office."""
        return Post(self.uow, self.office, self._presses.paper)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Procedures, their diagrams, the desks."""
        return Catalogue(self.uow, self.office)

    @cached_property
    def posting(self) -> Posting:
        """What is posted of procedures, printed by a process of its own so that no letter waits for a poster."""
        return Posting(self.uow, self.office, self._presses.paper)

    @cached_property
    def prints(self) -> Prints:
        """Registers, lists and slips, printed by a process of its own that may take minutes over a long one."""
        return Prints(self.uow, self.office, self._presses.register)

    @cached_property
    def aftercare(self) -> Aftercare:
        """Letters about a result that there is already."""
        return Aftercare(self.uow, self.office)

    @cached_property
    def publication(self) -> Publication:
        """Versions of procedures."""
        return Publication(self.uow, self.settings, self.library)

    @cached_property
    def designing(self) -> Designing:
        """Procedures that are being designed."""
        return Designing(self.uow, self.settings, self.publication.publish)

    @cached_property
    def rehearsing(self) -> Rehearsing:
        """Drafts are tried out."""
        return Rehearsing(self.settings)

    @cached_property
    def moving(self) -> Moving:
        """Running dossiers move to another version."""
        return Moving(self.uow, self.office)

    @cached_property
    def worklist(self) -> Worklist:
        """Open work and notices."""
        return Worklist(self.uow, self.office)

    @cached_property
    def dossiers(self) -> Dossiers:
        """The page of a dossier."""
        return Dossiers(self.uow, self.office)

    @cached_property
    def correspondence(self) -> Correspondence:
        """The register of letters."""
        return Correspondence(self.uow, self.office, self._presses.register)

    @cached_property
    def letter_table(self) -> LetterTable:
        """Letters that wait for their leader."""
        return LetterTable(self.uow, self.office, self._presses.letter)

    @cached_property
    def letter_acts(self) -> LetterActs:
        """One letter: its life, cancelling, replacing, printing again."""
        return LetterActs(self.uow, self.office, self._presses.letter)

    @cached_property
    def letter_templates(self) -> LetterTemplates:
        """What units say in their letters."""
        return LetterTemplates(self.uow, self.office, self._presses.letter)

    @cached_property
    def lookup(self) -> Lookup:
        """What the public may see."""
        return Lookup(self.uow, self.office)

    @cached_property
    def verification(self) -> Verification:
        """Whether a file is a letter of ours."""
        return Verification(self.uow, self.office, lambda: Checker(self.signatures.trust))

    @cached_property
    def oversight(self) -> Oversight:
        """Boards and queues."""
        return Oversight(self.uow, self.office)

    @cached_property
    def late_records(self) -> LateRecords:
        """Steps that were recorded late."""
        return LateRecords(self.uow, self.office)

    @cached_property
    def reports(self) -> Reports:
        """Reports."""
        return Reports(self.uow, self.office)

    @cached_property
    def imports(self) -> Imports:
        """What was done elsewhere."""
        return Imports(self.uow, self.office)

    @cached_property
    def calendar_books(self) -> CalendarBooks:
        """What people enter into the calendars."""
        return CalendarBooks(self.uow, self.office)

    @cached_property
    def reprojection(self) -> Reprojection:
        """Dates are worked out anew when calendars or rules change."""
        return Reprojection(self.uow, self.office)

    @cached_property
    def what_if(self) -> WhatIfs:
        """What a change of calendars would do."""
        return WhatIfs(self.uow, self.office, lambda: CalendarTrial(self.uow, self.office))

    @cached_property
    def calendar_pages(self) -> CalendarPages:
        """The calendars, to look at."""
        return CalendarPages(self.office)

    @cached_property
    def audit(self) -> Audit:
        """The hash chains."""
        return Audit(self.uow)

    # --- the installation ---

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
        )
        return doctor.look(at)

    def _signer_states(self, at: datetime) -> tuple[SignerState, ...]:
        self.check_database()
        return self.signatures.states(at)

    def _unpublished(self) -> list[str]:
        self.check_database()
        return [each.file for each in self.publication.unpublished()]

    def _readable_calendars(self) -> Calendars:
        self.check_database()  # says what to do, where the tables of the calendars are not there yet
        return self.calendars

    def close(self) -> None:
        """Stop the render process and close every connection."""
        for name in ("posting", "designing", "rehearsing", "prints", "correspondence"):
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
