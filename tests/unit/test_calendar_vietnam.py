"""The national calendar 2020-2027 against the facts that were gathered, and the reader of calendar files."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.calendars import BadCalendarFile, load_calendar
from engine.domain.calendar import DayKind, OfficeHours
from tests.support.vietnam import CALENDAR_FILE, vietnam

# Days off from Monday to Friday, day/month (calendar.md, 5.2); 24/11 as the holidays library takes it.
WEEKDAYS_OFF = {
    2020: "1/1 23/1 24/1 27/1 28/1 29/1 2/4 30/4 1/5 2/9",
    2021: "1/1 10/2 11/2 12/2 15/2 16/2 21/4 30/4 3/5 2/9 3/9",
    2022: "3/1 31/1 1/2 2/2 3/2 4/2 11/4 2/5 3/5 1/9 2/9",
    2023: "2/1 20/1 23/1 24/1 25/1 26/1 1/5 2/5 3/5 1/9 4/9",
    2024: "1/1 8/2 9/2 12/2 13/2 14/2 18/4 29/4 30/4 1/5 2/9 3/9",
    2025: "1/1 27/1 28/1 29/1 30/1 31/1 7/4 30/4 1/5 2/5 1/9 2/9",
    2026: "1/1 2/1 16/2 17/2 18/2 19/2 20/2 27/4 30/4 1/5 31/8 1/9 2/9 24/11",
    2027: "1/1 4/2 5/2 8/2 9/2 10/2 16/4 30/4 3/5 2/9 3/9 24/11",
}
WORKED_SATURDAYS = {date(2024, 5, 4), date(2025, 4, 26), date(2026, 1, 10), date(2026, 8, 22)}
WORKING_DAYS = {2020: 252, 2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 250, 2026: 249, 2027: 249}


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1).toordinal()
    return [date.fromordinal(number) for number in range(first, date(year + 1, 1, 1).toordinal())]


@pytest.mark.parametrize("year", WEEKDAYS_OFF)
def test_the_weekdays_off_of_a_year_are_the_gathered_ones(year):
    calendar = vietnam(culture_day=True)
    off = [day for day in days_of(year) if day.weekday() < 5 and not calendar.is_working_day(day)]

    assert " ".join(f"{day.day}/{day.month}" for day in off) == WEEKDAYS_OFF[year]


def test_the_worked_saturdays_are_the_swapped_ones():
    calendar = vietnam()
    worked = {
        day for year in WEEKDAYS_OFF for day in days_of(year) if day.weekday() > 4 and calendar.is_working_day(day)
    }

    assert worked == WORKED_SATURDAYS


@pytest.mark.parametrize("year", WORKING_DAYS)
def test_a_year_has_as_many_working_days_as_counted_elsewhere(year):
    assert vietnam(culture_day=True).working_days_between(date(year, 1, 1), date(year, 12, 31)) == WORKING_DAYS[year]


def test_the_swaps_come_in_pairs_a_weekday_for_a_saturday():
    days = vietnam().special_days
    given_up = [day for day in days if day.kind is DayKind.SWAPPED_OFF]
    worked = [day for day in days if day.kind is DayKind.SWAPPED_ON]

    assert {day.on for day in worked} == WORKED_SATURDAYS
    assert [(day.on.year, day.source) for day in given_up] == [(day.on.year, day.source) for day in worked]
    for off, on in zip(given_up, worked, strict=True):
        assert f"{on.on:%d/%m/%Y}" in off.name
        assert f"{off.on:%d/%m/%Y}" in on.name


def test_a_holiday_on_a_weekend_is_given_back_on_the_next_working_day():
    """Labour Code 2019, art. 111.3. The days of Tết are placed by decision every year; the others follow the rule."""
    calendar = vietnam()
    lost = [day for day in calendar.special_days if day.kind is DayKind.HOLIDAY and day.on.weekday() > 4]
    given = [day for day in calendar.special_days if day.kind is DayKind.COMPENSATION]

    assert sorted(day.on.year for day in lost) == sorted(day.on.year for day in given)
    for holiday in (day for day in lost if "Tết Nguyên đán" not in day.name):
        assert any(0 < (back.on - holiday.on).days <= 4 for back in given), holiday


def test_new_year_2026_is_swapped_although_the_usual_library_does_not_know():
    calendar = vietnam()
    off = calendar.why_off(date(2026, 1, 2))

    assert off is not None
    assert off.source == "Công văn 12729/VPCP-KGVX"
    special = calendar.special_day(date(2026, 1, 10))
    assert special is not None
    assert special.issued_on == date(2025, 12, 25)


def test_every_special_day_names_its_document_and_how_it_was_found():
    for day in vietnam(culture_day=True).special_days:
        assert day.name
        assert day.source
        assert day.mark in {"R", "M", "D"}
        assert (day.mark == "D") == (day.on.year == 2027), "only a forecast is derived"


def test_culture_day_is_off_only_where_the_switch_is_on():
    assert vietnam().is_working_day(date(2026, 11, 24))
    assert not vietnam(culture_day=True).is_working_day(date(2026, 11, 24))
    assert vietnam().version != vietnam(culture_day=True).version


def test_the_years_up_to_2026_are_confirmed_and_2027_is_a_forecast():
    calendar = vietnam()

    assert calendar.confirmed_years == frozenset(range(2020, 2027))
    assert not calendar.is_confirmed(2027)
    assert 2027 in calendar.covered_years


def test_an_office_brings_its_own_hours_and_zone():
    hours = OfficeHours(((time(7), time(11)), (time(13), time(17))))
    calendar = load_calendar(CALENDAR_FILE, switches={}, office_hours=hours, timezone=ZoneInfo("Asia/Bangkok"))

    assert calendar.opening(date(2026, 11, 20)).isoformat() == "2026-11-20T07:00:00+07:00"


# --- files that are not right -----------------------------------------------------------------------------------------

GOOD = """\
name: Lịch thử
weekly_rest_source: Nội quy
years:
  2026: confirmed
switches:
  extra: một ngày thêm
sources:
  law:
    document: Bộ luật
special_days:
  - date: 2026-01-01
    kind: holiday
    name: Tết Dương lịch
    source: law
    mark: R
"""


def file_with(folder: Path, was: str, now: str) -> Path:
    assert was in GOOD
    path = folder / "calendar.yaml"
    path.write_text(GOOD.replace(was, now), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("was", "now", "complaint"),
    [
        ("mark: R", "mark: R\n    colour: red", "dòng 16: special_days.0.colour: không có khóa này; hãy xóa"),
        ("mark: R", "mark: X", "dòng 15: special_days.0.mark: “X” không dùng được; hãy ghi một trong: 'R', 'M'"),
        ("kind: holiday", "kind: party", "dòng 12: special_days.0.kind: “party” không dùng được"),
        ("2026-01-01", "2026-13-45", "dòng 11: special_days.0.date: “2026-13-45” không phải một ngày; hãy ghi"),
        ("2026-01-01", "2028-01-01", "dòng 11: special_days.0.date: chưa khai báo năm 2028 trong years"),
        ("source: law", "source: rumour", "dòng 14: special_days.0.source: chưa khai báo văn bản “rumour”"),
        ("source: law", "source: law\n    switch: nothing", "special_days.0.switch: chưa khai báo công tắc “nothing”"),
        ("    source: law\n", "", "dòng 11: special_days.0.source: thiếu khóa này; hãy ghi thêm"),
        ("2026: confirmed", "2026: maybe", "dòng 4: years.2026: “maybe” không dùng được"),
        ("2026: confirmed", "soon: confirmed", "“soon” không phải một năm"),
        ("2026: confirmed", "2026: confirmed\n  2026: draft", "dòng 5: years.2026: khóa này được ghi hai lần"),
        ("    mark: R\n", "    mark: R\n  - {date: 2026-01-01, kind: holiday, name: Lại, source: law, mark: R}\n",
         "dòng 16: special_days.1.date: ngày 2026-01-01 đã khai báo: “Tết Dương lịch”; hãy giữ lại một"),
        ("name: Lịch thử", "name: [Lịch thử", "không đúng cú pháp YAML"),
        (GOOD, "", "name: thiếu khóa này"),
        (GOOD, "- một\n- hai\n", "phải là các cặp “khóa: giá trị”"),
    ],
)  # fmt: skip
def test_a_fault_is_one_line_with_file_place_and_remedy(tmp_path, was, now, complaint):
    path = file_with(tmp_path, was, now)

    with pytest.raises(BadCalendarFile, match=re.escape(complaint)) as raised:
        load_calendar(path, switches={})

    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)


def test_a_missing_file_is_named():
    with pytest.raises(BadCalendarFile, match=r"nowhere\.yaml: không có tệp lịch này"):
        load_calendar(Path("nowhere.yaml"), switches={})


def test_a_file_that_is_no_text_is_named(tmp_path):
    path = tmp_path / "calendar.yaml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(BadCalendarFile, match="không đọc được tệp"):
        load_calendar(path, switches={})


def test_an_unknown_switch_is_named_with_those_that_exist(tmp_path):
    with pytest.raises(BadCalendarFile, match="không có công tắc “extrra”; tệp này có: extra"):
        load_calendar(file_with(tmp_path, "R", "R"), switches={"extrra": True})


def test_a_switched_day_may_stand_on_a_day_of_its_own(tmp_path):
    more = "mark: R\n  - {date: 2026-01-02, kind: swapped_off, name: Thêm, source: law, mark: M, switch: extra}"
    path = file_with(tmp_path, "mark: R", more)

    assert load_calendar(path, switches={}).is_working_day(date(2026, 1, 2))
    assert load_calendar(path, switches={"extra": False}).is_working_day(date(2026, 1, 2))
    assert not load_calendar(path, switches={"extra": True}).is_working_day(date(2026, 1, 2))
