"""Examining files in a child process that may be killed: no file can hang, crash or fill the caller."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import engine
from engine.domain.process import Problem, Severity
from engine.process.checks.files import Examination
from engine.process.checks.versions import Posted
from engine.process.problems import report

_ROOT = Path(engine.__file__).parent.parent
_CHUNK = 65_536
# So many times its seconds a child may take by the clock on the wall, if others use the machine.
_PATIENCE = 4
_TICKS = os.sysconf("SC_CLK_TCK")
# How long a child may take to start on a machine that has much else to do.
_START_SECONDS = 60.0


class Guard:
    """A child process that examines one file after another; a new one takes over when a file kills it."""

    # What the child process runs.
    module = "engine.process.checks.worker"
    # Whether it writes an empty line when it is ready; until then its time is not the file's.
    says_ready = False

    def __init__(self, *, seconds: float, megabytes: int) -> None:
        """Allow each file `seconds` of time and the child `megabytes` of memory."""
        self._seconds, self._megabytes = seconds, megabytes
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start nothing yet: the first file does."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the child go."""
        self._stop()

    def examine(self, path: Path, unit_kinds: frozenset[str] | None, shared: Path | None) -> Examination:
        """Examine a file; one that takes too long or too much is reported as such."""
        request = {
            "path": str(path.absolute()),
            "unit_kinds": None if unit_kinds is None else sorted(unit_kinds),
            "shared": str(shared.absolute()) if shared is not None else None,
        }
        answer = self._ask(json.dumps(request).encode() + b"\n")
        if answer is None:
            self._stop()
            return Examination((report("check_stopped", seconds=f"{self._seconds:g}", megabytes=self._megabytes),))
        return _examination(json.loads(answer))

    def ask(self, request: object) -> Any:
        """Answer what the child says to a request, both plain values; None, and a new child, where it was stopped."""
        answer = self._ask(json.dumps(request).encode() + b"\n")
        if answer is None:
            self._stop()
            return None
        return json.loads(answer)

    def stop(self) -> None:
        """Let the child go; the next request starts another one."""
        self._stop()

    def _ask(self, request: bytes) -> bytes | None:
        child = self._running()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(request)
            child.stdin.flush()
        except BrokenPipeError:
            return None
        return self._receive(child, self._seconds)

    def _receive(self, child: subprocess.Popen[bytes], seconds: float) -> bytes | None:
        assert child.stdout is not None
        received = b""
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while not received.endswith(b"\n"):
                if not selector.select(seconds):
                    return None
                chunk = os.read(child.stdout.fileno(), _CHUNK)
                if not chunk:
                    return None
                received += chunk
        return received

    def _has_answer(self, selector: selectors.BaseSelector, child: int) -> bool:
        """Wait for the child; on a busy machine longer, as long as it has not had its time of the processor."""
        before = _processor_seconds(child)
        for _turn in range(_PATIENCE):
            if selector.select(self._seconds):
                return True
            if not _processor_seconds(child) - before < self._seconds / 2:  # also where neither can be told
                return False
        return False

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._stop()
            search = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
            self._child = subprocess.Popen(  # noqa: S603 - our own module under our own interpreter
                [sys.executable, "-m", self.module, str(self._megabytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": search},
            )
            if self.says_ready:
                self._receive(self._child, _START_SECONDS)
        return self._child

    def _stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _processor_seconds(pid: int) -> float:
    """How long a process has had the processor; without end where that cannot be told, so that the wall decides."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS
    except (OSError, ValueError, IndexError):
        return float("inf")


def _examination(answer: dict[str, Any]) -> Examination:
    problems = tuple(
        Problem(**{**problem, "severity": Severity(problem["severity"])}) for problem in answer["problems"]
    )
    facts = answer["posted"]
    posted = None if facts is None else Posted(**{key: _tuple(value) for key, value in facts.items()})
    return Examination(problems, posted)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
