"""Every story beside the models is lived through; together they enter every node and every flow of every diagram."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from engine.cli.stories.check import Told, check_stories
from engine.cli.stories.files import story_files
from engine.config import load_settings
from engine.domain.process import FileReport, Severity
from engine.process.catalogue import procedure_files
from tests.builders import ROOT

MODELS = ROOT / "bpmn"
FILES = story_files([MODELS])
PROCEDURES = [path.stem for path in procedure_files(MODELS)]


@cache
def told() -> Told:
    """Everything is lived once in a session: the tests below look at what came of it."""
    return check_stories(load_settings(ROOT / "config.yaml"), FILES, models=procedure_files(MODELS))


def report_of(file: Path) -> FileReport:
    return next(report for report in told().files if Path(report.path) == file)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_stories_of_a_procedure_come_true(file: Path):
    wrong = [problem for problem in report_of(file).problems if problem.severity is Severity.ERROR]
    assert wrong == [], "\n" + "\n".join(f"{p.line} “{p.element_name}” {p.message}" for p in wrong)


@pytest.mark.parametrize("process", PROCEDURES)
def test_stories_enter_every_node_and_every_flow(process: str):
    covered = next(covered for covered in told().coverage if covered.process == process)
    assert covered.stories, f"{process} has no stories: write bpmn/tests/{process}.yaml"
    assert [hole.id for hole in covered.holes] == []


def test_all_stories_together_enter_every_shared_diagram():
    shared = {covered.process: covered for covered in told().coverage if not covered.procedure}
    assert shared.keys() == {path.stem for path in (MODELS / "shared").glob("*.bpmn")}
    assert {process: [hole.id for hole in covered.holes] for process, covered in shared.items() if covered.holes} == {}
