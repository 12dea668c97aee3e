"""A sending of a form is carried out once: its key is written in the very transaction that carries it out.

Whoever serves a sending announces it with `sending`. The first transaction that writes on its behalf puts the key down
beside what it writes: both stand or neither does, whatever breaks in between. A second transaction with the same key,
at the same moment or later, in this process or another, waits for the first and is then told `DoneBefore`.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.persistence.base import table_of
from engine.persistence.models import DoneOnce
from engine.persistence.statements import insert_once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection


class DoneBefore(Exception):
    """This sending was carried out before. Not a failure of the house: a page that tells failures must not catch it."""


@dataclass(slots=True)
class Sending:
    """One sending of a form by one person. `is_kept`: something was written on its behalf, and its key with it."""

    key: str
    person_id: int
    endpoint: str
    at: datetime
    is_kept: bool = False

    def enter(self, connection: Connection) -> None:
        """Put the key down in a transaction that is about to write; raises `DoneBefore` if it stands already."""
        if self.is_kept:
            return
        row = {"key": self.key, "person_id": self.person_id, "endpoint": self.endpoint, "at": self.at}
        if not insert_once(connection, table_of(DoneOnce), **row):
            raise DoneBefore


_current: ContextVar[Sending | None] = ContextVar("sending", default=None)


def current() -> Sending | None:
    """The sending that is being served here, if there is one."""
    return _current.get()


def announce(sending: Sending | None) -> None:
    """Serve a sending from here on; None: none any more."""
    _current.set(sending)


@contextmanager
def served(sending: Sending) -> Iterator[None]:
    """Serve a sending inside the block."""
    announce(sending)
    try:
        yield
    finally:
        announce(None)


def enter(connection: Connection) -> None:
    """Begin a transaction that writes on behalf of the sending that is being served; raises `DoneBefore`."""
    sending = _current.get()
    if sending is not None:
        sending.enter(connection)


def committed() -> None:
    """A transaction that wrote has been committed: the key stands."""
    sending = _current.get()
    if sending is not None:
        sending.is_kept = True
