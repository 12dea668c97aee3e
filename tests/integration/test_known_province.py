"""A small province of which everything is known: every report and the board against the truth, cell by cell.

`benchmarks/truth.py` does the same with up to a million files, and times the pages.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.known.files import NOW
from benchmarks.known.measure import heard
from benchmarks.known.province import Province, a_province, compare_board, compare_reports
from engine.domain.report_registry import REPORTS

pytestmark = pytest.mark.any_database
FILES = 600


@pytest.fixture(scope="module")
def province() -> Iterator[Province]:
    with a_province(FILES) as found:
        yield found


def test_every_cell_of_every_report_is_what_a_plain_count_says(province: Province) -> None:
    found = compare_reports(province, ("2026-03", "2026-Q1"), ("", "BS-SNNMT"))
    assert found.different == []
    assert found.cells.total() > 10 * len(REPORTS)


def test_the_board_and_forms_06_and_07_say_what_a_plain_count_says(province: Province) -> None:
    found = compare_board(province)
    assert found.different == []
    assert found.cells.total() > 0


def test_what_was_open_long_ago_is_found_by_the_months_of_receipt_not_among_all_that_ended_since(
    province: Province,
) -> None:
    engine = province.office.engine
    with heard(province) as statements:
        engine.reporting.make(None, "units", engine.reporting.period("2023-06", at=NOW), at=NOW)
    asked = [found for found in statements if "received_month IN" in found[0]]
    with engine.uow.read() as tx:
        plans = [
            tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            for statement, values in asked
        ]
    assert plans
    for plan in plans:
        assert any("ix_outcomes_received (received_month=? AND finished_at>?)" in line[3] for line in plan), plan
