"""One file at a time: which files there are to check, and what the report of each holds.

A diagram and the facts beside it are two files with two reports. What only both together show (sums, phases) stands
in the report of the diagram.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.domain.procedure import Procedure
from engine.domain.process import Problem
from engine.process.bundle import Bundle, read_bundle
from engine.process.checks.decisions import check_tables, check_use
from engine.process.checks.grounds import grounds_problems
from engine.process.checks.rules import diagram_problems, facts_problems
from engine.process.checks.versions import Posted
from engine.process.decisions.model import DecisionModel
from engine.process.decisions.reading import read_model
from engine.process.desk_facts import COMMUNES, DESK, read_communes, read_desk
from engine.process.desk_facts import FOLDER as COUNTER
from engine.process.facts import read_procedure
from engine.process.grounds import GROUNDS_FILE, read_grounds
from engine.process.groups import GROUPS, read_group
from engine.process.lists import ACTS, CODES, Lists, read_acts, read_codes, read_lists
from engine.process.lists import FOLDER as LISTS
from engine.process.problems import report
from engine.process.returns import RETURNS_FILE, read_returns
from engine.process.sheet import lines_of

DIAGRAM, FACTS, TABLES = ".bpmn", ".yaml", ".dmn"
SHARED = "shared"
# Stories of procedures are told beside the models and checked by being lived through.
STORIES = "tests"
# How far above a diagram the folder of shared diagrams is looked for.
_LEVELS = 3
_OTHER_FILES = {
    (SHARED, GROUNDS_FILE): read_grounds,
    (SHARED, RETURNS_FILE): read_returns,
    (LISTS, CODES): read_codes,
    (LISTS, ACTS): read_acts,
    (COUNTER, DESK): read_desk,
    (COUNTER, COMMUNES): read_communes,
}
_LOOKS_LIKE_FACTS = re.compile(rb"^process:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Examination:
    """What is wrong with a file; for facts that could be read, also which version of which procedure they post."""

    problems: tuple[Problem, ...]
    posted: Posted | None = None


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
    yield from folder.rglob(f"*{TABLES}")
    for path in folder.rglob(f"*{FACTS}"):
        is_story = path.parent.name == STORIES
        if not is_story and (
            is_group(path) or _reader_of(path) or path.with_suffix(DIAGRAM).is_file() or _looks_like_facts(path)
        ):
            yield path


def is_group(path: Path) -> bool:
    """Whether a path is a group of linked procedures: YAML in a folder `groups`."""
    return path.suffix == FACTS and path.absolute().parent.name == GROUPS


def _looks_like_facts(path: Path) -> bool:
    with path.open("rb") as file:
        return _LOOKS_LIKE_FACTS.search(file.read(4096)) is not None


def _other_half(path: Path) -> Iterator[Path]:
    suffixes = (DIAGRAM, FACTS, TABLES)
    for other in (path.with_suffix(suffix) for suffix in suffixes if path.suffix in suffixes and suffix != path.suffix):
        if other.is_file():
            yield other


def examine(path: Path, unit_kinds: frozenset[str] | None, shared: Path | None) -> Examination:
    """Check one file; `shared` is where shared diagrams are if not near it."""
    try:
        if is_group(path):
            return _examine_group(path)
        if read := _reader_of(path):
            return Examination(read(path.read_bytes())[-1])
        if path.suffix == TABLES:
            return _examine_tables(path)
        if path.suffix == FACTS:
            return _examine_facts(path, unit_kinds, shared)
        bundle = _bundle(path, shared)
    except OSError as error:
        return Examination((report("file_unreadable", reason=error.strerror or str(error)),))
    problems = [*diagram_problems(bundle, unit_kinds), *grounds_problems(bundle, _shared_folders(path, shared))]
    if not _is_shared(path) and not path.with_suffix(FACTS).is_file():
        problems.append(report("facts_missing", expected=path.with_suffix(FACTS).name))
    return Examination(tuple(problems))


def _examine_tables(path: Path) -> Examination:
    model, problems = read_model(path.read_bytes())
    return Examination((*problems, *(check_tables(model) if model is not None else ())))


def _tables_beside(path: Path) -> tuple[DecisionModel | None, tuple[Problem, ...]]:
    tables = path.with_suffix(TABLES)
    return read_model(tables.read_bytes()) if tables.is_file() else (None, ())


def _examine_facts(path: Path, unit_kinds: frozenset[str] | None, shared: Path | None) -> Examination:
    content = path.read_bytes()
    procedure, problems = read_procedure(content, path.stem)
    tables, faults = _tables_beside(path)
    bundle = Bundle(path.stem, procedure=procedure, facts_problems=problems, tables=tables, tables_problems=faults)
    lines = lines_of(content)
    found = [
        problem if problem.line else replace(problem, line=lines.get(problem.element))
        for problem in (
            *facts_problems(bundle, unit_kinds, _lists(path, shared)),
            *grounds_problems(bundle, _shared_folders(path, shared)),
            *check_use(bundle),
        )
    ]
    if not path.with_suffix(DIAGRAM).is_file():
        found.append(report("sheet_without_diagram", expected=path.with_suffix(DIAGRAM).name))
    if procedure is None:
        return Examination(tuple(found))
    return Examination(tuple(found), Posted.of(procedure))


def _examine_group(path: Path) -> Examination:
    """Check a group against the procedures in the folder above it."""
    ways: dict[str, list[Procedure]] = {}
    for diagram in sorted(path.absolute().parent.parent.rglob(f"*{DIAGRAM}")):
        facts = diagram.with_suffix(FACTS)
        procedure = read_procedure(facts.read_bytes(), facts.stem)[0] if facts.is_file() else None
        if procedure is not None:
            ways.setdefault(procedure.code, []).append(procedure)
    group, problems = read_group(path.read_bytes(), path.stem, ways)
    return Examination(problems, Posted(group.code, "") if group else None)


def _bundle(path: Path, shared: Path | None) -> Bundle:
    facts = path.with_suffix(FACTS)
    content = None if _is_shared(path) else facts.read_bytes() if facts.is_file() else None
    return read_bundle(path.stem, path.read_bytes(), content, _shared_diagrams(path, shared))


def _reader_of(path: Path) -> Callable[[bytes], tuple[Any, ...]] | None:
    """What reads a file of the office that is no procedure; the last that it answers is what is wrong."""
    return _OTHER_FILES.get((path.absolute().parent.name, path.name))


def _is_shared(path: Path) -> bool:
    return path.absolute().parent.name == SHARED


def _lists(path: Path, shared: Path | None) -> Lists:
    """Read the lists of the installation: in the nearest folder above the file, or beside the shared diagrams."""
    folders = [*list(path.absolute().parents)[:_LEVELS], *([shared.parent] if shared is not None else [])]
    return next((read_lists(folder) for folder in folders if (folder / LISTS).is_dir()), Lists())


def _shared_folders(path: Path, shared: Path | None) -> list[Path]:
    above = path.absolute().parents
    folders = [above[0]] if _is_shared(path) else [folder / SHARED for folder in list(above)[:_LEVELS]]
    return [*folders, *([shared] if shared is not None else [])]


def _shared_diagrams(path: Path, shared: Path | None) -> dict[str, bytes]:
    """Read the shared diagrams: those beside the file, in the nearest folder above it, or in `shared`."""
    for folder in _shared_folders(path, shared):
        if folder.is_dir():
            return {file.stem: file.read_bytes() for file in sorted(folder.glob(f"*{DIAGRAM}"))}
    return {}
