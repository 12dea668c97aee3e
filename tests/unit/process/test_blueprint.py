"""Blueprints: SpiffWorkflow reads our own document, and every node of the drawing is proved to be in its specs."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.process.blueprint import BlueprintRefused, build
from engine.process.diagram import Diagram
from engine.process.reading import read_diagram
from tests.unit.process.drawing import bpmn, read
from tests.unit.process.shapes import SHAPES
from tests.unit.process.walking import shape

MODELS = Path(__file__).parent / "models"
REF = "0" * 64


def diagram(content: bytes, stem: str) -> Diagram:
    found, _problems = read_diagram(content, stem)
    assert found is not None
    return found


def test_flows_without_an_id_are_not_dropped() -> None:
    drawn = bpmn(read("straight", SHAPES["straight"])).replace(b' id="straight_flow2"', b"")
    found = diagram(drawn, "straight")
    assert [flow.id for flow in found.flows][1] == "straight.flow_2"
    assert build(REF, [found], frozenset()).root.task_specs["straight/s_note"]


def test_every_node_of_every_scope_has_its_number() -> None:
    for name in SHAPES:
        for plan in shape(name).definition.blueprint.plans:
            assert set(plan.number_of) == set(plan.spec.task_specs)
            assert len(set(plan.number_of.values())) == len(plan.number_of)


def test_a_node_that_the_engine_leaves_out_is_told_of() -> None:
    drawn = bpmn(read("straight", "start > a > end\nlonely > end2"))
    with pytest.raises(BlueprintRefused) as refusal:
        build(REF, [diagram(drawn, "straight")], frozenset())
    assert [(problem.code, problem.element) for problem in refusal.value.problems] == [
        ("node_lost", "lonely"), ("node_lost", "end2"),
    ]  # fmt: skip


def test_what_the_parser_refuses_is_told_with_its_element() -> None:
    drawn = bpmn(read("straight", "start > x_way\nx_way > a > end\nx_way > b > end2"))
    with pytest.raises(BlueprintRefused) as refusal:
        build(REF, [diagram(drawn, "straight")], frozenset())
    (problem,) = refusal.value.problems
    assert problem.code == "parser_refused"
    assert "condition" in problem.message


def test_the_same_ids_in_shared_diagrams_do_not_clash() -> None:
    main = diagram(bpmn(read("main", "start > call_other > a > end\nwork {\nstart_w > b > end_w\n}\na > end")), "main")
    assert main.process.node("start")
    definition = shape("calls").definition
    assert {"calls/start", "helper/start", "other/start"} <= {
        name for plan in definition.blueprint.plans for name in plan.spec.task_specs
    }


def test_data_objects_never_reach_the_parser() -> None:
    text = (MODELS / "permit.bpmn").read_text(encoding="utf-8")
    dangling = (
        '<bpmn:dataObjectReference id="ref" dataObjectRef="nothing"/><bpmn:userTask id="ask_planning" '
        'name="Hỏi phòng quy hoạch"><bpmn:dataInputAssociation id="d"><bpmn:sourceRef>ref</bpmn:sourceRef>'
        "</bpmn:dataInputAssociation>"
    )
    text = text.replace('<bpmn:userTask id="ask_planning" name="Hỏi phòng quy hoạch">', dangling)
    papers = diagram((MODELS / "shared" / "papers.bpmn").read_bytes(), "papers")
    blueprint = build(REF, [diagram(text.encode(), "permit"), papers], frozenset())
    assert [plan.name for plan in blueprint.plans][:2] == ["permit", "permit/gather_opinions"]
