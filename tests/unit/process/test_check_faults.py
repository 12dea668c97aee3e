"""Every code of the checker, with a fault planted for it in a model that is right."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from engine.domain.process import Problem, Severity
from engine.process import decision_texts, draft_texts, import_texts
from engine.process.checks.files import Examination, examine
from engine.process.problems import TEXTS

MODELS = Path(__file__).parent / "models"
KINDS = frozenset({"one_stop", "land_registry", "province"})
FACTS = "permit.yaml"
PAPERS = "shared/papers.bpmn"


class Fault(NamedTuple):
    """A fault of one file: what is written instead of what, and what the report must say of it."""

    code: str
    was: str
    now: str
    element: str = ""
    says: str = ""
    file: str = "permit.bpmn"
    asked: str = ""


_LANES, _TASK = "<bpmn:laneSet", '<bpmn:userTask id="appraise_dossier" name="Thẩm định hồ sơ">'


def _ends(count: int) -> str:
    return "".join(f'<bpmn:endEvent id="e{number}"/>' for number in range(count))


_LAST_ITEM, _PHASE = "fees:\n", "starts_on: receipt}\n  - id: remote"


def _items(count: int) -> str:
    item = "  - {{id: paper{}, name: Giấy tờ, form: Không quy định mẫu, original: 1, mark: D}}\n"
    return "".join(item.format(number) for number in range(count)) + _LAST_ITEM


def _later(label: str) -> str:
    phase = f"{{name: later, label: {label}, limit: 5, unit: working_days, starts_on: payment_proof}}"
    return f"starts_on: receipt}}\n      - {phase}\n  - id: remote"


FAULTS = [
    *(Fault(**fault) for fault in yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text(encoding="utf-8"))),
    *(Fault(**fault) for fault in yaml.safe_load((Path(__file__).parent / "decision_faults.yaml").read_text("utf-8"))),
    *(Fault(**fault) for fault in yaml.safe_load((Path(__file__).parent / "group_faults.yaml").read_text("utf-8"))),
    Fault("too_large", _LANES, "<bpmn:group><a>" * 80 + "</a></bpmn:group>" * 80 + _LANES, says="60 tầng"),
    Fault("too_large", _TASK, _ends(300) + _TASK, "permit", "200"),
    Fault("too_many_items", _LAST_ITEM, _items(29), "items", "31 giấy tờ", file=FACTS),
    Fault("name_too_long", "name: Cấp giấy phép thử", f"name: {'Tên ' * 126}", "name", "503 ký tự", file=FACTS),
    Fault("name_too_long", "name: Đơn đề nghị", f"name: {'x' * 251}", "items.1", "251 ký tự", file=FACTS),
    Fault("name_too_long", _PHASE, _later("x" * 81), "cases.1.phases.2", "nhiều nhất 80", file=FACTS),
    Fault("diagram_too_big", _TASK, _ends(30) + _TASK, "permit", "25"),
]


def plant(folder: Path, fault: Fault) -> Path:
    """Copy the model with the fault in it; answer the file whose report must tell of it."""
    shutil.copytree(MODELS, folder, dirs_exist_ok=True)
    file = folder / fault.file
    text = file.read_text(encoding="utf-8")
    assert fault.was in text, f"the model has no {fault.was!r}"
    file.write_text(text.replace(fault.was, fault.now, 1 if fault.was != "bpmn:process" else -1), encoding="utf-8")
    return folder / (fault.asked or fault.file)


def found(examination: Examination, fault: Fault) -> list[Problem]:
    """Answer the problems that speak of the fault."""
    return [
        problem
        for problem in examination.problems
        if (problem.code, problem.element) == (fault.code, fault.element)
        and fault.says.lower() in problem.message.lower()
    ]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.code}-{fault.says or fault.element}")
def test_a_planted_fault_is_told_of(tmp_path: Path, fault: Fault) -> None:
    examination = examine(plant(tmp_path, fault), KINDS, None)
    told = found(examination, fault)
    assert told, [(problem.code, problem.element, problem.message) for problem in examination.problems]
    assert told[0].message_en
    assert told[0].line or not fault.element or not fault.file.endswith(".bpmn")
    assert told[0].severity is TEXTS[fault.code].severity


def test_the_model_itself_is_right() -> None:
    for file in ("permit.bpmn", FACTS, PAPERS, "groups/pair.yaml"):
        assert examine(MODELS / file, KINDS, None).problems == ()


def test_as_many_papers_as_the_receipt_prints_are_right(tmp_path: Path) -> None:
    fault = Fault("too_many_items", _LAST_ITEM, _items(28), file=FACTS)
    assert examine(plant(tmp_path, fault), KINDS, None).problems == ()


def test_every_code_has_its_planted_fault() -> None:
    elsewhere = {
        "file_unreadable", "facts_missing", "sheet_without_diagram", "procedure_repeated",  # test_check_path
        "check_stopped", "check_crashed", "limits_not_provable",  # test_check_path, test_check_limits
        "parser_refused", "node_lost",  # test_blueprint: nothing known gets past the rules
        "sources_damaged",  # test_definitions
        *import_texts.ERRORS,  # test_import
        *draft_texts.ERRORS,  # test_drafts
        "decisions_missing",  # test_decision_use
        "version_gap", "version_folder_differs",  # test_version_files
    }  # fmt: skip
    assert {fault.code for fault in FAULTS} | elsewhere == TEXTS.keys()
    assert not {fault.code for fault in FAULTS} & elsewhere


def test_only_warnings_leave_a_file_in_order() -> None:
    warnings = {code for code, text in TEXTS.items() if text.severity is Severity.WARNING}
    assert warnings == {
        "not_executable", "flow_without_id", "parallel_in_rework_loop", "branch_runs_twice", "diagram_too_big",
        "lane_node_missing", "item_without_form", "limit_unit_not_statutory", "code_unknown", "no_way_to_form",
        "version_gap", *decision_texts.WARNINGS,
    }  # fmt: skip


def test_a_typo_in_one_flow_is_told_once_and_not_again_by_its_consequences(tmp_path: Path) -> None:
    fault = next(fault for fault in FAULTS if fault.code == "missing_flow_target")
    examination = examine(plant(tmp_path, fault), KINDS, None)
    assert [problem.code for problem in examination.problems] == ["missing_flow_target"]
