"""Why the parallel join is ours: stock SpiffWorkflow 3.2.0 fires it early on the second pass of a rework loop.

The same seeds walk the same models through stock, through our engine and through the simulator. If a later version of
SpiffWorkflow makes the first test fail, the correction in `engine.process.specs.ParallelJoin` has done its duty.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.util.task import TaskState

from tests.unit.process.drawing import bpmn, read
from tests.unit.process.shapes import SHAPES
from tests.unit.process.simulator import Simulator
from tests.unit.process.walking import Walk, choices, shape

RUNS = 40
MOVES = 30
IN_LOOPS = ["parallel_in_rework_loop", "nested_parallel"]


def _stock_goes_wrong(name: str, seed: int) -> bool:
    """Walk a model in stock SpiffWorkflow; whether it ever shows other open steps than the simulator."""
    scope, options = read(name, SHAPES[name]), choices(SHAPES[name])
    random = Random(seed)
    parser = BpmnParser()
    parser.add_bpmn_str(bpmn(scope, stock=True))
    workflow, simulator = BpmnWorkflow(parser.get_spec(name)), Simulator(scope)
    workflow.do_engine_steps()
    simulator.start()
    for _move in range(MOVES):
        open_tasks = workflow.get_tasks(state=TaskState.READY, manual=True)
        if Counter(task.task_spec.name for task in open_tasks) != simulator.open_steps():
            return True
        if simulator.is_finished:
            return False
        task = random.choice(open_tasks)
        variables = {variable: random.choice(values) for variable, values in options.items()}
        task.data.update(variables)
        task.run()
        workflow.do_engine_steps()
        simulator.complete(task.task_spec.name, variables)
    return False


@pytest.mark.parametrize("name", IN_LOOPS)
def test_stock_joins_fire_early_in_a_rework_loop(name: str) -> None:
    wrong = sum(_stock_goes_wrong(name, seed) for seed in range(RUNS))
    assert wrong > RUNS // 10, f"stock was wrong in {wrong} of {RUNS} walks"


@pytest.mark.parametrize("name", IN_LOOPS)
def test_ours_never_does_on_the_same_seeds(name: str) -> None:
    for seed in range(RUNS):
        Walk(shape(name), seed).run(MOVES)


def test_stock_is_right_without_a_loop() -> None:
    assert not any(_stock_goes_wrong("parallel_plain", seed) for seed in range(20))
