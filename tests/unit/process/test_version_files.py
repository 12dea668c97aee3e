"""Several versions of one procedure in a folder: named by their first day, checked against each other."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.process.catalogue import Catalogue
from engine.process.checks import check_path
from engine.process.errors import DefinitionInvalid, NotInForce

MODELS = Path(__file__).parent / "models"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder with one procedure, in force from 1 January 2026."""
    shutil.copytree(MODELS / "shared", tmp_path / "shared")
    (tmp_path / "test").mkdir()
    for name in ("permit.bpmn", "permit.yaml"):
        shutil.copy(MODELS / name, tmp_path / "test" / name)
    return tmp_path


def next_version(office: Path, day: str, *, folder: str = "", **changes: str) -> Path:
    """Put a version beside the first, in a folder of its own."""
    own = office / "test" / (folder or day)
    own.mkdir()
    shutil.copy(office / "test" / "permit.bpmn", own)
    text = (office / "test" / "permit.yaml").read_text(encoding="utf-8")
    text = text.replace('version: "1"', 'version: "2"').replace("effective_from: 2026-01-01", f"effective_from: {day}")
    for key, value in changes.items():
        text += f"{key}: {value}\n"
    (own / "permit.yaml").write_text(text, encoding="utf-8")
    return own / "permit.yaml"


def problems(office: Path, **known: Any) -> set[tuple[str, str]]:
    return {
        (Path(report.path).parent.name, problem.code)
        for report in check_path([office / "test"], **known)
        for problem in report.problems
    }


def test_a_folder_holds_versions_and_answers_by_day(office: Path) -> None:
    next_version(office, "2026-07-01")
    catalogue = Catalogue.load(office)
    assert len(catalogue) == 2
    versions = {
        day: catalogue.get("9.000001", on=day).procedure.version for day in (date(2026, 6, 30), date(2026, 7, 1))
    }
    assert list(versions.values()) == ["1", "2"]
    assert catalogue.get("9.000001").procedure.version == "2", "without a day the latest is meant"
    with pytest.raises(NotInForce, match="01/01/2026"):
        catalogue.get("9.000001", on=date(2025, 12, 31))
    assert problems(office) == set()


def test_two_versions_of_one_day_are_refused_both_named(office: Path) -> None:
    next_version(office, "2026-01-01")
    with pytest.raises(DefinitionInvalid) as refusal:
        Catalogue.load(office)
    told = refusal.value.problems[0].message
    assert "01/01/2026" in told
    assert "phiên bản" in told
    assert {code for _, code in problems(office)} == {"procedure_repeated"}


def test_days_without_a_version_and_a_wrong_folder_are_told_of(office: Path) -> None:
    facts = office / "test" / "permit.yaml"
    text = facts.read_text(encoding="utf-8").replace("effective_to: null\n", "")
    facts.write_text(text + "effective_to: 2026-05-31\n", encoding="utf-8")
    late = next_version(office, "2026-07-01", folder="2026-06-15")
    late.write_text(late.read_text(encoding="utf-8").replace("effective_to: 2026-05-31\n", ""), encoding="utf-8")
    assert problems(office) == {("2026-06-15", "version_gap"), ("2026-06-15", "version_folder_differs")}


def test_a_province_has_its_own_version_beside_the_national_one(office: Path) -> None:
    next_version(office, "2026-01-01", folder="own", province="ca_mau")
    catalogue = Catalogue.load(office)
    versions = {province: catalogue.get("9.000001", province=province).procedure.version for province in ("", "ca_mau")}
    assert versions == {"": "1", "ca_mau": "2"}
    assert problems(office) == set()


def test_lanes_may_name_units_that_only_another_province_has(office: Path) -> None:
    needed = "[{kind: sub_department, name: Chi cục, under: one_stop}]"
    own = next_version(office, "2026-01-01", folder="own", province="ca_mau", units_needed=needed)
    drawing = own.with_suffix(".bpmn")
    drawing.write_text(
        drawing.read_text(encoding="utf-8").replace('unit="land_registry"', 'unit="sub_department"'), encoding="utf-8"
    )
    known = {"unit_kinds": _kinds(office), "province": "binh_son"}
    assert problems(office, **known) == set()
    assert problems(office, **known | {"province": "ca_mau"}) == {("own", "unknown_unit_kind")}


def _kinds(office: Path) -> frozenset[str]:
    """The kinds that the drawing of the first version names."""
    text = (office / "test" / "permit.bpmn").read_text(encoding="utf-8")
    facts = (office / "test" / "permit.yaml").read_text(encoding="utf-8")
    return frozenset({*re.findall(r'unit="(\w+)"', text), *re.findall(r"deciding_unit: (\w+)", facts)})
