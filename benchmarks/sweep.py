"""What the sweep costs: when nothing is due, however many dossiers there are, and when a thousand are due at once.

    .venv/bin/python benchmarks/sweep.py [dossiers] [due]

An office with few dossiers and one with many are filled through the services on SQLite; the ways take turns in one run,
median CPU time. Trust the ratios.

  idle, few / many   a sweep that finds nothing: it reads a partial index, so the archive must not matter
  look at all        the plain way: read every open dossier and compare its date
  due                telling one late dossier: fact, numbered letter, new date, event, notices, in one commit;
                     beside a bare commit of one row
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine.persistence.models import Dossier
from tests.builders import Office, an_office, overdue_dossiers, prepare_office

DOSSIERS, DUE, FEW, ROUNDS = 3000, 1000, 50, 40


def cost(work: Callable[[], object]) -> float:
    """CPU time of one call, in seconds."""
    began = time.process_time()
    work()
    return time.process_time() - began


def look_at_all(office: Office) -> int:
    """How many open dossiers are late, the plain way."""
    with office.engine.uow.read() as tx, Session(tx.connection) as session:
        every = session.scalars(select(Dossier).where(Dossier.ended_at.is_(None)))
        return sum(dossier.due_at is not None and dossier.due_at < office.now for dossier in every)


def bare_commit(office: Office) -> None:
    """One UPDATE of one row and its commit."""
    with office.engine.uow.write() as tx:
        tx.connection.execute(text("UPDATE heartbeats SET at = at WHERE name = 'sweep'"))


def main(dossiers: int, due: int) -> None:
    """Fill both offices, measure in turn, print the table."""
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
        urls = [f"sqlite:///{folder}/{name}.db" for name in ("few", "many")]
        for url in urls:
            prepare_office(url)
        with an_office(urls[0]) as few, an_office(urls[1]) as many:
            for office, number in ((few, FEW), (many, dossiers - due)):
                for _ in range(number):
                    office.receive()
                assert office.sweep() == (0, 0, 0)
            ways: dict[str, Callable[[], object]] = {
                "idle, few": few.sweep,
                "idle, many": many.sweep,
                "look at all": lambda: look_at_all(many),
                "bare commit": lambda: bare_commit(many),
            }
            costs: dict[str, list[float]] = {name: [] for name in ways}
            for _round in range(ROUNDS):
                for name, way in ways.items():
                    costs[name].append(cost(way))
            overdue_dossiers(many, due, days=30)
            many.clock.advance(timedelta(seconds=1))
            telling = cost(many.sweep) / due
            assert many.count("letters", "form = 'apology'") == due
    figures = {name: median(found) for name, found in costs.items()} | {"due, each": telling}
    idle, bare = figures["idle, many"], figures["bare commit"]
    print(f"{'':14}{'ms':>9}{'beside idle, many':>20}{'beside bare commit':>20}")
    for name, figure in figures.items():
        print(f"{name:14}{figure * 1000:9.3f}{figure / idle:19.2f}x{figure / bare:19.1f}x")
    print(f"{FEW} and {dossiers - due} dossiers; {due} due at once, {1 / telling:.0f} told a second")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]) if len(sys.argv) > 1 else (DOSSIERS, DUE))
