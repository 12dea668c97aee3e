"""The deadline rules against an office that walks its minutes, and the promises that hold for every limit.

A hundred cases each in every run; `--hypothesis-profile=thorough` takes 2,500 each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.calendar import WorkingCalendar
from engine.domain.deadline import DueDate, LimitUnit, ProcessingTime, due_date
from tests.support.slow_office import (
    MINUTE,
    TICK,
    Office,
    Stretch,
    aware,
    clock_pauses,
    days,
    instants,
    offices,
    stretches,
)

ANY_LIMIT = st.one_of(
    st.integers(1, 60).map(lambda quarters: ProcessingTime(Decimal(quarters) / 4, LimitUnit.WORKING_DAYS)),
    st.integers(1, 30).map(lambda count: ProcessingTime(Decimal(count), LimitUnit.CALENDAR_DAYS)),
    st.integers(1, 90).map(lambda hours: ProcessingTime(Decimal(hours), LimitUnit.WORKING_HOURS)),
    st.just(ProcessingTime.same_day()),
)


@dataclass(frozen=True)
class File:
    """When a dossier was received and when its clock stood still, in local naive time."""

    received: datetime
    pauses: list[Stretch]


@st.composite
def files(draw: st.DrawFn, every: timedelta = MINUTE) -> File:
    received = draw(instants(every))
    return File(received, draw(stretches(received, every)))


def dated(limit: ProcessingTime, file: File, calendar: WorkingCalendar) -> DueDate:
    return due_date(limit, aware(file.received), calendar, clock_pauses(file.pauses))


def due(limit: ProcessingTime, file: File, calendar: WorkingCalendar) -> datetime:
    due_at = dated(limit, file, calendar).due_at
    assert due_at is not None
    return due_at


# --- equal to the minute-by-minute walk -------------------------------------------------------------------------------


@given(office=offices(), file=files(), quarters=st.integers(1, 60))
def test_working_days_are_office_minutes_spent_one_by_one(office: Office, file: File, quarters: int) -> None:
    limit = ProcessingTime(Decimal(quarters) / 4, LimitUnit.WORKING_DAYS)

    slow = office.slow.working_days(quarters, file.received, file.pauses)

    assert due(limit, file, office.calendar) == aware(slow)


@given(office=offices(), file=files(), hours=st.integers(1, 90))
def test_working_hours_are_office_minutes_spent_one_by_one(office: Office, file: File, hours: int) -> None:
    limit = ProcessingTime(Decimal(hours), LimitUnit.WORKING_HOURS)

    slow = office.slow.working_hours(hours, file.received, file.pauses)

    assert due(limit, file, office.calendar) == aware(slow)


@given(office=offices(), file=files(TICK), count=st.integers(1, 30))
def test_calendar_days_are_put_off_by_every_paused_midnight(office: Office, file: File, count: int) -> None:
    limit = ProcessingTime(Decimal(count), LimitUnit.CALENDAR_DAYS)

    slow = office.slow.calendar_days(count, file.received, file.pauses)

    assert due(limit, file, office.calendar) == aware(slow)


@given(office=offices(), file=files())
def test_same_day_files_spend_the_rest_of_their_day(office: Office, file: File) -> None:
    slow = office.slow.same_day(file.received, file.pauses)

    assert due(ProcessingTime.same_day(), file, office.calendar) == aware(slow)


# --- promises ---------------------------------------------------------------------------------------------------------


@given(office=offices(even_week=True), file=files(), limit=ANY_LIMIT, holiday=days)
def test_a_holiday_more_never_brings_a_date_forward(
    office: Office, file: File, limit: ProcessingTime, holiday: date
) -> None:
    assert due(limit, file, office.with_holiday(holiday).calendar) >= due(limit, file, office.calendar)


@given(office=offices(), file=files(), limit=ANY_LIMIT, data=st.data())
def test_a_pause_more_never_brings_a_date_forward(
    office: Office, file: File, limit: ProcessingTime, data: st.DataObject
) -> None:
    kept = [pause for pause in file.pauses if data.draw(st.booleans())]

    assert due(limit, file, office.calendar) >= due(limit, replace(file, pauses=kept), office.calendar)


@given(office=offices(), file=files(), limit=ANY_LIMIT, longer=st.integers(0, 5 * 1440))
def test_a_longer_pause_never_brings_a_date_forward(
    office: Office, file: File, limit: ProcessingTime, longer: int
) -> None:
    last = [(begins, ends + longer * MINUTE) for begins, ends in file.pauses[-1:]]
    stretched = replace(file, pauses=[*file.pauses[:-1], *last])

    assert due(limit, stretched, office.calendar) >= due(limit, file, office.calendar)


@given(office=offices(), file=files(), limit=ANY_LIMIT, share=st.floats(0, 1))
def test_splitting_a_pause_in_two_that_touch_changes_nothing(
    office: Office, file: File, limit: ProcessingTime, share: float
) -> None:
    split = []
    for begins, ends in file.pauses:
        middle = begins + share * (ends - begins)
        split += [(begins, middle), (middle, ends)]

    assert due(limit, replace(file, pauses=split), office.calendar) == due(limit, file, office.calendar)


@given(office=offices(), file=files(), limit=ANY_LIMIT, data=st.data())
def test_the_order_of_special_days_and_of_pauses_changes_nothing(
    office: Office, file: File, limit: ProcessingTime, data: st.DataObject
) -> None:
    shuffled_days = data.draw(st.permutations(office.calendar.special_days))
    calendar = replace(office.calendar, special_days=tuple(shuffled_days))
    shuffled = replace(file, pauses=data.draw(st.permutations(file.pauses)))

    assert calendar == office.calendar
    assert calendar.version == office.calendar.version
    assert due(limit, shuffled, calendar) == due(limit, file, office.calendar)


@given(office=offices(), file=files(), limit=ANY_LIMIT, offset=st.integers(-12, 14))
def test_the_zone_in_which_an_instant_is_written_changes_nothing(
    office: Office, file: File, limit: ProcessingTime, offset: int
) -> None:
    zone = timezone(timedelta(hours=offset))
    pauses = [
        replace(
            pause, from_at=pause.from_at.astimezone(zone), until_at=pause.until_at and pause.until_at.astimezone(zone)
        )
        for pause in clock_pauses(file.pauses)
    ]

    again = due_date(limit, aware(file.received).astimezone(zone), office.calendar, pauses)

    assert again.due_at == due(limit, file, office.calendar)


@given(office=offices(), file=files(), limit=ANY_LIMIT)
def test_every_date_is_explained_step_by_step_with_a_source(office: Office, file: File, limit: ProcessingTime) -> None:
    found = dated(limit, file, office.calendar)

    results = [line for line in found.explanation if line.what.startswith("Hẹn trả kết quả")]
    pauses = [line for line in found.explanation if line.what.startswith("Tạm dừng từ")]

    assert [line.at for line in results] == [found.due_at]
    assert len(pauses) == len(file.pauses)
    assert all(line.source for line in found.explanation)
