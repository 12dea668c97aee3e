"""What a new special day of the nation costs: to look what it would do, and to work the dates of dossiers out anew.

Run it with a number of open dossiers (default 200000) and, if wished, the address of an empty PostgreSQL database.
Ratios are of one run on one machine: against working out the dates of one ledger without any database, and against a
tenth of the dossiers, which shows that the cost grows with their number and not faster. `grown_mb` is how much the
process grew while it looked and worked. Seconds are process time, a database server's not counted.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parent.parent))

from engine.domain.calendar import DayKind, SpecialDay
from engine.domain.reprojection import Rules, Standing, reproject
from engine.effects.clock import read_ledger
from engine.persistence.base import Base
from tests.builders import REISSUE, SPLIT, Office, an_office, local, prepare_office

LOOK_AT = local("2026-03-16 09:00")
CLOSED = SpecialDay(
    date(2026, 3, 17), DayKind.HOLIDAY, "Ngày nghỉ của cả nước", "Quyết định 1/QĐ-TTg", date(2026, 3, 1)
)
CLONED = ("dossiers", "instances", "tasks", "clock_entries", "audit_events")
UNIQUE = {"code": "code || '-' || n", "receipt_token": "receipt_token || '-' || n"}
EMPTY = ("idempotency_key",)


def main(how_many: int, url: str = "") -> None:
    """Print one JSON document."""
    with tempfile.TemporaryDirectory() as scratch:
        small = measure(f"sqlite:///{scratch}/small.db", how_many // 10) if not url else None
        large = measure(url or f"sqlite:///{scratch}/large.db", how_many)
    found = {"database": "postgresql" if url else "sqlite", **large}
    if small is not None:
        names = ("what_if", "reprojection")
        found |= {
            f"{name}_against_a_tenth": round(small[f"{name}_per_s"] / large[f"{name}_per_s"], 2) for name in names
        }
    print(json.dumps(found, indent=2))


def measure(url: str, how_many: int) -> dict[str, float]:
    """Fill a database, look, enter the day, work out."""
    prepare_office(url)
    with an_office(url, clock=LOOK_AT) as office:
        filled = seconds(lambda: fill(office, how_many), of=time.perf_counter)
        alone = ledger_alone(office)
        admin, engine = office.person("admin"), office.engine
        before = peak_mb()
        look = seconds(lambda: engine.what_if.of_day(admin, "", CLOSED, at=office.now))
        asked = engine.what_if.look(admin, 1)
        engine.calendar_books.enter_day(admin, "", CLOSED, at=office.now)
        work = seconds(lambda: engine.reprojection.run(office.now))
        (run,) = engine.reprojection.runs(1)
        assert run.finished_at is not None
        assert run.done == how_many
        assert (run.moved, run.late, run.cleared) == (asked.moved, asked.late, asked.cleared)
    return {
        "dossiers": how_many,
        "met": asked.done,
        "moved": run.moved,
        "seconds_to_fill": round(filled, 1),
        "ledgers_alone_per_s": round(1 / alone),
        "what_if_per_s": round(how_many / look),
        "reprojection_per_s": round(how_many / work),
        "what_if_against_ledger_alone": round(look / how_many / alone, 1),
        "reprojection_against_ledger_alone": round(work / how_many / alone, 1),
        "grown_mb": round(peak_mb() - before, 1),
    }


def fill(office: Office, how_many: int) -> None:
    """Receive a hundred dossiers over four days and forward half of them, then clone their rows in the database."""
    first = local("2026-03-12 08:00")
    codes = []
    for number in range(100):
        at = first + timedelta(days=number % 4, minutes=number)
        office.clock.move_to(at)
        codes.append(office.receive(SPLIT if number % 4 else REISSUE, at=at))
        if number % 2:
            office.do(codes[-1])
    office.clock.move_to(LOOK_AT)
    with office.engine.uow.write() as tx:
        for table in CLONED:
            names = [column.name for column in Base.metadata.tables[table].columns]
            tx.connection.execute(text(clone(table, names)), {"most": how_many - len(codes), "mine": len(codes)})
        if tx.connection.dialect.name == "postgresql":
            tx.connection.execute(text("ANALYZE"))


def clone(table: str, names: list[str]) -> str:
    """Copy the rows of the first dossiers until there are enough; ids count on, nothing else changes."""
    offset = {"id": "id + n * (SELECT max(id) FROM {table})", "dossier_id": "dossier_id + n * :mine"}
    values = []
    for name in names:
        value = "NULL" if name in EMPTY else UNIQUE.get(name, name) if table == "dossiers" else name
        value = offset.get(name, value).format(table=table)
        values.append("id + n * :mine" if table == "dossiers" and name == "id" else value)
    whose = "id" if table == "dossiers" else "dossier_id"
    quoted = ", ".join(f'"{name}"' for name in names)
    return (
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n * :mine < :most) "
        f"INSERT INTO {table} ({quoted}) SELECT {', '.join(values)} FROM numbers, {table} "
        f"WHERE {whose} + (n - 1) * :mine <= :most ORDER BY n, {whose}"
    )


def ledger_alone(office: Office) -> float:
    """How long it takes to work out the dates of one ledger, everything at hand."""
    engine = office.engine
    with engine.uow.read() as tx:
        rows = [dict(row) for row in tx.history.clock(1)]
        definition = engine.library.get(tx, tx.dossiers.by_id(1).definition_ref)
    settings = engine.settings
    rules = Rules(
        engine.calendar, definition.procedure.same_day_cutoff or settings.same_day_cutoff, settings.overdue.ladder
    )
    many = 2000
    return seconds(lambda: [project(rows, rules, office) for _ in range(many)]) / many


def project(rows: list[dict[str, object]], rules: Rules, office: Office) -> None:
    """One ledger."""
    reproject(read_ledger(rows), Standing(None, is_done=False), rules, at=office.now)


def seconds(act: Callable[[], object], of: Callable[[], float] = time.process_time) -> float:
    """How long an act takes."""
    begun = of()
    act()
    return of() - begun


def peak_mb() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000, *sys.argv[2:])
