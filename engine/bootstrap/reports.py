"""Reports: what every other use case counts, in one form."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from engine.bootstrap.law import InTheLaw
from engine.bootstrap.oversight import OnWatch
from engine.services.reporting import SentReports
from engine.services.reporting.asked import Kept
from engine.services.reporting.papers import ReportPapers
from engine.services.reporting.reconciling import Reconciling

if TYPE_CHECKING:
    from engine.services.reporting.asked import Flat


class WithReports(InTheLaw, OnWatch):
    """Reports: what every other use case counts, in one form."""

    @cached_property
    def reporting(self) -> SentReports:
        """Every report, in every shape; what the other use cases count, each in its own way, comes in here."""
        reports, feedback, indicators, surveys = self.reports, self.feedback, self.indicators, self.surveys
        flats: dict[str, Flat] = {
            "results": lambda first, last, within, _at: reports.results(first, last, within=within),
            "overdue": lambda first, last, within, _at: reports.overdue(first, last, within=within),
            "apologies": lambda first, last, within, _at: reports.apologies(first, last, within=within),
            "steps": lambda first, last, within, _at: reports.steps(first, last, within=within),
            "feedback": lambda first, last, within, at: feedback.report(first, last, within=within, at=at),
            "satisfaction": lambda first, last, within, _at: surveys.satisfaction(first, last, within=within),
            "evaluation": lambda first, last, within, at: indicators.evaluation(first, last, within=within, at=at),
            "officials": lambda first, last, within, at: indicators.officials(first, last, within=within, at=at),
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
