"""Periods by the rule of the plan, what is due when, two registers compared: values in, values out."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from engine.domain.reconciliation import Differs, NoCodes, Ours, compare, read_lines
from engine.domain.report_period import (
    Duty,
    NoPeriod,
    PeriodRule,
    before,
    due_between,
    period_of,
    read_period,
    year_before,
)
from engine.domain.status import DossierStatus
from engine.rule_files.reports import load_report_calendar, load_state_words
from tests.builders import ROOT

RULE = PeriodRule()


@pytest.mark.parametrize(
    ("code", "first", "last", "due_on", "earlier"),
    [
        ("2026-10", "2026-09-15", "2026-10-14", "2026-10-15", "2026-09"),
        ("2026-01", "2025-12-15", "2026-01-14", "2026-01-15", "2025-12"),
        ("2026-Q1", "2025-12-15", "2026-03-14", "2026-03-15", "2025-Q4"),
        ("2026-Q2", "2026-03-15", "2026-06-14", "2026-06-15", "2026-Q1"),
        ("2026-6M", "2025-12-15", "2026-06-14", "2026-06-15", "2025-6M"),
        ("2026-9M", "2025-12-15", "2026-09-14", "2026-09-15", "2025-9M"),
        ("2026", "2025-12-15", "2026-12-14", "2026-12-15", "2025"),
    ],
)
def test_the_year_of_a_report_begins_on_15_december_and_is_cut_off_on_the_14th(
    code: str, first: str, last: str, due_on: str, earlier: str
):
    period = read_period(code, RULE)
    assert [str(day) for day in (period.first, period.last, period.due_on)] == [first, last, due_on]
    assert before(period, RULE).code == earlier
    assert year_before(period, RULE).code == f"2025{code[4:]}"


def test_the_periods_of_a_year_leave_no_day_out_and_take_none_twice():
    for codes in ([f"2026-{n:02d}" for n in range(1, 13)], [f"2026-Q{n}" for n in range(1, 5)]):
        periods = [read_period(code, RULE) for code in codes]
        assert all((two.first - one.last).days == 1 for one, two in pairwise(periods))
        year = read_period("2026", RULE)
        assert (periods[0].first, periods[-1].last) == (year.first, year.last)


def test_days_of_ones_own_are_a_period_and_what_is_not_one_is_refused():
    own = read_period("2028-02-29..2028-03-31", RULE)
    assert (own.due_on, own.months) == (None, ("2028-02", "2028-03"))
    assert before(own, RULE).last == date(2028, 2, 28)
    assert year_before(own, RULE).first == date(2027, 2, 28)
    assert read_period("2026-10", RULE).months == ("2026-09",)
    for text in (
        "",
        "2026-13",
        "2026-Q5",
        "10/2026",
        "2026-03-02..2026-03-01",
        "2026-3-1..x",
        "1990-01-01..2026-01-01",
    ):
        with pytest.raises(NoPeriod):
            read_period(text, RULE)


def test_the_last_month_that_was_cut_off_is_offered():
    assert period_of(date(2026, 10, 14), RULE).code == "2026-09"
    assert period_of(date(2026, 10, 15), RULE).code == "2026-10"
    assert period_of(date(2027, 1, 3), RULE).code == "2026-12"


def test_what_is_due_comes_monthly_quarterly_and_by_three_six_nine_months_and_the_year():
    duties = (Duty("a", "month"), Duty("b", "quarter"), Duty("c", "so_far"))
    found = due_between(duties, date(2026, 1, 1), date(2026, 12, 31), RULE)
    by_name = {name: [due.period.code for due in found if due.duty.report == name] for name in "abc"}
    assert by_name["a"] == [f"2026-{month:02d}" for month in range(1, 13)]
    assert by_name["b"] == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
    assert by_name["c"] == ["2026-3M", "2026-6M", "2026-9M", "2026"]
    assert {due.due_on.day for due in found} == {15}


def test_the_calendar_of_the_house_names_reports_that_there_are():
    calendar = load_report_calendar(ROOT / "bpmn")
    assert calendar.rule.cut_off_day == 14
    assert [ceiling.share for ceiling in calendar.ceilings] == [0.02]
    assert "0.000002" in calendar.internal_procedures
    assert len(calendar.duties) > 3


def test_two_registers_differ_in_what_is_missing_in_states_and_in_dates():
    words = load_state_words(ROOT / "bpmn")
    table = [
        ["Danh sách xuất ngày 01/04/2026"],
        ["STT", "MÃ HỒ SƠ", "Trạng thái", "Ngày nhận", "Hẹn trả"],
        ["1", "A-1", "đang xử lý", "02/03/2026", "2026-03-20"],
        ["2", "Q-7", "Đã trả kết quả", "02/03/2026", ""],
        ["3", "X-9", "Đang xử lý", "", ""],
        ["4", "a-1", "", "", ""],
        ["5", "A-3", "Đang nghiên cứu", "", "21/3/2026"],
        ["", "", "", "", ""],
        ["6", "", "Đang xử lý", "", ""],
        ["7", "x-9", "", "", ""],
        ["8", "A-6", "", "02-03-2026 08:15", "31.02.2026"],
        ["9", "A-7", "", "2026/3/2", "45000"],
    ]
    lines = read_lines(table, words.headings, words.states)
    in_march = {"received_on": date(2026, 3, 2), "due_on": date(2026, 3, 20), "done_on": None}
    ours = [
        Ours("A-1", "", DossierStatus.IN_PROGRESS, **in_march),
        Ours("A-2", "Q-7", DossierStatus.IN_PROGRESS, **in_march),
        Ours("A-3", "", DossierStatus.IN_PROGRESS, **in_march),
        Ours("A-4", "", DossierStatus.RECEIVED, **in_march),
        Ours("A-5", "", DossierStatus.RECEIVED, date(2026, 2, 27), None, None),
        Ours("A-6", "", DossierStatus.RECEIVED, **in_march),
        Ours("A-7", "", DossierStatus.RECEIVED, **in_march),
    ]
    found = compare(lines, ours, date(2026, 3, 1), date(2026, 3, 31))
    assert (found.lines, found.matched) == (9, 5)
    told = {(each.what, each.code) for each in found.differences}
    assert told == {
        (Differs.STATE, "A-2"),
        (Differs.NOT_HERE, "X-9"),
        (Differs.TWICE, "a-1"),
        (Differs.TWICE, "x-9"),
        (Differs.NO_CODE, ""),
        (Differs.UNKNOWN_DATE, "A-6"),
        (Differs.UNKNOWN_DATE, "A-7"),
        (Differs.UNKNOWN_STATE, "A-3"),
        (Differs.DATE, "A-3"),
        (Differs.NOT_THERE, "A-4"),
    }
    assert [each.number for each in found.of(Differs.DATE)] == [7]
    with pytest.raises(NoCodes):
        read_lines([["a", "b"], ["1", "2"]], words.headings, words.states)
