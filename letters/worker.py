"""A child process that renders letters, so that a letter can neither block, fill nor kill the process that asks for it.

The parent sends a letter's JSON over a socket and waits with a time limit; a child that hangs is killed, one that died
is replaced, and only the letter at hand fails. The child has a memory limit, and ends by itself when its parent is
gone, however the parent went. It is started as a program of its own (`python -m letters.worker`): nothing of the
parent's state, threads, open files or secrets goes along.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import select
import socket
import struct
import subprocess
import sys
import threading
import time
from functools import cache
from types import TracebackType
from typing import Self

from letters import errors
from letters.archive import document_from_json, to_json
from letters.data import Letter
from letters.errors import LetterError, LetterNotRenderable, RenderTimedOut, RenderWorkerDied
from letters.posters import Poster
from letters.rendered import Rendered
from letters.surroundings import environment
from letters.template_sets import TemplateSet

TIME_LIMIT = 20.0
"""Seconds for one letter; an ordinary one takes a tenth of a second, the first of a child about two."""

MEMORY_LIMIT = 1 << 30
"""Bytes of address space for the child."""

_SIZE = struct.Struct("!I")
_PARENT_CHECK = 5.0
_OBJECTS_BETWEEN_LOOKS = 20_000


class RenderWorker:
    """Renders in a child process, started at the first letter. Threads may share it: it does one letter at a time."""

    def __init__(self, *, time_limit: float = TIME_LIMIT, memory_limit: int = MEMORY_LIMIT) -> None:
        """Set the limits of one letter: `time_limit` in seconds, `memory_limit` in bytes."""
        self._time_limit = time_limit
        self._memory_limit = memory_limit
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._wire: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the child; None while there is none."""
        child = self._child  # another thread may end it between two looks
        return child.pid if child else None

    def render(self, letter: Letter | Poster, templates: TemplateSet | None = None) -> Rendered:
        """Render a letter or a poster as `Renderer.render` does, with a set of templates or that of the package.

        Raises:
            LetterNotRenderable, LettersCannotRun: as in the renderer.
            RenderTimedOut, RenderWorkerDied: the child failed; a new one takes the next letter, which may be this one.

        """
        given = None if templates is None else [templates.to_json(), templates.digest]
        request = json.dumps([letter.form, to_json(letter), given]).encode()
        with self._lock:
            wire = self._ready_wire()
            try:
                _send(wire, request)
                header, pdf = json.loads(_receive(wire, self._time_limit)), _receive(wire, self._time_limit)
            except TimeoutError as fault:
                self._stop()
                raise RenderTimedOut(f"Lập văn bản quá {self._time_limit:g} giây, đã dừng.") from fault
            except (EOFError, OSError) as fault:
                raise RenderWorkerDied(f"Tiến trình lập văn bản đã dừng (mã {self._stop()}).") from fault
        if "error" in header:
            raise _revived(header)
        return Rendered(pdf, header["pages"], header["sha256"])

    def close(self) -> None:
        """End the child. The worker may be used again: it starts a new one."""
        with self._lock:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ready_wire(self) -> socket.socket:
        """Return the socket to a living child, starting one when needed."""
        if self._wire is not None and self._child is not None and self._child.poll() is None:
            return self._wire
        self._stop()
        ours, theirs = socket.socketpair()
        with theirs:
            self._child = subprocess.Popen(  # noqa: S603 - our own program, arguments are numbers
                [sys.executable, "-m", "letters.worker", str(theirs.fileno()), str(self._memory_limit)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=environment(),
                start_new_session=True,
            )
        self._wire = ours
        return ours

    def _stop(self) -> int | None:
        """End the child at once and return its exit code; None when there was none."""
        child, wire, self._child, self._wire = self._child, self._wire, None, None
        if wire is not None:
            wire.close()
        if child is None:
            return None
        child.kill()
        return child.wait()


def _send(wire: socket.socket, message: bytes) -> None:
    wire.sendall(_SIZE.pack(len(message)) + message)


def _receive(wire: socket.socket, time_limit: float | None) -> bytes:
    """Return one message; `TimeoutError` when it is not whole within `time_limit` seconds, `EOFError` at the end."""
    deadline = None if time_limit is None else time.monotonic() + time_limit
    (size,) = _SIZE.unpack(_exactly(wire, _SIZE.size, deadline))
    return _exactly(wire, size, deadline)


def _exactly(wire: socket.socket, size: int, deadline: float | None) -> bytes:
    received = bytearray()
    while len(received) < size:
        wire.settimeout(None if deadline is None else max(deadline - time.monotonic(), 0.001))
        part = wire.recv(size - len(received))
        if not part:
            raise EOFError
        received += part
    wire.settimeout(None)
    return bytes(received)


def _revived(header: dict[str, object]) -> LetterError:
    """Make the child's error anew on this side."""
    if header["error"] == LetterNotRenderable.__name__:
        problems = header["problems"]
        assert isinstance(problems, list)
        return LetterNotRenderable(problems)
    kind = getattr(errors, str(header["error"]), LetterError)
    assert issubclass(kind, LetterError)
    return kind(str(header["message"]))


def _serve(wire: socket.socket) -> None:
    """Answer requests until the other side is gone."""
    from letters.render import Renderer  # noqa: PLC0415 - only the child needs what rendering needs

    parent = os.getppid()
    renderer: Renderer | None = None
    with contextlib.suppress(EOFError, OSError):
        while True:
            while not select.select([wire], [], [], _PARENT_CHECK)[0]:
                if os.getppid() != parent:
                    return
            form, text, given = json.loads(_receive(wire, None))
            try:
                renderer = renderer or Renderer()
                done = renderer.render(document_from_json(form, text), given and TemplateSet.from_json(*given))
            except MemoryError:
                raise  # what is left of this process cannot be trusted: end, and let the parent start another
            except Exception as fault:  # noqa: BLE001 - whatever is wrong with one letter, the parent must hear of it
                _answer(wire, _told(fault), b"")
            else:
                _answer(wire, {"pages": done.pages, "sha256": done.sha256}, done.pdf)
                _settle()


@cache
def _settle() -> None:
    """After the first letter, take what stays for good out of every later look for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS)


def _answer(wire: socket.socket, header: dict[str, object], pdf: bytes) -> None:
    _send(wire, json.dumps(header).encode())
    _send(wire, pdf)


def _told(fault: Exception) -> dict[str, object]:
    """Put an error into words that `_revived` turns back into one."""
    if not isinstance(fault, LetterError):
        return {"error": LetterError.__name__, "message": f"Lỗi khi lập văn bản: {fault!r}."}
    return {"error": type(fault).__name__, "message": str(fault), "problems": getattr(fault, "problems", [])}


def _main(descriptor: str, memory_limit: str) -> None:
    """Be the child: keep to the memory limit and serve the socket inherited as `descriptor`."""
    limit = int(memory_limit)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with socket.socket(fileno=int(descriptor)) as wire:
        _serve(wire)


if __name__ == "__main__":
    _main(*sys.argv[1:])
