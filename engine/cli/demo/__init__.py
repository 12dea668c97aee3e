"""A believable office for demonstrations and training, filled through the real services."""

from engine.cli.demo.story import fill

__all__ = ["fill"]
