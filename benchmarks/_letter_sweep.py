"""Late dossiers -> numbered letters -> documents, end to end, for `benchmarks/letters.py --sweep`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta

from benchmarks._letter_ways import resident_mebibytes
from tests.builders import Office, an_office, overdue_dossiers, prepare_office, pretend_to_render


def run(url: str, dossiers: int) -> dict[str, object]:
    """Fill an office, find its dossiers late, make their letters; return times, rates and what was checked."""
    prepare_office(url)
    with an_office(url, render=pretend_to_render) as office:  # their receipts are not what is measured
        overdue_dossiers(office, dossiers, days=30)
        while office.engine.outbox.run(office.now).waiting:
            pass
        now = office.now + timedelta(seconds=1)
    with an_office(url, clock=now, render=None) as office:
        telling = _seconds(office.sweep)
        assert office.count("letters", "form = 'apology'") == dossiers
        before = resident_mebibytes()
        making = _seconds(lambda: _empty(office))
        after = resident_mebibytes()
        _is_whole(office, dossiers)
    return {
        "dossiers": dossiers,
        "processes": office.engine.settings.letters.workers or min(len(os.sched_getaffinity(0)), 2),
        "seconds_to_tell": round(telling, 1),
        "seconds_to_make": round(making, 1),
        "letters_per_second": round(dossiers / making, 1),
        "growth_in_mebibytes": round(after - before, 1),
    }


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _empty(office: Office) -> None:
    while office.engine.outbox.run(office.now).waiting:
        pass


def _is_whole(office: Office, dossiers: int) -> None:
    """Each letter has its document, once, and no series of numbers has a gap."""
    assert office.count("letters", "form = 'apology' AND sha256 IS NOT NULL") == dossiers
    assert office.count("outbox", "done_at IS NULL") == 0
    numbers: dict[object, list[object]] = {}
    for unit, number in office.rows("SELECT unit_id, number FROM letters WHERE form = 'apology' ORDER BY 1, 2"):
        numbers.setdefault(unit, []).append(number)
    assert all(series == list(range(1, len(series) + 1)) for series in numbers.values())
