"""Which files of a folder are to be imported, and a report of each, made in a child process that may be killed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from engine.domain.process import Change, FileReport, Problem, Severity
from engine.process.checks.guard import Guard
from engine.process.importing.examine import Imported
from engine.process.problems import report

SECONDS = 10.0
MEGABYTES = 512
_DIAGRAMS = (".bpmn", ".bpmn2", ".bpmn20")
_OUTER = ".xml"
_MARK = b"BPMN/20100524/MODEL"
_HEAD = 65_536


def import_path(
    paths: Iterable[Path], *, into: Path | None = None, seconds: float = SECONDS, megabytes: int = MEGABYTES
) -> Iterator[FileReport]:
    """Import files, and folders with all diagrams that lie in them; never raises for what a file holds.

    `into`: the folder that takes what was written, one file a process; nothing in it is overwritten.
    """
    with _ImportGuard(seconds=seconds, megabytes=megabytes) as guard:
        for path in _files(paths):
            found = guard.bring_in(path)
            kept = tuple(_keep(found, path, into)) if into is not None else ()
            yield FileReport(str(path), found.problems, found.changes, kept)


def _files(paths: Iterable[Path]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found |= dict.fromkeys(sorted(file for file in path.rglob("*") if _is_diagram(file)))
        else:
            found[path] = None
    return list(found)


def _is_diagram(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix not in {*_DIAGRAMS, _OUTER} or not path.is_file():
        return False
    if suffix in _DIAGRAMS or path.stem.lower().endswith(_DIAGRAMS):
        return True
    try:
        with path.open("rb") as file:
            return _MARK in file.read(_HEAD).replace(b"\0", b"")
    except OSError:
        return False


def _keep(found: Imported, path: Path, into: Path) -> Iterator[str]:
    """Write what became of a file, under a name that is not taken; answer where."""
    for process, document in found.written.items():
        folder = into / path.stem
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{process}.bpmn"
        number = 1
        while target.exists():
            number += 1
            target = into / f"{path.stem}-{number}" / f"{process}.bpmn"
            target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(document, encoding="utf-8")
        yield str(target)


class _ImportGuard(Guard):
    """The guard of the checker, over the child process that imports."""

    module = "engine.process.importing.worker"

    def bring_in(self, path: Path) -> Imported:
        """Import a file; one that takes too long or too much is reported as such."""
        answer = self.ask({"path": str(path.absolute())})
        if answer is None:
            return Imported((report("check_stopped", seconds=f"{self._seconds:g}", megabytes=self._megabytes),))
        return _imported(answer)


def _imported(answer: dict[str, Any]) -> Imported:
    problems = tuple(
        Problem(**{**problem, "severity": Severity(problem["severity"])}) for problem in answer["problems"]
    )
    return Imported(problems, tuple(Change(**change) for change in answer["changes"]), answer["written"])
