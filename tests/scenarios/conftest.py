"""Every scenario is walked on SQLite and on PostgreSQL, and leaves the books in order."""

import pytest

from tests.builders import Office, office_fixture
from tests.scenario import Scenario

__all__ = ["office_fixture", "s"]


@pytest.fixture
def s(office: Office) -> Scenario:
    return Scenario(office)
