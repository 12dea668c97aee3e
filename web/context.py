"""What a handler needs of its surroundings: the engine, the person who asks, and the moment of the request."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import current_app, request, session

from engine.bootstrap import Engine
from engine.domain.people import Actor
from engine.domain.sign_in import Browser, Seat

EXTENSION = "motcua"
LAST_PAGE = 100_000  # a list has no more; a number that no database holds would be an error of ours
_ACTOR = "motcua.actor"
_SEAT = "motcua.seat"
TOKEN = "token"  # noqa: S105 - the name of the place in the cookie


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


def page_asked() -> int:
    """Which page of a list is asked for, from 1; what is no number is the first, what is beyond every list the last."""
    return min(max(request.values.get("page", 1, type=int), 1), LAST_PAGE)


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


def forget_actor() -> None:
    """Forget who asked: somebody else takes the seat."""
    request.environ.pop(_ACTOR, None)


def remember_seat(seat: Seat) -> None:
    """Keep who sits at the browser for the rest of this request; who owes nothing asks."""
    request.environ[_SEAT] = seat
    if not seat.need:
        remember_actor(seat.actor)


def known_seat() -> Seat | None:
    """Who sits at the browser, whether or not they still owe a proof."""
    found = request.environ.get(_SEAT)
    return found if isinstance(found, Seat) else None


def browser_token() -> str:
    """The secret of the session, as the cookie holds it."""
    return str(session.get(TOKEN, ""))


def browser() -> Browser:
    """From where the request comes, as far as it says."""
    return Browser(device=request.user_agent.string, address=request.remote_addr or "")
