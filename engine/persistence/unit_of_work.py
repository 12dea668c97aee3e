"""One use case, one transaction: everything is written together, or nothing is."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, OperationalError

from engine.domain.errors import CannotRun
from engine.persistence import once
from engine.persistence.read_only import ReadOnlyNow, Writability, why_read_only
from engine.persistence.repositories.attachments import Attachments
from engine.persistence.repositories.beside import Beside
from engine.persistence.repositories.calendars import Calendars
from engine.persistence.repositories.correspondence import Letters, Outbox
from engine.persistence.repositories.delegations import Delegations
from engine.persistence.repositories.designs import Designs
from engine.persistence.repositories.done_once import DoneOnceBook
from engine.persistence.repositories.dossiers import Dossiers, Tasks
from engine.persistence.repositories.drafts import Drafts
from engine.persistence.repositories.fees import FeeBook
from engine.persistence.repositories.forecasts import Forecasts
from engine.persistence.repositories.handing_over import HandOvers, SurveyTokens
from engine.persistence.repositories.history import History
from engine.persistence.repositories.intake import IntakeDesk, Slips
from engine.persistence.repositories.late_records import LateRecords
from engine.persistence.repositories.letter_templates import LetterTemplates
from engine.persistence.repositories.linked import LinkedDossiers
from engine.persistence.repositories.messages import Deliveries
from engine.persistence.repositories.orders import Orders
from engine.persistence.repositories.parcels import Parcels
from engine.persistence.repositories.people import Installation, People
from engine.persistence.repositories.report_book import ReportBook
from engine.persistence.repositories.reprojection import Reprojections
from engine.persistence.repositories.results import Results
from engine.persistence.repositories.sign_in import Proofs, Sessions
from engine.persistence.repositories.simulations import Simulations
from engine.persistence.repositories.surveys import Surveys
from engine.persistence.repositories.versions import Versions
from engine.persistence.repositories.walls import Walls
from engine.persistence.repositories.what_ifs import WhatIfs
from engine.persistence.repositories.worklists import WorkBook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection, Engine


# The heartbeat that is written only to see whether anything can be.
_PROBE = "write_probe"


class DatabaseAway(CannotRun):
    """Không kết nối được cơ sở dữ liệu: {detail}. Chưa có gì được ghi; hãy thử lại."""

    code = "database_away"


class Transaction:
    """An open transaction and what it reaches."""

    def __init__(self, connection: Connection) -> None:
        """Wrap an open connection."""
        self.connection = connection

    @cached_property
    def dossiers(self) -> Dossiers:
        """Dossiers and the state of their processes."""
        return Dossiers(self.connection)

    @cached_property
    def tasks(self) -> Tasks:
        """Steps."""
        return Tasks(self.connection)

    @cached_property
    def intake_desk(self) -> IntakeDesk:
        """Forms that were begun, and who was here before."""
        return IntakeDesk(self.connection)

    @cached_property
    def slips(self) -> Slips:
        """Numbered slips for a time without power."""
        return Slips(self.connection)

    @cached_property
    def parcels(self) -> Parcels:
        """Parcels of dossiers, and what bars them."""
        return Parcels(self.connection)

    @cached_property
    def history(self) -> History:
        """Audit events, clock ledger, facts, notices, outcomes."""
        return History(self.connection)

    @cached_property
    def linked(self) -> LinkedDossiers:
        """Groups of procedures handed in together."""
        return LinkedDossiers(self.connection)

    @cached_property
    def late_records(self) -> LateRecords:
        """Steps that were recorded later than they were done."""
        return LateRecords(self.connection)

    @cached_property
    def results(self) -> Results:
        """What came of ended dossiers, and the sums that are kept of them."""
        return Results(self.connection)

    @cached_property
    def report_book(self) -> ReportBook:
        """What came in day by day; reports as they were sent."""
        return ReportBook(self.connection)

    @cached_property
    def surveys(self) -> Surveys:
        """Ballots, kiosks, sheets and what supervisors enter."""
        return Surveys(self.connection)

    @cached_property
    def letters(self) -> Letters:
        """The register of letters."""
        return Letters(self.connection)

    @cached_property
    def letter_templates(self) -> LetterTemplates:
        """What units say in their letters."""
        return LetterTemplates(self.connection)

    @cached_property
    def drafts(self) -> Drafts:
        """Letters that wait on a leader's table."""
        return Drafts(self.connection)

    @cached_property
    def outbox(self) -> Outbox:
        """Promised work."""
        return Outbox(self.connection)

    @cached_property
    def deliveries(self) -> Deliveries:
        """Messages on their way, by channel."""
        return Deliveries(self.connection)

    @cached_property
    def people(self) -> People:
        """Accounts."""
        return People(self.connection)

    @cached_property
    def sessions(self) -> Sessions:
        """Signed-in browsers."""
        return Sessions(self.connection)

    @cached_property
    def delegations(self) -> Delegations:
        """Who stands in for whom."""
        return Delegations(self.connection)

    @cached_property
    def proofs(self) -> Proofs:
        """Recovery codes, and what was done about accounts."""
        return Proofs(self.connection)

    @cached_property
    def calendars(self) -> Calendars:
        """The book of calendars."""
        return Calendars(self.connection)

    @cached_property
    def reprojections(self) -> Reprojections:
        """Dossiers whose dates have to be worked out anew."""
        return Reprojections(self.connection)

    @cached_property
    def what_ifs(self) -> WhatIfs:
        """What somebody thought of entering into a calendar."""
        return WhatIfs(self.connection)

    @cached_property
    def work_book(self) -> WorkBook:
        """Kept filters, choices of people for their lists, acts on many rows."""
        return WorkBook(self.connection)

    @cached_property
    def attachments(self) -> Attachments:
        """Files that people brought."""
        return Attachments(self.connection)

    @cached_property
    def orders(self) -> Orders:
        """Orders over many dossiers."""
        return Orders(self.connection)

    @cached_property
    def forecasts(self) -> Forecasts:
        """What the history of steps says."""
        return Forecasts(self.connection)

    @cached_property
    def simulations(self) -> Simulations:
        """What-ifs over a quarter."""
        return Simulations(self.connection)

    @cached_property
    def walls(self) -> Walls:
        """Screens on walls."""
        return Walls(self.connection)

    @cached_property
    def installation(self) -> Installation:
        """Units and heartbeats."""
        return Installation(self.connection)

    @cached_property
    def hand_overs(self) -> HandOvers:
        """Results that left the desk."""
        return HandOvers(self.connection)

    @cached_property
    def fees(self) -> FeeBook:
        """What was taken for dossiers."""
        return FeeBook(self.connection)

    @cached_property
    def survey_tokens(self) -> SurveyTokens:
        """Rights to rate the service once."""
        return SurveyTokens(self.connection)

    @cached_property
    def done_once(self) -> DoneOnceBook:
        """Sendings of forms that were carried out."""
        return DoneOnceBook(self.connection)

    @cached_property
    def beside(self) -> Beside:
        """What stands beside the record of dossiers: notes, opinions, links, who has one open, what may be undone."""
        return Beside(self.connection)

    @cached_property
    def designs(self) -> Designs:
        """Procedures that are being designed."""
        return Designs(self.connection)

    @cached_property
    def versions(self) -> Versions:
        """Published versions of procedures, and the moves of dossiers between them."""
        return Versions(self.connection)


class UnitOfWork:
    """Opens transactions on one database."""

    def __init__(self, engine: Engine) -> None:
        """Use the connections of `engine`."""
        self._engine = engine
        self._writability = Writability()

    @property
    def read_only(self) -> str:
        """Why nothing can be written now, as far as this process knows; empty while writing works."""
        return self._writability.why

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open a transaction that is committed when the block ends well and rolled back by any exception.

        Raises `ReadOnlyNow` while nothing can be written, `DatabaseAway` without a database.
        """
        try:
            with self._engine.begin() as connection:
                tx = Transaction(connection)
                was_lost = bool(self._writability.why)
                if was_lost:
                    tx.installation.touch(_PROBE)
                once.enter(connection)
                yield tx
            once.committed()
            if was_lost:
                self._writability.found()
        except DBAPIError as error:
            if why := why_read_only(error):
                self._writability.lost(why)
                raise ReadOnlyNow(detail=why) from error
            if isinstance(error, OperationalError):
                raise DatabaseAway(detail=type(error.orig).__name__) from error
            raise

    def probe(self, at: datetime) -> bool:
        """Write something, so that this process knows whether it can; True if it could."""
        try:
            with self.write() as tx:
                tx.installation.beat(_PROBE, at, {})
        except ReadOnlyNow:
            return False
        return True

    def write_in_passing(self, act: Callable[[Transaction], object]) -> bool:
        """Write what nobody waits for; False, and no error, while nothing can be written."""
        if not self._writability.is_worth_trying():
            return False
        try:
            with self.write() as tx:
                act(tx)
        except ReadOnlyNow:
            return False
        return True

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Open a transaction that only reads: it takes no lock and is always rolled back."""
        try:
            with self._engine.connect().execution_options(read_only=True) as connection:
                yield Transaction(connection)
        except OperationalError as error:
            raise DatabaseAway(detail=type(error.orig).__name__) from error

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()
