"""Moving instances: what comes back, what is refused, and that a definition is shared by all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.domain.people import Role
from engine.domain.process import WaitsFor
from engine.domain.status import DossierStatus
from engine.process.definitions import Definition
from engine.process.errors import (
    ConditionFailed,
    DefinitionInvalid,
    InstanceStuck,
    NothingWaits,
    StepBudgetExceeded,
    TaskNotOpen,
)
from engine.process.runner import Runner
from tests.unit.process.drawing import bpmn, facts, read
from tests.unit.process.walking import Walk, definition_of, shape

MODELS = Path(__file__).parent / "models"
RUNNER = Runner()


@pytest.fixture(scope="module")
def permit() -> Definition:
    return Definition.load(MODELS / "permit.bpmn", MODELS / "shared")


def test_the_whole_way_of_a_dossier(permit: Definition) -> None:
    advance = RUNNER.start(permit, {"case": "standard"})
    assert [task.step.id for task in advance.open_tasks] == ["forward_dossier"]
    assert advance.opened == advance.open_tasks
    assert advance.visited == ("permit/start",)

    advance = RUNNER.complete(permit, advance.state, advance.task("forward_dossier").id)
    advance = RUNNER.complete(permit, advance.state, advance.task("appraise_dossier").id, {"appraisal": "supplement"})
    assert [(effect.name, dict(effect.arguments), effect.element_id) for effect in advance.effects] == [
        ("order_letter", {"form": "supplement_request"}, "pause"),
        ("move_clock", {"action": "pause", "ground": "supplement"}, "pause"),
    ]
    papers = advance.task("receive_papers")
    assert (papers.path, papers.diagram_element) == (("request_papers",), "request_papers")
    assert papers.step.process == "papers"
    assert papers.step.status is DossierStatus.SUPPLEMENT_REQUESTED
    assert papers.step.waits_for is WaitsFor.APPLICANT

    advance = RUNNER.throw(permit, advance.state, "overdue")
    assert [effect.arguments["form"] for effect in advance.effects] == ["apology"]
    assert (advance.opened, advance.closed) == ((), ())

    advance = RUNNER.complete(permit, advance.state, papers.id)
    assert advance.closed == (papers.id,)
    advance = RUNNER.complete(permit, advance.state, advance.task("appraise_dossier").id, {"appraisal": "opinions"})
    assert {task.step.id for task in advance.open_tasks} == {"ask_planning", "ask_commune"}
    opinion = advance.task("ask_planning")
    assert (opinion.path, opinion.diagram_element) == (("gather_opinions",), "ask_planning")

    advance = RUNNER.complete(permit, advance.state, opinion.id)
    advance = RUNNER.throw(permit, advance.state, "overdue")
    advance = RUNNER.complete(permit, advance.state, advance.task("ask_commune").id)
    advance = RUNNER.complete(permit, advance.state, advance.task("approve_result").id, {"decision": "return"})
    advance = RUNNER.complete(permit, advance.state, advance.task("appraise_dossier").id, {"appraisal": "qualified"})
    advance = RUNNER.complete(permit, advance.state, advance.task("approve_result").id, {"decision": "approve"})
    advance = RUNNER.complete(permit, advance.state, advance.task("deliver_result").id)
    assert advance.is_finished
    assert advance.end_id == "end_delivered"
    assert [effect.name for effect in advance.effects] == ["move_clock", "record_outcome"]
    assert advance.variables == {"appraisal": "qualified", "decision": "approve"}
    assert not RUNNER.waiting_messages(permit, advance.state)


def test_a_withdrawal_ends_all_else(permit: Definition) -> None:
    advance = RUNNER.start(permit)
    advance = RUNNER.complete(permit, advance.state, advance.task("forward_dossier").id)
    advance = RUNNER.complete(permit, advance.state, advance.task("appraise_dossier").id, {"appraisal": "opinions"})
    was_open = {task.id for task in advance.open_tasks}
    advance = RUNNER.throw(permit, advance.state, "withdrawal")
    assert advance.is_finished
    assert set(advance.closed) == was_open
    assert advance.end_id == "withdrawal_end"
    assert [effect.arguments for effect in advance.effects] == [
        {"form": "refusal"}, {"form": "discontinuation"}, {"result": "withdrawn"},
    ]  # fmt: skip


def test_steps_tell_what_the_diagram_says(permit: Definition) -> None:
    step = permit.steps["appraise_dossier"]
    assert (step.name, step.role, step.unit_kind) == ("Thẩm định hồ sơ", Role.OFFICER, "land_registry")
    assert (step.lane_name, step.phase, step.status) == (
        "Chuyên viên thụ lý", "processing", DossierStatus.IN_PROGRESS,
    )  # fmt: skip
    assert [str(step.limit_for(case)) for case in ("", "standard", "remote")] == ["5", "5", "10.5"]
    assert [(field.id, field.is_routing, field.is_required) for field in step.form] == [
        ("appraisal", True, True), ("note", False, False), ("pause_document", False, False),
    ]  # fmt: skip
    assert step.form[0].options[0].label == "Đủ điều kiện"
    assert permit.steps["deliver_result"].limit_for("") is None
    assert permit.steps["deliver_result"].is_outside_clock
    assert list(permit.steps)[:2] == ["forward_dossier", "appraise_dossier"]
    assert permit.messages == {"overdue", "due_soon", "withdrawal"}
    assert permit.routing_variables == {"appraisal", "decision"}


def test_a_message_that_nobody_waits_for_is_refused(permit: Definition) -> None:
    advance = RUNNER.start(permit)
    assert RUNNER.waiting_messages(permit, advance.state) == {"overdue", "due_soon", "withdrawal"}
    with pytest.raises(NothingWaits) as refusal:
        RUNNER.throw(permit, advance.state, "paid")
    assert "due_soon, overdue, withdrawal" in refusal.value.message
    gone = RUNNER.throw(permit, advance.state, "withdrawal")
    with pytest.raises(NothingWaits):
        RUNNER.throw(permit, gone.state, "overdue")


def test_a_step_that_somebody_else_closed_is_refused(permit: Definition) -> None:
    advance = RUNNER.start(permit)
    later = RUNNER.complete(permit, advance.state, advance.open_tasks[0].id)
    for task_id in (advance.open_tasks[0].id, "999", "", "x", "-1"):
        with pytest.raises(TaskNotOpen):
            RUNNER.complete(permit, later.state, task_id)


def test_a_call_that_fails_leaves_the_state_as_it_was(permit: Definition) -> None:
    advance = RUNNER.start(permit)
    advance = RUNNER.complete(permit, advance.state, advance.task("forward_dossier").id)
    for _try in range(2):
        with pytest.raises(ConditionFailed) as failure:
            RUNNER.complete(permit, advance.state, advance.task("appraise_dossier").id, {"wrong": 1})
        assert "appraisal" in failure.value.message
        assert "Kết quả?" in failure.value.message
    again = RUNNER.complete(permit, advance.state, advance.task("appraise_dossier").id, {"appraisal": "qualified"})
    assert [task.step.id for task in again.opened] == ["approve_result"]


def test_a_diagram_that_runs_in_circles_is_stopped() -> None:
    text = """
        start > a > s_one > x_again
        x_again > s_one if go == "on"
        x_again > end
    """
    definition = definition_of(read("circle", text))
    advance = RUNNER.start(definition)
    with pytest.raises(StepBudgetExceeded):
        RUNNER.complete(definition, advance.state, advance.task("a").id, {"go": "on"})
    assert RUNNER.complete(definition, advance.state, advance.task("a").id, {"go": "off"}).is_finished
    with pytest.raises(StepBudgetExceeded):
        Runner(step_budget=2).start(definition_of(read("long", "start > s_a > s_b > s_c > s_d > a > end")))


def test_a_dossier_that_is_stuck_is_told_at_once() -> None:
    text = """
        start > a > x_way
        x_way > b if way == "b"
        x_way > p_join
        b > p_join > end
    """
    definition = definition_of(read("stuck", text))
    advance = RUNNER.start(definition)
    with pytest.raises(InstanceStuck):
        RUNNER.complete(definition, advance.state, advance.task("a").id, {"way": "other"})


def test_event_subprocesses_fire_any_number_of_times_anywhere() -> None:
    drawn = shape("events")
    advance = RUNNER.start(drawn.definition, {"again": "no"})
    for step in ("a", "b", "c", "d", "e", "f"):
        for _time in range(3):
            advance = RUNNER.throw(drawn.definition, advance.state, "overdue")
            assert [effect.arguments["message"] for effect in advance.effects] == ["s_apology"]
        advance = RUNNER.throw(drawn.definition, advance.state, "due_soon")
        advance = RUNNER.complete(drawn.definition, advance.state, advance.task(step).id)
    assert [task.step.id for task in advance.open_tasks] == ["explain"] * 6
    assert not advance.is_finished
    for task in advance.open_tasks:
        advance = RUNNER.complete(drawn.definition, advance.state, task.id)
    assert advance.is_finished
    assert advance.end_id == "end"


def test_while_an_interrupting_subprocess_runs_its_scope_starts_nothing_else() -> None:
    drawn = shape("events")
    advance = RUNNER.start(drawn.definition, {"again": "no"})
    advance = RUNNER.throw(drawn.definition, advance.state, "due_soon")
    advance = RUNNER.throw(drawn.definition, advance.state, "withdrawal")
    assert [task.step.id for task in advance.open_tasks] == ["confirm"]
    assert RUNNER.waiting_messages(drawn.definition, advance.state) == set()
    advance = RUNNER.complete(drawn.definition, advance.state, advance.task("confirm").id)
    assert (advance.is_finished, advance.end_id) == (True, "end_withdrawal")


def test_variables_of_a_message_decide_what_follows() -> None:
    text = """
        start > a > end
        on overdue {
            on_overdue_begins > x_who
            x_who > s_leader if who == "leader"
            x_who > s_officer
            s_leader > end_leader
            s_officer > end_officer
        }
    """
    definition = definition_of(read("who", text))
    advance = RUNNER.start(definition)
    advance = RUNNER.throw(definition, advance.state, "overdue", {"who": "leader"})
    assert [effect.element_id for effect in advance.effects] == ["s_leader"]


def test_one_definition_serves_many_threads() -> None:
    def walk(seed: int) -> list[str]:
        one = Walk(shape("events_inside"), seed)
        one.run(25)
        return one.moves

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(walk, range(40)))
    assert together == [walk(seed) for seed in range(40)]


def test_running_never_changes_the_shared_specs() -> None:
    definition = shape("events").definition
    before = {
        (plan.name, name): (tuple(spec._inputs), tuple(spec._outputs))
        for plan in definition.blueprint.plans
        for name, spec in plan.spec.task_specs.items()
    }
    for seed in range(5):
        Walk(shape("events"), seed).run(20)
    after = {
        (plan.name, name): (tuple(spec._inputs), tuple(spec._outputs))
        for plan in definition.blueprint.plans
        for name, spec in plan.spec.task_specs.items()
    }
    assert before == after


def test_a_terminate_end_ends_its_process() -> None:
    definition = _with_terminate()
    advance = RUNNER.start(definition)
    assert {task.step.id for task in advance.open_tasks} == {"a", "b"}
    advance = RUNNER.complete(definition, advance.state, advance.task("a").id)
    assert (advance.is_finished, advance.end_id, len(advance.closed)) == (True, "end_now", 2)


def _with_terminate() -> Definition:
    drawn = bpmn(read("stop", "start > p_split\np_split > a > end_now\np_split > b > end"))
    drawn = drawn.replace(
        'name="Bước end_now">'.encode(), 'name="Bước end_now"><bpmn:terminateEventDefinition/>'.encode()
    )
    return Definition.of("stop", drawn, facts("stop"), {})


def test_what_cannot_run_is_no_definition(tmp_path: Path) -> None:
    broken = tmp_path / "land" / "permit.bpmn"
    broken.parent.mkdir()
    text = (MODELS / "permit.bpmn").read_text(encoding="utf-8")
    broken.write_text(text.replace('targetRef="deliver_result"', 'targetRef="deliver"'), encoding="utf-8")
    with pytest.raises(DefinitionInvalid) as missing:
        Definition.load(broken, MODELS / "shared")
    assert [problem.code for problem in missing.value.problems] == ["facts_missing"]
    (tmp_path / "land" / "permit.yaml").write_bytes((MODELS / "permit.yaml").read_bytes())
    with pytest.raises(DefinitionInvalid) as invalid:
        Definition.load(broken, MODELS / "shared")
    assert "missing_flow_target" in {problem.code for problem in invalid.value.problems}
    assert "dòng" in invalid.value.message
