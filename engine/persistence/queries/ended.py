"""What ended in a period, from the sums that were kept while it did: never a walk over dossiers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, Select, String, case, cast, func, literal_column, or_, select

from engine.persistence.base import table_of
from engine.persistence.models import Dossier, EndedDay, EvaluationMonth, FeedbackLink, Person

_E = table_of(EndedDay).c
_M = table_of(EvaluationMonth).c
_F = table_of(FeedbackLink).c
_D = table_of(Dossier).c
_P = table_of(Person).c
DAY_COUNTERS = tuple(column.name for column in table_of(EndedDay).c if not column.primary_key)
MONTH_COUNTERS = tuple(column.name for column in table_of(EvaluationMonth).c if not column.primary_key)


@dataclass(frozen=True, slots=True)
class FeedbackCount:
    """Feedback about a unit: ended in a period, in time, found right; open at its end, and open after its date."""

    unit_id: int
    ended: int = 0
    on_time: int = 0
    upheld: int = 0
    open: int = 0
    prolonged: int = 0


def ended_sums(
    connection: Connection,
    first: date,
    last: date,
    unit_ids: Collection[int] | None,
    *by: str,
    counters: Collection[str] = DAY_COUNTERS,
) -> list[Mapping[str, Any]]:
    """The kept figures of the local days from `first` to `last` (both included), added up by the columns `by`.

    `by`: unit_id, procedure_code, channel, month; in the order given. `counters`: those of the figures that are wanted.
    """
    month = func.substr(cast(_E.day, String), literal_column("1"), literal_column("7"))
    groups = [month.label("month") if name == "month" else _E[name] for name in by]
    statement: Select[Any] = select(*groups, *(func.sum(_E[name]).label(name) for name in counters))
    statement = _within(statement.where(_E.day >= first, _E.day <= last), _E.unit_id, unit_ids)
    keys = [month if name == "month" else _E[name] for name in by]
    if keys:
        statement = statement.group_by(*keys).order_by(*keys)
    return [_whole(dict(row)) for row in connection.execute(statement).mappings()]


def month_points(
    connection: Connection, unit_ids: Collection[int] | None, first: str, last: str
) -> list[Mapping[str, Any]]:
    """The points of units and their officials for the months from `first` to `last`, with their names."""
    statement = (
        select(table_of(EvaluationMonth), func.coalesce(_P.full_name, _M.username).label("full_name"))
        .select_from(table_of(EvaluationMonth).outerjoin(table_of(Person), _P.username == _M.username))
        .where(_M.month >= first, _M.month <= last)
        .order_by(_M.month, _M.username)
    )
    return [dict(row) for row in connection.execute(_within(statement, _M.unit_id, unit_ids)).mappings()]


def units_of_official(connection: Connection, username: str, first: str, last: str) -> list[int]:
    """The units in which an official had a hand in what ended in the months from `first` to `last`."""
    statement = select(_M.unit_id).where(_M.month >= first, _M.month <= last, _M.username == username).distinct()
    return sorted(connection.scalars(statement))


def feedback_counts(
    connection: Connection, first: date, last: date, unit_ids: Collection[int] | None, at: datetime, zone: tzinfo
) -> dict[int, FeedbackCount]:
    """Feedback by the unit that it is about, of the local days from `first` to `last` in `zone`.

    What is open is counted as it was when the period ended, at `at` while it has not: what came or ended afterwards
    changes no figure of a period that is over.
    """
    moment = min(at, datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone))
    found: dict[int, dict[str, int]] = {}
    ended = (
        select(
            _F.about_unit_id,
            func.count().label("ended"),
            func.sum(_one(_F.is_late.is_(False))).label("on_time"),
            func.sum(_one(_F.is_upheld.is_(True))).label("upheld"),
        )
        .where(_F.ended_on >= first, _F.ended_on <= last)
        .group_by(_F.about_unit_id)
    )
    still = (
        select(
            _F.about_unit_id,
            func.count().label("open"),
            func.sum(_one(func.coalesce(_D.first_due_at, _D.due_at) < moment)).label("prolonged"),
        )
        .select_from(table_of(FeedbackLink).join(table_of(Dossier), _D.id == _F.dossier_id))
        .where(or_(_F.ended_on.is_(None), _F.ended_on > last), _D.received_at < moment)
        .group_by(_F.about_unit_id)
    )
    for statement in (ended, still):
        for row in connection.execute(_within(statement, _F.about_unit_id, unit_ids)).mappings():
            counts = found.setdefault(row["about_unit_id"], {})
            counts.update({name: int(row[name] or 0) for name in row if name != "about_unit_id"})
    return {unit_id: FeedbackCount(unit_id, **counts) for unit_id, counts in found.items()}


def feedback_lines(
    connection: Connection, unit_ids: Collection[int], *, is_open: bool, limit: int, offset: int
) -> tuple[list[Mapping[str, Any]], int]:
    """Feedback about some units or received by them, the latest first, and how much there is."""
    about = table_of(Dossier).alias("about")
    units = sorted(unit_ids)
    where = [
        or_(_F.about_unit_id.in_(units), _D.unit_id.in_(units), _D.deciding_unit_id.in_(units)),
        _F.ended_on.is_(None) if is_open else _F.ended_on.is_not(None),
    ]
    joined = (
        table_of(FeedbackLink)
        .join(table_of(Dossier), _D.id == _F.dossier_id)
        .outerjoin(about, about.c.id == _F.about_dossier_id)
    )
    columns = (_D.code, _D.received_at, _D.due_at, _D.first_due_at, _D.status, _D.content, *table_of(FeedbackLink).c)
    statement = (
        select(*columns, about.c.code.label("about_code"))
        .select_from(joined)
        .where(*where)
        .order_by(_F.dossier_id.desc())
        .limit(limit)
        .offset(offset)
    )
    total = connection.scalar(select(func.count()).select_from(joined).where(*where)) or 0
    return [dict(row) for row in connection.execute(statement).mappings()], total


def _one(condition: Any) -> Any:
    return case((condition, 1), else_=0)


def _within(statement: Select[Any], column: Any, unit_ids: Collection[int] | None) -> Select[Any]:
    return statement if unit_ids is None else statement.where(column.in_(sorted(unit_ids)))


def _whole(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: int(value or 0) if name in DAY_COUNTERS else value for name, value in row.items()}
