"""A child process that never comes back from one file: what hangs it is the file, not the hour or the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.child import Child

HANGS = "hangs.bpmn"
BUSY, ASLEEP = "pass", "time.sleep(60)"

_MODULE = """
import sys, time
from pathlib import Path
import {worker} as worker
real = worker.{function}
def hang(path, *rest):
    while Path(path).name == {file!r}:
        {how}
    return real(path, *rest)
worker.{function} = hang
worker.main(int(sys.argv[1]))
"""


def hang_at_one_file(
    monkeypatch: pytest.MonkeyPatch, folder: Path, guard: type[Child], *, function: str, how: str
) -> None:
    """Let the children of a guard never come back from a file named `HANGS`; the module for it goes into the folder."""
    text = _MODULE.format(worker=guard.module, function=function, file=HANGS, how=how)
    (folder / "hanging_worker.py").write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setattr(guard, "module", "hanging_worker")
