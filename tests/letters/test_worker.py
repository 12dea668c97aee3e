"""The child that renders: it may hang, die or be orphaned, and the office goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import letters.worker
from letters import LetterError, LetterNotRenderable, RenderTimedOut, RenderWorkerDied
from letters.worker import RenderWorker
from tests.letters.samples import ORDINARY, apology, receipt


@pytest.fixture(scope="module")
def worker():
    with RenderWorker(time_limit=120) as worker:  # a machine that is ten times slower begins in it too
        yield worker


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_the_childs_letter_is_the_renderers_letter(worker, rendered):
    assert worker.render(ORDINARY["apology"]) == rendered["apology"]
    assert worker.render(ORDINARY["receipt"]) == rendered["receipt"]


def test_one_bad_letter_fails_alone_and_the_child_stays(worker):
    before = worker.pid
    with pytest.raises(LetterNotRenderable, match=r"U\+1F642"):
        worker.render(apology(reason="🙂"))
    assert worker.render(receipt()).pages == 1
    assert worker.pid == before


def test_a_hung_child_is_ended_in_time_and_replaced(worker):
    worker.render(apology())
    hung = worker.pid
    worker._time_limit, patient = 0.5, worker._time_limit
    os.kill(hung, signal.SIGSTOP)
    with pytest.raises(RenderTimedOut):
        worker.render(apology())
    worker._time_limit = patient
    assert not is_alive(hung)
    assert worker.render(apology()).pages == 1
    assert worker.pid != hung


def test_a_child_that_dies_in_a_letter_fails_that_letter_only(worker, monkeypatch):
    worker.render(apology())
    os.kill(worker.pid, signal.SIGSTOP)
    send = letters.worker._send

    def send_and_kill(wire, message):
        send(wire, message)
        os.kill(worker.pid, signal.SIGKILL)

    with monkeypatch.context() as patch:
        patch.setattr(letters.worker, "_send", send_and_kill)
        with pytest.raises(RenderWorkerDied, match="-9"):
            worker.render(apology())
    assert worker.render(apology()).pages == 1


def test_a_child_that_died_between_letters_goes_unnoticed_and_the_next_knows_no_secret(worker, monkeypatch):
    monkeypatch.setenv("MOTCUA_DATABASE_URL", "postgresql://secret")
    worker.render(apology())
    os.kill(worker.pid, signal.SIGKILL)
    while is_alive(worker.pid):
        time.sleep(0.01)
    assert worker.render(apology()).pages == 1
    assert b"MOTCUA_" not in Path(f"/proc/{worker.pid}/environ").read_bytes()


def test_a_child_without_memory_says_so_and_takes_nothing_with_it():
    with RenderWorker(memory_limit=64 << 20) as starved, pytest.raises(LetterError):
        starved.render(apology())


def test_a_closed_worker_has_no_child_and_may_start_again(worker):
    worker.render(apology())
    child = worker.pid
    worker.close()
    assert worker.pid is None
    assert not is_alive(child)
    assert worker.render(apology()).pages == 1


def test_threads_share_one_child(worker):
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(worker.render(apology()).sha256)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_the_child_ends_when_its_parent_is_killed(worker):
    program = (
        "import os, signal\nfrom letters.worker import RenderWorker\nfrom tests.letters.samples import apology\n"
        "worker = RenderWorker(); worker.render(apology()); print(worker.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == -signal.SIGKILL
    child = int(done.stdout)
    deadline = time.monotonic() + 60
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(child)
