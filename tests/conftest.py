"""What every test may ask for: an empty database of either kind, a browser page, a machine that is otherwise silent.

    def test_x(database_url): ...              runs twice, ids `sqlite` and `postgresql`; an empty database each time
    def test_x(database_copy):                 the same, but a copy of what `migrate(url)` prepared once
        url = database_copy(migrate)
    def test_x(fresh_postgres_database):       PostgreSQL only, as many databases as it likes
        url = fresh_postgres_database()
    def test_x(browser_page): ...              fails on a console error, page error, CSP violation, foreign address
    @pytest.mark.parametrize("viewport", [(320, 640)])      the same page on a small screen
    def test_x(new_browser_page, browser_faults):           several people at once, each with own cookies
        browser_faults.expect("404")                        where a fault is what the test is about

PostgreSQL and Chromium are started when the first test asks for them and are gone after the session. Where one is not
installed its tests are skipped and say so; with CI=true the session fails instead (`make test` installs both).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browser import BrowserFaults, PageMaker, find_chromium, launch_chromium
from tests.support.databases import DatabaseMaker, PostgresMaker, SqliteMaker
from tests.support.postgres import PostgresServer, find_programs

IS_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
# What a fixture needs on the machine, and how it is found
NEEDS: dict[str, tuple[str, Callable[[], Path | None]]] = {
    "postgres_server": ("PostgreSQL", find_programs),
    "browser": ("Chromium", find_chromium),
}

settings.register_profile("local", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", deadline=None, max_examples=2500, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if IS_CI else "local")


pytest.register_assert_rewrite("tests.builders", "tests.scenario")  # what they assert is shown like a test's own


def pytest_configure() -> None:
    """Forget the settings of the person at the keyboard: a test says what it needs."""
    for name in [name for name in os.environ if name.startswith("MOTCUA_")]:
        del os.environ[name]
    os.environ["MOTCUA_SIGNING__TEST_KEYS"] = ""  # nobody signs with the keys of a demonstration that lies about
    os.environ["MOTCUA_LETTERS__RENDER_TIMEOUT_SECONDS"] = "60"  # a slow machine prints too; a lease is twice that


def pytest_report_header() -> list[str]:
    return [f"{label}: {find() or 'NOT INSTALLED, its tests will not run'}" for label, find in NEEDS.values()]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Under CI a test that cannot run is a failure of the session, never a skip that nobody reads."""
    asked = {fixture for item in session.items for fixture in _asked_by(item)}
    missing = [label for fixture, (label, find) in NEEDS.items() if fixture in asked and find() is None]
    if IS_CI and missing:
        pytest.exit(f"CI=true and not installed: {', '.join(missing)} (`make test` installs them)", returncode=1)


def _asked_by(item: pytest.Item) -> set[str]:
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    dynamic = {"postgres_server"} if parameters.get("database_maker") == "postgresql" else set()
    return {*getattr(item, "fixturenames", ()), *dynamic}


def _found(fixture: str) -> Path:
    label, find = NEEDS[fixture]
    found = find()
    if found is None:
        pytest.skip(f"{label} IS NOT INSTALLED: this was not tested. `make test` installs it")
    return found


# --- databases -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with PostgresServer(_found("postgres_server")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer) -> str:
    """The address of the server's own database `postgres`, as its superuser."""
    return postgres_server.url()


@pytest.fixture(scope="session")
def _postgres_maker(postgres_server: PostgresServer) -> PostgresMaker:
    return PostgresMaker(postgres_server)


@pytest.fixture(scope="session")
def _sqlite_maker(tmp_path_factory: pytest.TempPathFactory) -> SqliteMaker:
    return SqliteMaker(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture
def fresh_postgres_database(_postgres_maker: PostgresMaker) -> Iterator[Callable[[str | None], str]]:
    """Call it for the address of a new database: empty, or a copy of the database named as its `template`."""

    def create(template: str | None = None) -> str:
        return _postgres_maker.from_template(template)

    yield create
    _postgres_maker.drop_all()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out on PostgreSQL what says that its database makes no difference to it."""
    twice = [item for item in items if item.get_closest_marker("any_database") and "[postgresql" in item.nodeid]
    config.hook.pytest_deselected(items=twice)
    items[:] = [item for item in items if item not in set(twice)]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_maker(request: pytest.FixtureRequest) -> Iterator[DatabaseMaker]:
    maker = request.getfixturevalue("_sqlite_maker" if request.param == "sqlite" else "_postgres_maker")
    yield maker
    maker.drop_all()


@pytest.fixture
def database_url(database_maker: DatabaseMaker) -> str:
    """The SQLAlchemy address of an empty database: the test runs on SQLite and on PostgreSQL."""
    return database_maker.empty()


@pytest.fixture
def database_copy(database_maker: DatabaseMaker) -> Callable[[Callable[[str], object]], str]:
    """Call it with a function that fills a database, given its address: the work is done once in a session."""
    return database_maker.copy_of


# --- browser ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = _found("browser")
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright, program)
        yield browser
        browser.close()


@pytest.fixture
def browser_faults() -> BrowserFaults:
    """What the pages of this test complained about; `expect(fragment)` for a fault that the test is about."""
    return BrowserFaults()


@pytest.fixture
def new_browser_page(browser: Browser, browser_faults: BrowserFaults) -> Iterator[PageMaker]:
    """Call it for one more page with its own cookies; every fault of it fails the test."""
    maker = PageMaker(browser, browser_faults)
    yield maker
    maker.close_all()
    verdict = browser_faults.verdict()
    if verdict:
        pytest.fail("the browser complained:\n  " + "\n  ".join(verdict), pytrace=False)


@pytest.fixture
def viewport() -> tuple[int, int]:
    """Width and height of `browser_page` in CSS pixels; parametrize it to change them."""
    return (1280, 800)


@pytest.fixture
def browser_page(new_browser_page: PageMaker, viewport: tuple[int, int]) -> Page:
    return new_browser_page(viewport)
