"""How due dates stand, held against the definition of each word, moment by moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.calendar import DayKind, SpecialDay, WorkingCalendar
from engine.domain.urgency import DueState, Outlook
from engine.domain.views import Urgency

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def at(day: int, hour: int = 9, minute: int = 0, month: int = 4) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


# A long holiday and a worked Saturday: 27/04-01/05 off, Saturday 09/05 worked.
CALENDAR = WorkingCalendar(
    special_days=(
        *(SpecialDay(at(day).date(), DayKind.HOLIDAY, "lễ", "thông báo") for day in (27, 28, 29, 30)),
        SpecialDay(at(1, month=5).date(), DayKind.HOLIDAY, "lễ", "thông báo"),
        SpecialDay(at(9, month=5).date(), DayKind.SWAPPED_ON, "làm bù", "thông báo"),
    )
)


def due_soon_at(due_at: datetime, days: int) -> datetime:
    """The definition: the opening of the working day so many working days before the due day."""
    day = due_at.astimezone(ZONE).date()
    for _ in range(days):
        day = CALENDAR.previous_working_day(day)
    return CALENDAR.opening(CALENDAR.working_day_from(day))


@given(
    minutes=st.integers(0, 30 * 24 * 60),
    due_day=st.integers(0, 30),
    days=st.integers(0, 5),
)
def test_due_soon_begins_at_the_opening_so_many_working_days_before(minutes: int, due_day: int, days: int) -> None:
    moment = at(15, 0) + timedelta(minutes=minutes)
    due_at = CALENDAR.closing(CALENDAR.working_day_from(at(15).date() + timedelta(days=due_day)))
    seen = Outlook(moment, CALENDAR, days).urgency(DueState(due_at))
    if moment > due_at:
        assert seen is Urgency.OVERDUE
    else:
        assert (seen is Urgency.DUE_SOON) == (moment >= due_soon_at(due_at, days))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(23, 17), Urgency.IN_TIME),
        (at(24, 7, 59), Urgency.IN_TIME),
        (at(24, 8), Urgency.DUE_SOON),  # the working day before the holiday
        (at(30, 12), Urgency.DUE_SOON),
        (at(4, 17, month=5), Urgency.DUE_SOON),
        (at(4, 17, 1, month=5), Urgency.OVERDUE),
    ],
)
def test_the_warning_knows_holidays(moment: datetime, expected: Urgency) -> None:
    assert Outlook(moment, CALENDAR).urgency(DueState(at(4, 17, month=5))) is expected


def test_what_has_no_date_is_paused_or_without_one() -> None:
    outlook = Outlook(at(15), CALENDAR)
    assert outlook.urgency(DueState(None, at(10, 17), is_paused=True)) is Urgency.PAUSED
    assert outlook.urgency(DueState(None, at(10, 17))) is Urgency.NO_DATE
    assert outlook.remaining_minutes(DueState(None, at(10, 17))) is None


def test_a_missed_first_appointment_stays_missed_unless_the_office_lets_the_extension_count() -> None:
    state = DueState(due_at=at(17, 17), first_due_at=at(14, 17))
    assert Outlook(at(15), CALENDAR).urgency(state) is Urgency.OVERDUE
    assert Outlook(at(15), CALENDAR, extension_counts=True).urgency(state) is Urgency.IN_TIME
    assert Outlook(at(15), CALENDAR).remaining_minutes(state) == 420 + 2 * 480


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (DueState(at(14, 17), at(14, 17), finished_at=at(14, 17)), Urgency.IN_TIME),
        (DueState(at(14, 17), at(14, 17), finished_at=at(14, 17, 1)), Urgency.OVERDUE),
        (DueState(at(14, 17), at(14, 17), finished_at=at(13), timeliness="late"), Urgency.OVERDUE),
        (DueState(at(14, 17), at(10, 17), finished_at=at(13), timeliness="on_time"), Urgency.IN_TIME),
        (DueState(None, None, finished_at=at(13)), Urgency.NO_DATE),
    ],
)
def test_what_is_finished_shows_whether_its_date_was_kept(state: DueState, expected: Urgency) -> None:
    outlook = Outlook(at(20), CALENDAR)
    assert outlook.urgency(state) is expected
    assert outlook.remaining_minutes(state) is None


def test_lateness_is_the_second_only_after_a_new_appointment() -> None:
    outlook = Outlook(at(20), CALENDAR)
    assert outlook.is_second_lateness(DueState(at(17, 17), at(14, 17)))
    assert not outlook.is_second_lateness(DueState(at(17, 17), at(17, 17)))
    assert not outlook.is_second_lateness(DueState(at(21, 17), at(14, 17)))
    assert not outlook.is_second_lateness(DueState(None, at(14, 17), is_paused=True))
    assert not outlook.is_second_lateness(DueState(at(17, 17), at(14, 17), finished_at=at(16)))


@pytest.mark.parametrize(
    ("moment", "minutes"),
    [
        (at(14, 16, 59), 1),
        (at(14, 17), 0),
        (at(14, 17, 1), -1),  # late, though no office minute has passed
        (at(15, 7), -1),
        (at(15, 9, 30), -90),
        (at(13, 12, 30), 240 + 480),
    ],
)
def test_remaining_time_is_office_time(moment: datetime, minutes: int) -> None:
    assert Outlook(moment, CALENDAR).remaining_minutes(DueState(at(14, 17))) == minutes
