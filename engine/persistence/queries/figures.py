"""What each figure of the board counts: one condition for the figure and for the list behind it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func

from engine.domain.board import KINDS
from engine.persistence.base import UtcDateTime
from engine.persistence.queries.criteria import (
    AT,
    HAS_APOLOGY,
    IS_OPEN,
    IS_PAUSED,
    IS_UNRESOLVED,
    D,
    is_due_soon,
    is_overdue,
    judged_at,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement

_TODAY_ENDS = bindparam("today_ends", type_=UtcDateTime())


@cache
def condition(kind: str, *, extension_counts: bool, elsewhere: int) -> ColumnElement[bool]:
    """What a figure of the board counts.

    - ``overdue``: the first appointment has passed, made anew or not. ``without_letter``: those without an apology.
    - ``due_today``: the date is today and has not passed. ``due_soon``: the warning of the installation has come.
    - ``paused``, ``no_date``: no appointment runs. ``drafts``: an apology waits for its signature.
    - ``second_lateness``: missed again after the one new appointment that the law allows.
    - ``results``: done, waiting to be fetched. ``open``: everything that has not ended.
    """
    judged = judged_at(extension_counts=extension_counts)
    overdue = is_overdue(extension_counts=extension_counts)
    conditions: Mapping[str, ColumnElement[bool]] = {
        "overdue": overdue,
        "due_soon": is_due_soon(extension_counts=extension_counts, elsewhere=elsewhere),
        "due_today": and_(IS_UNRESOLVED, D.due_at.is_not(None), judged >= AT, judged < _TODAY_ENDS),
        "open": IS_OPEN,
        "without_letter": and_(overdue, ~HAS_APOLOGY),
        "paused": IS_PAUSED,
        "second_lateness": and_(IS_UNRESOLVED, D.first_due_at < D.due_at, D.due_at < AT),
        "no_date": and_(IS_UNRESOLVED, D.due_at.is_(None), D.is_paused.is_(False)),
        "drafts": and_(IS_OPEN, D.has_draft),
        "results": and_(IS_OPEN, D.resolved_at.is_not(None)),
    }
    return conditions[kind]


def figures(*, extension_counts: bool, elsewhere: int) -> Mapping[str, ColumnElement[Any]]:
    """Every figure of the board, counted."""
    return {
        kind: func.count().filter(condition(kind, extension_counts=extension_counts, elsewhere=elsewhere)).label(kind)
        for kind in KINDS
    }
