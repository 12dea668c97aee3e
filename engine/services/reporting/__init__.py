"""Reports: one way to make them all, one value out, whatever shows it."""

from engine.services.reporting.service import Reporting

__all__ = ["Reporting"]
