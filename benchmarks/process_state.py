"""What one step of a procedure costs: load the state, complete a step, save the state. Ours and stock SpiffWorkflow.

One process, one model, the same moves, the variants in turn: trust the ratios, not the microseconds. Stock is its own
serializer (JSON with the spec inside), once with routing variables alone and once with what forms hold. CPU time of
this process, median over the steps.

    .venv/bin/python benchmarks/process_state.py [rounds]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent))

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

from engine.process import state as codec
from engine.process.definitions import Definition
from engine.process.runner import Runner

ROUNDS = 60
# A supplement loop, parallel opinions in a subprocess, a rework loop: what a dossier usually goes through.
MOVES = [
    ("check", {"complete": "no"}), ("supplement", {}), ("check", {"complete": "yes"}), ("appraise", {}),
    ("planning", {}), ("commune", {}), ("approve", {"decision": "return"}), ("appraise", {}), ("planning", {}),
    ("commune", {}), ("approve", {"decision": "approve"}), ("deliver", {}),
]  # fmt: skip
FORM = {f"field_{number}": f"Nội dung người thụ lý đã điền vào ô số {number}" for number in range(30)}

_STEP = '<bpmn:extensionElements><motcua:step limit="1" phase="only"/></bpmn:extensionElements>'
_TASKS = ("check", "supplement", "appraise", "approve", "deliver")
_FLOWS = [
    ("start", "check", ""), ("check", "x_complete", ""), ("x_complete", "supplement", 'complete == "no"'),
    ("x_complete", "appraise", "default"), ("supplement", "check", ""), ("appraise", "opinions", ""),
    ("opinions", "approve", ""), ("approve", "x_decision", ""), ("x_decision", "appraise", 'decision == "return"'),
    ("x_decision", "deliver", "default"), ("deliver", "end", ""),
]  # fmt: skip
_INNER = [
    ("begin", "p_split"), ("p_split", "planning"), ("p_split", "commune"), ("planning", "p_join"),
    ("commune", "p_join"), ("p_join", "finish"),
]  # fmt: skip


def _flow(source: str, target: str, condition: str = "") -> str:
    inside = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if "==" in condition else ""
    ends = f'sourceRef="{source}" targetRef="{target}"'
    return f'<bpmn:sequenceFlow id="{source}_{target}" {ends}>{inside}</bpmn:sequenceFlow>'


def _task(name: str) -> str:
    return f'<bpmn:userTask id="{name}" name="Bước {name}">{_STEP}</bpmn:userTask>'


def model() -> bytes:
    """Write the model."""
    members = "".join(f"<bpmn:flowNodeRef>{name}</bpmn:flowNodeRef>" for name in (*_TASKS, "opinions"))
    return f"""<bpmn:definitions
 xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:motcua="urn:motcua:bpmn:1">
<bpmn:process id="bench" name="Đo" isExecutable="true"><bpmn:laneSet id="lanes"><bpmn:lane id="lane" name="Chuyên viên">
<bpmn:extensionElements><motcua:actor role="officer" unit="deciding"/></bpmn:extensionElements>{members}</bpmn:lane>
</bpmn:laneSet><bpmn:startEvent id="start"/>{"".join(map(_task, _TASKS))}
<bpmn:exclusiveGateway id="x_complete" default="x_complete_appraise"/>
<bpmn:exclusiveGateway id="x_decision" default="x_decision_deliver"/>
<bpmn:subProcess id="opinions"><bpmn:startEvent id="begin"/><bpmn:parallelGateway id="p_split"/>{_task("planning")}
{_task("commune")}<bpmn:parallelGateway id="p_join"/><bpmn:endEvent id="finish"/>
{"".join(_flow(*flow) for flow in _INNER)}</bpmn:subProcess><bpmn:endEvent id="end"/>
{"".join(_flow(*flow) for flow in _FLOWS)}</bpmn:process></bpmn:definitions>""".encode()


_FACTS = b"""{code: "9.bench", name: Bench, process: bench, version: "1", sector: x, sector_name: x, result: x,
deciding_unit: department, channels: [in_person], legal_basis: [x], items: [{id: a, name: x}],
cases: [{id: a, name: x, phases: [{name: only, label: x, limit: 7, unit: working_days}]}]}"""


@dataclass
class Figures:
    """What one variant took: microseconds a step for each part, bytes of each state."""

    load: list[float] = field(default_factory=list)
    step: list[float] = field(default_factory=list)
    save: list[float] = field(default_factory=list)
    size: list[int] = field(default_factory=list)

    @property
    def total(self) -> float:
        return median(self.load) + median(self.step) + median(self.save)


def timed(into: list[float], work: Callable[[], object]) -> object:
    """Do some work and note its CPU time in microseconds."""
    began = time.process_time_ns()
    answer = work()
    into.append((time.process_time_ns() - began) / 1000)
    return answer


def run_ours(definition: Definition, figures: Figures) -> None:
    """Walk once through our door; the parts of `Runner.complete` are timed one by one."""
    runner = Runner()
    state = runner.start(definition, FORM).state
    for step, variables in MOVES:
        figures.size.append(len(state))
        instance = timed(figures.load, lambda state=state: codec.decode(definition.blueprint, state))
        token = next(token for token in instance.manual_tokens() if token.task_spec.name == f"bench/{step}")

        def complete(instance=instance, token=token, variables=variables) -> None:
            instance.variables.update(variables)
            token.run()
            instance.advance(500)
            instance.settle()

        timed(figures.step, complete)
        state = timed(figures.save, lambda instance=instance: codec.encode(instance))
    assert runner.open_tasks(definition, state) == ()


def run_stock(figures: Figures, form: dict[str, str]) -> None:
    """Walk once through stock SpiffWorkflow with its own serializer."""
    parser = BpmnParser()
    parser.add_bpmn_str(model())
    spec, inner = parser.get_spec("bench"), parser.get_subprocess_specs("bench")
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
    workflow = BpmnWorkflow(spec, inner)
    workflow.do_engine_steps()

    saved = serializer.serialize_json(workflow)
    for step, variables in MOVES:
        figures.size.append(len(saved.encode()))
        workflow = timed(figures.load, lambda saved=saved: serializer.deserialize_json(saved))
        task = next(t for t in workflow.get_tasks(state=TaskState.READY, manual=True) if t.task_spec.name == step)

        def complete(workflow=workflow, task=task, variables=variables) -> None:
            task.data.update({**form, **variables})
            task.run()
            workflow.do_engine_steps()

        timed(figures.step, complete)
        saved = timed(figures.save, lambda workflow=workflow: serializer.serialize_json(workflow))
    assert workflow.is_completed()


def main(rounds: int) -> None:
    """Run every variant in turn and print the table."""
    definition = Definition.of("bench", model(), _FACTS, {})
    variants: dict[str, tuple[Figures, Callable[[Figures], None]]] = {
        "ours": (Figures(), lambda figures: run_ours(definition, figures)),
        "stock, routing variables": (Figures(), lambda figures: run_stock(figures, {})),
        "stock, forms in task data": (Figures(), lambda figures: run_stock(figures, FORM)),
    }
    for _round in range(rounds):
        for figures, run in variants.values():
            run(figures)
    ours = variants["ours"][0]
    print(f"{'':27}{'load':>9}{'step':>9}{'save':>9}{'all µs':>9}{'ratio':>8}{'bytes':>9}{'ratio':>8}")
    for name, (figures, _run) in variants.items():
        size = median(figures.size)
        print(
            f"{name:27}{median(figures.load):9.0f}{median(figures.step):9.0f}{median(figures.save):9.0f}"
            f"{figures.total:9.0f}{figures.total / ours.total:7.1f}x{size:9.0f}{size / median(ours.size):7.0f}x"
        )
    print(f"{rounds} rounds of {len(MOVES)} steps, interleaved; medians of CPU time")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
