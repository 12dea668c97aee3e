"""The signing table: what waits for a decision, most urgent first, one summary at a time."""

from __future__ import annotations

from flask import Blueprint, render_template

from engine.domain.people import Role
from engine.domain.views import WorkItem
from web.context import actor, engine, now
from web.officer import dossier_page

blueprint = Blueprint("leader", __name__)

TABLE_SIZE = 100


@blueprint.get("/approve")
def queue() -> str:
    """The queue with the first dossier open beside it."""
    waiting = _waiting()
    if not waiting:
        return render_template("leader/empty.html")
    return _table(waiting, waiting[0].dossier.code)


@blueprint.get("/approve/<code>")
def dossier(code: str) -> str:
    """The queue with this dossier open beside it."""
    return _table(_waiting(), code)


def _waiting() -> tuple[WorkItem, ...]:
    found = engine().worklist.page(actor(), view="unit", page_size=TABLE_SIZE, at=now())
    return tuple(item for item in found.items if item.role == Role.LEADER)


def _table(waiting: tuple[WorkItem, ...], code: str) -> str:
    view = engine().dossiers.view(actor(), code, at=now())
    return dossier_page(view, template="leader/approve.html", waiting=waiting)
