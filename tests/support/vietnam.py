"""The national calendar as an installation loads it, and short words for its instants."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.calendars import load_calendar
from engine.domain.calendar import WorkingCalendar

VN = ZoneInfo("Asia/Ho_Chi_Minh")
CALENDAR_FILE = Path(__file__).parents[2] / "bpmn" / "calendars" / "vietnam.yaml"


@cache
def vietnam(*, culture_day: bool = False) -> WorkingCalendar:
    return load_calendar(CALENDAR_FILE, switches={"vietnam_culture_day": culture_day})


def vn(text: str) -> datetime:
    """``2026-02-13 10:30`` in Vietnam."""
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def closing(day: str) -> datetime:
    """17:00 of ``2026-02-27``."""
    return datetime.combine(date.fromisoformat(day), time(17), tzinfo=VN)
