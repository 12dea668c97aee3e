"""The child process that reads drafts: one JSON request a line in, one JSON answer a line out.

It runs under a limit of memory, and whoever started it kills it when a draft takes too long.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.child import serve
from engine.process.drafting.comparing import compare
from engine.process.drafting.looking import edit, look
from engine.process.drafting.uploads import take_in
from engine.process.errors import DefinitionInvalid
from engine.process.problems import report
from engine.process.safe_xml import XmlRefused

# The parser of SpiffWorkflow goes as deep as a process is long.
_DEPTH = 6_000


def main(megabytes: int) -> None:
    """Answer requests until the input ends."""
    sys.setrecursionlimit(_DEPTH)
    serve(_answer, megabytes)


def _answer(request: dict[str, Any]) -> Any:
    try:
        return _carry_out(request)
    except MemoryError:
        raise
    except XmlRefused as refused:
        return {"refused": asdict(refused.problem)}
    except DefinitionInvalid as refused:
        return {"refused": asdict(refused.problems[0])}
    except RecursionError:
        return {"refused": asdict(report("too_large", limit="độ sâu"))}
    except Exception as error:  # noqa: BLE001 - a fault of ours is told as a problem of the draft, never a traceback
        return {"refused": asdict(report("check_crashed", reason=type(error).__name__))}


def _carry_out(request: dict[str, Any]) -> Any:
    folder = Path(request["folder"])
    match request["act"]:
        case "take_in":
            return asdict(take_in(folder, request["shared"]))
        case "look":
            kinds = None if request["unit_kinds"] is None else frozenset(request["unit_kinds"])
            return asdict(look(folder, request["stem"], kinds, Path(request["shared"])))
        case "edit":
            return {"files": edit(folder, request["stem"], request["change"])}
        case _:
            old = Path(request["old"]).read_bytes()
            return {"rows": compare(old, folder / f"{request['stem']}.bpmn", Path(request["shared"]))}


if __name__ == "__main__":
    main(int(sys.argv[1]))
