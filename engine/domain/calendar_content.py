"""A working calendar as text, and back: what is kept of every calendar by which a date was computed."""

from __future__ import annotations

import json
from datetime import date, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.domain.calendar import HoursPeriod, WorkingCalendar
from engine.domain.office_hours import OfficeHours
from engine.domain.special_days import DayKind, SpecialDay

if TYPE_CHECKING:
    from collections.abc import Sequence


def write_calendar(calendar: WorkingCalendar) -> str:
    """The calendar as JSON; `read_calendar` makes an equal one of it."""
    content = {
        "name": calendar.name,
        "weekly_rest_source": calendar.weekly_rest_source,
        "timezone": calendar.timezone.key,
        "hours": _sessions(calendar.hours),
        "week": _week(calendar.week),
        "confirmed_years": sorted(calendar.confirmed_years),
        "draft_years": sorted(calendar.draft_years),
        "later_hours": [
            [period.from_on.isoformat(), _week(period.week), _sessions(period.hours)] for period in calendar.later_hours
        ],
        "special_days": [
            [
                *(day.on.isoformat(), day.kind.value, day.name, day.source),
                *(day.issued_on.isoformat() if day.issued_on else None, day.mark, _spans(day.closed)),
            ]
            for day in calendar.special_days
        ],
    }
    return json.dumps(content, ensure_ascii=False)


def read_calendar(text: str) -> WorkingCalendar:
    """The calendar that `write_calendar` wrote."""
    content = json.loads(text)
    return WorkingCalendar(
        special_days=tuple(_day(*facts) for facts in content["special_days"]),
        hours=_hours(content["hours"]),
        week=_read_week(content["week"]),
        timezone=ZoneInfo(content["timezone"]),
        confirmed_years=frozenset(content["confirmed_years"]),
        draft_years=frozenset(content["draft_years"]),
        name=content["name"],
        weekly_rest_source=content["weekly_rest_source"],
        later_hours=tuple(
            HoursPeriod(date.fromisoformat(from_on), _read_week(week), _hours(hours))
            for from_on, week, hours in content["later_hours"]
        ),
    )


def _spans(spans: Sequence[tuple[time, time]]) -> list[list[str]]:
    return [[first.isoformat(), last.isoformat()] for first, last in spans]


def _sessions(hours: OfficeHours) -> list[list[str]]:
    return _spans(hours.sessions)


def _week(week: Sequence[OfficeHours | None]) -> list[Any]:
    return [hours and _sessions(hours) for hours in week]


def _read_spans(spans: Sequence[Sequence[str]]) -> tuple[tuple[time, time], ...]:
    return tuple((time.fromisoformat(first), time.fromisoformat(last)) for first, last in spans)


def _hours(spans: Sequence[Sequence[str]]) -> OfficeHours:
    return OfficeHours(_read_spans(spans))


def _read_week(week: Sequence[Any]) -> tuple[OfficeHours | None, ...]:
    return tuple(_hours(spans) if spans else None for spans in week)


def _day(*facts: Any) -> SpecialDay:
    on, kind, name, source, issued_on, mark, closed = facts
    issued = date.fromisoformat(issued_on) if issued_on else None
    return SpecialDay(date.fromisoformat(on), DayKind(kind), name, source, issued, mark, _read_spans(closed))
