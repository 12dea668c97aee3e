"""Where a dossier of one case may go: a procedure with the diagrams and subprocesses that it enters, laid out flat."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.process import expressions
from engine.process.bundle import Bundle
from engine.process.diagram import Diagram, Flow, Kind, Node, Scope

MAX_SPOTS = 1_500
_ENTRY, _EXIT = "in", "out"
_CASE = "case"

# A node with the calls that lead to it, and whether a dossier enters or leaves it.
Spot = tuple[str, ...]


@dataclass(slots=True)
class Plan:
    """Everything that a path may pass. `delivers`: where a delivered result is recorded."""

    ways: dict[Spot, list[Spot]] = field(default_factory=dict)
    nodes: dict[Spot, tuple[Diagram, Node]] = field(default_factory=dict)
    steps: dict[Spot, Node] = field(default_factory=dict)
    delivers: set[Spot] = field(default_factory=set)
    start: Spot = ()
    ends: set[Spot] = field(default_factory=set)

    def entry_of(self, spot: Spot) -> Spot:
        """Answer where the node of a spot is entered."""
        return (*spot[:-1], _ENTRY)

    def phases(self) -> set[str]:
        """Answer the phases of the steps."""
        return {node.step.phase for node in self.steps.values() if node.step is not None and node.step.phase}


def lay_out(bundle: Bundle, case_id: str, scope: Scope | None = None) -> Plan:
    """Lay out a procedure, or one scope of its own diagram, that has a start.

    Gateways that ask only for the case are decided.
    """
    planner = _Planner(bundle, case_id)
    planner.plan.start, exits = planner.enter(bundle.diagram, scope or bundle.diagram.process, ())
    planner.plan.ends = set(exits)
    return planner.plan


class _Planner:
    """Adds scopes to a plan, one inside the other."""

    def __init__(self, bundle: Bundle, case_id: str) -> None:
        self.bundle, self.case_id = bundle, case_id
        self.plan = Plan()
        self.chain: list[str] = []

    def enter(self, diagram: Diagram, scope: Scope, prefix: Spot) -> tuple[Spot, list[Spot]]:
        """Add a scope; answer where it is entered and where it is left."""
        nodes = [node for node in scope.nodes if not node.is_event_subprocess]
        for node in nodes:
            self._add(diagram, node, prefix)
        for node in nodes:
            self._connect(scope, node, prefix)
        start = scope.start
        assert start is not None
        exits = [(*prefix, node.id, _EXIT) for node in nodes if node.kind is Kind.END]
        return (*prefix, start.id, _ENTRY), exits

    def _add(self, diagram: Diagram, node: Node, prefix: Spot) -> None:
        into, out = (*prefix, node.id, _ENTRY), (*prefix, node.id, _EXIT)
        ways = self.plan.ways
        ways[into], ways[out] = [], []
        inner = self._inside(diagram, node)
        if inner is None:
            ways[into].append(out)
        else:
            self.chain.append(inner[0].stem)
            entry, exits = self.enter(*inner, (*prefix, node.id))
            self.chain.pop()
            ways[into].append(entry)
            for left in exits:
                ways[left].append(out)
        self.plan.nodes[into] = (diagram, node)
        if node.step is not None:
            self.plan.steps[into] = node
        if any(
            effect.name == "record_outcome" and ("result", "delivered") in effect.arguments for effect in node.effects
        ):
            self.plan.delivers.add(into)

    def _inside(self, diagram: Diagram, node: Node) -> tuple[Diagram, Scope] | None:
        """Answer what a node opens, unless it cannot be entered: broken, in a circle, or too much."""
        if node.kind is Kind.SUBPROCESS:
            inner = diagram.scope(node.id)
        else:
            called = self.bundle.called(node.called) if node.kind is Kind.CALL else None
            if called is None or called.stem in self.chain:
                return None
            diagram, inner = called, called.process
        return (diagram, inner) if inner.start is not None and len(self.plan.ways) <= MAX_SPOTS else None

    def _connect(self, scope: Scope, node: Node, prefix: Spot) -> None:
        for flow in self._open_flows(scope, node):
            if scope.node(flow.target) is not None:
                self.plan.ways[(*prefix, node.id, _EXIT)].append((*prefix, flow.target, _ENTRY))
        if node.kind is Kind.BOUNDARY and node.attached_to and scope.node(node.attached_to) is not None:
            self.plan.ways[(*prefix, node.attached_to, _EXIT)].append((*prefix, node.id, _ENTRY))

    def _open_flows(self, scope: Scope, node: Node) -> Iterable[Flow]:
        leaving = scope.outgoing(node.id)
        if node.kind is not Kind.EXCLUSIVE:
            return leaving
        taken: list[Flow] = []
        for flow in leaving:
            if flow.id == node.default_flow or flow.condition is None:
                continue
            answer = self._decided(flow.condition)
            if answer is not False:
                taken.append(flow)
            if answer:
                return taken
        return [*taken, *(flow for flow in leaving if flow.id == node.default_flow or flow.condition is None)]

    def _decided(self, condition: str) -> bool | None:
        try:
            expression = expressions.parse(condition)
            return expression.is_true({_CASE: self.case_id}) if expression.names == {_CASE} else None
        except (expressions.ExpressionRefused, expressions.ExpressionFailed):
            return None
