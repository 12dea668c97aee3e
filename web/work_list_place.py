"""Where a person works in their lists: the last list they looked at, and where to go after a step is done."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import session, url_for

from engine.domain.worklists import Listing, read_listing
from web.auth import home_of_actor
from web.context import actor, engine, now

_LIST = "work_list"


def remember_list(listing: Listing) -> None:
    """Keep the list that was looked at last. It names no citizen: what is searched for is not in it."""
    session[_LIST] = listing.query()


def last_list(view: str = "") -> Listing | None:
    """The list that was looked at last in this session, if it was one of `view`."""
    asked = session.get(_LIST)
    listing = read_listing(asked) if isinstance(asked, dict) else None
    return None if listing and view and listing.view != view else listing


def list_address(listing: Listing) -> str:
    """The address of a list."""
    return f"{url_for('officer.worklist')}?{urlencode(listing.query())}"


def after_step(task_id: int) -> str:
    """Where to go after a step is done: the next dossier of the list if the person wants it so, else back to the list.

    Somebody who has looked at no list goes home.
    """
    listing = last_list()
    if listing is None:
        return home_of_actor()
    if engine().work_filters.choices(actor()).opens_next:
        code = engine().worklist.next_code(actor(), listing, task_id, at=now())
        if code:
            return url_for("officer.dossier", code=code)
    return list_address(listing)
