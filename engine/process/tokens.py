"""An instance while it is being moved: tokens in scopes, without the history that stock SpiffWorkflow keeps.

`Token` is a SpiffWorkflow task that makes its children when it runs (stock predicts whole branches at every step) and
holds no data. Scopes answer questions by scanning their few tokens (stock walks trees with iterators that stop at a
depth of 1,000). After each move `Instance.prune` drops what is finished: what remains is the open tokens, so an
instance that went forty rounds through a loop is as small as one that just began.
"""

# ruff: noqa: SLF001 - the hooks that SpiffWorkflow offers to subclasses have names with an underscore
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.end_event import EndEvent
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.process.errors import StepBudgetExceeded
from engine.process.specs import EventSubprocess, Inclusive, ProcessSpec, SafeEnvironment, SafeScriptEngine, ScopeEnd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.process.blueprint import Blueprint

_ENGINE = SafeScriptEngine(SafeEnvironment())
_OPEN = TaskState.NOT_FINISHED_MASK


class Token(Task):
    """A place in the diagram where an instance stands or has just been. Ids are numbers that are never used twice."""

    def __init__(
        self, workflow: AnyScope, task_spec: Any, parent: Token | None = None, state: int = TaskState.MAYBE
    ) -> None:
        # Stock draws a random UUID and reads the clock for every task; neither is wanted here.
        top = workflow.top_workflow
        top.last_id += 1
        self.place(workflow, task_spec, top.last_id, state)
        if parent is not None:
            self.hang(parent)
            self.came_from = parent.task_spec.name

    def place(self, workflow: AnyScope, task_spec: Any, token_id: int, state: int) -> None:
        """Set every attribute that SpiffWorkflow expects of a task."""
        self.id = token_id
        self.workflow = workflow
        self.task_spec = task_spec
        self.came_from = ""
        self.triggered = False
        self.thread_id = 0
        self.last_state_change = 0.0
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self._parent: int | None = None
        self._children: list[int] = []
        self._state = state
        workflow.tasks[token_id] = self

    def hang(self, parent: Token) -> None:
        """Become a child of `parent`."""
        self._parent = parent.id
        parent._children.append(self.id)

    @property
    def is_open(self) -> bool:
        """Whether the token still is to be dealt with."""
        return bool(self._state & _OPEN)

    def run(self) -> bool | None:
        """Make the children, then run as usual."""
        self.task_spec._predict_hook(self)
        answer: bool | None = super().run()
        return answer

    def _add_child(self, task_spec: Any, state: int = TaskState.MAYBE) -> Token:
        child = Token(self.workflow, task_spec, self, state)
        if state == TaskState.READY:
            child._ready()
        return child

    def _sync_children(self, task_specs: list[Any], state: int = TaskState.MAYBE) -> None:
        if self._state >= TaskState.READY:
            super()._sync_children(task_specs, state)

    def _set_state(self, value: int) -> None:
        self._state = value

    def _inherit_data(self) -> None:
        """Variables belong to the instance."""


class AnyScope:
    """What the process itself and its subprocesses have in common."""

    spec: ProcessSpec
    tasks: dict[int, Token]
    task_tree: Token
    top_workflow: Instance
    completed: bool
    parent_task_id: int | None

    def open(self) -> None:
        """Put the first token on the start."""
        self.task_tree = Token(self, self.spec.start, state=TaskState.FUTURE)
        self.task_tree._ready()

    def open_tokens(self) -> list[Token]:
        """Answer the tokens that are not finished, oldest first."""
        return sorted((token for token in self.tasks.values() if token._state & _OPEN), key=lambda token: token.id)

    def get_tasks(
        self,
        first_task: Token | None = None,
        state: int = TaskState.ANY_MASK,
        spec_name: str | None = None,
        **_others: Any,
    ) -> list[Token]:
        """Scan the scope for tokens; with `first_task`, only that one and what hangs under it."""
        return [
            token
            for token in self.tasks.values()
            if token._state & state
            and (spec_name is None or token.task_spec.name == spec_name)
            and (first_task is None or token is first_task or token.is_descendant_of(first_task))
        ]

    def get_next_task(self, first_task: Token | None = None, **kwargs: Any) -> Token | None:
        """Answer the first that `get_tasks` finds."""
        return next(iter(self.get_tasks(first_task, **kwargs)), None)

    def update_waiting_tasks(self) -> None:
        """Ask the end of the scope again: all else that waits is woken by an arrival or a message."""
        for token in list(self.tasks.values()):
            if token._state == TaskState.WAITING and isinstance(token.task_spec, ScopeEnd):
                token.task_spec._update(token)

    def cancel(self) -> list[Token]:
        """Cancel everything that is open here and below."""
        self.completed = True
        cancelled = self.open_tokens()
        for token in cancelled:
            token.cancel()
        return cancelled

    def is_disarmed(self) -> bool:
        """Whether nothing may start here any more: finished, or an interrupting event subprocess is running."""
        return self.completed or any(
            isinstance(token.task_spec, EventSubprocess) and token.task_spec.is_interrupting
            for token in self.open_tokens()
        )

    def fire(self, trigger: EventSubprocess) -> None:
        """Start an event subprocess; an interrupting one ends all else in the scope first."""
        if trigger.is_interrupting:
            for token in self.open_tokens():
                token.cancel()
        token = self.task_tree._add_child(trigger, TaskState.FUTURE)
        token.triggered = True
        trigger._update(token)

    def _task_completed_notify(self, task: Token) -> None:
        self.top_workflow.note(task)
        if task.task_spec.name == "End":
            self.completed = True
        if self.completed:
            self.completed_event(self)  # type: ignore[attr-defined]
        else:
            self.update_waiting_tasks()

    def prune(self) -> None:
        """Forget what is finished; open tokens hang under the root, or under the boundary events that guard them."""
        root, kept = self.task_tree, set(self._guards())
        tokens = [root, *(t for t in self.tasks.values() if t is not root and (t._state & _OPEN or t in kept))]
        parents = [self._kept_ancestor(token, kept) for token in tokens[1:]]
        self.tasks = {token.id: token for token in tokens}
        for token in tokens:
            token._children = []
        for token, parent in zip(tokens[1:], parents, strict=True):
            token.hang(parent)

    def _kept_ancestor(self, token: Token, kept: set[Token]) -> Token:
        ancestor = token.parent
        while ancestor is not None and ancestor is not self.task_tree and ancestor not in kept:
            if ancestor._state & _OPEN:
                break
            ancestor = ancestor.parent
        return self.task_tree if ancestor is None else ancestor

    def _guards(self) -> Iterator[Token]:
        """Find the finished tokens that boundary events still need: open splits and what hangs directly under them."""
        splits = [t for t in self.tasks.values() if isinstance(t.task_spec, BoundaryEventSplit)]
        if not splits:
            return
        joins = [t for t in self.tasks.values() if isinstance(t.task_spec, BoundaryEventJoin) and not t.is_open]
        closed = {join.find_ancestor(join.task_spec.split_task) for join in joins}
        for split in splits:
            if split not in closed and any(child.is_open for child in split.children):
                yield split
                yield from split.children


class SubScope(AnyScope, BpmnSubWorkflow):
    """A subprocess or a called diagram that is running."""


class Instance(AnyScope, BpmnWorkflow):
    """A running procedure: its variables, its scopes, and what happened in the present call."""

    def __init__(self, blueprint: Blueprint, variables: dict[str, object], last_id: int = 0) -> None:
        super().__init__(blueprint.root, blueprint.subprocesses, script_engine=_ENGINE, deserializing=True)
        self.blueprint = blueprint
        self.variables = variables
        self.last_id = last_id
        self.ended_at: str | None = None
        self.effects: list[str] = []
        self.visited: list[str] = []
        self.thrown: list[str] = []

    def scopes(self) -> list[AnyScope]:
        """Answer every scope that is running, the process itself first."""
        return [self, *(scope for scope in self.subprocesses.values() if not scope.completed)]

    def create_subprocess(self, my_task: Token, spec_name: str) -> SubScope:
        """Open the scope of a subprocess or call for its token."""
        scope = SubScope(self.subprocess_specs[spec_name], my_task.id, self, deserializing=True)
        scope.open()
        self.subprocesses[my_task.id] = scope
        return scope

    def restore_subprocess(self, my_task: Token, spec: ProcessSpec) -> SubScope:
        """Answer an empty scope for a token that was saved while its subprocess was running."""
        scope = SubScope(spec, my_task.id, self, deserializing=True)
        scope.completed_event.connect(my_task.task_spec._on_subworkflow_completed, my_task)
        self.subprocesses[my_task.id] = scope
        return scope

    def advance(self, budget: int) -> None:
        """Run everything that needs no person, oldest token first; raises `StepBudgetExceeded` after `budget`."""
        left = budget
        while (ready := self._automatic()) or self._join_inclusive():
            for token in ready:
                if token._state != TaskState.READY:
                    continue
                if not left:
                    raise StepBudgetExceeded(budget=budget, element=token.task_spec.bpmn_name or token.task_spec.name)
                left -= 1
                token.run()
                while self.thrown:
                    self.deliver(self.thrown.pop(0))

    def _join_inclusive(self) -> bool:
        """When nothing else moves, let one inclusive gateway go on that waits for nobody; False if there is none."""
        for scope in self.scopes():
            if not scope.spec.has_inclusive:
                continue
            for spec in dict.fromkeys(token.task_spec for token in scope.open_tokens()):
                tokens = spec.arrived(scope) if isinstance(spec, Inclusive) else []
                if tokens:
                    tokens[0].triggered = True
                    spec._update(tokens[0])
                    for token in tokens[1:]:
                        token.cancel()
                    return True
        return False

    def _automatic(self) -> list[Token]:
        found = [
            token
            for scope in self.scopes()
            for token in scope.tasks.values()
            if token._state == TaskState.READY and not token.task_spec.manual
        ]
        return sorted(found, key=lambda token: token.id)

    def manual_tokens(self) -> list[Token]:
        """Answer the tokens that wait for a person, oldest first."""
        found = [
            token
            for scope in self.scopes()
            for token in scope.tasks.values()
            if token._state == TaskState.READY and token.task_spec.manual
        ]
        return sorted(found, key=lambda token: token.id)

    def catching_tokens(self) -> list[Token]:
        """Answer the tokens that wait for a message, oldest first."""
        found = [
            token
            for scope in self.scopes()
            for token in scope.tasks.values()
            if token._state == TaskState.WAITING and isinstance(token.task_spec, CatchingEvent)
        ]
        return sorted(found, key=lambda token: token.id)

    def waiting_messages(self) -> frozenset[str]:
        """Answer the names of the messages that something waits for."""
        caught = {token.task_spec.event_definition.name for token in self.catching_tokens()}
        triggers = {name for scope in self.scopes() if not scope.is_disarmed() for name in scope.spec.triggers}
        return frozenset(caught | triggers)

    def deliver(self, message: str) -> None:
        """Give a message to every token and event subprocess that waits for it."""
        event = BpmnEvent(MessageEventDefinition(message), payload={})
        for token in self.catching_tokens():
            if token._state == TaskState.WAITING and token.task_spec.event_definition.name == message:
                self._keep_guard(token)
                token.task_spec.catch(token, event)
                token.task_spec._update(token)
        for scope in self.scopes():
            trigger = scope.spec.triggers.get(message)
            if trigger is not None and not scope.is_disarmed():
                scope.fire(trigger)

    def _keep_guard(self, token: Token) -> None:
        """A boundary event that does not interrupt goes on watching (stock lets it fire once)."""
        if isinstance(token.task_spec, BoundaryEvent) and not token.task_spec.cancel_activity and token.parent:
            token.parent._add_child(token.task_spec, TaskState.WAITING)

    def note(self, token: Token) -> None:
        """Remember that a token passed its node, and where the instance came to an end."""
        spec = token.task_spec
        if getattr(spec, "bpmn_id", None) is None:
            return
        self.visited.append(spec.name)
        if spec.name in token.workflow.spec.throws:
            self.thrown.append(token.workflow.spec.throws[spec.name])
        if isinstance(spec, EndEvent) and self._ends_the_process(token.workflow):
            self.ended_at = spec.name

    def _ends_the_process(self, scope: AnyScope) -> bool:
        if scope is self:
            return True
        holder = self.tasks.get(scope.parent_task_id) if scope.parent_task_id is not None else None
        spec = holder.task_spec if holder is not None else None
        return isinstance(spec, EventSubprocess) and spec.is_interrupting

    def settle(self) -> None:
        """Forget everything that is finished, in every scope."""
        self.prune()
        alive: dict[int, SubScope] = {}
        waiting: list[AnyScope] = [self]
        while waiting:
            scope = waiting.pop(0)
            for token_id in scope.tasks:
                inner = self.subprocesses.get(token_id)
                if inner is not None and not inner.completed:
                    inner.prune()
                    alive[token_id] = inner
                    waiting.append(inner)
        self.subprocesses: dict[int, SubScope] = alive

    def path_of(self, scope: AnyScope) -> Iterable[str]:
        """Name the nodes that hold a scope, outermost first."""
        path: list[str] = []
        while scope.parent_task_id is not None:
            holder = self.get_task_from_id(scope.parent_task_id)
            path.append(holder.task_spec.name)
            scope = holder.workflow
        return reversed(path)
