"""The two writes that SQLite and PostgreSQL spell alike but SQLAlchemy builds apart: count up, and insert once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import literal
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


def _insert(connection: Connection, table: Table) -> Any:
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def next_number(connection: Connection, table: Table, scope: str) -> int:
    """Count the series `scope` up and answer the new number; other transactions wait for this one to end."""
    statement = _insert(connection, table).values(scope=scope, last_number=1)
    statement = statement.on_conflict_do_update(
        index_elements=["scope"], set_={"last_number": table.c.last_number + 1}
    ).returning(table.c.last_number)
    return int(connection.scalar(statement))


def insert_once(connection: Connection, table: Table, **values: Any) -> bool:
    """Insert a row unless one with the same unique key is there; whether it was inserted."""
    # Ask for a row back: where SQLAlchemy asks for the new key by itself (PostgreSQL), the count of rows is gone.
    statement = _insert(connection, table).values(**values).on_conflict_do_nothing().returning(literal(1))
    return connection.execute(statement).first() is not None


def upsert(connection: Connection, table: Table, key: str, **values: Any) -> None:
    """Insert a row or replace the one with the same `key`."""
    changes = {name: value for name, value in values.items() if name != key}
    connection.execute(
        _insert(connection, table).values(**values).on_conflict_do_update(index_elements=[key], set_=changes)
    )
