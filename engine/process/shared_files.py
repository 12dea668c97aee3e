"""A file of an office that every procedure may lean on: read when it is asked for, and anew once it has changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from engine.domain.process import Problem
from engine.process.errors import DefinitionInvalid

Value = TypeVar("Value")


def shared_file(
    name: str, read: Callable[[bytes], tuple[Value, tuple[Problem, ...]]], without: Value
) -> Callable[[Path], Value]:
    """The reader of the file `name` in a folder; `without` is what holds while there is none.

    It raises `DefinitionInvalid` with what is wrong in the file.
    """

    @lru_cache(maxsize=16)
    def read_once(path: Path, _changed: int, _size: int) -> Value:
        value, problems = read(path.read_bytes())
        if problems:
            raise DefinitionInvalid(file=name, problems=problems)
        return value

    def in_folder(folder: Path) -> Value:
        path = folder / name
        if not path.is_file():
            return without
        found = path.stat()
        return read_once(path, found.st_mtime_ns, found.st_size)

    return in_folder
