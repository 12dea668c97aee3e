"""Those who watch: sweeps, boards, reports, the hash chains."""

from __future__ import annotations

from functools import cached_property

from engine.bootstrap.foundation import Foundation
from engine.services.audit import Audit
from engine.services.audit_trail import AuditTrail
from engine.services.ballot_imports import BallotImports
from engine.services.board import LiveBoards
from engine.services.data_quality import DataQuality
from engine.services.exports import Exports
from engine.services.feedback import Feedback
from engine.services.forecasts import Forecasts
from engine.services.index766 import Indices
from engine.services.indicators import Indicators
from engine.services.late_records import LateRecords
from engine.services.orders import Orders
from engine.services.outcomes import Outcomes
from engine.services.overdue import Overdue
from engine.services.posting_records import PostingRecords
from engine.services.reorganisation import Reorganisation
from engine.services.reporting.finished import Reports
from engine.services.sampling import Sampling
from engine.services.simulations import Simulations
from engine.services.step_heat import Heats
from engine.services.surveys import Surveys
from engine.services.wall import Walls


class OnWatch(Foundation):
    """Those who watch: sweeps, boards, reports, the hash chains."""

    @cached_property
    def overdue(self) -> Overdue:
        """The sweep."""
        return Overdue(self.uow, self.office)

    @cached_property
    def boards(self) -> LiveBoards:
        """The live board and the lists behind it."""
        return LiveBoards(self.uow, self.office)

    @cached_property
    def orders(self) -> Orders:
        """Orders over many dossiers."""
        return Orders(self.uow, self.office)

    @cached_property
    def forecasts(self) -> Forecasts:
        """Which open dossiers will be late."""
        return Forecasts(self.uow, self.office)

    @cached_property
    def step_heat(self) -> Heats:
        """Steps on their diagram."""
        return Heats(self.uow, self.office)

    @cached_property
    def simulations(self) -> Simulations:
        """What-ifs over a quarter."""
        return Simulations(self.uow, self.office)

    @cached_property
    def exports(self) -> Exports:
        """Lists as Excel files."""
        return Exports(self.uow, self.office)

    @cached_property
    def data_quality(self) -> DataQuality:
        """What in the register needs a second look."""
        return DataQuality(self.uow, self.office)

    @cached_property
    def walls(self) -> Walls:
        """Screens on walls."""
        return Walls(self.uow, self.office)

    @cached_property
    def late_records(self) -> LateRecords:
        """Steps that were recorded late."""
        return LateRecords(self.uow, self.office)

    @cached_property
    def reports(self) -> Reports:
        """Reports."""
        return Reports(self.uow, self.office)

    @cached_property
    def audit(self) -> Audit:
        """The hash chains."""
        return Audit(self.uow, self.office)

    @cached_property
    def audit_trail(self) -> AuditTrail:
        """What happened, searched; what inspectors looked at."""
        return AuditTrail(self.uow, self.office)

    @cached_property
    def sampling(self) -> Sampling:
        """Samples for inspections."""
        return Sampling(self.uow, self.office)

    @cached_property
    def reorganisation(self) -> Reorganisation:
        """Units that are merged or split."""
        return Reorganisation(self.uow, self.office)

    @cached_property
    def outcomes(self) -> Outcomes:
        """What ended dossiers came to, checked against their logs."""
        return Outcomes(self.uow, self.office)

    @cached_property
    def surveys(self) -> Surveys:
        """Our own satisfaction survey."""
        return Surveys(self.uow, self.office)

    @cached_property
    def ballot_imports(self) -> BallotImports:
        """Files of ballots that were read in, and how one is taken back."""
        return BallotImports(self.uow, self.office)

    @cached_property
    def indicators(self) -> Indicators:
        """The monthly sheets of units and officials."""
        return Indicators(self.uow, self.office)

    @cached_property
    def posting_records(self) -> PostingRecords:
        """What units record about posting."""
        return PostingRecords(self.uow, self.office)

    @cached_property
    def indices(self) -> Indices:
        """The index of Decision 766."""
        return Indices(self.uow, self.office)

    @cached_property
    def feedback(self) -> Feedback:
        """What citizens complain of and propose."""
        return Feedback(self.uow, self.office)
