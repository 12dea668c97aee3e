"""Two offices for the tests of this folder: the demonstration one behind its pages, and an empty one with its people."""

from tests.builders import office_fixture
from tests.support.web import app, engine, filled_office

__all__ = ["app", "engine", "filled_office", "office_fixture"]
