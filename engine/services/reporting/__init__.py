"""Reports: one way to make them all, one value out, whatever shows it; as they were sent, and what is due."""

from engine.services.reporting.duties import DueLine
from engine.services.reporting.sending import Sent, SentReports

__all__ = ["DueLine", "Sent", "SentReports"]
