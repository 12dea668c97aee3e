"""One file at a time: which files there are to check, and what the report of each holds.

A diagram and the facts beside it are two files with two reports. What only both together show (sums, phases) stands
in the report of the diagram.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.domain.process import Problem
from engine.process.bundle import Bundle, read_bundle
from engine.process.checks.rules import diagram_problems, facts_problems
from engine.process.facts import read_procedure
from engine.process.problems import report

DIAGRAM, FACTS = ".bpmn", ".yaml"
SHARED = "shared"
# Stories of procedures are told beside the models and checked by being lived through.
STORIES = "tests"
# How far above a diagram the folder of shared diagrams is looked for.
_LEVELS = 3
_LOOKS_LIKE_FACTS = re.compile(rb"^process:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Examination:
    """What is wrong with a file; for facts that could be read, also which procedure they post at which levels."""

    problems: tuple[Problem, ...]
    procedure: str = ""
    levels: tuple[str, ...] = ()


def files_under(paths: Iterable[Path]) -> list[Path]:
    """Answer the files to check: what is named, what lies in named folders, and the other half of every pair."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found |= dict.fromkeys(sorted(_in_folder(path)))
        else:
            found |= dict.fromkeys([path, *_other_half(path)])
    return list(found)


def _in_folder(folder: Path) -> Iterator[Path]:
    yield from folder.rglob(f"*{DIAGRAM}")
    for path in folder.rglob(f"*{FACTS}"):
        is_story = path.parent.name == STORIES
        if not is_story and (path.with_suffix(DIAGRAM).is_file() or _looks_like_facts(path)):
            yield path


def _looks_like_facts(path: Path) -> bool:
    with path.open("rb") as file:
        return _LOOKS_LIKE_FACTS.search(file.read(4096)) is not None


def _other_half(path: Path) -> Iterator[Path]:
    other = path.with_suffix(FACTS if path.suffix == DIAGRAM else DIAGRAM)
    if path.suffix in {DIAGRAM, FACTS} and other.is_file():
        yield other


def examine(path: Path, unit_kinds: frozenset[str] | None, shared: Path | None) -> Examination:
    """Check one file; `shared` is where shared diagrams are if not near it."""
    try:
        if path.suffix == FACTS:
            return _examine_facts(path, unit_kinds)
        bundle = _bundle(path, shared)
    except OSError as error:
        return Examination((report("file_unreadable", reason=error.strerror or str(error)),))
    problems = [*diagram_problems(bundle, unit_kinds)]
    if not _is_shared(path) and not path.with_suffix(FACTS).is_file():
        problems.append(report("facts_missing", expected=path.with_suffix(FACTS).name))
    return Examination(tuple(problems))


def _examine_facts(path: Path, unit_kinds: frozenset[str] | None) -> Examination:
    procedure, problems = read_procedure(path.read_bytes(), path.stem)
    bundle = Bundle(path.stem, procedure=procedure, facts_problems=problems)
    found = [*facts_problems(bundle, unit_kinds)]
    if not path.with_suffix(DIAGRAM).is_file():
        found.append(report("sheet_without_diagram", expected=path.with_suffix(DIAGRAM).name))
    if procedure is None:
        return Examination(tuple(found))
    return Examination(tuple(found), procedure.code, procedure.levels)


def _bundle(path: Path, shared: Path | None) -> Bundle:
    facts = path.with_suffix(FACTS)
    content = None if _is_shared(path) else facts.read_bytes() if facts.is_file() else None
    return read_bundle(path.stem, path.read_bytes(), content, _shared_diagrams(path, shared))


def _is_shared(path: Path) -> bool:
    return path.absolute().parent.name == SHARED


def _shared_diagrams(path: Path, shared: Path | None) -> dict[str, bytes]:
    """Read the shared diagrams: those beside the file, in the nearest folder above it, or in `shared`."""
    above = path.absolute().parents
    folders = [above[0]] if _is_shared(path) else [folder / SHARED for folder in list(above)[:_LEVELS]]
    for folder in [*folders, *([shared] if shared is not None else [])]:
        if folder.is_dir():
            return {file.stem: file.read_bytes() for file in sorted(folder.glob(f"*{DIAGRAM}"))}
    return {}
