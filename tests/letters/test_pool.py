"""Several processes that render: side by side, each replaceable, with whatever forms a letter was issued with."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from letters import LetterDataUnreadable, Party, RenderWorkerDied
from letters.pool import RenderPool, usual_size
from letters.template_sets import TemplateSet
from tests.letters import golden
from tests.letters.samples import ORDINARY, apology


@pytest.fixture(scope="module")
def pool():
    with RenderPool(2, time_limit=120) as pool:
        yield pool


def letter(number: int):
    return apology(number=f"{number}/2026", applicant=Party(name=f"Nguyễn Văn {number}"))


def test_letters_asked_for_at_once_are_made_by_two_processes_and_come_back_to_who_asked(pool, renderer):
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda number: pool.render(letter(number)), range(6)))
    assert len(set(pool.pids)) == 2
    assert made == [renderer.render(letter(number)) for number in range(6)]


def test_whoever_asks_for_one_after_the_other_keeps_one_process_warm():
    with RenderPool(2, time_limit=120) as pool:
        for number in range(3):
            pool.render(letter(number))
        assert len(pool.pids) == 1


def test_a_letter_is_made_with_the_forms_that_it_names(pool, renderer):
    forms = golden.forms()
    entry = golden.book()["letters"]["apology"]
    assert pool.render(golden.letter(entry), forms) == renderer.render(golden.letter(entry), forms)
    assert pool.render(ORDINARY["apology"]) == renderer.render(ORDINARY["apology"])
    with pytest.raises(LetterDataUnreadable, match="dấu băm"):
        pool.render(ORDINARY["apology"], TemplateSet(forms.files, "0" * 64))


def test_processes_killed_in_the_middle_cost_one_letter_each_and_the_rest_go_on(pool):
    """Half of the letters are interrupted by SIGKILL of whatever process runs; asked for again, all of them come."""
    done, died = {}, 0
    with ThreadPoolExecutor(2) as threads:

        def make(number: int) -> None:
            nonlocal died
            while number not in done:
                try:
                    done[number] = pool.render(letter(number)).sha256
                except RenderWorkerDied:
                    died += 1

        for number in range(2):  # both are up
            make(-number)
        jobs = [threads.submit(make, number) for number in range(8)]
        for _ in range(3):
            time.sleep(0.1)
            for pid in pool.pids:
                with contextlib.suppress(ProcessLookupError):  # who died of the last one is gone in this moment
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.3)
        for job in jobs:
            job.result(timeout=240)
    assert sorted(done) == [-1, *range(8)]
    assert len(set(done.values())) == len(done)


def test_a_machine_with_many_cores_is_left_to_others(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)))
    assert usual_size() == 2
    assert RenderPool().size == 2
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert usual_size() == 1
    assert RenderPool(5).size == 5
