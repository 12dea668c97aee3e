"""For the administrator: do all parts work, and what to do about the one that does not."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.context import engine, now

blueprint = Blueprint("admin", __name__)


@blueprint.get("/admin")
def health() -> str:
    """The checks of `motcua doctor`, on a page."""
    at = now()
    return render_template("admin/health.html", health=engine().health(at), at=at)
