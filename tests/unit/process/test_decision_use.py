"""The tables of a procedure: answers at the desk become case and fee, and a version keeps its tables."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.domain.answers import FormRefused
from engine.domain.dossier import Channel
from engine.process.checks.files import examine, files_under
from engine.process.definitions import Definition
from engine.process.errors import DefinitionInvalid

MODELS = Path(__file__).parent / "models"
ROOT = Path(__file__).parents[3]
KINDS = frozenset({"one_stop", "land_registry", "province"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The model with tables: its diagram is that of `permit` under another name."""
    shutil.copytree(MODELS, tmp_path, dirs_exist_ok=True)
    drawn = (MODELS / "permit.bpmn").read_text(encoding="utf-8")
    (tmp_path / "licence.bpmn").write_text(drawn.replace('"permit"', '"licence"'), encoding="utf-8")
    return tmp_path


@pytest.fixture
def licence(folder: Path) -> Definition:
    return Definition.load(folder / "licence.bpmn", folder / "shared")


def test_the_model_with_tables_is_right(folder: Path) -> None:
    for file in ("licence.bpmn", "licence.yaml", "licence.dmn"):
        assert examine(folder / file, KINDS, None).problems == (), file


@pytest.mark.parametrize("named", ["licence.bpmn", "licence.yaml", "licence.dmn"])
def test_one_file_brings_the_other_two(folder: Path, named: str) -> None:
    assert {path.name for path in files_under([folder / named])} == {"licence.bpmn", "licence.yaml", "licence.dmn"}


def test_case_and_fee_follow_from_the_answers(licence: Definition) -> None:
    found = licence.assess({"area": "mountain", "flow": "320,5"}, Channel.ONLINE)
    assert (found.case_id, found.fee) == ("remote", 206_025)
    assert found.answers == {"area": "mountain", "flow": "320,5"}
    assert licence.assess({"area": "plain", "flow": "199"}, Channel.IN_PERSON).fee == 400_000


def test_half_a_dong_is_rounded_up(licence: Definition) -> None:
    assert licence.assess({"area": "plain", "flow": "200,01"}, Channel.ONLINE).fee == 200_001


@pytest.mark.parametrize(
    ("answers", "field", "says"),
    [
        ({"flow": "1"}, "area", "chưa được nhập"),
        ({"area": "hill", "flow": "1"}, "area", "không có lựa chọn này"),
        ({"area": "plain", "flow": "nhiều"}, "flow", "phải là một số"),
        ({"area": "plain", "flow": "5000"}, "flow", "5000 không thuộc [0..5000)"),
        ({"area": "plain", "flow": "1.500"}, "flow", "hãy viết 1500 hoặc 1,500"),
    ],
)
def test_a_wrong_answer_is_told_at_its_question(
    licence: Definition, answers: dict[str, str], field: str, says: str
) -> None:
    with pytest.raises(FormRefused) as refused:
        licence.assess(answers, Channel.IN_PERSON)
    assert says in refused.value.fields[field]


def test_a_version_keeps_its_tables_and_is_another_with_other_tables(folder: Path, licence: Definition) -> None:
    again = Definition.from_sources(licence.sources())
    assert again.ref == licence.ref
    assert again.assess({"area": "mountain", "flow": "0"}, Channel.IN_PERSON).case_id == "remote"
    tables = folder / "licence.dmn"
    tables.write_text(tables.read_text(encoding="utf-8").replace("400000<", "410000<"), encoding="utf-8")
    changed = Definition.load(folder / "licence.bpmn", folder / "shared")
    assert changed.ref != licence.ref
    assert changed.assess({"area": "plain", "flow": "0"}, Channel.IN_PERSON).fee == 410_000
    assert licence.assess({"area": "plain", "flow": "0"}, Channel.IN_PERSON).fee == 400_000


def test_facts_that_name_tables_need_the_file(folder: Path) -> None:
    (folder / "licence.dmn").unlink()
    problem = next(p for p in examine(folder / "licence.yaml", KINDS, None).problems if p.code == "decisions_missing")
    assert "licence.dmn" in problem.message
    with pytest.raises(DefinitionInvalid):
        Definition.load(folder / "licence.bpmn", folder / "shared")


def test_a_broken_table_forbids_to_run(folder: Path) -> None:
    tables = folder / "licence.dmn"
    tables.write_text(tables.read_text(encoding="utf-8").replace("full_fee / 2", "sum(1)"), encoding="utf-8")
    with pytest.raises(DefinitionInvalid, match="sum"):
        Definition.load(folder / "licence.bpmn", folder / "shared")


MINERALS, COST = "minerals/recognise_exploration_results", "exploration_cost"
GROUNDWATER = "water/groundwater_exploitation_licence"
CONVERSION = {"request": "conversion", "payment": "free", "area": "remote"}
FIRST_TIME = {"request": "certificate", "area": "remote"}


def of(path: str) -> Definition:
    return Definition.load(ROOT / "bpmn" / f"{path}.bpmn")


@pytest.mark.parametrize(
    ("path", "answers", "channel", "case", "fee"),
    [
        ("land/register_first_time", FIRST_TIME, "in_person", "certificate_remote", None),
        ("land/settle_land_dispute", {"area": "ordinary"}, "in_person", "standard", None),
        ("land/allocate_land", CONVERSION, "online", "conversion_free_remote", None),
        ("environment/environmental_permit", {"simple": "true"}, "online", "simple", None),
        ("environment/environmental_permit", {}, "online", "standard", None),
        (MINERALS, {"mineral_group": "ii", COST: "10000000000"}, "online", "group_i_ii", 55_000_000),
        (MINERALS, {"mineral_group": "iii", COST: "25000000000"}, "online", "group_iii", 95_000_000),
        (GROUNDWATER, {"flow": "200"}, "in_person", "flow_200_500", 800_000),
        (GROUNDWATER, {"flow": "499,9"}, "online", "flow_200_500", 400_000),
        (GROUNDWATER, {"flow": "3000"}, "online", "flow_3000_5000", None),
        ("water/surface_water_licence", {"purpose": "other", "flow": "100"}, "postal", "other_uses_100_500", 750_000),
        ("water/surface_water_licence", {"purpose": "hydropower"}, "online", "standard", None),
    ],
)  # fmt: skip
def test_the_tables_of_real_procedures_give_what_was_published(
    path: str, answers: dict[str, str], channel: str, case: str, fee: int | None
) -> None:
    found = of(path).assess(answers, Channel(channel))
    assert (found.case_id, found.fee) == (case, fee)


def test_real_tables_have_no_gap_no_overlap_and_no_dead_row() -> None:
    tables = sorted((ROOT / "bpmn").rglob("*.dmn"))
    assert len(tables) >= 8
    for path in tables:
        assert examine(path, None, None).problems == (), path
        told = {p.code for p in examine(path.with_suffix(".yaml"), None, None).problems}
        assert not told & {"decision_result_wrong", "question_unread", "case_never_decided"}, path
