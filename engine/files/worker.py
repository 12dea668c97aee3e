"""The child process that looks into files: one JSON request a line in, one JSON answer a line out.

It may use so much memory, and it cannot write a byte to any file: what it has to say goes through its pipe.
"""

from __future__ import annotations

import base64
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.child import serve
from engine.domain.attachments import FileKind, FileRefused, Limits
from engine.files import pdf, pictures
from engine.files.inspection import inspect


def main(megabytes: int) -> None:
    """Answer requests until the input ends."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(_answer, megabytes)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    path, limits = Path(request["path"]), _limits(request["limits"])
    try:
        if request["act"] == "inspect":
            return asdict(inspect(path, request["name"], limits))
        return {"picture": base64.b64encode(_picture(path, request, limits)).decode()}
    except FileRefused as refused:
        return {"refused": refused.why, "facts": refused.told}
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - what a parser stumbles over is the file's fault, never a traceback
        return {"refused": "broken", "facts": {"detail": type(error).__name__}}


def _picture(path: Path, request: dict[str, Any], limits: Limits) -> bytes:
    kind, page, width = FileKind(request["kind"]), int(request["page"]), int(request["width"])
    if kind is FileKind.PDF:
        return pdf.picture(path, page, width)
    return pictures.picture(path, page, width, limits)


def _limits(values: dict[str, Any]) -> Limits:
    return Limits(**{**values, "kinds": tuple(FileKind(kind) for kind in values["kinds"])})


if __name__ == "__main__":
    main(int(sys.argv[1]))
