"""The warning ladder by itself: when each rung comes for each kind of limit, and which ladders cannot be climbed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from engine.config import ConfigError, load_settings
from engine.domain.calendar import DayKind, SpecialDay, WorkingCalendar
from engine.domain.deadline import ClockPause, LimitUnit, ProcessingTime, due_date
from engine.domain.rungs import Appointment, BadLadder, Ladder, default_rungs, read_rung
from engine.process.facts import read_procedure
from engine.settings.overdue import OverdueSettings
from tests.builders import ROOT, ZONE

CALENDAR = WorkingCalendar(
    special_days=(SpecialDay(datetime(2026, 4, 30, tzinfo=ZONE).date(), DayKind.HOLIDAY, "lễ", "thông báo"),)
)
RUNGS = [
    {"name": "half", "spent": 50, "label": "Đã dùng 50%", "actions": ["badge"]},
    {"name": "two_days", "before": 2, "label": "Gần đến hạn", "actions": ["badge", "notify_leader"]},
    {"name": "due_soon", "before": 1, "label": "Sắp đến hạn", "actions": ["badge", "draft_apology"]},
    {"name": "overdue", "due": True, "label": "Quá hạn", "actions": ["apology"]},
    {"name": "late_1", "after": 1, "label": "Quá hạn 1 ngày", "actions": ["escalate"]},
]
LADDER = Ladder(tuple(read_rung(rung) for rung in RUNGS))


def at(moment: str) -> datetime:
    return datetime.fromisoformat(f"2026-04-{moment}").replace(tzinfo=ZONE)


def told(unit: LimitUnit, amount: str, received: str) -> dict[str, str]:
    """When each rung of an appointment comes, day and time of April or May 2026."""
    limit = ProcessingTime(Decimal(amount), unit)
    due = due_date(limit, at(received), CALENDAR)
    assert due.due_at is not None
    appointment = Appointment(due.due_at, at(received), due.counts_from)
    return {moment.rung.name: f"{moment.at:%d/%m %H:%M}" for moment in LADDER.moments(appointment, CALENDAR)}


# 06/04/2026 is a Monday; 30/04 a holiday on a Thursday.
@pytest.mark.parametrize(
    ("unit", "amount", "received", "expected"),
    [
        # working days: half of ten days is five, office days of eight hours from the day after receipt
        (
            LimitUnit.WORKING_DAYS,
            "10",
            "06 09:00",
            {
                "half": "13/04 17:00",
                "two_days": "16/04 08:00",
                "due_soon": "17/04 08:00",
                "overdue": "20/04 17:00",
                "late_1": "21/04 17:00",
            },
        ),
        # a date that comes after a holiday is warned of before it
        (
            LimitUnit.WORKING_DAYS,
            "3",
            "27 09:00",
            {
                "half": "29/04 12:00",
                "two_days": "28/04 08:00",
                "due_soon": "29/04 08:00",
                "overdue": "01/05 17:00",
                "late_1": "04/05 17:00",
            },
        ),
        # calendar days: half of the office time; the day before is a working day, here Friday before a Monday
        (
            LimitUnit.CALENDAR_DAYS,
            "14",
            "06 09:00",
            {
                "half": "13/04 17:00",
                "two_days": "16/04 08:00",
                "due_soon": "17/04 08:00",
                "overdue": "20/04 17:00",
                "late_1": "21/04 17:00",
            },
        ),
        # working hours: the instant is exact, the days before and after are days
        (
            LimitUnit.WORKING_HOURS,
            "20",
            "06 10:00",
            {"half": "07/04 12:00", "due_soon": "07/04 08:00", "overdue": "08/04 15:00", "late_1": "09/04 17:00"},
        ),
        # four hours: what would have been told yesterday is not told
        (
            LimitUnit.WORKING_HOURS,
            "4",
            "06 09:00",
            {"half": "06/04 11:00", "overdue": "06/04 14:00", "late_1": "07/04 17:00"},
        ),
        # the same day: there is no day before
        (
            LimitUnit.SAME_DAY,
            "0",
            "06 09:00",
            {"half": "06/04 13:30", "overdue": "06/04 17:00", "late_1": "07/04 17:00"},
        ),
        # after 15:00 the result is of tomorrow; this morning is over
        (
            LimitUnit.SAME_DAY,
            "0",
            "06 15:30",
            {"half": "07/04 12:00", "overdue": "07/04 17:00", "late_1": "08/04 17:00"},
        ),
        # one day, received in the afternoon: its day before had opened already
        (
            LimitUnit.WORKING_DAYS,
            "1",
            "06 14:00",
            {"half": "07/04 12:00", "overdue": "07/04 17:00", "late_1": "08/04 17:00"},
        ),
    ],
)
def test_each_kind_of_limit_has_its_moments(unit, amount, received, expected):
    assert told(unit, amount, received) == expected


def test_half_is_half_of_the_time_that_ran_and_a_pause_is_not_time():
    pause = ClockPause(at("09 08:00"), at("13 08:00"), "supplement")
    due = due_date(ProcessingTime(Decimal(4), LimitUnit.WORKING_DAYS), at("06 09:00"), CALENDAR, [pause])
    assert due.due_at == at("14 17:00")
    appointment = Appointment(due.due_at, at("06 09:00"), due.counts_from, (pause,))
    half = LADDER.moments(appointment, CALENDAR)[0]
    assert (half.rung.name, half.at) == ("half", at("08 17:00"))
    longer = Appointment(at("16 17:00"), at("06 09:00"), due.counts_from, (pause,))
    late_half = next(moment for moment in LADDER.moments(longer, CALENDAR) if moment.rung.name == "half")
    assert late_half.at == at("13 17:00"), "three of six days that ran: two before the pause, one after it"


def test_a_warning_holds_from_its_instant_and_a_date_is_missed_after_it():
    appointment = Appointment(at("20 17:00"), at("06 09:00"), at("07 08:00"))
    moments = {moment.rung.name: moment for moment in LADDER.moments(appointment, CALENDAR)}
    assert moments["due_soon"].has_come(at("17 08:00"))
    assert not moments["overdue"].has_come(at("20 17:00"))
    assert moments["overdue"].has_come(at("20 17:00:00.000001"))


def test_an_office_that_says_only_how_early_it_warns_has_a_ladder_of_two_rungs():
    assert OverdueSettings(due_soon_working_days=2).ladder == Ladder(default_rungs(2))
    assert [(rung.name, rung.amount, rung.message) for rung in default_rungs(0)] == [
        ("due_soon", 0, "due_soon"),
        ("overdue", 0, "overdue"),
    ]
    assert OverdueSettings(rungs=RUNGS).warning_days == 1


def changed(place: int, **facts: object) -> list[dict[str, object]]:
    rungs = [dict(rung) for rung in RUNGS]
    rungs[place] = {key: value for key, value in (rungs[place] | facts).items() if value is not None}
    return rungs


PLANTED = {
    "unknown action": (changed(0, actions=["shout"]), "không có việc “shout”"),
    "no action": (changed(0, actions=[]), "không làm việc gì"),
    "more than all of it": (changed(0, spent=150), "số phần trăm từ 1 đến 99"),
    "nothing of it": (changed(0, spent=0), "số phần trăm từ 1 đến 99"),
    "days in words": (changed(1, before="hai"), "không phải “hai”"),
    "two moments": (changed(1, spent=10), "đúng một trong"),
    "no moment": (changed(1, before=None), "đúng một trong"),
    "unknown key": (changed(1, colour="đỏ"), "không có khóa “colour”"),
    "wrong order": ([RUNGS[2], RUNGS[1], *RUNGS[3:]], "phải đến sau"),
    "after before due": ([RUNGS[4], RUNGS[3]], "xếp theo thời gian"),
    "the same name": (changed(1, name="half"), "dùng hai lần"),
    "a name with accents": (changed(0, name="nửa chừng"), "chữ thường không dấu"),
    "no words": (changed(0, label=""), "cần một nhãn"),
    "a long label": (changed(0, label="x" * 31), "không quá 30 chữ"),
    "no due date": ([RUNGS[0], RUNGS[4]], "đúng một mốc đến hạn"),
    "an apology too early": (changed(2, actions=["apology"]), "đi cùng mốc đến hạn"),
    "no apology": (changed(3, actions=["badge"]), "đi cùng mốc đến hạn"),
    "a draft too late": (changed(4, actions=["draft_apology"]), "phải có trước hạn"),
}


@pytest.mark.parametrize("fault", sorted(PLANTED))
def test_a_ladder_that_cannot_be_climbed_is_refused_with_its_reason(fault: str, tmp_path: Path):
    rungs, reason = PLANTED[fault]
    with pytest.raises(BadLadder, match=reason):
        Ladder(tuple(read_rung(rung) for rung in rungs))
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump({"overdue": {"rungs": rungs}}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ConfigError, match=reason):
        load_settings(config)


@pytest.mark.parametrize("fault", sorted(PLANTED))
def test_the_checker_finds_the_same_in_the_facts_of_a_procedure(fault: str):
    rungs, reason = PLANTED[fault]
    facts = (ROOT / "bpmn/land/reissue_certificate.yaml").read_text(encoding="utf-8")
    text = facts + "\nrungs:\n" + yaml.safe_dump(rungs, allow_unicode=True)
    procedure, problems = read_procedure(text.encode(), "reissue_certificate")
    assert procedure is None
    (problem,) = [problem for problem in problems if reason in problem.message]
    assert problem.code == "bad_value"
    assert problem.line is not None
    assert problem.line > facts.count("\n")


def test_a_procedure_may_post_a_ladder_of_its_own():
    facts = (ROOT / "bpmn/land/reissue_certificate.yaml").read_text(encoding="utf-8")
    text = facts + "\nrungs:\n" + yaml.safe_dump(RUNGS[2:4], allow_unicode=True)
    procedure, problems = read_procedure(text.encode(), "reissue_certificate")
    assert procedure is not None, problems
    assert procedure.rungs is not None
    assert [rung.name for rung in procedure.rungs.rungs] == ["due_soon", "overdue"]


@pytest.mark.parametrize(
    ("overdue", "reason"),
    [
        ({"exceptions": [{"apology_at_due": "leader"}]}, "unit hoặc kind"),
        ({"exceptions": [{"unit": "KHONG-CO", "apology_at_due": "leader"}]}, "KHONG-CO"),
        ({"exceptions": [{"kind": "khong_co", "apology_at_due": "leader"}]}, "khong_co"),
        ({"apology_at_due": "nobody"}, "apology_at_due"),
        ({"reasons": []}, "ít nhất một lý do"),
        ({"reasons": [{"id": "a", "text": "{applicant}"}]}, "chỉ được dùng"),
        ({"reasons": [{"id": "a", "text": "một"}, {"id": "a", "text": "hai"}]}, "id riêng"),
    ],
)
def test_what_the_office_says_of_apologies_is_checked_at_the_start(overdue, reason, tmp_path: Path):
    config = tmp_path / "config.yaml"
    content = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    content["overdue"] |= overdue
    config.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ConfigError, match=reason):
        load_settings(config)
