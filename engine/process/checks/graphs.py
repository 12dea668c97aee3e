"""Small graph theory for diagrams: what is reachable, what dominates what, what lies on a circle."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

N = TypeVar("N", bound=Hashable)
Graph = Mapping[N, Iterable[N]]


def reachable(graph: Graph[N], starts: Iterable[N]) -> set[N]:
    """Answer every node that can be reached from `starts`, these included."""
    found, waiting = set(starts), list(starts)
    while waiting:
        for following in graph.get(waiting.pop(), ()):
            if following not in found:
                found.add(following)
                waiting.append(following)
    return found


def reverse(graph: Graph[N]) -> dict[N, list[N]]:
    """Turn every edge around."""
    turned: dict[N, list[N]] = {node: [] for node in graph}
    for node, followers in graph.items():
        for following in followers:
            turned.setdefault(following, []).append(node)
    return turned


def on_circle(graph: Graph[N]) -> set[N]:
    """Answer the nodes from which a way leads back to themselves."""
    return {node for node in graph if node in reachable(graph, graph.get(node, ()))}


def order(graph: Graph[N], start: N) -> list[N]:
    """Answer the reachable nodes so that, but for edges that close a circle, each comes before its followers."""
    done: list[N] = []
    seen = {start}
    stack = [(start, iter(graph.get(start, ())))]
    while stack:
        node, followers = stack[-1]
        following = next((other for other in followers if other not in seen), None)
        if following is None:
            stack.pop()
            done.append(node)
        else:
            seen.add(following)
            stack.append((following, iter(graph.get(following, ()))))
    return done[::-1]


def dominators(graph: Graph[N], start: N) -> dict[N, set[N]]:
    """Answer for every reachable node the nodes that every way from `start` to it must pass, itself included."""
    nodes = order(graph, start)
    before = {node: [other for other in others if other in set(nodes)] for node, others in reverse(graph).items()}
    answer = {node: set(nodes) for node in nodes}
    answer[start] = {start}
    changed = True
    while changed:
        changed = False
        for node in nodes[1:]:
            common = set.intersection(*(answer[other] for other in before[node])) | {node}
            if common != answer[node]:
                answer[node] = common
                changed = True
    return answer


def without_rework(graph: Graph[N], start: N) -> dict[N, list[N]]:
    """Leave out the edges that go back to a node every way has already passed: the rework loops."""
    dominating = dominators(graph, start)
    return {node: [other for other in graph.get(node, ()) if other not in dominating[node]] for node in dominating}
