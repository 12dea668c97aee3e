"""The steps of a phase against its plan: what is left over when one opens, how late it was when it closes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.domain.clock_ledger import PhaseRecord
from engine.domain.deadline import LimitUnit, ProcessingTime, due_date
from engine.domain.limits import ClockPause
from engine.domain.step_plan import late_minutes, slack_minutes
from tests.support.vietnam import vietnam, vn

HOUR, DAY = 60, 8 * 60


def phase(amount: int, unit: LimitUnit, *pauses: ClockPause) -> PhaseRecord:
    return PhaseRecord("whole", ProcessingTime(Decimal(amount), unit), "receipt", vn("2026-03-02 09:00"), pauses=pauses)


def slack(record: PhaseRecord, before: str, at: str) -> int | None:
    return slack_minutes(record, Decimal(before), vn(at), vietnam())


@pytest.mark.parametrize(
    ("before", "at", "left"),
    [
        ("1", "2026-03-03 10:00", 6 * HOUR),  # the first day that counts is 03/03: it may be used up to its end
        ("1", "2026-03-03 17:00", 0),
        ("1.5", "2026-03-04 15:00", -2 * HOUR),  # planned to be over at noon of 04/03
        ("2", "2026-03-02 10:00", 2 * DAY + 6 * HOUR),  # the day of receipt is not counted, so it is a gift
    ],
)
def test_what_the_plan_has_left_when_a_step_opens(before: str, at: str, left: int):
    assert slack(phase(5, LimitUnit.WORKING_DAYS), before, at) == left


def test_a_pause_takes_nothing_from_what_is_left():
    stop = ClockPause(vn("2026-03-03 10:00"), vn("2026-03-05 10:00"), "supplement")
    paused = phase(5, LimitUnit.WORKING_DAYS, stop)
    assert slack(paused, "1", "2026-03-05 12:00") == slack(phase(5, LimitUnit.WORKING_DAYS), "1", "2026-03-03 12:00")


def test_days_of_the_calendar_are_planned_as_they_are_counted():
    assert slack(phase(15, LimitUnit.CALENDAR_DAYS), "5", "2026-03-09 09:00") == 7 * HOUR  # 07/03 is a Saturday
    assert slack(phase(15, LimitUnit.CALENDAR_DAYS), "5", "2026-03-10 09:00") == -1 * HOUR


def test_without_a_plan_there_is_no_slack():
    assert slack(phase(5, LimitUnit.WORKING_DAYS), "0", "2026-03-03 10:00") is None, "nothing goes before"
    opened = phase(5, LimitUnit.WORKING_DAYS, ClockPause(vn("2026-03-03 10:00")))
    assert slack(opened, "1", "2026-03-05 10:00") is None, "while it stands still nobody can say"
    same_day = PhaseRecord("whole", ProcessingTime.same_day(), "receipt", vn("2026-03-02 09:00"))
    assert slack(same_day, "1", "2026-03-02 10:00") is None


def test_a_phase_whose_steps_are_all_over_has_the_slack_that_its_due_date_has():
    record = phase(5, LimitUnit.WORKING_DAYS)
    due = due_date(record.limit, record.started_at, vietnam()).due_at
    assert due is not None
    for at in ("2026-03-05 10:30", "2026-03-11 08:00"):
        assert slack(record, "5", at) == vietnam().office_time(vn(at), due) // timedelta(minutes=1)


@pytest.mark.parametrize(
    ("done", "late"), [("2026-03-03 09:00", -HOUR), ("2026-03-03 10:00:30", 1), ("2026-03-04 08:30", 6 * HOUR + 30)]
)
def test_a_step_is_late_by_office_minutes_rounded_against_the_office(done: str, late: int):
    assert late_minutes(vn(done), vn("2026-03-03 10:00"), vietnam()) == late
