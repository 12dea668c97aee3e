"""The main road of a procedure: the work of its own diagram in reading order, and what only happens aside of it.

Loops back are cut, and so are the ways on which the office refuses; what is left leads from the start to the end with
the most work on the way. A step without which that end cannot be reached always comes; another one on the way may
come; everything else lies aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from engine.domain.progress import MainStep, Road
from engine.process.definitions import Definition
from engine.process.diagram import Diagram, Kind, Node
from engine.process.reading import read_diagram

_WORK = frozenset({Kind.USER_TASK, Kind.CALL})
_Graph = Mapping[str, Sequence[str]]


@lru_cache(maxsize=256)
def outline(definition: Definition) -> tuple[MainStep, ...]:
    """The work of the procedure's own diagram in reading order, what lies aside at its place among it."""
    stem = definition.procedure.process
    diagram, _problems = read_diagram(definition.diagrams[stem], stem)
    assert diagram is not None, "a definition was read before"
    return read_outline(diagram)


def read_outline(diagram: Diagram) -> tuple[MainStep, ...]:
    """The outline of one diagram."""
    nodes = {node.id: node for node in diagram.nodes}
    start = diagram.process.start
    graph = _graph(diagram)
    order = _reading_order(graph, start.id if start else "")
    place = {node: number for number, node in enumerate(order)}
    ahead = {node: [after for after in graph[node] if place[after] > place[node]] for node in order}
    kind_of = {node: nodes[node].kind for node in order}
    main = _MainRoad(order, ahead, kind_of, refusing={node.id for node in diagram.nodes if _refuses(node)})
    unreached = [node.id for node in diagram.nodes if node.id not in place]
    return tuple(
        MainStep(
            node,
            nodes[node].name or node,
            main.road_of(node) if node in place else Road.ASIDE,
            _further(node, ahead) if node in place else frozenset(),
        )
        for node in (*order, *unreached)
        if nodes[node].kind in _WORK
    )


def _graph(diagram: Diagram) -> dict[str, list[str]]:
    """What follows what, with embedded subprocesses opened up and boundary events beside their task."""
    graph: dict[str, list[str]] = {node.id: [] for node in diagram.nodes}
    for flow in diagram.flows:
        graph[flow.source].append(flow.target)
    for node in diagram.nodes:
        if node.kind is Kind.BOUNDARY and node.attached_to:
            graph[node.attached_to].append(node.id)
        if node.kind is Kind.SUBPROCESS and not node.is_event_subprocess:
            inner = diagram.scope(node.id)
            ends = [end.id for end in inner.nodes if end.kind is Kind.END]
            for end in ends:
                graph[end] = list(graph[node.id])
            graph[node.id] = [inner.start.id] if inner.start else graph[node.id]
    return graph


def _reading_order(graph: _Graph, start: str) -> list[str]:
    """Every node that can be reached, each before what follows it (loops aside), one branch after the other."""
    finished: list[str] = []
    seen: set[str] = set()
    waiting = [(start, iter(reversed(graph.get(start, ()))))] if start else []
    seen.add(start)
    while waiting:
        node, following = waiting[-1]
        after = next((other for other in following if other not in seen), None)
        if after is None:
            finished.append(node)
            waiting.pop()
        else:
            seen.add(after)
            waiting.append((after, iter(reversed(graph[after]))))
    return finished[::-1]


def _further(node: str, ahead: _Graph) -> frozenset[str]:
    """Everything to which the way leads from a node."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        new = [after for after in ahead[waiting.pop()] if after not in found]
        found.update(new)
        waiting.extend(new)
    return frozenset(found)


def _refuses(node: Node) -> bool:
    """Whether the office says no here."""
    ordered = {(effect.name, *argument) for effect in node.effects for argument in effect.arguments}
    return ("order_letter", "form", "refusal") in ordered


class _MainRoad:
    """Which nodes lie on the way to the end that takes the most work."""

    def __init__(
        self, order: Sequence[str], ahead: _Graph, kind_of: Mapping[str, Kind], refusing: Iterable[str]
    ) -> None:
        self._order = order
        self._kind_of = kind_of
        refused = set(refusing)
        self._ahead = {node: [after for after in ahead[node] if after not in refused] for node in order}
        self._before: dict[str, list[str]] = {node: [] for node in order}
        for node, following in self._ahead.items():
            for after in following:
                self._before[after].append(node)
        self._end = self._farthest_end()
        self._leads_there = self._leading_to_end()

    def road_of(self, node: str) -> Road:
        """How a node lies to the road."""
        if node not in self._leads_there:
            return Road.ASIDE
        return Road.PERHAPS if self._end in self._reached(without=node) else Road.ALWAYS

    def _farthest_end(self) -> str:
        work: dict[str, int] = {}
        for node in self._order:
            so_far = max((work[before] for before in self._before[node] if before in work), default=0)
            if node in self._order[:1] or any(before in work for before in self._before[node]):
                work[node] = so_far + (self._kind_of[node] in _WORK)
        ends = [node for node in work if self._kind_of[node] is Kind.END and not self._ahead[node]]
        return max(ends or list(work), key=lambda node: work[node])

    def _leading_to_end(self) -> set[str]:
        found, waiting = {self._end}, [self._end]
        while waiting:
            for before in self._before[waiting.pop()]:
                if before not in found:
                    found.add(before)
                    waiting.append(before)
        return found

    def _reached(self, without: str) -> set[str]:
        """What can be reached if `without` never ends; a join of parallel branches waits for each of them."""
        found: set[str] = set()
        for node in self._order:
            if node == without:
                continue
            before = [other in found for other in self._before[node]]
            joins = self._kind_of[node] is Kind.PARALLEL
            if node == self._order[0] or (before and (all(before) if joins else any(before))):
                found.add(node)
        return found
