"""Rendering processes are killed while the letters of a sweep are made, and in the end each letter is there once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import threading
from datetime import timedelta

import pytest

from tests.builders import MONDAY, REISSUE, an_office, books_are_sound, overdue_dossiers, prepare_office

DOSSIERS, KILLS = 16, 3


# PostgreSQL shows nothing more here: what is killed never speaks to a database.
@pytest.mark.timeout(300)
@pytest.mark.parametrize("database_maker", ["sqlite"], indirect=True)
def test_rendering_processes_killed_during_a_sweeps_letters_lose_and_double_none(database_url: str):
    prepare_office(database_url)
    with an_office(database_url) as office:
        overdue_dossiers(office, DOSSIERS, (REISSUE,), days=60)
        assert office.engine.outbox.run(office.now).waiting == 0
    with an_office(database_url, clock=MONDAY + timedelta(minutes=1), render=None, letters__workers=2) as office:
        assert office.sweep() != (0, 0, 0)
        kills: list[int] = []
        made: list[int] = []

        def seen(_count: int) -> None:
            made.append(1)
            if len(kills) < KILLS and len(made) % 3 == 0:
                for pid in office.engine._presses.pids:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                kills.append(1)

        threads = set(threading.enumerate())
        worked = office.engine.outbox.run(office.now, on_progress=seen)
        assert len(kills) == KILLS
        assert set(threading.enumerate()) <= threads, "whoever printed side by side is gone"
        for _ in range(KILLS + 1):  # what was interrupted is tried again, after its pause
            office.clock.advance(timedelta(minutes=10))
            worked += office.engine.outbox.run(office.now)
        assert (worked.rendered, worked.waiting) == (DOSSIERS, 0)
        assert worked.failed <= 2 * KILLS, "a kill costs the letters at hand, one each process, and no other"
        query = "SELECT l.number, l.sha256, d.pdf FROM letters l JOIN letter_documents d ON d.letter_id = l.id"
        letters = office.rows(f"{query} WHERE l.form = 'apology' ORDER BY l.number")
        assert [number for number, _, _ in letters] == list(range(1, DOSSIERS + 1))
        assert all(hashlib.sha256(bytes(pdf)).hexdigest() == sha256 for _, sha256, pdf in letters)  # type: ignore[call-overload]
        books_are_sound(office)
