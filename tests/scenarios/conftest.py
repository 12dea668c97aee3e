"""Every scenario is walked on SQLite and on PostgreSQL, and leaves the books in order."""

import pytest

pytest.register_assert_rewrite("tests.builders", "tests.scenario")

from tests.builders import Office, office_fixture  # noqa: E402 - after the line above
from tests.scenario import Scenario  # noqa: E402

__all__ = ["office_fixture", "s"]


@pytest.fixture
def s(office: Office) -> Scenario:
    return Scenario(office)
