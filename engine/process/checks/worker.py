"""The child process that examines files: one JSON request a line in, one JSON answer a line out.

It runs under a limit of memory, and whoever started it kills it when a file takes too long: some files hang parsers.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.child import serve
from engine.process.checks.files import Examination, examine
from engine.process.problems import report


def main(megabytes: int) -> None:
    """Answer requests until the input ends."""
    serve(_answer, megabytes)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    kinds, shared = request["unit_kinds"], request["shared"]
    examination = _examine(
        Path(request["path"]), None if kinds is None else frozenset(kinds), Path(shared) if shared else None
    )
    return asdict(examination)


def _examine(path: Path, unit_kinds: frozenset[str] | None, shared: Path | None) -> Examination:
    try:
        return examine(path, unit_kinds, shared)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of the checker is told as a problem of the file, never a traceback
        return Examination((report("check_crashed", reason=type(error).__name__),))


if __name__ == "__main__":
    main(int(sys.argv[1]))
