"""Our kinds of SpiffWorkflow task specs: what differs from stock 3.2.0, and why.

* Variables belong to the instance, not to tasks: nothing is copied along the tree (stock copies all data at every
  task, and what a parallel branch or an event subprocess sees depends on where it hangs).
* `ParallelJoin` counts tokens a flow. Stock counts joins that an earlier pass of a rework loop has cancelled, and
  fires early on the second pass.
* `EventSubprocess` may start any number of times, or interrupt its scope. Stock ignores `isInterrupting` and writes
  into the shared spec when it starts one.
* `Inclusive` joins what can still come, by the rule of BPMN 2.0 (13.4.4); stock takes it up to one token a flow and
  predicts.
* `EffectTask` notes that it was reached; nothing is executed here.
"""

# ruff: noqa: SLF001 - the hooks that SpiffWorkflow offers to subclasses have names with an underscore
from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NoReturn

from SpiffWorkflow.bpmn.script_engine import BasePythonScriptEngineEnvironment, PythonScriptEngine
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import SimpleBpmnTask, _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import (
    CallActivity,
    ExclusiveGateway,
    InclusiveGateway,
    ParallelGateway,
    SubWorkflowTask,
)
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.util.task import TaskState

from engine.process import expressions
from engine.process.errors import ConditionFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.process.tokens import AnyScope, SubScope, Token


class SafeEnvironment(BasePythonScriptEngineEnvironment):
    """The environment of the script engine: conditions in our small language, scripts and services never."""

    def evaluate(self, expression: str, context: Mapping[str, object], external_context: object = None) -> bool:
        """Work out a condition; raises `expressions.ExpressionFailed` or `ExpressionRefused`."""
        del external_context
        return expressions.parse(expression).is_true(context)

    def execute(self, script: str, context: object, external_context: object = None) -> NoReturn:
        """Refuse: a diagram is content, not code."""
        raise NotImplementedError(script)  # what the base class asks for, and what we never do: the checks refuse it

    def call_service(self, context: object, **kwargs: object) -> NoReturn:
        """Refuse: service tasks only order effects."""
        raise NotImplementedError  # the same


class SafeScriptEngine(PythonScriptEngine):
    """SpiffWorkflow's script engine over the variables of the instance; a failure names expression and element."""

    def evaluate(self, task: Token, expression: str, external_context: object = None) -> bool:
        """Work out a condition at a gateway; raises `ConditionFailed`."""
        del external_context
        try:
            return bool(self.environment.evaluate(expression, task.workflow.top_workflow.variables))
        except (expressions.ExpressionFailed, expressions.ExpressionRefused) as error:
            name = task.task_spec.bpmn_name or task.task_spec.name
            raise ConditionFailed(expression=expression, element=name, reason=error.reason) from error


class ProcessSpec(BpmnProcessSpec):
    """The spec of a scope. `triggers`: the event subprocesses that wait in it, by the name of their message.

    `throws`: the messages that its nodes throw into the instance. `has_inclusive`: an inclusive gateway joins in it.
    """

    def __init__(self, name: str, description: str = "", filename: str | None = None) -> None:
        super().__init__(name=name, description=description, filename=filename)
        stock_end: Any = self.end
        del self.task_specs[stock_end.name], self.task_specs["End"]
        self.end: ScopeEnd = ScopeEnd(self, f"{name}.EndJoin")
        self.end.connect(SimpleBpmnTask(self, "End"))
        self.triggers: dict[str, EventSubprocess] = {}
        self.throws: dict[str, str] = {}
        self.has_inclusive = False


class ScopeEnd(_EndJoin):
    """Waits until nothing else is open in its scope. Stock walks the tree and gives up at a depth of 1,000."""

    def _check_threshold_unstructured(self, my_task: Token) -> bool:
        return not any(
            other._state & TaskState.NOT_FINISHED_MASK and other.task_spec is not self
            for other in my_task.workflow.tasks.values()
        )

    def _run_hook(self, _my_task: Token) -> bool:
        return True


class EffectTask(BpmnSpecMixin):
    """A service task: notes that its effects are due, in the order in which tokens reach them."""

    def _run_hook(self, my_task: Token) -> bool:
        my_task.workflow.top_workflow.effects.append(self.name)
        return True


class Choice(ExclusiveGateway):
    """An exclusive gateway. Its children appear when it decides, not before."""

    def _predict_hook(self, my_task: Token) -> None:
        """Predict nothing: the way is not known yet."""


class ParallelJoin(ParallelGateway):
    """A parallel gateway that takes exactly one token from each incoming flow, whatever happened in earlier passes.

    Every arrival waits as a token of its own that knows where it came from. The arrival that completes the set goes
    on; the others are consumed. Tokens in excess stay, as BPMN 2.0 asks.
    """

    def _update_hook(self, my_task: Token) -> bool:
        needed: Counter[str] = Counter(self._inputs)
        taken = []
        for token in [my_task, *self._waiting_beside(my_task)]:
            if needed[token.came_from] > 0:
                needed[token.came_from] -= 1
                taken.append(token)
        if needed.total():
            my_task._set_state(TaskState.WAITING)
            return False
        for token in taken[1:]:
            token.cancel()
        return True

    def _waiting_beside(self, my_task: Token) -> list[Token]:
        tokens = my_task.workflow.tasks.values()
        found = [t for t in tokens if t.task_spec is self and t._state == TaskState.WAITING and t is not my_task]
        return sorted(found, key=lambda token: token.id)

    def _run_hook(self, _my_task: Token) -> bool:
        return True


class Inclusive(InclusiveGateway):
    """An inclusive gateway: splits into every branch whose condition holds, joins every branch that can still come.

    An arrival waits until nothing else moves in the instance; then `arrived` says which arrivals may go on.
    """

    def _predict_hook(self, my_task: Token) -> None:
        """Predict nothing: the ways are not known yet."""

    def _update_hook(self, my_task: Token) -> bool:
        if my_task.triggered or len(self._inputs) == 1:
            return True
        my_task._set_state(TaskState.WAITING)
        return False

    def arrived(self, scope: AnyScope) -> list[Token]:
        """Answer the waiting tokens to take, one of each flow; none while another token can still reach an empty flow.

        A token that can as well reach a flow that has its token already is not waited for (BPMN 2.0, 13.4.4).
        """
        taken: dict[str, Token] = {}
        others: set[str] = set()
        for token in scope.open_tokens():
            if token.task_spec is self and token._state == TaskState.WAITING:
                taken.setdefault(token.came_from, token)
            elif token.task_spec is not self:
                others.add(token.task_spec.name)
        coming = {name for name in self._inputs if name not in taken and others & self._before(name)}
        near = frozenset[str]().union(*(self._before(name) for name in taken))
        if any((others & self._before(name)) - near for name in coming):
            return []
        return list(taken.values())

    def _before(self, name: str) -> frozenset[str]:
        """Answer the nodes from which a way leads to the incoming flow of `name` without passing this gateway."""
        known: dict[str, frozenset[str]] = self.__dict__.setdefault("_known_before", {})
        if name not in known:
            found, waiting = {name}, [name]
            while waiting:
                for before in self._wf_spec.task_specs[waiting.pop()]._inputs:
                    if before not in found and before != self.name:
                        found.add(before)
                        waiting.append(before)
            known[name] = frozenset(found - {self.name})
        return known[name]

    def _run_hook(self, my_task: Token) -> bool:
        matches, defaults = self._get_matching_outputs(my_task)
        chosen = matches or defaults
        if not chosen:
            name = self.bpmn_name or self.name
            raise ConditionFailed(expression="inclusiveGateway", element=name, reason="không nhánh nào được chọn")
        my_task._sync_children(chosen, TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


class _WithoutData:
    """Variables belong to the instance: nothing is copied into a subprocess or back."""

    def copy_data(self, _my_task: Token, _subworkflow: SubScope) -> None:
        """Copy nothing in."""

    def update_data(self, _my_task: Token, _subworkflow: SubScope) -> None:
        """Copy nothing out."""


class Subprocess(_WithoutData, SubWorkflowTask):
    """An embedded subprocess."""


class Call(_WithoutData, CallActivity):
    """A call of a shared diagram."""


class EventSubprocess(_WithoutData, SubWorkflowTask):
    """An event subprocess. It is no output of its scope's start: a message hangs a new token under the root.

    An interrupting one leads to the end of the scope, since the way that it interrupted never gets there.
    """

    message: str
    is_interrupting: bool

    def attach(self, spec: ProcessSpec, message: str, *, is_interrupting: bool) -> None:
        """Make `spec` start this subprocess on `message`."""
        self.message = message
        self.is_interrupting = is_interrupting
        self._inputs = [spec.start.name]
        if is_interrupting:
            self.connect(spec.end)
        spec.triggers[message] = self
