"""The child process that imports files: one JSON request a line in, one JSON answer a line out.

It runs under a limit of memory, and whoever started it kills it when a file takes too long.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

from engine.child import serve
from engine.process.importing.examine import Imported, examine_import
from engine.process.problems import report
from engine.process.safe_xml import MAX_BYTES

# The parser of SpiffWorkflow goes as deep as a process is long.
_DEPTH = 6_000


def main(megabytes: int) -> None:
    """Answer requests until the input ends."""
    sys.setrecursionlimit(_DEPTH)
    serve(lambda request: asdict(_import(Path(request["path"]))), megabytes)


def _import(path: Path) -> Imported:
    try:
        with path.open("rb") as file:
            return examine_import(file.read(MAX_BYTES + 1))
    except OSError as error:
        return Imported((report("file_unreadable", reason=error.strerror or str(error)),))
    except MemoryError:
        raise
    except RecursionError:
        return Imported((report("too_large", limit="độ sâu"),))
    except Exception as error:  # noqa: BLE001 - a fault of the import is told as a problem of the file, never a traceback
        return Imported((report("check_crashed", reason=type(error).__name__),))


if __name__ == "__main__":
    main(int(sys.argv[1]))
