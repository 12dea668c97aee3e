"""`motcua replay`: a real event log is lived through again, under its own clock, through the real services."""

from engine.cli.replay.command import replay

__all__ = ["replay"]
