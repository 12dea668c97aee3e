"""How long pages take over a known province, what they ask the database, and whether anything scans all files."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from statistics import median, quantiles
from typing import Any

from flask import Flask
from sqlalchemy import event

from benchmarks.known.province import Province
from engine.domain.report_registry import REPORTS
from tests.builders import PASSWORD
from web import create_app

TIMED = {
    "board, first page": "/oversight",
    "board by procedure": "/oversight?by=procedure",
    "overdue queue": "/oversight/queue/overdue",
    "monthly report": "/oversight/reports/monthly?period=2026-03",
    "monthly report, running": "/oversight/reports/monthly?period=2026-04",
    "form 06": "/oversight/reports/progress?period=2026-03",
    "form 06, long ago": "/oversight/reports/progress?period=2023-06",
    "form 07": "/oversight/reports/units?period=2026-03",
    "form 07 of a year": "/oversight/reports/units?period=2025",
}
# Whoever works with a page that stands behind a door of their own.
WHO = ("giam", "minh", "lan", "thanh", "tra")
BIG = ("dossiers", "tasks", "outcomes", "letters", "overdue_facts", "attachments", "late_records")
ROUNDS = 30
_SCAN = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")
# What a unit has ever decided, or was ever asked of a procedure: a part of all files that grows with them.
_PART = re.compile(r"SEARCH (\w+) USING (?:COVERING )?INDEX (ix_dossiers_(?:deciding_unit_id|procedure_code)) ")


class Visitor:
    """Somebody who has signed in."""

    def __init__(self, app: Flask, who: str) -> None:
        self._client = app.test_client()
        page = self._client.get("/dang-nhap").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        answer = self._client.post("/dang-nhap", data={"username": who, "password": PASSWORD, "csrf_token": token})
        assert answer.status_code == 303, answer.status_code

    def ask(self, path: str) -> tuple[int, float]:
        """The status of a page, and how long it took in seconds."""
        begun = time.perf_counter()
        answer = self._client.get(path)
        _ = answer.data
        took = time.perf_counter() - begun
        answer.close()
        return answer.status_code, took


@contextlib.contextmanager
def heard(province: Province) -> Iterator[list[tuple[str, Any]]]:
    """The statements that run inside the block, with their values."""
    found: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        found.append((statement, values))

    database = province.office.engine._database  # noqa: SLF001 - a measurement looks below the services
    event.listen(database, "before_cursor_execute", note)
    yield found
    event.remove(database, "before_cursor_execute", note)


def timed(province: Province) -> dict[str, tuple[int, float, float]]:
    """Of each page: how many statements, the median and the 95th percentile of its time in milliseconds."""
    visitor = Visitor(create_app(province.office.engine), "giam")
    found = {}
    for title, path in TIMED.items():
        status, first = visitor.ask(path)
        assert status == 200, (path, status)
        with heard(province) as statements:
            visitor.ask(path)
        rounds = ROUNDS if first < 1 else 10
        times = [visitor.ask(path)[1] * 1000 for _ in range(rounds)]
        found[title] = (len(statements), median(times), quantiles(times, n=20)[-1])
    return found


def scans(province: Province) -> tuple[int, int, list[str]]:
    """Every report and page without parameters (files aside), asked for by people of each sort, and how SQLite reads.

    Answers how many pages and statements were looked at, and each reading of a whole table of files: a `SCAN` of one of
    `BIG` that no partial index (open files, open steps) keeps small.
    """
    app = create_app(province.office.engine)
    with province.office.engine.uow.read() as tx:
        partial = set(
            tx.connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
            ).scalars()
        )
    rules = sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and "." not in rule.rule
    )
    reports = [f"/oversight/reports/{kind.name}?period=2026-03" for kind in REPORTS]
    seen: dict[str, str] = {}
    pages, plans = 0, set[str]()
    for who in WHO:
        visitor = Visitor(app, who)
        for path in [*rules, *TIMED.values(), *reports]:
            with heard(province) as statements:
                status, _took = visitor.ask(path)
            pages += status == 200
            for statement, values in statements if status == 200 else ():
                if statement not in plans and statement.lstrip().upper().startswith(("SELECT", "WITH")):
                    plans.add(statement)
                    for line in _whole(province, statement, values, partial):
                        seen.setdefault(f"{line}: {statement[:200]}", f"{who} {path}")
    return pages, len(plans), [f"{page}: {what}" for what, page in seen.items()]


def _whole(province: Province, statement: str, values: Any, partial: set[str]) -> Iterator[str]:
    """The lines of a plan that read a whole table of files."""
    aliases = {alias: table for table, alias in re.findall(r"(\w+) AS (\w+)", statement)}
    with province.office.engine.uow.read() as tx:
        plan = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    in_order = " LIMIT " in statement and not any("TEMP B-TREE" in detail for *_ids, detail in plan)
    for *_ids, detail in plan:
        found = _SCAN.match(detail) or _PART.match(detail)
        if found and in_order and found[2]:
            continue  # reads along an index and stops when the page is full
        if found and aliases.get(found[1], found[1]) in BIG and found[2] not in partial:
            yield detail
