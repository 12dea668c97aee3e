"""Which files tell stories, and of which models: light enough for those who only want to know that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.process.checks.files import DIAGRAM, FACTS, SHARED, STORIES
from engine.process.filing import is_version_folder


def is_story(path: Path) -> bool:
    """Whether a path is a story file: YAML in a folder `tests`."""
    return path.suffix == FACTS and path.absolute().parent.name == STORIES


def story_files(paths: Iterable[Path]) -> list[Path]:
    """The story files of what is named: those in a folder, those of the models in it, and files named themselves."""
    found: dict[Path, None] = {}
    for path in paths:
        if is_story(path):
            found[path] = None
        elif path.is_dir():
            found |= dict.fromkeys(sorted(file for file in path.rglob(f"*{FACTS}") if is_story(file)))
            found |= dict.fromkeys(_beside(sorted(path.rglob(f"*{DIAGRAM}"))))
        else:
            found |= dict.fromkeys(_beside([path]))
    return list(found)


def _beside(models: Iterable[Path]) -> Iterator[Path]:
    for model in models:
        field = model.parent.parent if is_version_folder(model.parent.name) else model.parent
        file = field.parent / STORIES / f"{model.stem}{FACTS}"
        if file.is_file():
            yield file


def models_of(story_file: Path) -> list[Path]:
    """The diagrams whose stories a file tells, one a version; none if there is none with its facts."""
    return [
        path
        for path in sorted(story_file.parent.parent.rglob(f"{story_file.stem}{DIAGRAM}"))
        if path.parent.name not in {SHARED, STORIES} and path.with_suffix(FACTS).is_file()
    ]
