"""`motcua due`: every date of the gathered table, and the rules of pauses, hours, days and phases of the contract."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.command import CONFIG, Ran, motcua

# domain/calendar.md §5.3, computed from the letters of the Government: received, limit, unit, due day.
TABLE = [
    ("2026-02-13", "5", "working_days", "2026-02-27"),
    ("2025-12-31", "5", "working_days", "2026-01-09"),
    ("2026-08-17", "12", "working_days", "2026-09-04"),
    ("2026-04-22", "8", "working_days", "2026-05-07"),
    ("2025-04-23", "17", "working_days", "2025-05-20"),
    ("2024-01-29", "20", "working_days", "2024-03-04"),
    ("2026-08-13", "30", "calendar_days", "2026-09-14"),
    ("2026-01-30", "15", "calendar_days", "2026-02-23"),
    ("2025-01-02", "45", "calendar_days", "2025-02-17"),
]


def due(limit: str, unit: str, received: str, *options: str, **environment: str) -> Any:
    ran = motcua(
        "due",
        "--limit",
        limit,
        "--unit",
        unit,
        "--received",
        received,
        *options,
        "--json",
        config=CONFIG,
        **environment,
    )
    assert ran.code == 0, ran.err
    return ran.json["due_at"]


def same_day(received: str, *options: str) -> Any:
    ran = motcua("due", "--unit", "same_day", "--received", received, *options, "--json")
    assert ran.code == 0, ran.err
    return ran.json["due_at"]


@pytest.mark.parametrize(("received", "limit", "unit", "day"), TABLE)
def test_every_row_of_the_table_comes_out(received, limit, unit, day):
    assert due(limit, unit, f"{received}T09:30:00+07:00") == f"{day}T17:00:00+07:00"


def test_the_24th_of_november_is_a_day_off_where_the_office_says_so():
    received = "2026-11-20T10:00:00+07:00"
    assert due("5", "working_days", received) == "2026-11-27T17:00:00+07:00"
    assert due("5", "working_days", received, "--switch", "vietnam_culture_day=on") == "2026-11-30T17:00:00+07:00"
    assert due("5", "working_days", received, "--switch", "vietnam_culture_day=off") == "2026-11-27T17:00:00+07:00"
    by_setting = due("5", "working_days", received, calendar__switches='{"vietnam_culture_day": true}')
    assert by_setting == "2026-11-30T17:00:00+07:00"


@pytest.mark.parametrize(
    ("limit", "unit", "received", "pauses", "expected"),
    [
        # office minutes of the pause are taken out: ten hours are spent on Wednesday at ten, fourteen are left
        ("3", "working_days", "2026-03-02T09:00", ["2026-03-04T10:00..2026-03-09T14:00"], "2026-03-11T17:00"),
        # a pause at night takes nothing
        ("3", "working_days", "2026-03-02T09:00", ["2026-03-03T17:00..2026-03-04T08:00"], "2026-03-05T17:00"),
        # nor does a pause over Tết, when nobody works
        ("5", "working_days", "2026-02-13T09:00", ["2026-02-13T17:00..2026-02-23T08:00"], "2026-02-27T17:00"),
        # two pauses
        (
            "3",
            "working_days",
            "2026-03-02T09:00",
            ["2026-03-03T08:00..2026-03-04T08:00", "2026-03-05T08:00..2026-03-06T08:00"],
            "2026-03-09T17:00",
        ),
        # calendar days: the difference of the dates, then the next working day
        ("15", "calendar_days", "2026-03-02T09:00", ["2026-03-05T10:00..2026-03-10T09:00"], "2026-03-23T17:00"),
        # working hours: to the minute
        ("8", "working_hours", "2026-03-02T15:00", ["2026-03-02T16:00..2026-03-03T09:00"], "2026-03-03T17:00"),
    ],
)
def test_a_pause_takes_its_time_out_of_the_count(limit, unit, received, pauses, expected):
    options = [part for pause in pauses for part in ("--pause", pause)]
    assert due(limit, unit, received, *options) == f"{expected}:00+07:00"


def test_an_open_pause_has_no_date():
    assert due("3", "working_days", "2026-03-02T09:00", "--pause", "2026-03-04T10:00..") is None


@pytest.mark.parametrize(
    ("limit", "received", "expected"),
    [
        ("8", "2026-03-02T15:00", "2026-03-03T15:00"),
        ("8", "2026-03-02T12:30", "2026-03-03T12:00"),  # at lunch: from 13:00
        ("4", "2026-03-02T08:00", "2026-03-02T12:00"),
        ("2", "2026-03-07T10:00", "2026-03-09T10:00"),  # a Saturday: from Monday's opening
        ("2", "2026-03-02T18:00", "2026-03-03T10:00"),
        ("1.5", "2026-03-02T11:00", "2026-03-02T13:30"),
    ],
)
def test_hours_are_counted_to_the_minute_in_office_time(limit, received, expected):
    assert due(limit, "working_hours", received) == f"{expected}:00+07:00"


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-03-02T14:59", "2026-03-02T17:00"),
        ("2026-03-02T15:00", "2026-03-03T17:00"),
        ("2026-03-06T15:30", "2026-03-09T17:00"),
        ("2026-03-07T09:00", "2026-03-09T17:00"),
        ("2026-08-22T09:00", "2026-08-22T17:00"),  # a Saturday that is worked
    ],
)
def test_a_same_day_result_is_due_today_before_fifteen_hours(received, expected):
    assert same_day(received) == f"{expected}:00+07:00"


@pytest.mark.parametrize(
    ("hours", "expected"),
    [("07:00-11:00,13:00-17:00", "2026-03-03T14:00"), ("07:00-11:30,13:30-17:00", "2026-03-03T14:00")],
)
def test_an_office_has_its_own_hours(hours, expected):
    assert due("8", "working_hours", "2026-03-02T14:00", "--office-hours", hours) == f"{expected}:00+07:00"
    assert due("3", "working_days", "2026-03-02T09:00", "--office-hours", hours) == "2026-03-05T17:00:00+07:00"


def test_half_a_day_ends_with_the_day_in_which_it_is_spent():
    assert due("2.5", "working_days", "2026-03-02T09:00") == "2026-03-05T17:00:00+07:00"
    assert due("0.25", "working_days", "2026-03-02T09:00") == "2026-03-03T17:00:00+07:00"


def test_an_instant_is_understood_with_any_offset_and_answered_in_the_offices():
    assert due("3", "working_days", "2026-03-02T18:30:00+00:00") == "2026-03-06T17:00:00+07:00"
    assert due("8", "working_hours", "2026-03-02T08:00:00Z") == "2026-03-03T15:00:00+07:00"


def test_the_answer_has_exactly_the_shape_of_the_contract():
    ran = motcua("due", "--limit", "5", "--unit", "working_days", "--received", "2026-02-13", "--json")
    assert set(ran.json) == {"due_at", "explanation"}
    assert ran.json["explanation"]
    assert all(set(line) == {"at", "what", "source"} for line in ran.json["explanation"])
    assert any("Bộ luật Dân sự" in line["source"] for line in ran.json["explanation"])
    assert ran.err == ""


def test_without_json_it_speaks_vietnamese():
    ran = motcua("due", "--limit", "5", "--unit", "working_days", "--received", "2026-02-13")
    assert "17:00 27/02/2026" in ran.out


# --- by procedure -----------------------------------------------------------------------------------------------------


def phases(*options: str) -> list[dict[str, Any]]:
    ran = motcua("due", "--received", "2026-03-02T09:00", *options, "--json")
    assert ran.code == 0, ran.err
    assert {"phases", "explanation"} <= set(ran.json)
    found = ran.json["phases"]
    assert all({"name", "limit", "unit", "starts_on", "due_at"} <= set(phase) for phase in found)
    return [phase for phase in found if isinstance(phase, dict)]


def test_a_procedure_has_its_phases_and_the_second_waits_for_its_event():
    first, second = phases("--procedure", "1.012783")
    assert (first["name"], first["limit"], first["unit"], first["starts_on"]) == (
        "appointment_1",
        3,
        "working_days",
        "receipt",
    )
    assert first["due_at"] == "2026-03-05T17:00:00+07:00"
    assert (second["starts_on"], second["due_at"]) == ("payment_proof", None)


def test_a_phase_is_counted_from_its_own_event():
    _, second = phases("--procedure", "1.012783", "--event", "payment_proof=2026-03-20T10:00")
    assert second["due_at"] == "2026-03-24T17:00:00+07:00"


def test_another_case_has_other_limits():
    first, second = phases("--procedure", "1.012783", "--case", "resurveyed", "--event", "payment_proof=2026-03-10")
    assert (first["limit"], first["due_at"], second["limit"], second["due_at"]) == (
        6,
        "2026-03-10T17:00:00+07:00",
        4,
        "2026-03-16T17:00:00+07:00",
    )


def test_a_procedure_with_one_phase_has_one():
    (only,) = phases("--procedure", "1.000987")
    assert only["due_at"] == "2026-03-25T17:00:00+07:00"


def test_a_date_by_agreement_is_nobodys_to_compute():
    (only,) = phases("--procedure", "0.000001")
    assert (only["unit"], only["due_at"]) == ("agreed", None)


# --- what cannot be used ----------------------------------------------------------------------------------------------

GOOD = ("--limit", "5", "--unit", "working_days", "--received", "2026-03-02T09:00")


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("--limit", "5", "--unit", "working_days", "--received", "hôm nay"), "--received"),
        (("--limit", "năm", "--unit", "working_days", "--received", "2026-03-02"), "--limit"),
        (("--limit", "-1", "--unit", "working_days", "--received", "2026-03-02"), ""),
        (("--limit", "5", "--received", "2026-03-02"), "--unit"),
        (("--unit", "working_days", "--received", "2026-03-02"), "--limit"),
        (("--limit", "5", "--unit", "weeks", "--received", "2026-03-02"), "--unit"),
        (("--limit", "5", "--unit", "working_days"), "--received"),
        (("--limit", "1", "--unit", "same_day", "--received", "2026-03-02"), "--limit"),
        (("--procedure", "9.999999", "--received", "2026-03-02"), "9.999999"),
        (("--procedure", "1.012783", "--case", "none", "--received", "2026-03-02"), "none"),
        (("--procedure", "1.012783", "--limit", "5", "--received", "2026-03-02"), "--limit"),
        ((*GOOD, "--pause", "2026-03-04"), "--pause"),
        ((*GOOD, "--pause", "2026-03-01T09:00..2026-03-03T09:00"), ""),  # before receipt
        ((*GOOD, "--pause", "2026-03-03..2026-03-05", "--pause", "2026-03-04..2026-03-06"), ""),  # overlapping
        ((*GOOD, "--pause", "2026-03-05T09:00..2026-03-04T09:00"), ""),  # backwards
        ((*GOOD, "--switch", "no_such_day=on"), "no_such_day"),
        ((*GOOD, "--switch", "vietnam_culture_day"), "--switch"),
        ((*GOOD, "--office-hours", "08:00"), "08:00"),
        ((*GOOD, "--office-hours", "13:00-17:00,08:00-12:00"), ""),
        ((*GOOD, "--office-hours", "08:00-25:00"), "25:00"),
    ],
)
def test_what_cannot_be_used_is_one_clear_line_and_exit_2(arguments, names):
    ran: Ran = motcua("due", *arguments, "--json")
    assert (ran.code, ran.out) == (2, "")
    assert names in ran.err
    assert "Traceback" not in ran.err


def test_a_year_that_the_calendar_does_not_know_is_said_beside_the_date():
    ran = motcua("due", "--limit", "5", "--unit", "working_days", "--received", "2035-03-02", "--json")
    assert ran.code == 0
    assert any("2035" in line["what"] and "tính lại" in line["what"] for line in ran.json["explanation"])
