"""Every scenario is walked on SQLite and on PostgreSQL, and leaves the books in order."""

from collections.abc import Callable, Iterator

import pytest

pytest.register_assert_rewrite("tests.builders", "tests.scenario")

from tests.builders import Office, an_office, books_are_sound, prepare_office  # noqa: E402 - after the line above
from tests.scenario import Scenario  # noqa: E402


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[Office]:
    with an_office(database_copy(prepare_office)) as office:
        yield office
        books_are_sound(office)


@pytest.fixture
def s(office: Office) -> Scenario:
    return Scenario(office)
