"""Offices for tests of this folder: the demonstration office behind the pages, an empty one on every database."""

from tests.builders import office_fixture
from tests.support.web import app, engine, filled_office

__all__ = ["app", "engine", "filled_office", "office_fixture"]
