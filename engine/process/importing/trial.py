"""Running what was imported, to its end: every walk twice, straight and with save and restore between the steps.

Answers are generated: of each choice the answer that was given least so far, so loops end and every branch is taken;
messages are thrown now and then. A walk that gets stuck, or does not end, is a problem of the file.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from random import Random

from engine.domain.errors import MotCuaError
from engine.domain.people import Role
from engine.domain.process import Advance, Effect, FieldType, FormField, OpenTask, Problem, Severity, StepDefinition
from engine.process import expressions
from engine.process.blueprint import Blueprint, build, node_name
from engine.process.checks.soundness import check_soundness
from engine.process.diagram import Diagram, Kind
from engine.process.errors import InstanceStuck
from engine.process.importing.gateways import CHOSEN
from engine.process.problems import report
from engine.process.runner import STEP_BUDGET, Runner
from engine.process.specs import Inclusive, ParallelJoin
from engine.process.tokens import Instance

WALKS = 12
MOVES = 500
_ENOUGH = 4
# How many walks, and open steps in them, may be spent on finding one that passes a join.
_SEARCHES = 60
_SEARCHED = 2_000
# How many open steps may be looked at in all walks before no further walk begins.
_WORK = 10_000
_REF = "0" * 64
_SEED = 20_100_524
_IN_ENGLISH = {
    "step_budget_exceeded": f"more than {STEP_BUDGET} automatic steps without a stop, a loop without a way out",
    "condition_failed": "a condition cannot be worked out",
}
# How often a walk throws a message although a step is open.
_THROW = 0.2
_CALM_AFTER = 60


class Trial:
    """A definition without facts: what the runner needs, and nothing more."""

    def __init__(self, diagrams: Sequence[Diagram], variables: Mapping[str, object] | None = None) -> None:
        """Compile diagrams, the one to run first; raises `BlueprintRefused`. `variables`: what is known at first."""
        self._own = diagrams[0].stem
        self.variables = dict(variables or {})
        self.routing_variables = frozenset(name for condition in _conditions(diagrams) for name in _names(condition))
        self.blueprint: Blueprint = build(_REF, diagrams, self.routing_variables)
        self.steps: Mapping[str, StepDefinition] = {
            node_name(diagram, node.id): StepDefinition(
                id=node.id,
                name=node.name or node.id,
                role=Role.OFFICER,
                unit_kind="",
                lane_name="",
                form=node.step.form,
            )
            for diagram in diagrams
            for node in diagram.nodes
            if node.kind is Kind.USER_TASK and node.step is not None
        }
        self.numbers = sorted({number for condition in _conditions(diagrams) for number in _numbers(condition)})
        self.has_messages = any(node.message for diagram in diagrams for node in diagram.nodes)
        self.nodes = frozenset(node_name(diagram, node.id) for diagram in diagrams for node in diagram.nodes)

    @property
    def own_process(self) -> str:
        """The id of the process that is run."""
        return self._own

    def step_at(self, node: str) -> StepDefinition:
        """Answer the step of a node."""
        return self.steps[node]

    def effects_of(self, node: str) -> tuple[Effect, ...]:
        """Answer nothing: effects are not carried out here."""
        del node
        return ()


def _conditions(diagrams: Sequence[Diagram]) -> Iterator[str]:
    return (flow.condition for diagram in diagrams for flow in diagram.flows if flow.condition)


def _names(condition: str) -> frozenset[str]:
    try:
        return expressions.names_in(condition)
    except expressions.ExpressionRefused:
        return frozenset()


def _numbers(condition: str) -> Iterator[float]:
    try:
        tree = ast.parse(condition.strip(), mode="eval")
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            yield from (node.value - 1, node.value, node.value + 1)


def try_out(diagrams: Sequence[Diagram], process: Diagram) -> Iterator[Problem]:
    """Run a process to its end in many ways; the first walk that fails is told. Raises `BlueprintRefused`."""
    trial = Trial(diagrams)
    unsound = [problem for diagram in diagrams for problem in _unsound(diagram)]
    yield from unsound
    if not unsound:
        yield from walk_through(trial, process, WALKS)


def walk_through(trial: Trial, process: Diagram, walks: int) -> Iterator[Problem]:
    """Walk so many times, or until every node was entered; the first walk that fails is told."""
    walker = _Walker(trial, process.process.id)
    for number in range(walks):
        failure = walker.walk(number)
        if failure is not None:
            yield failure
            return
        if walker.work > _WORK or (number + 1 >= _ENOUGH and walker.seen >= trial.nodes):
            return


def ever_passed(diagrams: Sequence[Diagram], joins: AbstractSet[str]) -> set[str]:
    """Answer which joins are passed in any of some walks, whatever becomes of those walks."""
    trial = Trial(diagrams)
    walker = _Walker(trial)
    sought = {node for node in trial.nodes if node.rpartition("/")[2] in joins}
    for number in range(_SEARCHES):
        failure = walker.walk(number)
        ends = failure is None or failure.code == "walk_stuck"
        if not ends or walker.seen >= sought or walker.work > _SEARCHED:
            break
    return {node.rpartition("/")[2] for node in sought & walker.seen}


def _unsound(diagram: Diagram) -> Iterator[Problem]:
    """Play scopes through whose gateways are decided by persons, each by itself: whatever they choose must end."""
    for scope in diagram.scopes:
        named = {name for flow in scope.flows if flow.condition for name in _names(flow.condition)}
        if all(name.startswith(CHOSEN) for name in named) and all(
            node.kind is not Kind.INCLUSIVE for node in scope.nodes
        ):
            found = check_soundness(replace(diagram, scopes=(scope,)))
            yield from (problem for problem in found if problem.severity is Severity.ERROR)


@dataclass(slots=True)
class _Walker:
    """Walks one process again and again, remembering which answers were given."""

    trial: Trial
    whole: str = ""
    seen: set[str] = field(default_factory=set)
    given: Counter[tuple[str, str]] = field(default_factory=Counter)
    thrown: Counter[str] = field(default_factory=Counter)
    work: int = 0
    random: Random = field(default_factory=lambda: Random(_SEED))  # noqa: S311 - decisions of a test run

    def walk(self, number: int) -> Problem | None:
        """Walk once; answer what went wrong."""
        runner, last = Runner(), ""
        straight = None
        try:
            straight = _Straight(self.trial)
            advance = runner.start(self.trial, self.trial.variables)
            for move in range(MOVES):
                self.seen.update(advance.visited)
                last = advance.visited[-1] if advance.visited else last
                if straight.standing() != _standing(advance):
                    return self._told("walk_differs", last)
                if advance.is_finished:
                    return None
                advance = self._move(runner, straight, advance, calm=move > _CALM_AFTER or not number)
        except InstanceStuck:
            return self._told("walk_stuck", (straight.waiting_join() if straight else "") or last)
        except MotCuaError as error:
            return self._told("walk_failed", last, reason=str(error), reason_en=_IN_ENGLISH.get(error.code, error.code))
        return self._told("walk_endless", last, moves=MOVES)

    def _move(self, runner: Runner, straight: _Straight, advance: Advance, *, calm: bool) -> Advance:
        self.work += len(advance.open_tasks)
        messages = sorted(runner.waiting_messages(self.trial, advance.state)) if self.trial.has_messages else []
        wants = messages and not calm and self.random.random() < _THROW
        if wants or not advance.open_tasks:
            message = min(messages, key=lambda name: (self.thrown[name], self.random.random()))
            self.thrown[message] += 1
            straight.throw(message)
            return runner.throw(self.trial, advance.state, message)
        task = self.random.choice(advance.open_tasks)
        answers = {field.id: self._answer(field) for field in task.step.form}
        straight.complete(task, answers)
        return runner.complete(self.trial, advance.state, task.id, answers)

    def _answer(self, asked: FormField) -> object:
        choices: list[object] = ["chữ"]
        if asked.type is FieldType.CHOICE:
            choices = [option.value for option in asked.options]
        elif asked.type is FieldType.BOOLEAN:
            choices = [True, False]
        elif asked.type is FieldType.NUMBER:
            choices = [*self.trial.numbers, 0, 1]
        elif asked.type is FieldType.DATE:
            choices = ["2026-01-05"]
        answer = min(choices, key=lambda value: (self.given[asked.id, str(value)], self.random.random()))
        self.given[asked.id, str(answer)] += 1
        return answer

    def _told(self, code: str, node: str, **facts: object) -> Problem:
        element = node.rpartition("/")[2] or self.whole
        step = self.trial.steps.get(node)
        return report(code, _Spot(element, step.name if step else ""), line=None, **facts)


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a walk ended."""

    id: str
    name: str
    line: int | None = None


def _standing(advance: Advance) -> tuple[Counter[str], bool]:
    return Counter(task.step.id for task in advance.open_tasks), advance.is_finished


class _Straight:
    """The same walk on one instance that is never saved."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._instance = Instance(trial.blueprint, dict(trial.variables))
        self._instance.open()
        self._instance.advance(STEP_BUDGET)

    def standing(self) -> tuple[Counter[str], bool]:
        """Answer the open steps, and whether it ended."""
        tokens = self._instance.manual_tokens()
        return Counter(self._trial.step_at(token.task_spec.name).id for token in tokens), self._instance.completed

    def complete(self, task: OpenTask, answers: Mapping[str, object]) -> None:
        """Close the same open step."""
        open_now = self._instance.manual_tokens()
        same = [token for token in open_now if self._trial.step_at(token.task_spec.name).id == task.step.id]
        token = next((token for token in same if str(token.id) == task.id), same[0])
        self._keep(answers)
        token.run()
        self._instance.advance(STEP_BUDGET)

    def waiting_join(self) -> str:
        """Answer the node of a join that waits for others, empty if there is none."""
        waiting = (token for scope in self._instance.scopes() for token in scope.open_tokens())
        joins = (token.task_spec.name for token in waiting if isinstance(token.task_spec, Inclusive | ParallelJoin))
        return next(joins, "")

    def throw(self, message: str) -> None:
        """Throw a message."""
        self._instance.deliver(message)
        self._instance.advance(STEP_BUDGET)

    def _keep(self, answers: Mapping[str, object]) -> None:
        kept = {name: value for name, value in answers.items() if name in self._trial.routing_variables}
        self._instance.variables.update(kept)
