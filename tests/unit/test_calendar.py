"""The working calendar: days, hours, and the office clock that runs only while the office is open."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.calendar import (
    BadOfficeHours,
    DayKind,
    DuplicateSpecialDay,
    InstantOutOfRange,
    NaiveInstant,
    NotAWorkingDay,
    NoWorkingDay,
    OfficeHours,
    SpecialDay,
    WorkingCalendar,
)
from tests.support.slow_office import DAY, MINUTE, Office, aware, days, instants, offices
from tests.support.vietnam import vietnam, vn

PLAIN = WorkingCalendar()
TET = SpecialDay(date(2026, 2, 17), DayKind.HOLIDAY, "Tết Nguyên đán, mùng một", "Thông báo 9441/TB-BNV")
SATURDAY = SpecialDay(date(2026, 8, 22), DayKind.SWAPPED_ON, "Làm bù", "Thông báo 9441/TB-BNV")


# --- office hours -----------------------------------------------------------------------------------------------------


def test_the_standard_day_holds_eight_hours_with_lunch_between():
    assert OfficeHours().length == timedelta(minutes=480)
    assert (
        OfficeHours().until(time(12, 30))
        == OfficeHours().until(time(13))
        == timedelta(hours=4) // timedelta(microseconds=1)
    )


@pytest.mark.parametrize(
    "text", ["07:00-11:30,13:30-17:00", "07:00–11:30; 13:30–17:00", " 07:00 - 11:30 , 13:30 - 17:00 "]
)
def test_office_hours_are_read_as_people_write_them(text):
    assert OfficeHours.parse(text) == OfficeHours(((time(7), time(11, 30)), (time(13, 30), time(17))))


@pytest.mark.parametrize("text", ["", "8-12", "12:00-08:00", "08:00-12:00,11:00-17:00", "08:00-12:00-13:00", "08:00"])
def test_office_hours_that_make_no_sense_are_refused_with_an_example(text):
    with pytest.raises(BadOfficeHours, match="08:00-12:00,13:00-17:00"):
        OfficeHours.parse(text)


# --- days -------------------------------------------------------------------------------------------------------------


def test_a_holiday_is_off_and_says_why():
    calendar = WorkingCalendar(special_days=(TET,))
    off = calendar.why_off(TET.on)

    assert off is not None
    assert (off.reason, off.source, off.kind) == (TET.name, TET.source, DayKind.HOLIDAY)
    assert calendar.why_off(date(2026, 2, 18)) is None


def test_a_weekend_is_off_by_the_weekly_rest():
    off = WorkingCalendar(weekly_rest_source="Quyết định 188/1999/QĐ-TTg").why_off(date(2026, 2, 15))

    assert off is not None
    assert (off.reason, off.source, off.kind) == ("nghỉ hằng tuần (Chủ nhật)", "Quyết định 188/1999/QĐ-TTg", None)


def test_a_swapped_saturday_works_at_standard_hours():
    calendar = WorkingCalendar(special_days=(SATURDAY,))

    assert calendar.is_working_day(SATURDAY.on)
    assert calendar.opening(SATURDAY.on) == vn("2026-08-22 08:00")
    assert calendar.sessions(SATURDAY.on)[1] == (vn("2026-08-22 13:00"), vn("2026-08-22 17:00"))
    assert calendar.next_working_day(date(2026, 8, 21)) == SATURDAY.on


def test_a_swapped_saturday_is_a_whole_day_even_where_saturdays_are_half():
    morning = OfficeHours.parse("08:00-12:00")
    calendar = WorkingCalendar(special_days=(SATURDAY,), week=(OfficeHours(),) * 5 + (morning, None))

    assert calendar.closing(SATURDAY.on) == vn("2026-08-22 17:00")
    assert calendar.closing(date(2026, 8, 29)) == vn("2026-08-29 12:00")


def test_a_day_of_rest_has_no_hours():
    assert PLAIN.sessions(date(2026, 2, 15)) == ()
    with pytest.raises(NotAWorkingDay, match=r"15/02/2026.*nghỉ hằng tuần"):
        PLAIN.closing(date(2026, 2, 15))


def test_a_weekday_may_have_hours_of_its_own():
    morning = OfficeHours(((time(7, 30), time(11, 30)),))
    calendar = WorkingCalendar(week=(OfficeHours(),) * 5 + (morning, None))

    assert calendar.closing(date(2026, 2, 14)) == vn("2026-02-14 11:30")
    assert calendar.add_working_days(date(2026, 2, 13), 2) == date(2026, 2, 16)


def test_working_days_are_counted_forwards_and_backwards():
    friday, saturday, monday = date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 9)

    assert PLAIN.add_working_days(friday, 1) == PLAIN.next_working_day(saturday) == monday
    assert PLAIN.add_working_days(monday, -1) == PLAIN.previous_working_day(saturday) == friday
    assert PLAIN.add_working_days(saturday, 0) == monday
    assert PLAIN.add_working_days(friday, 0) == friday
    assert PLAIN.working_days_between(friday, monday) == 2


@given(office=offices(), first=days, count=st.integers(-40, 40))
def test_counting_days_agrees_with_walking_them(office: Office, first: date, count: int):
    walked, left = first, count
    while left:
        walked += DAY if count > 0 else -DAY
        left -= office.slow.works(walked) * (1 if count > 0 else -1)
    if not count and not office.slow.works(walked):
        walked = office.slow.next_working_day(walked)

    assert office.calendar.add_working_days(first, count) == walked


# --- the office clock -------------------------------------------------------------------------------------------------


@given(office=offices(), start=instants(), length=st.integers(0, 3 * 1440))
def test_the_office_time_between_two_instants_is_its_open_minutes(office: Office, start: datetime, length: int):
    end = start + length * MINUTE
    minutes = 0
    for moment in office.slow.office_minutes(start):
        if moment >= end:
            break
        minutes += 1

    assert office.calendar.office_time(aware(start), aware(end)) == minutes * MINUTE
    assert office.calendar.office_time(aware(end), aware(start)) == -minutes * MINUTE


@given(office=offices(), start=instants(), minutes=st.integers(1, 5000))
def test_adding_office_time_and_measuring_it_agree(office: Office, start: datetime, minutes: int):
    end = office.calendar.add_office_time(aware(start), minutes * MINUTE)

    assert office.calendar.office_time(aware(start), end) == minutes * MINUTE
    assert end == aware(office.slow.end_of(minutes, start, []))


@given(office=offices(), at=instants())
def test_the_next_opening_is_the_first_open_minute(office: Office, at: datetime):
    assert office.calendar.next_opening(aware(at)) == aware(next(office.slow.office_minutes(at)))


def test_office_time_that_ends_at_noon_ends_before_lunch_not_after_it():
    assert PLAIN.add_office_time(vn("2026-02-09 10:00"), timedelta(hours=2)) == vn("2026-02-09 12:00")


def test_seconds_are_kept():
    at = vn("2026-02-09 11:59:30")

    assert PLAIN.add_office_time(at, timedelta(minutes=1)) == vn("2026-02-09 13:00:30")
    assert PLAIN.add_office_time(at, timedelta(0)) == at


def test_an_instant_written_in_another_zone_is_the_same_instant():
    late_evening_in_vietnam = datetime(2026, 2, 9, 16, 30, tzinfo=UTC)
    at_noon_in_tokyo = datetime(2026, 2, 9, 14, tzinfo=ZoneInfo("Asia/Tokyo"))

    assert PLAIN.next_opening(late_evening_in_vietnam) == vn("2026-02-10 08:00")
    assert PLAIN.next_opening(at_noon_in_tokyo) == vn("2026-02-09 13:00")


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(NaiveInstant, match="không có múi giờ"):
        PLAIN.office_clock(datetime(2026, 2, 9, 8))  # noqa: DTZ001


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_an_instant_out_of_any_sensible_year_is_refused(at):
    with pytest.raises(InstantOutOfRange):
        PLAIN.office_clock(at)


# --- the calendar as a value ------------------------------------------------------------------------------------------


def test_a_day_cannot_be_special_twice():
    with pytest.raises(DuplicateSpecialDay, match="17/02/2026"):
        WorkingCalendar(special_days=(TET, SpecialDay(TET.on, DayKind.SWAPPED_OFF, "Nghỉ hoán đổi", "khác")))


def test_an_office_that_never_opens_is_no_office():
    with pytest.raises(NoWorkingDay):
        WorkingCalendar(week=(None,) * 7)


def test_the_version_follows_the_content():
    same = WorkingCalendar(special_days=(SATURDAY, TET))
    others = [
        WorkingCalendar(),
        WorkingCalendar(special_days=(TET,)),
        WorkingCalendar(special_days=(TET, SATURDAY), hours=OfficeHours.parse("08:00:30-12:00,13:00-17:00")),
        WorkingCalendar(special_days=(TET, SATURDAY), timezone=ZoneInfo("UTC")),
        WorkingCalendar(special_days=(TET, SATURDAY), confirmed_years=frozenset({2026})),
    ]

    assert WorkingCalendar(special_days=(TET, SATURDAY)).version == same.version
    assert len({same.version, *(other.version for other in others)}) == 6


def test_a_far_date_costs_no_more_than_a_near_one():
    calendar, at = vietnam(), vn("2026-01-05 09:00")
    calendar.add_office_time(at, timedelta(hours=1))
    started = process_time()
    for _ in range(200):
        calendar.add_office_time(at, timedelta(hours=8 * 2500))

    assert (process_time() - started) / 200 < 0.002, "ten years in one step, not day by day"
