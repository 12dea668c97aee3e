"""Reports: what every other use case counts, in one form."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from engine.bootstrap.law import InTheLaw
from engine.bootstrap.oversight import OnWatch
from engine.services.reconciling import Reconciling
from engine.services.report_papers import ReportPapers
from engine.services.reporting import SentReports
from engine.services.reporting.asked import Kept

if TYPE_CHECKING:
    from engine.services.reporting.asked import Flat


class WithReports(InTheLaw, OnWatch):
    """Reports: what every other use case counts, in one form."""

    @cached_property
    def reporting(self) -> SentReports:
        """Every report, in every shape; what the other use cases count, each in its own way, comes in here."""
        reports, feedback, indicators, surveys = self.reports, self.feedback, self.indicators, self.surveys
        flats: dict[str, Flat] = {
            "results": lambda first, last, unit, _at: reports.results(first, last, unit),
            "overdue": lambda first, last, unit, _at: reports.overdue(first, last, unit),
            "apologies": lambda first, last, unit, _at: reports.apologies(first, last, unit),
            "steps": lambda first, last, unit, _at: reports.steps(first, last, unit),
            "feedback": lambda first, last, unit, at: feedback.report(first, last, unit, at=at),
            "satisfaction": lambda first, last, unit, _at: surveys.satisfaction(first, last, unit),
            "evaluation": lambda first, last, unit, at: indicators.evaluation(first, last, unit, at=at),
            "officials": lambda first, last, unit, at: indicators.officials(first, last, unit, at=at),
        }
        return SentReports(self.uow, self.office, Kept(flats, lambda at: self.posting.report(at=at)))

    @cached_property
    def report_papers(self) -> ReportPapers:
        """Reports as Excel and PDF."""
        return ReportPapers(self.uow, self.office, self._presses.register)

    @cached_property
    def reconciling(self) -> Reconciling:
        """Our register beside what another system exported."""
        return Reconciling(self.uow, self.office)
