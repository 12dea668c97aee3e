"""Databases for tests: empty ones, and copies of one that was prepared once, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol

from tests.support.postgres import PostgresServer


class DatabaseMaker(Protocol):
    """Makes the databases of one kind; every address it returns is SQLAlchemy's."""

    def empty(self) -> str:
        """Return the address of a new, empty database."""

    def copy_of(self, prepare: Callable[[str], object]) -> str:
        """Return the address of a new copy of the database that `prepare(address)` filled, once in a session."""

    def drop_all(self) -> None:
        """Remove what was made since the last time, except what was prepared."""


class SqliteMaker:
    """Files in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0
        self._prepared: dict[str, Path] = {}

    def empty(self) -> str:
        return _sqlite_url(self._next_path())

    def copy_of(self, prepare: Callable[[str], object]) -> str:
        key = _name_of(prepare)
        if key not in self._prepared:
            path = self._folder / f"prepared-{len(self._prepared)}.db"
            prepare(_sqlite_url(path))
            self._prepared[key] = path
        target = self._next_path()
        # SQLite's own copy: complete also while the newest pages are still in the write-ahead log
        with closing(sqlite3.connect(self._prepared[key])) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
        return _sqlite_url(target)

    def drop_all(self) -> None:
        for path in self._folder.glob("test-*"):
            path.unlink(missing_ok=True)  # the last to leave a database takes its log along

    def _next_path(self) -> Path:
        self._made += 1
        return self._folder / f"test-{self._made}.db"


class PostgresMaker:
    """Databases of the session's server."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._made: list[str] = []
        self._prepared: dict[str, str] = {}

    def empty(self) -> str:
        return self.from_template(None)

    def from_template(self, template: str | None) -> str:
        """Return the address of a new copy of the database named `template`; of an empty one where there is none."""
        self._made.append(self._server.create_database(template))
        return self._server.url(self._made[-1])

    def copy_of(self, prepare: Callable[[str], object]) -> str:
        key = _name_of(prepare)
        if key not in self._prepared:
            name = self._server.create_database()
            prepare(self._server.url(name))
            self._prepared[key] = name
        return self.from_template(self._prepared[key])

    def drop_all(self) -> None:
        while self._made:
            self._server.drop_database(self._made.pop())


def _name_of(prepare: Callable[[str], object]) -> str:
    return f"{prepare.__module__}.{prepare.__qualname__}"


def _sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"
