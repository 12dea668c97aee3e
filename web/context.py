"""What a handler needs of its surroundings: the engine, the person who asks, and the moment of the request."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import current_app, request

from engine.bootstrap import Engine
from engine.domain.people import Actor

EXTENSION = "motcua"
_ACTOR = "motcua.actor"


def engine() -> Engine:
    """The engine that this application shows."""
    found: Engine = current_app.extensions[EXTENSION]
    return found


def now() -> datetime:
    """The moment of the request, in UTC."""
    return engine().clock.now()


def zone() -> ZoneInfo:
    """The time zone in which people at the counter live."""
    return engine().settings.zone


def remember_actor(actor: Actor) -> None:
    """Keep who asks for the rest of this request."""
    request.environ[_ACTOR] = actor


def known_actor() -> Actor | None:
    """Who asks; None on public pages and for people who have not signed in."""
    found = request.environ.get(_ACTOR)
    return found if isinstance(found, Actor) else None


def actor() -> Actor:
    """Who asks, on pages that `web.doors.ACCESS` opens to staff only."""
    found = known_actor()
    assert found is not None, "the access table lets nobody in here unsigned"
    return found
