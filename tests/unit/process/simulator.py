"""What BPMN says about tokens, in a hundred lines that know neither SpiffWorkflow nor our engine: the oracle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.unit.process.drawing import DrawnScope


@dataclass(eq=False)
class Play:
    """One scope that is running. `work`: open user tasks; `waits`: catching events; `joins`: tokens on flows."""

    scope: DrawnScope
    work: list[str] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    joins: Counter[str] = field(default_factory=Counter)
    inner: list[tuple[str, Play]] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return not (self.work or self.waits or self.inner or self.joins.total())


class Simulator:
    """A run of a model; `shared` are the diagrams it may call."""

    def __init__(self, scope: DrawnScope, shared: Mapping[str, DrawnScope] | None = None) -> None:
        self.shared = shared or {}
        self.variables: dict[str, object] = {}
        self.effects: list[str] = []
        self.top = Play(scope)

    def start(self) -> None:
        self._begin(self.top)

    @property
    def is_finished(self) -> bool:
        return self.top.is_over

    def open_steps(self) -> Counter[str]:
        return Counter(task for play in self._plays() for task in play.work)

    def messages(self) -> set[str]:
        caught = {self._message(play, node) for play in self._plays() for node in play.waits}
        return caught | {inner.event for play in self._plays() if self._is_armed(play) for inner in _triggers(play)}

    def complete(self, step: str, variables: Mapping[str, object]) -> None:
        self.variables.update(variables)
        play = next(play for play in self._plays() if step in play.work)
        play.work.remove(step)
        self._unguard(play, step)
        self._leave(play, step)
        self._close()

    def throw(self, message: str, variables: Mapping[str, object]) -> None:
        self.variables.update(variables)
        for play in list(self._plays()):
            for node in [node for node in play.waits if self._message(play, node) == message]:
                self._catch(play, node)
        for play in list(self._plays()):
            for inner in _triggers(play):
                if inner.event == message and self._is_armed(play) and play in list(self._plays()):
                    if inner.interrupts:
                        play.work, play.waits, play.inner = [], [], []
                        play.joins.clear()
                    self._enter(play, inner.id, inner)
        self._close()

    def _plays(self) -> Iterator[Play]:
        waiting = [] if self.top.is_over else [self.top]
        while waiting:
            play = waiting.pop(0)
            yield play
            waiting += [inner for _node, inner in play.inner]

    def _message(self, play: Play, node: str) -> str:
        return play.scope.guards[node][1] if node in play.scope.guards else node.removeprefix("wait_")

    def _is_armed(self, play: Play) -> bool:
        return not any(inner.scope.event and inner.scope.interrupts for _node, inner in play.inner)

    def _catch(self, play: Play, node: str) -> None:
        if node in play.scope.guards:
            holder, _message, interrupts = play.scope.guards[node]
            if interrupts:
                play.work = [task for task in play.work if task != holder]
                play.inner = [(held, inner) for held, inner in play.inner if held != holder]
                self._unguard(play, holder)
        else:
            play.waits.remove(node)
        self._leave(play, node)

    def _unguard(self, play: Play, holder: str) -> None:
        guards = [node for node, (on, _message, _interrupts) in play.scope.guards.items() if on == holder]
        play.waits = [node for node in play.waits if node not in guards]

    def _begin(self, play: Play) -> None:
        scope = play.scope
        self._leave(play, next(node for node in scope.nodes if scope.kind(node) == "startEvent"))

    def _leave(self, play: Play, node: str) -> None:
        for flow in play.scope.outgoing(node):
            self._arrive(play, flow.id, flow.target)

    def _arrive(self, play: Play, flow: str, node: str) -> None:
        scope, kind = play.scope, play.scope.kind(node)
        guards = [guard for guard, (holder, _message, _interrupts) in scope.guards.items() if holder == node]
        play.waits += guards
        if kind == "userTask":
            play.work.append(node)
        elif kind == "intermediateCatchEvent":
            play.waits.append(node)
        elif kind == "serviceTask":
            self.effects.append(node)
            self._leave(play, node)
        elif kind == "exclusiveGateway":
            self._choose(play, node)
        elif kind == "parallelGateway":
            play.joins[flow] += 1
            needed = [incoming.id for incoming in scope.incoming(node)]
            if all(play.joins[incoming] for incoming in needed):
                play.joins -= Counter(needed)
                self._leave(play, node)
        elif kind in {"subProcess", "callActivity"}:
            called = scope.inner.get(node) or self.shared[node.removeprefix("call_")]
            self._enter(play, node, called)

    def _enter(self, play: Play, node: str, scope: DrawnScope) -> None:
        inner = Play(scope)
        play.inner.append((node, inner))
        self._begin(inner)

    def _choose(self, play: Play, node: str) -> None:
        default = None
        for flow in play.scope.outgoing(node):
            if flow.condition is None:
                default = flow
                continue
            name, _, value = flow.condition.partition(" == ")
            if self.variables[name] == value.strip('"'):
                self._arrive(play, flow.id, flow.target)
                return
        assert default is not None
        self._arrive(play, default.id, default.target)

    def _close(self) -> None:
        """Leave every subprocess that has nothing more to do, innermost first."""
        changed = True
        while changed:
            changed = False
            for play in list(self._plays()):
                for node, inner in list(play.inner):
                    if inner.is_over:
                        play.inner.remove((node, inner))
                        self._unguard(play, node)
                        if not inner.scope.event:
                            self._leave(play, node)
                        changed = True


def _triggers(play: Play) -> list[DrawnScope]:
    return [inner for inner in play.scope.inner.values() if inner.event]
