from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import update

from engine.domain.errors import NotFound
from engine.domain.report import Report
from engine.persistence.base import table_of
from engine.persistence.models import OutcomeRow
from engine.services.reporting import finished
from engine.services.reporting.finished import COLUMNS, PeriodBackwards
from tests.support.read_office import SPLIT_PARCEL, ReadOffice, on, prepare, read_office


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[ReadOffice]:
    with read_office(database_copy(prepare)) as office:
        yield office


def results(office: ReadOffice, first: str = "2026-01-01", last: str = "2026-12-31", unit: str = "") -> Report:
    return office.engine.reports.results(date.fromisoformat(first), date.fromisoformat(last), unit_code=unit)


def move_finish(office: ReadOffice, code: str, **values: Any) -> None:
    outcomes = table_of(OutcomeRow)
    with office.engine.uow.write() as tx:
        key = tx.dossiers.find(code).id
        tx.connection.execute(update(outcomes).where(outcomes.c.dossier_id == key).values(**values))


def test_a_period_without_dossiers_divides_by_nothing(office: ReadOffice) -> None:
    report = results(office)
    assert report.rows == ()
    assert (report.totals["finished"], report.totals["on_time_share"]) == (0, None)
    assert (report.totals["apology_coverage"], report.totals["median_days"], report.totals["mean_days"]) == (None,) * 3


def test_each_finished_dossier_is_counted_once_as_what_it_was(office: ReadOffice) -> None:
    office.deliver(office.receive("Trước hạn", at=on(3, 2)), at=on(3, 3, 10))
    # without a financial obligation both appointments join: 3 + 2 days from 02/03 end on 09/03
    joined = office.receive("Đúng hạn", at=on(3, 2))
    for hour in (8, 9, 10):
        office.do(joined, at=on(3, 4, hour))
    for hour in (8, 9, 10):
        office.do(joined, at=on(3, 9, hour))
    late = office.receive("Quá hạn", at=on(3, 2))
    office.engine.overdue.sweep(on(3, 5, 17, 1))
    office.deliver(late, at=on(3, 10, 9))
    withdrawn = office.receive("Rút", at=on(3, 10))
    office.engine.delivery.withdraw(office.actor("lan"), withdrawn, None, "Đổi ý", at=on(3, 11))
    office.receive("Còn mở", at=on(3, 11))

    report = results(office)
    assert len(report.rows) == 1
    row = report.rows[0]
    assert (row["unit"], row["procedure_code"], row["month"]) == (
        "Chi nhánh Văn phòng Đăng ký đất đai khu vực An Phú",
        "1.012783",
        "2026-03",
    )
    assert row["finished"] == 4
    assert row["finished"] == sum(int(str(row[name])) for name in ("early", "on_time", "late", "without_date"))
    assert (row["early"], row["on_time"], row["late"], row["without_date"]) == (2, 1, 1, 0)
    assert row["on_time_share"] == 0.6667  # the one that was taken back earns no punctuality
    assert (row["overdue"], row["apologised"], row["apology_coverage"]) == (1, 1, 1.0)
    assert {name: row[name] for name in report.totals} == report.totals


def test_dossiers_are_told_apart_by_unit_procedure_and_month(office: ReadOffice) -> None:
    office.deliver(office.receive(at=on(3, 2)), at=on(3, 3, 10))
    office.deliver(office.receive(at=on(3, 2), procedure=SPLIT_PARCEL), at=on(3, 3, 10))
    office.deliver(office.receive(at=on(3, 30), by="hoa"), at=on(4, 1, 10))
    report = results(office)
    assert [(row["procedure_code"], row["month"], row["finished"]) for row in report.rows] == [
        ("1.012783", "2026-03", 1),
        ("1.012783", "2026-04", 1),
        ("1.012784", "2026-03", 1),
    ]
    assert report.totals["finished"] == 3
    assert results(office, last="2026-03-31").totals["finished"] == 2


@pytest.mark.parametrize(
    ("finished_at", "year", "month"),
    [
        (datetime(2026, 12, 31, 16, 30, tzinfo=UTC), 2026, "2026-12"),  # 31/12 23:30 at the counter
        (datetime(2026, 12, 31, 16, 59, 59, 999999, tzinfo=UTC), 2026, "2026-12"),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), 2027, "2027-01"),  # midnight at the counter
        (datetime(2025, 12, 31, 17, 30, tzinfo=UTC), 2026, "2026-01"),
    ],
)
def test_months_and_periods_end_at_midnight_at_the_counter(
    office: ReadOffice, finished_at: datetime, year: int, month: str
) -> None:
    code = office.receive(at=on(3, 2))
    office.deliver(code, at=on(3, 3, 10))
    move_finish(office, code, finished_at=finished_at)
    for each in (2025, 2026, 2027):
        report = results(office, f"{each}-01-01", f"{each}-12-31")
        assert [row["month"] for row in report.rows] == ([month] if each == year else [])


def test_a_refusal_at_the_desk_is_no_finished_dossier(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    office.deliver(code, at=on(3, 3, 10))
    move_finish(office, code, result="refused", timeliness=None)
    totals = results(office).totals
    assert (totals["finished"], totals["refused"], totals["on_time_share"]) == (0, 1, None)


def test_the_days_are_those_that_the_office_used(office: ReadOffice) -> None:
    quick, slow = office.receive(at=on(3, 2)), office.receive(at=on(3, 2))
    office.deliver(quick, at=on(3, 2, 13, 0))
    office.deliver(slow, at=on(3, 4, 13, 0))
    one_day = 8 * 3600
    move_finish(office, quick, time_shares={"unit:1": one_day // 4, "counter": one_day // 4, "applicant": 30 * one_day})
    move_finish(office, slow, time_shares={"unit:1": one_day * 2})
    totals = results(office).totals
    assert (totals["median_days"], totals["mean_days"]) == (1.25, 1.25)


def test_every_figure_is_defined_and_every_share_names_its_denominator(office: ReadOffice) -> None:
    report = results(office)
    assert [definition.name for definition in report.definitions] == list(COLUMNS) == list(report.columns)
    assert all(definition.meaning for definition in report.definitions)
    shares = [
        definition for definition in report.definitions if definition.name.endswith(("_share", "_coverage", "_days"))
    ]
    assert all(definition.denominator for definition in shares)


def test_the_published_criterion_stands_beside_and_says_what_it_is_not(office: ReadOffice) -> None:
    beside = results(office).beside
    criterion = beside["criterion"]
    assert isinstance(criterion, dict)
    assert (criterion["code"], criterion["value"], criterion["target"]) == ("IV", 87.49, 90.0)
    assert [(item["code"], item["value"], item["target"]) for item in criterion["items"]] == [
        ("IV.1", 88.32, 90.0),
        ("IV.2", 88.51, 90.0),
        ("IV.3", 87.69, 90.0),
        ("IV.4", 85.43, 90.0),
    ]
    assert (beside["year"], beside["target_year"], beside["is_official_sipas"]) == (2020, 2021, False)
    assert "không phải là chỉ số SIPAS chính thức" in str(beside["note"])


def test_a_unit_is_counted_with_everything_below_it(office: ReadOffice) -> None:
    office.deliver(office.receive(at=on(3, 2)), at=on(3, 3, 10))
    assert results(office, unit="BS-SNNMT").totals["finished"] == 1
    assert results(office, unit="BS-CNAP").totals["finished"] == 1
    assert results(office, unit="BS-QLMT").totals["finished"] == 0
    with pytest.raises(NotFound):
        results(office, unit="KHONG-CO")


def test_a_period_that_ends_before_it_begins_is_refused(office: ReadOffice) -> None:
    with pytest.raises(PeriodBackwards, match="01/02/2026"):
        results(office, "2026-02-01", "2026-01-01")


def test_a_report_is_one_statement(office: ReadOffice) -> None:
    for _ in range(3):
        office.deliver(office.receive(at=on(3, 2)), at=on(3, 3, 10))
    with office.counting() as statements:
        results(office)
    assert len(statements) == 1


def test_a_mean_that_lies_half_way_is_rounded_to_the_even_figure_and_never_by_chance():
    assert finished._mean_days({28_800: 5_904 * 7}, 7) == 0.2  # 0,205 days
    assert finished._mean_days({28_800: 6_192, 14_400: 3_096}, 2) == 0.22  # twice 0,215
    assert finished._mean_days({}, 0) is None
