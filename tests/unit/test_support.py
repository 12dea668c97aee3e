"""What tests stand on stands itself: databases are empty or true copies, and no fault of a page is overlooked."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, inspect, text

from tests.support.browser import BrowserFaults

PREPARED: list[str] = []


def fill(url: str) -> None:
    PREPARED.append(url)
    write(url, "CREATE TABLE letter (number integer)")
    write(url, "INSERT INTO letter VALUES (1)")


def write(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def letters_in(url: str) -> list[int]:
    engine = create_engine(url)
    with engine.begin() as connection:
        numbers = [row.number for row in connection.execute(text("SELECT number FROM letter ORDER BY number"))]
    engine.dispose()
    return numbers


@pytest.mark.parametrize("time", ["first", "second"])
def test_every_test_finds_an_empty_database(database_url, time):
    engine = create_engine(database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    fill(database_url)


def test_a_copy_is_prepared_once_and_is_nobody_elses(database_copy, database_maker):
    before = len(PREPARED)
    mine, other = database_copy(fill), database_copy(fill)
    assert len(PREPARED) == before + 1
    write(mine, "INSERT INTO letter VALUES (2)")
    assert letters_in(mine) == [1, 2]
    assert letters_in(other) == letters_in(database_copy(fill)) == [1]


def test_a_postgresql_database_can_be_the_template_of_another(fresh_postgres_database):
    template = fresh_postgres_database()
    fill(template)
    assert letters_in(fresh_postgres_database(template.rpartition("/")[2])) == [1]


def test_a_fault_that_no_test_expects_is_held_against_it():
    faults = BrowserFaults()
    faults.report("console error: CSP violation: style-src-attr inline")
    assert faults.verdict() == ["console error: CSP violation: style-src-attr inline"]


def test_an_expected_fault_is_forgiven_and_missed_when_it_stays_away():
    faults = BrowserFaults()
    faults.expect("404")
    assert faults.verdict() == ["expected and did not come: 404"]
    faults.report("console error: Failed to load resource: 404 (Not Found)")
    assert faults.verdict() == []


def test_a_page_opens_in_vietnamese_and_in_viet_nams_time(browser_page):
    browser_page.goto("data:text/html;charset=utf-8,<title>Xin ch%C3%A0o</title>")
    assert browser_page.title() == "Xin chào"
    assert browser_page.evaluate("navigator.language") == "vi-VN"
    assert browser_page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") in {
        "Asia/Ho_Chi_Minh",
        "Asia/Saigon",
    }


@pytest.mark.parametrize("viewport", [(320, 640)])
def test_a_page_is_as_wide_as_the_test_says(browser_page):
    browser_page.goto("about:blank")
    assert browser_page.evaluate("window.innerWidth") == 320
