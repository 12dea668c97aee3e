"""`motcua forecast`: learn from what ended, and judge what was told, on this office or on any event log."""

from engine.cli.forecast.command import forecast

__all__ = ["forecast"]
