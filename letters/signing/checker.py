"""Examines files in a child process, one a file, with limits on time and memory: anybody may send anything.

The child is a program of its own (`python -m letters.signing.checker`): it gets the file and the names of the folders
of certificates, none of the parent's settings, and may open no socket that leads anywhere, for nothing asks it to.
"""

from __future__ import annotations

import json
import resource
import struct
import subprocess
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from letters.signing.errors import FileUnreadable
from letters.signing.finding import Finding, Problem, Trust
from letters.surroundings import environment

LARGEST_FILE = 8 << 20
"""Bytes; a letter has about 40 thousand."""

TIME_LIMIT = 60.0
CPU_LIMIT = 10
MEMORY_LIMIT = 768 << 20
_SIZE = struct.Struct("!I")


class Checker:
    """Examines files. Holds nothing between them; threads may share it."""

    def __init__(self, trust: Trust, *, time_limit: float = TIME_LIMIT, memory_limit: int = MEMORY_LIMIT) -> None:
        """Set whom to trust, and the limits of one file in seconds and bytes."""
        self._trust = trust
        self._time_limit = time_limit
        self._memory_limit = memory_limit

    def check(self, pdf: bytes, *, known_moment: datetime | None = None) -> Finding:
        """Examine a file as `letters.signing.examine.examine` does; raises `FileUnreadable`."""
        if len(pdf) > LARGEST_FILE or not pdf.startswith(b"%PDF-"):
            raise FileUnreadable("Tệp không phải văn bản PDF, hoặc lớn hơn mọi văn bản của hệ thống.")
        question = {
            "roots": [str(folder) for folder in self._trust.roots],
            "revocation": [str(folder) for folder in self._trust.revocation],
            "known_moment": known_moment.isoformat() if known_moment else None,
        }
        header = json.dumps(question).encode()
        try:
            done = subprocess.run(  # noqa: S603 - our own program, the argument is a number
                [sys.executable, "-m", "letters.signing.checker", str(self._memory_limit)],
                input=_SIZE.pack(len(header)) + header + pdf,
                capture_output=True,
                env=environment(),
                timeout=self._time_limit,
                check=False,
            )
        except subprocess.TimeoutExpired as fault:
            raise FileUnreadable(f"Kiểm tra tệp quá {self._time_limit:g} giây, đã dừng.") from fault
        return _answer(done)


def _answer(done: subprocess.CompletedProcess[bytes]) -> Finding:
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError as fault:
        raise FileUnreadable(f"Không kiểm tra được tệp (tiến trình dừng với mã {done.returncode}).") from fault
    if "error" in told:
        raise FileUnreadable(told["error"])
    moment = datetime.fromisoformat(told["moment"]) if told["moment"] else None
    return Finding(**{**told, "problem": Problem(told["problem"]), "moment": moment})


def _serve(source: IO[bytes], memory_limit: int) -> dict[str, Any]:
    from letters.signing.examine import examine  # noqa: PLC0415 - only the child needs what examining needs

    # After the libraries are loaded: what a file may take is on top of them.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT, CPU_LIMIT))
    resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
    (size,) = _SIZE.unpack(source.read(_SIZE.size))
    question = json.loads(source.read(size))
    trust = Trust(roots=tuple(map(Path, question["roots"])), revocation=tuple(map(Path, question["revocation"])))
    told = question["known_moment"]
    try:
        found = examine(source.read(), trust, known_moment=datetime.fromisoformat(told) if told else None)
    except FileUnreadable as fault:
        return {"error": str(fault)}
    return {**asdict(found), "moment": found.moment.isoformat() if found.moment else None}


def _main(memory_limit: str) -> None:
    """Be the child."""
    answer = _serve(sys.stdin.buffer, int(memory_limit))
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _main(*sys.argv[1:])
