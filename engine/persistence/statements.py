"""The writes that SQLite and PostgreSQL spell alike but SQLAlchemy builds apart: count up, insert once, replace.

Each statement is built once for each table; SQLAlchemy then finds its text without walking through it again.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import literal
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection, Table


def next_number(connection: Connection, table: Table, scope: str) -> int:
    """Count the series `scope` up and answer the new number; other transactions wait for this one to end."""
    statement = _next_number(connection.dialect.name, table)
    return int(connection.scalar(statement, {"scope": scope, "last_number": 1}))


def insert_once(connection: Connection, table: Table, **values: Any) -> bool:
    """Insert a row unless one with the same unique key is there; whether it was inserted."""
    return connection.execute(_insert_once(connection.dialect.name, table), values).first() is not None


def upsert(connection: Connection, table: Table, key: str, **values: Any) -> None:
    """Insert a row or replace the one with the same `key`."""
    changing = frozenset(values.keys() - {key})
    connection.execute(_upsert(connection.dialect.name, table, key, changing), values)


def add_up(connection: Connection, table: Table, **values: int | str | date) -> None:
    """Add to the counters of the row with this primary key; a row that is not there yet begins with what is added."""
    connection.execute(_add_up(connection.dialect.name, table), values)


@cache
def _add_up(dialect: str, table: Table) -> Any:
    statement = _insert(dialect, table)
    keys = [column.name for column in table.primary_key]
    counters = {column.name: column + statement.excluded[column.name] for column in table.c if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=keys, set_=counters)


def _insert(dialect: str, table: Table) -> Any:
    module: Any = postgresql if dialect == "postgresql" else sqlite
    return module.insert(table)


@cache
def _next_number(dialect: str, table: Table) -> Any:
    counted_up = {"last_number": table.c.last_number + 1}
    statement = _insert(dialect, table).on_conflict_do_update(index_elements=["scope"], set_=counted_up)
    return statement.returning(table.c.last_number)


@cache
def _insert_once(dialect: str, table: Table) -> Any:
    # Ask for a row back: where SQLAlchemy asks for the new key by itself (PostgreSQL), the count of rows is gone.
    return _insert(dialect, table).on_conflict_do_nothing().returning(literal(1))


@cache
def _upsert(dialect: str, table: Table, key: str, changing: frozenset[str]) -> Any:
    statement = _insert(dialect, table)
    changes = {name: statement.excluded[name] for name in changing}
    return statement.on_conflict_do_update(index_elements=[key], set_=changes)
