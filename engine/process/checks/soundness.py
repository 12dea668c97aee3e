"""Playing a scope through: every marking its tokens can reach, whatever gateways decide.

Only scopes with parallel gateways need it. A marking from which nothing can move, with tokens left at a join, is a
dossier that is stuck; a flow with two tokens at once is work that is done twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.domain.process import Problem
from engine.process.diagram import Diagram, EventKind, Kind, Node, Scope
from engine.process.problems import report

MAX_MARKINGS = 4_000

Marking = tuple[str, ...]


def check_soundness(diagram: Diagram) -> Iterator[Problem]:
    """Check the scopes of a diagram that run branches side by side."""
    for scope in diagram.scopes:
        if scope.start is not None and any(node.kind is Kind.PARALLEL for node in scope.nodes):
            yield from _Game(scope).play()


class _Game:
    """A scope as a game of tokens on flows."""

    def __init__(self, scope: Scope) -> None:
        known = {node.id for node in scope.nodes}
        self.scope = scope
        self.incoming = {node.id: [f.id for f in scope.incoming(node.id) if f.source in known] for node in scope.nodes}
        self.outgoing = {node.id: [f.id for f in scope.outgoing(node.id) if f.target in known] for node in scope.nodes}
        self.boundaries: dict[str, list[Node]] = {}
        for node in scope.nodes:
            if node.kind is Kind.BOUNDARY and node.attached_to:
                self.boundaries.setdefault(node.attached_to, []).append(node)

    def play(self) -> Iterator[Problem]:
        """Visit every marking; tell of each stuck join and each doubled way once."""
        start = self.scope.start
        assert start is not None
        first = tuple(self.outgoing[start.id])
        seen, waiting = {first}, [first]
        stuck: dict[str, Node] = {}
        doubled: dict[str, Node] = {}
        while waiting and len(seen) <= MAX_MARKINGS:
            marking = waiting.pop()
            twice = {flow for flow in marking if marking.count(flow) > 1}
            if twice:
                doubled |= {node.id: node for node in self._targets(twice)}
                continue
            following = {tuple(sorted(after)) for after in self._moves(marking)}
            if not following and marking:
                stuck |= {node.id: node for node in self._targets(set(marking))}
            waiting += following - seen
            seen |= following
        yield from (report("join_may_wait_forever", node) for node in stuck.values())
        yield from (report("branch_runs_twice", node) for node in doubled.values())

    def _targets(self, flows: set[str]) -> Iterator[Node]:
        return (node for node in self.scope.nodes if flows & set(self.incoming[node.id]))

    def _moves(self, marking: Marking) -> Iterator[list[str]]:
        for node in self.scope.nodes:
            arrived = [flow for flow in self.incoming[node.id] if flow in marking]
            if not arrived:
                continue
            if node.kind is Kind.PARALLEL:
                if len(arrived) == len(self.incoming[node.id]):
                    yield _without(marking, arrived) + self.outgoing[node.id]
                continue
            for flow in arrived:
                left = _without(marking, [flow])
                yield from ([*left, *leaving] for leaving in self._ways_out(node))
                if node.kind is Kind.END and node.event is EventKind.TERMINATE:
                    yield []

    def _ways_out(self, node: Node) -> Iterator[list[str]]:
        leaving = self.outgoing[node.id]
        if node.kind is Kind.EXCLUSIVE:
            yield from ([flow] for flow in leaving)
            return
        yield leaving
        for boundary in self.boundaries.get(node.id, ()):
            aside = self.outgoing[boundary.id]
            yield aside if boundary.is_interrupting else [*leaving, *aside]


def _without(marking: Marking, taken: list[str]) -> list[str]:
    left = list(marking)
    for flow in taken:
        left.remove(flow)
    return left
