"""The demonstration office for tests of this folder."""

from tests.support.web import app, engine, filled_office

__all__ = ["app", "engine", "filled_office"]
