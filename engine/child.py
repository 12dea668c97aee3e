"""A child process that may be killed: no file and no request can hang, crash or fill whoever asks."""

from __future__ import annotations

import json
import os
import resource
import selectors
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import engine

_ROOT = Path(engine.__file__).parent.parent
_CHUNK = 65_536
_MEGABYTE = 1024 * 1024
# So many times its seconds a child may take by the clock on the wall, if others use the machine.
_PATIENCE = 4
_TICKS = os.sysconf("SC_CLK_TCK")
# How long a child may take to start on a machine that has much else to do.
_START_SECONDS = 60.0


class Child:
    """A program of ours that answers one JSON line with another; a new one takes over when a request kills it."""

    # What the child process runs: it gets its limit of memory in megabytes as the only argument, and calls `serve`.
    module = ""

    def __init__(self, *, seconds: float, megabytes: int) -> None:
        """Allow each request `seconds` of time and the child `megabytes` of memory."""
        self._seconds, self._megabytes = seconds, megabytes
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start nothing yet: the first request does."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the child go."""
        self.stop()

    def ask(self, request: object) -> Any:
        """Answer what the child says to a request, both plain values; None, and a new child, where it was stopped."""
        answer = self._ask(json.dumps(request).encode() + b"\n")
        if answer is None:
            self.stop()
            return None
        return json.loads(answer)

    def stop(self) -> None:
        """Let the child go; the next request starts another one."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _ask(self, request: bytes) -> bytes | None:
        child = self._running()
        assert child.stdin is not None
        try:
            child.stdin.write(request)
            child.stdin.flush()
        except BrokenPipeError:
            return None
        return self._receive(child, self._seconds)

    def _receive(self, child: subprocess.Popen[bytes], seconds: float) -> bytes | None:
        assert child.stdout is not None
        chunks: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while not (chunks and chunks[-1].endswith(b"\n")):
                if not _has_answer(selector, child.pid, seconds):
                    return None
                chunk = os.read(child.stdout.fileno(), _CHUNK)
                if not chunk:
                    return None
                chunks.append(chunk)
        return b"".join(chunks)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self.stop()
            self._child = subprocess.Popen(  # noqa: S603 - our own module under our own interpreter
                [sys.executable, "-m", self.module, str(self._megabytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
            self._receive(self._child, _START_SECONDS)  # until it says that it is ready its time is not the request's
        return self._child


def serve(answer: Callable[[Any], object], megabytes: int) -> None:
    """Be the child: so much memory, an empty line when everything is loaded, then an answer to each request."""
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * _MEGABYTE, megabytes * _MEGABYTE))
    _say("")
    for line in sys.stdin:
        _say(json.dumps(answer(json.loads(line))))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _environment() -> dict[str, str]:
    """What a child may know: not the settings that stand in the environment, keys and passwords are among them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))}


def _has_answer(selector: selectors.BaseSelector, child: int, seconds: float) -> bool:
    """Wait for the child; on a busy machine longer, as long as it has not had its time of the processor."""
    before = _processor_seconds(child)
    for _turn in range(_PATIENCE):
        if selector.select(seconds):
            return True
        if not _processor_seconds(child) - before < seconds / 2:  # also where neither can be told
            return False
    return False


def _processor_seconds(pid: int) -> float:
    """How long a process has had the processor; without end where that cannot be told, so that the wall decides."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS
    except (OSError, ValueError, IndexError):
        return float("inf")
