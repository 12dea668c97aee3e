"""Reports on our own survey and on online services against ballots, files and payments of which everything is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from sqlalchemy import text

from engine.domain.ballot_files import Ballot, read_digits
from engine.domain.fees import EXEMPT, Payment
from engine.domain.report_model import Document
from engine.domain.survey import sample_size
from engine.services.reporting.survey_frame import allotted
from tests.support.read_office import DESK, REGISTRY, SPLIT_PARCEL, ReadOffice, on, prepare, read_office

NOW = on(4, 20, 9)
MARCH = "2026-03-01..2026-03-31"
LAND, WATER = "1.012783", "1.004122"
ALL_GOOD = "5" * 24
# items III.1 to III.7 stand after four of I and five of II
NO_MANNERS = "5" * 9 + "2" * 7 + "5" * 8


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[ReadOffice]:
    with read_office(database_copy(prepare)) as office:
        yield office


def answered(office: ReadOffice, many: int, month: str, unit: str, procedure: str, digits: str) -> None:
    surveys = office.engine.surveys
    ballot = Ballot(date.fromisoformat(f"{month}-10"), unit, read_digits(digits, surveys.questionnaire), procedure)
    row = surveys._row(ballot, office.engine.office.units.by_code(unit).id, "typed", entered_by="lan")
    with office.engine.uow.write() as tx:
        tx.surveys.put_ballots([dict(row) for _each in range(many)])


def make(office: ReadOffice, name: str, by: str = "giam", unit: str = "") -> Document:
    reporting = office.engine.reporting
    return reporting.make(office.actor(by), name, reporting.period(MARCH, at=NOW), unit, at=NOW)


@pytest.mark.any_database
def test_satisfaction_stands_beside_its_goal_its_past_and_the_places_where_it_is_least(office: ReadOffice):
    answered(office, 6, "2026-03", REGISTRY, LAND, ALL_GOOD)
    answered(office, 6, "2026-03", DESK, WATER, NO_MANNERS)
    answered(office, 5, "2025-03", REGISTRY, LAND, ALL_GOOD)
    answered(office, 3, "2025-12", REGISTRY, LAND, ALL_GOOD)  # two months of too few: neither may be told
    answered(office, 2, "2026-01", REGISTRY, LAND, NO_MANNERS)
    found = make(office, "standing")
    (whole,) = found.table("whole").rows
    # 17 items of 100 % and 7 of 50 %, over 24
    assert (whole["ballots"], whole["value"], whole["before"], whole["change"]) == (12, 85.42, 100.0, -14.58)
    assert (whole["goal"], whole["distance"], whole["reached"]) == (90.0, -4.58, False)
    years = {row["year"]: (row["ballots"], row["value"], row["reached"]) for row in found.table("years").rows}
    assert years == {
        "2023": (0, None, None),
        "2024": (0, None, None),
        "2025": (5, 100.0, True),
        "2026": (12, 85.42, False),
    }
    months = {str(row["month"]): row for row in found.table("months").rows}
    assert (len(months), min(months), max(months)) == (12, "2025-04", "2026-03")
    assert (months["2026-03"]["value"], months["2026-03"]["before"]) == (85.42, 100.0)
    assert [(months[each]["ballots"], months[each]["value"]) for each in ("2025-12", "2026-01")] == [
        (3, None),
        (2, None),
    ]
    lowest, highest = found.table("sectors").rows
    assert (lowest["code"], lowest["value"], lowest["criterion_III"]) == ("water", 70.83, 0.0)
    assert (highest["code"], highest["value"], highest["reached"]) == ("land", 100.0, True)
    assert [row["code"] for row in found.table("units").rows] == [DESK, REGISTRY]
    items = found.table("items").rows
    assert [row["code"] for row in items[:8]] == [*(f"III.{number}" for number in range(1, 8)), "I.1"]
    assert (items[0]["rank"], items[0]["value"], items[0]["target"], items[0]["distance"]) == (1, 50.0, 87.0, -37.0)
    (line,) = found.drawings
    assert (line.goal, line.lines[0].values[-1]) == (90.0, 85.42)
    assert found.is_sound
    assert any("không phải Chỉ số SIPAS chính thức" in source for source in found.sources)
    # of a unit with few ballots nothing but their number is told; of the next smallest neither, or it would follow
    answered(office, 1, "2026-03", "BS-SNNMT", WATER, ALL_GOOD)
    told = {row["code"]: (row["ballots"], row["value"]) for row in make(office, "standing").table("units").rows}
    assert told == {DESK: (6, 70.83), REGISTRY: (6, None), "BS-SNNMT": (1, None)}


@pytest.mark.any_database
def test_the_frame_of_a_survey_shares_the_sample_out_by_who_was_served(office: ReadOffice):
    for number in range(7):
        by = "lan" if number % 3 else "hoa"
        office.deliver(office.receive(f"Người {number}", at=on(3, 3 + number), by=by), at=on(3, 20 + number % 3, 10))
    office.office.clock.move_to(NOW)
    answered(office, 2, "2026-03", REGISTRY, LAND, ALL_GOOD)
    found = make(office, "sample_frame")
    rows = office.office.rows(
        "SELECT u.code, count(*) FROM outcomes o JOIN units u ON u.id = o.deciding_unit_id"
        " WHERE o.result <> 'refused' GROUP BY u.code"
    )
    served = {str(code): int(str(number)) for code, number in rows}
    units = {row["code"]: row for row in found.table("units").rows}
    assert {code: row["served"] for code, row in units.items()} == served
    assert units[REGISTRY]["ballots"] == 2
    assert units[REGISTRY]["alone"] == sample_size(served[REGISTRY], 5)
    whole = found.table("strata").totals
    assert whole == {"served": 7, "wanted": sample_size(7, 5)}
    assert found.is_sound


def test_online_services_are_held_against_their_targets_and_against_what_comes_otherwise(office: ReadOffice):
    online = [office.receive(f"Trực tuyến {number}", at=on(3, 10), procedure=SPLIT_PARCEL) for number in range(2)]
    direct = [office.receive(f"Tại quầy {number}", at=on(3, 3 + number)) for number in range(3)]
    for code in (*direct, online[0]):
        office.deliver(code, at=on(3, 30, 10))
    take, lan = office.engine.fees.take, office.actor("lan")
    for code, method, day in (
        (online[0], "online", 10),
        (online[1], "online", 11),
        (direct[0], "counter", 12),
        (direct[1], "transfer", 12),
        (direct[2], "online", 12),
        (direct[2], EXEMPT, 13),
    ):
        office.office.clock.move_to(on(3, 31, 10))
        take(lan, code, Payment("25000", method, f"BL {code}{method}", date(2026, 3, day)), at=on(3, 31, 10))
    (entry,) = (line for line in office.engine.fees.account(lan, direct[2]).lines if line.method.startswith("Trực"))
    office.engine.fees.counter(lan, direct[2], entry.id, "Nhầm hồ sơ", at=on(3, 31, 11))
    with office.engine.uow.write() as tx:  # the sums of these days, as if the files had come online
        for said in ("UPDATE received_days SET channel = 'online'", "UPDATE ended_days SET channel = 'online'"):
            tx.connection.execute(text(f"{said} WHERE procedure_code = :code"), {"code": SPLIT_PARCEL})
    office.office.clock.move_to(NOW)
    found = make(office, "online")
    whole = found.table("units").totals
    assert (whole["received"], whole["online"], whole["online_share"]) == (5, 2, 0.4)
    # what was exempted or taken back is no payment
    assert (whole["payments"], whole["paid_online"], whole["paid_share"]) == (4, 2, 0.5)
    with office.engine.uow.read() as tx:
        kept = [tx.results.outcome(tx.dossiers.find(code).id) for code in direct]
    minutes = sum(each["facts"]["office_minutes"] for each in kept if each)
    lines = {row["code"]: row for row in found.table("procedures").rows}
    split, renewed = lines[SPLIT_PARCEL], lines[LAND]
    assert (split["online_share"], split["hours_direct"], renewed["hours_online"]) == (1.0, None, None)
    assert renewed["hours_direct"] == round(minutes / 60 / 3, 2) > 0
    late = office.office.count("outcomes", f"procedure_code = '{LAND}' AND timeliness = 'late'")
    assert renewed["late_share_direct"] == round(late / 3, 4)
    assert (split["paid_share"], renewed["paid_share"]) == (1.0, 0.0)
    targets = [(row["target"], row["value"], row["reached"]) for row in found.table("targets").rows]
    assert targets[:4] == [(0.3, 0.4, True), (0.8, 0.4, False), (0.3, 0.5, True), (0.6, 0.5, False)]
    assert {row["reached"] for row in found.table("units").rows} <= {True, False}
    assert found.is_sound


def test_a_sample_is_shared_out_by_whole_numbers_and_equal_remainders_go_by_name():
    # two thirds of a ballot are left over for each, however many digits a fraction is written with
    assert allotted({"c": 4, "b": 1, "a": 1}, 4) == {"a": 1, "b": 1, "c": 2}
    assert allotted({}, 0) == {}


@pytest.mark.parametrize(("name", "most"), [("standing", 7), ("sample_frame", 3)])
@pytest.mark.any_database
def test_a_report_on_the_survey_costs_so_many_statements(office: ReadOffice, name: str, most: int):
    answered(office, 6, "2026-03", REGISTRY, LAND, ALL_GOOD)
    make(office, name)
    with office.counting() as statements:
        make(office, name)
    assert len(statements) <= most, statements
