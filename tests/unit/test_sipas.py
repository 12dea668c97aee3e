"""The published satisfaction values prove their own arithmetic."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from engine.rule_files.reading import BadRuleFile
from engine.rule_files.sipas import load_sipas

FILE = Path(__file__).resolve().parents[2] / "bpmn" / "satisfaction" / "sipas_2020.yaml"


def test_the_table_is_whole() -> None:
    table = load_sipas(FILE)
    assert [(criterion.code, len(criterion.items)) for criterion in table.criteria] == [
        ("I", 4),
        ("II", 5),
        ("III", 7),
        ("IV", 4),
        ("V", 4),
    ]
    results = table.criterion("IV")
    assert (results.name, results.value, results.target) == ("Kết quả", Decimal("87.49"), Decimal(90))
    assert (table.value, table.year, table.target_year) == (Decimal("85.15"), 2020, 2021)
    with pytest.raises(LookupError):
        table.criterion("VI")


def test_the_whole_is_the_mean_of_items_not_of_criteria() -> None:
    table = load_sipas(FILE)
    of_criteria = sum(criterion.value for criterion in table.criteria) / len(table.criteria)
    assert round(of_criteria, 2) == Decimal("85.18") != table.value


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("value: 85.43", "value: 85.34", "tiêu chí IV ghi 87.49"),
        ("value: 85.15", "value: 85.18", "chỉ số chung ghi 85.18"),
        ("year: 2020", "yaer: 2020", "yaer"),
        ("target: 86", "target: 860", "target"),
        ("criteria:", "criteria: {", "không đọc được tệp"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_its_place(tmp_path: Path, old: str, new: str, place: str) -> None:
    broken = tmp_path / "sipas.yaml"
    broken.write_text(FILE.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadRuleFile, match=place):
        load_sipas(broken)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadRuleFile, match="không có tệp này"):
        load_sipas(tmp_path / "nowhere.yaml")
