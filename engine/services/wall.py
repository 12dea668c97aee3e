"""Screens on walls: figures of one unit and of those below it, without a name of anybody, behind a secret link.

Nobody is signed in on a wall. An administrator makes a link for a screen and revokes it; whoever holds it can read
these figures and do nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.domain.board import KINDS
from engine.domain.errors import BadInput, NotFound, Refused
from engine.domain.people import Actor, Role
from engine.domain.permissions import units_under
from engine.effects.office import Office
from engine.effects.reading import lens_at
from engine.persistence.queries.board import BoardReader
from engine.persistence.unit_of_work import UnitOfWork

_SEEN_EVERY = timedelta(minutes=5)
_LONGEST_NAME = 80


class WallRefused(BadInput):
    """{detail}."""

    code = "wall_refused"


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen as administrators see it."""

    id: int
    name: str
    unit_name: str
    made_at: datetime
    made_by: str
    seen_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wall:
    """What a screen shows: the figures of the unit with everything below it, and of each unit that decides."""

    unit_name: str
    as_of: datetime
    counts: Mapping[str, int]
    units: tuple[tuple[str, Mapping[str, int]], ...]


class Walls:
    """Screens on walls."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def make(self, actor: Actor, name: str, unit_code: str, *, at: datetime) -> str:
        """Make the link of a screen; its secret is answered this once and kept as a hash only.

        Raises `Refused` unless the person administers the unit, `WallRefused` without a name.
        """
        unit = self._office.units.by_code(unit_code)
        self._check(actor, unit.id)
        if not name.strip():
            raise WallRefused(detail="Hãy ghi tên màn hình, ví dụ nơi treo")
        token = secrets.token_urlsafe(32)
        with self._uow.write() as tx:
            tx.walls.add(
                name=name.strip()[:_LONGEST_NAME],
                unit_id=unit.id,
                token_hash=_hash(token),
                made_at=at,
                made_by=actor.username,
            )
        return token

    def revoke(self, actor: Actor, screen_id: int, *, at: datetime) -> None:
        """Let a screen show nothing from now on. Raises `NotFound`, `Refused`."""
        with self._uow.write() as tx:
            found = tx.walls.find(screen_id)
            if found is None:
                raise NotFound(what="màn hình này")
            self._check(actor, found.unit_id)
            tx.walls.revoke(screen_id, at=at, by=actor.username)

    def screens(self, actor: Actor) -> tuple[Screen, ...]:
        """The screens of the units that a person administers."""
        units = self._office.units
        with self._uow.read() as tx:
            rows = tx.walls.of_units(self._administered(actor))
        names = ("id", "name", "made_at", "made_by", "seen_at", "revoked_at")
        return tuple(
            Screen(unit_name=units.get(row.unit_id).name, **{name: getattr(row, name) for name in names})
            for row in rows
        )

    def units(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """The units for which a person may make screens: codes and names."""
        mine = self._administered(actor)
        return tuple((unit.code, unit.name) for unit in self._office.units if unit.id in mine)

    def show(self, token: str, *, at: datetime) -> Wall:
        """What the screen of a secret shows now; raises `NotFound` for one that opens nothing (any more)."""
        units = self._office.units
        with self._uow.read() as tx:
            screen = tx.walls.by_token(_hash(token))
            if screen is None:
                raise NotFound(what="màn hình này; đường dẫn sai hoặc đã bị thu hồi")
            reader = BoardReader(tx.connection, lens_at(self._office, at), units.under(screen.unit_id))
            counts, rows = reader.counts(), reader.pivot("unit")
        if screen.seen_at is None or at - screen.seen_at > _SEEN_EVERY:
            with self._uow.write() as tx:
                tx.walls.seen(screen.id, at)
        shown = tuple((units.get(row[0]).name, dict(zip(KINDS, row[3:], strict=True))) for row in rows)
        return Wall(units.get(screen.unit_id).name, at, counts, shown)

    def _administered(self, actor: Actor) -> frozenset[int]:
        return units_under(actor, {Role.ADMIN}, self._office.units)

    def _check(self, actor: Actor, unit_id: int) -> None:
        if unit_id not in self._administered(actor):
            raise Refused(detail="màn hình treo tường do quản trị hệ thống lập và thu hồi")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
