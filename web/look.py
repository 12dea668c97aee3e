"""How pages look to one person at one browser: light or dark, how large, single keys on or off. Kept in a cookie.

The server reads it, so a page comes as it was chosen: nothing flashes, and no script is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Flask, current_app, redirect, request
from werkzeug.wrappers import Response

from web.auth import home_of_actor, safe_path
from web.context import known_actor

blueprint = Blueprint("look", __name__)

_COOKIE = "motcua_look"
_KEPT_FOR = timedelta(days=365)
SCHEMES = ("system", "light", "dark")
SIZES = ("normal", "large", "larger")
_DARK_MEDIA = {"system": "screen and (prefers-color-scheme: dark)", "light": "not all", "dark": "screen"}
_SUPPORTED = {"system": "light dark", "light": "light", "dark": "dark"}


@dataclass(frozen=True, slots=True)
class Look:
    """What a person chose; the machine's scheme, the usual size and single keys unless they did."""

    scheme: str = "system"
    size: str = "normal"
    keys: bool = True

    @property
    def dark_media(self) -> str:
        """For which screens the dark colours are meant."""
        return _DARK_MEDIA[self.scheme]

    @property
    def supported(self) -> str:
        """What the browser may colour by itself: bars, boxes, the field of a date."""
        return _SUPPORTED[self.scheme]

    def written(self) -> str:
        """As the cookie holds it."""
        return ".".join((self.scheme, self.size, "keys" if self.keys else "no-keys"))


def read(text: str) -> Look:
    """What a cookie says; a word that is none of ours is not there."""
    words = set(text.split("."))
    scheme = next((each for each in SCHEMES if each in words), SCHEMES[0])
    size = next((each for each in SIZES if each in words), SIZES[0])
    return Look(scheme, size, keys="no-keys" not in words)


def _name() -> str:
    # People take turns at the machines of a counter: each has their own.
    who = known_actor()
    return f"{_COOKIE}_{who.id}" if who is not None and who.id is not None else _COOKIE


def look() -> Look:
    """What the person who asks chose at this browser."""
    return read(request.cookies.get(_name(), ""))


@blueprint.post("/hien-thi")
def choose() -> Response:
    """Keep what was chosen, and go back to the page."""
    form = request.form
    chosen = read(".".join((form.get("scheme", ""), form.get("size", ""), "" if form.get("keys") else "no-keys")))
    default = home_of_actor() if known_actor() is not None else "/"
    answer = redirect(safe_path(form.get("next", "")) or default, 303)
    answer.set_cookie(
        _name(),
        chosen.written(),
        max_age=_KEPT_FOR,
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
    return answer


def register(app: Flask) -> None:
    """Let every page ask how it should look."""
    app.jinja_env.globals.update(chosen_look=look)
