"""What is wrong with the files of a procedure, said so that an office can mend it.

`check_path` is the one door: files and folders in, a report a file out. Each rule stands in a module of its own
subject; `rules` lists them all, `essential` those without which nothing runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from engine.domain.process import FileReport, Problem
from engine.process.checks.files import Examination, files_under
from engine.process.checks.guard import Guard
from engine.process.checks.versions import version_problems

SECONDS = 10.0
MEGABYTES = 512


def check_path(
    paths: Iterable[Path],
    *,
    unit_kinds: frozenset[str] | None = None,
    shared: Path | None = None,
    province: str = "",
    seconds: float = SECONDS,
    megabytes: int = MEGABYTES,
) -> list[FileReport]:
    """Check files, and folders with all that lies in them; never raises for what a file holds.

    `unit_kinds` are the kinds of units of the installation (None: not checked), which is in `province`. Shared diagrams
    are looked for near each file, then in `shared`. Each file is examined in a child process with `seconds` and
    `megabytes`.
    """
    with Guard(seconds=seconds, megabytes=megabytes) as guard:
        found = {path: guard.examine(path, unit_kinds, shared) for path in files_under(paths)}
    together = _together(found, unit_kinds, province)
    return [FileReport(str(path), _in_order(examination)) for path, examination in together.items()]


def _in_order(examination: Examination) -> tuple[Problem, ...]:
    return tuple(sorted(set(examination.problems), key=lambda problem: (problem.line or 0, problem.code)))


def _together(
    found: dict[Path, Examination], unit_kinds: frozenset[str] | None, province: str
) -> dict[Path, Examination]:
    """Tell what only several files show together."""
    posted = {path: examination.posted for path, examination in found.items() if examination.posted is not None}
    told = dict(found)
    for path, problem in version_problems(posted, unit_kinds=unit_kinds, province=province):
        told[path] = replace(told[path], problems=(*told[path].problems, problem))
    return told
