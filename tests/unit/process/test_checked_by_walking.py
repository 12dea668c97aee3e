"""What only running shows: the checker walks every procedure before anybody publishes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.process.checks.files import examine

MODELS = Path(__file__).parent / "models"


@pytest.mark.parametrize(
    ("was", "now", "code", "element"),
    [
        ('appraisal == "opinions"', "appraisal > 3", "walk_failed", "request_papers"),
        (
            '<bpmn:sequenceFlow id="flow_apologise_to_overdue_end" sourceRef="apologise" targetRef="overdue_end" />',
            (
                '<bpmn:exclusiveGateway id="round" default="back" />'
                '<bpmn:sequenceFlow id="flow_apologise_to_round" sourceRef="apologise" targetRef="round" />'
                '<bpmn:sequenceFlow id="back" sourceRef="round" targetRef="apologise" />'
                '<bpmn:sequenceFlow id="out" sourceRef="round" targetRef="overdue_end">'
                '<bpmn:conditionExpression>channel == "postal"</bpmn:conditionExpression></bpmn:sequenceFlow>'
            ),
            "loop_without_step",
            "apologise",
        ),
    ],
)
def test_a_way_that_fails_when_it_is_walked_is_told_with_its_place(
    tmp_path: Path, was: str, now: str, code: str, element: str
) -> None:
    shutil.copytree(MODELS, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "permit.bpmn"
    text = file.read_text(encoding="utf-8")
    assert was in text
    file.write_text(text.replace(was, now), encoding="utf-8")
    told = {(problem.code, problem.element): problem for problem in examine(file, None, None).problems}
    assert (code, element) in told, sorted(told)
    assert told[code, element].line
