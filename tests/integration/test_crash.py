"""The scheduler is killed ten times over while it tells 500 late dossiers, and in the end nothing is missing or double.

What the house promises: a crash at any instruction changes when a letter comes, never whether, or how many.
"""

from __future__ import annotations

import hashlib
import random
import secrets
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import pytest

from engine.clock import SystemClock
from tests.builders import (
    LICENCE,
    REISSUE,
    Office,
    an_office,
    books_are_sound,
    copy_procedures,
    overdue_dossiers,
    prepare_office,
    pretend_to_render,
)
from tests.support.command import start_motcua

# How many are late, and how often it is killed. SQLite prints for real, in the child process of the scheduler;
# PostgreSQL shows the same of its locks alone.
SIZES = {"sqlite": (500, 10), "postgresql": (200, 4)}
# The scheduler, which dies by itself after so many dossiers or letters: whoever is to kill it may have been kept from
# the processor for as long as it needs to finish everything.
MORTAL = """
import os, signal
from engine.cli import main
from engine.services.outbox import Outbox
from engine.services.overdue import Overdue
def mortal(kind, act, most):
    real, begun = getattr(kind, act), []
    def once_more(*arguments):
        begun.append(1)
        if len(begun) > most:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments)
    setattr(kind, act, once_more)
mortal(Overdue, "_handle", {told})
mortal(Outbox, "_render_letter", {rendered})
{pretending}
main()
"""
# Documents that cost no rendering.
PRETENDING = """
from engine.bootstrap import presses
from tests.builders import pretend_to_render
presses.Presses.letter = lambda self, letter, templates=None: pretend_to_render(letter)
"""


def fill(database_url: str, dossiers: int) -> None:
    """Dossiers that are long past their date; their receipts are done with."""
    prepare_office(database_url)
    with an_office(database_url, clock=SystemClock().now()) as office:
        overdue_dossiers(office, dossiers, (REISSUE, REISSUE, LICENCE), days=60)
        assert office.engine.outbox.run(office.now).waiting == 0
        assert office.count("letters", "form = 'receipt' AND delivered_at IS NOT NULL") == dossiers


def told(office: Office) -> int:
    return office.count("letters", "form = 'apology'")


def rendered(office: Office) -> int:
    return office.count("letters", "form = 'apology' AND rendered_at IS NOT NULL")


def no_work_is_half_done(office: Office) -> None:
    """Flag, number, letter, new date and notice came together or not at all; so did document and note."""
    letters = told(office)
    assert office.count("overdue_facts", "kind = 'overdue'") == letters
    assert office.count("dossiers", "overdue_count = 1") == letters
    assert office.count("dossiers", "overdue_count > 1") == 0
    assert office.count("notices", "message = 'overdue'") == letters
    assert office.count("clock_entries", "kind = 'extended'") == letters
    documents = "id IN (SELECT letter_id FROM letter_documents)"
    assert office.count("letters", f"rendered_at IS NOT NULL AND NOT {documents}") == 0
    assert office.count("letters", f"rendered_at IS NULL AND {documents}") == 0
    books_are_sound(office)


@pytest.mark.timeout(600)
def test_a_scheduler_killed_ten_times_over_loses_and_doubles_nothing(database_url: str, tmp_path):
    prints = database_url.startswith("sqlite")
    dossiers, kills = SIZES["sqlite" if prints else "postgresql"]
    fill(database_url, dossiers)
    seed = secrets.randbelow(10**6)
    print(f"killed at moments of seed {seed}")  # noqa: T201 - shown when the test fails
    dice = random.Random(seed)
    procedures = str(copy_procedures(tmp_path / "bpmn"))
    caught_telling = caught_rendering = 0
    with an_office(database_url, clock=SystemClock().now()) as office:
        for kill in range(kills):
            is_telling = kill < kills // 2
            watched, steps = (told, (dossiers // 25, dossiers // 7)) if is_telling else (rendered, (3, 25))
            goal = min(watched(office) + dice.randint(*steps), dossiers)
            process = start_motcua(
                "scheduler",
                program=MORTAL.format(
                    told=dossiers // 6 if is_telling else dossiers,
                    rendered=dossiers // (kills + 2),
                    pretending="" if prints else PRETENDING,
                ),
                database_url=database_url,
                procedures=procedures,
                overdue__sweep_every_seconds="1",
            )
            give_up = time.monotonic() + 120
            while watched(office) < goal and process.poll() is None and time.monotonic() < give_up:
                time.sleep(dice.uniform(0, 0.02))
            process.kill()
            _, complaint = process.communicate()
            assert process.returncode == -signal.SIGKILL, complaint
            caught_telling += 0 < told(office) < dossiers
            caught_rendering += 0 < rendered(office) < dossiers
            no_work_is_half_done(office)
    assert caught_telling >= kills // 3, "the sweep was over before it was killed"
    assert caught_rendering >= kills // 3, "the outbox was empty before it was killed"

    an_hour_later = SystemClock().now() + timedelta(hours=1)
    render = None if prints else pretend_to_render
    with ExitStack() as stack:  # two of them finish the job, so that both cores of the machine print
        offices = [stack.enter_context(an_office(database_url, clock=an_hour_later, render=render)) for _ in range(2)]
        office = offices[0]
        office.sweep()
        with ThreadPoolExecutor(2) as pool:
            worked = list(pool.map(lambda one: one.engine.outbox.run(an_hour_later), offices))
        assert sum(one.failed for one in worked) == 0
        everything_is_there_once(office, dossiers, prints=prints)
        assert office.sweep() == (0, 0, 0)
        assert office.engine.outbox.run(office.now).rendered == 0
        assert told(office) == dossiers


def everything_is_there_once(office: Office, dossiers: int, *, prints: bool) -> None:
    no_work_is_half_done(office)
    assert told(office) == rendered(office) == dossiers
    assert office.count("letters", "form = 'apology' AND delivered_at IS NOT NULL") == dossiers
    assert office.count("outbox", "done_at IS NULL") == 0
    per_dossier = "SELECT count(*) FROM letters WHERE form = 'apology' GROUP BY dossier_id"
    assert office.rows(per_dossier) == [(1,)] * dossiers
    of_units = "SELECT count(*) FROM letters WHERE form = 'apology' GROUP BY unit_id"  # no series has a gap: see above
    assert sorted(office.rows(of_units)) == [(dossiers // 3,), (dossiers - dossiers // 3,)]
    query = (
        "SELECT l.sha256, d.pdf FROM letters l JOIN letter_documents d ON d.letter_id = l.id WHERE l.form = 'apology'"
    )
    documents = [(sha256, bytes(pdf)) for sha256, pdf in office.rows(query)]  # type: ignore[call-overload] # bytes
    assert len(documents) == dossiers
    opening = b"%PDF-1.7" if prints else b"%PDF-pretended"
    assert all(pdf.startswith(opening) and hashlib.sha256(pdf).hexdigest() == sha256 for sha256, pdf in documents)
