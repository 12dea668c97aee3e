"""`motcua calendar`, and `motcua due --office`: the calendar of a unit at the command line."""

from __future__ import annotations

from datetime import date

import pytest

from engine.domain.calendar import DayKind, SpecialDay
from tests.builders import Office
from tests.support.command import Ran, motcua

BRANCH = "BS-CNAP"


def run(office: Office, *words: str) -> Ran:
    office.engine.calendars.read()
    return motcua(*words, database_url=office.engine.settings.database_url)


def test_a_draft_waits_for_a_person_with_a_document(office: Office):
    drafted = run(office, "calendar", "draft", "2028", "--json")
    assert len(drafted.json["proposed"]) == 15
    before = run(office, "calendar", "show", "2028", "--json").json
    assert (before["days"], before["confirmed"]) == ([], False)
    refused = run(office, "calendar", "confirm", "2028", "--by", "lan", "--document", "TB 9/TB-BNV")
    assert refused.code == 2
    assert "không có quyền" in refused.complaint
    confirmed = run(office, "calendar", "confirm", "2028", "--by", "admin", "--document", "TB 9/TB-BNV", "--json")
    after = run(office, "calendar", "show", "2028", "--office", BRANCH, "--json").json
    assert after["confirmed"]
    assert after["calendar_version"] == confirmed.json["calendar_version"]
    assert {day["source"] for day in after["days"]} == {"TB 9/TB-BNV"}


def test_a_draft_of_a_known_year_tells_what_the_library_does_not_know(office: Office):
    drafted = run(office, "calendar", "draft", "2026", "--json").json
    assert drafted["proposed"] == []
    assert [day["on"] for day in drafted["not_expected"]] == ["2026-01-02", "2026-01-10"]


def test_due_counts_on_the_calendar_of_the_unit_that_is_named(office: Office):
    closure = SpecialDay(date(2026, 3, 4), DayKind.LOCAL_CLOSURE, "Bão số 5", "Thông báo 1")
    office.engine.calendar_books.enter_day(office.person("admin"), BRANCH, closure, at=office.now)
    question = ("due", "--limit", "5", "--unit", "working_days", "--received", "2026-03-02T09:00", "--json")
    assert run(office, *question).json["due_at"] == "2026-03-09T17:00:00+07:00"
    answer = run(office, *question, "--office", BRANCH).json
    assert answer["due_at"] == "2026-03-10T17:00:00+07:00"
    assert any(line["source"] == "Thông báo 1" for line in answer["explanation"])


@pytest.mark.parametrize(
    "words",
    [
        ("due", "--limit", "5", "--unit", "working_days", "--received", "2026-03-02", "--office", "NOWHERE"),
        ("calendar", "show", "2026", "--office", "NOWHERE"),
        ("calendar", "confirm", "2028", "--by", "nobody", "--document", "TB"),
        ("calendar", "confirm", "2028", "--by", "admin", "--document", "TB", "--issued", "mai"),
        ("calendar", "draft", "1999"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(office: Office, words: tuple[str, ...]):
    ran = run(office, *words)
    assert ran.code == 2
    assert ran.complaint.startswith("motcua: ")
