"""What the page of a work list costs in a unit with thousands of open files, beside an empty page of the same layout.

    .venv/bin/python benchmarks/worklist.py [files] [open in the unit] [sqlite|postgresql|both]

A province is generated (`benchmarks.province`): so many files in all, so many open ones in the land registry. Then the
pages are asked for by sixteen people at once, over the whole web application, and so is the same page of an office
without a single file. Trust the ratio: sixteen threads share the processors of one process, so absolute times are
those of a queue of sixteen. `statements` are those of the page alone, sign-in and layout included.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import event

from benchmarks.province import LOOK_AT, Province
from tests.builders import PASSWORD, Office, an_office, prepare_office
from tests.support.postgres import PostgresServer, find_programs
from web import create_app

FILES, OPEN, PEOPLE, ROUNDS = 20_000, 2_000, 16, 8
WHO = "minh"
PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "unit": ("/work?view=unit", {}),
    "unit, page 20": ("/work?view=unit&page=20", {}),
    "unassigned": ("/work?view=unassigned", {}),
    "supplement": ("/work?view=supplement", {}),
    "by procedure": ("/work?view=unit&procedure=1.012783&sort=received", {}),
    "late, filter open": ("/work?view=unit&band=overdue&filter=1", {}),
    "search, rare": ("/work/search", {"q": "100000007"}),
    "search, two words": ("/work/search", {"q": "dao bui"}),
    "search, common": ("/work/search", {"q": "nguyen"}),
}


class Visitor:
    """One signed-in browser."""

    def __init__(self, app: object) -> None:
        self.client = app.test_client()  # type: ignore[attr-defined]
        page = self.client.get("/dang-nhap").text
        self.token = page.split('name="csrf_token" value="')[1].split('"')[0]
        answer = self.client.post("/dang-nhap", data={"username": WHO, "password": PASSWORD, "csrf_token": self.token})
        assert answer.status_code == 303, answer.status_code
        page = self.client.get("/work?view=unit").text
        self.token = page.split('name="csrf_token" value="')[1].split('"')[0]

    def ask(self, path: str, form: dict[str, str]) -> float:
        """How long the page took, in seconds of the clock on the wall."""
        begun = time.perf_counter()
        answer = self.client.post(path, data={**form, "csrf_token": self.token}) if form else self.client.get(path)
        took = time.perf_counter() - begun
        assert answer.status_code == 200, (path, answer.status_code)
        answer.close()
        return took


@contextlib.contextmanager
def counting(office: Office) -> Iterator[list[str]]:
    """The statements that run inside the block."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    database = office.engine._database  # noqa: SLF001 - a measurement looks below the services
    event.listen(database, "before_cursor_execute", note)
    yield found
    event.remove(database, "before_cursor_execute", note)


def together(visitors: list[Visitor], path: str, form: dict[str, str]) -> list[float]:
    """Ask for a page by everybody at once, several times; the time of each asking."""
    for visitor in visitors[:2]:
        visitor.ask(path, form)

    def rounds(visitor: Visitor) -> list[float]:
        return [visitor.ask(path, form) for _ in range(ROUNDS)]

    with ThreadPoolExecutor(PEOPLE) as pool:
        return [took for each in pool.map(rounds, visitors) for took in each]


def p95(times: list[float]) -> float:
    """What nineteen of twenty stay under."""
    return quantiles(times, n=20)[-1]


def measure(name: str, url_of: Callable[[], str], files: int, open_here: int) -> None:
    """Fill, ask, print one table."""
    begun = time.perf_counter()
    full, empty = url_of(), url_of()
    for url in (full, empty):
        prepare_office(url)
    with an_office(full, clock=LOOK_AT) as office, an_office(empty, clock=LOOK_AT) as nothing:
        Province(office).fill(files=files, open_here=open_here)
        filled = time.perf_counter() - begun
        apps = [create_app(each.engine) for each in (office, nothing)]
        crowd, lonely = ([Visitor(app) for _ in range(PEOPLE)] for app in apps)
        counts = office.engine.worklist.page(office.person(WHO), view="unit", at=LOOK_AT).counts
        print(f"\n{name}: {files} files, {dict(counts)}, filled in {filled:.0f} s")
        print(f"{'':20}{'statements':>11}{'alone ms':>10}{'p95 of 16':>11}{'beside the empty page':>23}")
        bare = p95(together(lonely, "/work?view=unit", {}))
        alone = median(lonely[0].ask("/work?view=unit", {}) for _ in range(9))
        print(f"{'empty page':20}{'':>11}{alone * 1000:10.1f}{bare * 1000:11.0f}{1:22.2f}x")
        for title, (path, form) in PAGES.items():
            with counting(office) as statements:
                crowd[0].ask(path, form)
            alone = median(crowd[0].ask(path, form) for _ in range(9))
            all_at_once = p95(together(crowd, path, form))
            figures = f"{len(statements):11}{alone * 1000:10.1f}{all_at_once * 1000:11.0f}{all_at_once / bare:22.2f}x"
            print(f"{title:20}{figures}", flush=True)


def main(files: int, open_here: int, where: str) -> None:
    """Measure on the databases that were asked for."""
    if where in {"sqlite", "both"}:
        with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
            names = iter(("full", "empty"))
            measure("SQLite", lambda: f"sqlite:///{folder}/{next(names)}.db", files, open_here)
    programs = find_programs()
    if where in {"postgresql", "both"} and programs is not None:
        with PostgresServer(programs) as server:
            measure("PostgreSQL", lambda: server.url(server.create_database()), files, open_here)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        int(given[0]) if given else FILES,
        int(given[1]) if len(given) > 1 else OPEN,
        given[2] if len(given) > 2 else "both",
    )
