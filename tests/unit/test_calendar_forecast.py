"""The draft of a year: what the library knows, and the letters of the Government that it does not."""

from __future__ import annotations

from datetime import date

import pytest

from engine.calendars.forecast import NoForecast, forecast_year
from engine.domain.calendar import DayKind
from tests.support.vietnam import vietnam


def kinds(year: int) -> dict[date, DayKind]:
    return {day.on: day.kind for day in forecast_year(year)}


def test_the_library_lacks_the_swap_of_the_second_of_january_2026():
    """Letter 12729/VPCP-KGVX: off on Friday 02/01/2026, worked on Saturday 10/01. This is why a draft is no law.

    When it fails the library has learned the letter: say so in docs/calendars.md.
    """
    expected = kinds(2026)
    assert date(2026, 1, 2) not in expected
    assert date(2026, 1, 10) not in expected
    assert vietnam().why_off(date(2026, 1, 2)) is not None
    assert vietnam().is_working_day(date(2026, 1, 10))


@pytest.mark.parametrize("year", [2020, 2021, 2022, 2023, 2024, 2025])
def test_for_past_years_the_library_and_the_letters_agree_on_every_weekday(year: int):
    expected, calendar = kinds(year), vietnam()
    ours = {day.on: day.kind.is_working for day in calendar.special_days if day.on.year == year}
    theirs = {on: kind.is_working for on, kind in expected.items()}
    assert {on: works for on, works in theirs.items() if on.weekday() < 5 or works} == {
        on: works for on, works in ours.items() if on.weekday() < 5 or works
    }


def test_each_kind_of_day_is_told_apart():
    expected = kinds(2026)
    assert expected[date(2026, 2, 17)] is DayKind.HOLIDAY
    assert expected[date(2026, 4, 27)] is DayKind.COMPENSATION
    assert expected[date(2026, 8, 31)] is DayKind.SWAPPED_OFF
    assert expected[date(2026, 8, 22)] is DayKind.SWAPPED_ON


def test_the_day_of_the_switch_is_not_in_a_draft():
    assert date(2026, 11, 24) not in kinds(2026)


def test_a_draft_is_marked_as_derived_and_names_no_document():
    assert {(day.mark, day.source) for day in forecast_year(2028)} == {
        ("D", "Dự thảo theo thư viện holidays, chưa có văn bản")
    }


@pytest.mark.parametrize("year", [1999, 2101])
def test_years_beyond_the_library_are_refused(year: int):
    with pytest.raises(NoForecast, match=str(year)):
        forecast_year(year)
