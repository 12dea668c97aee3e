"""Stories answer the questions of the desk: the tables make the case, and a case told beside them must be that one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine.cli.stories.check import check_stories
from engine.config import load_settings
from tests.builders import ROOT

STEM = "settle_land_dispute"
SETTINGS = load_settings(ROOT / "config.yaml")
REFUSED = {"do": "check_dossier", "answers": {"intake": "refused", "reason": "Không thuộc thẩm quyền"}}
ENDED = {
    "status": "REFUSED", "result": "refused", "outcome": None, "due": [], "letters": ["refusal"], "end": "end_refused",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "bpmn" / "shared", tmp_path / "shared")
    for name in ("land", "tests"):
        (tmp_path / name).mkdir()
    for suffix in (".bpmn", ".yaml", ".dmn"):
        shutil.copy(ROOT / "bpmn" / "land" / f"{STEM}{suffix}", tmp_path / "land")
    return tmp_path


def told(folder: Path, *stories: dict[str, object]) -> list[tuple[str, str]]:
    content = {
        "procedure": "1.013967",
        "process": STEM,
        "stories": [{"received": "2026-03-02T09:00", "steps": [REFUSED], "expect": ENDED} | facts for facts in stories],
    }
    path = folder / "tests" / f"{STEM}.yaml"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    (report,) = check_stories(SETTINGS, [path]).files
    return [(problem.element_name, problem.code) for problem in report.problems]


def test_answers_make_the_case_and_a_case_beside_them_must_be_that_one(folder: Path) -> None:
    problems = told(
        folder,
        {"name": "chỉ trả lời", "answers": {"area": "remote"}},
        {"name": "trả lời và trường hợp khớp nhau", "answers": {"area": "remote"}, "case": "remote"},
        {"name": "chỉ trường hợp", "case": "remote"},
        {"name": "trường hợp khác câu trả lời", "answers": {"area": "ordinary"}, "case": "remote"},
        {"name": "câu trả lời lạ", "answers": {"area": "moon"}},
    )
    assert [problem for problem in problems if problem[1] == "story_not_received"] == [
        ("trường hợp khác câu trả lời", "story_not_received"),
        ("câu trả lời lạ", "story_not_received"),
    ]
