"""The drawing itself: can a token go from the start to an end, whatever is decided on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from engine.domain.process import Problem
from engine.process.checks.graphs import on_circle, reachable, reverse
from engine.process.diagram import SINGLE_EXIT, Diagram, EventKind, Flow, Kind, Node, Scope
from engine.process.problems import Place, report

COMFORTABLE_NODES = 25
_HOLDS_BOUNDARY = frozenset({Kind.USER_TASK, Kind.SUBPROCESS, Kind.CALL, Kind.RECEIVE_TASK})


def check_structure(diagram: Diagram) -> Iterator[Problem]:
    """Check everything that a token meets on its way. Ways are followed only where every flow leads somewhere."""
    yield from check_size(diagram)
    yield from check_ids(diagram)
    for scope in diagram.scopes:
        causes = [*check_flows(diagram, scope), *check_starts_and_ends(scope), *check_boundaries(scope)]
        yield from causes
        if not causes and not _lacks_elements(diagram, scope):
            yield from check_ways(scope)
            yield from check_parallel_loops(scope)


def _lacks_elements(diagram: Diagram, scope: Scope) -> bool:
    """Whether flows of the scope lead to elements that reading refused: what follows from that is not told again."""
    known = {node.id for node in scope.nodes}
    return any(_was_refused(diagram, end) for flow in scope.flows for end in {flow.source, flow.target} - known)


def check_size(diagram: Diagram) -> Iterator[Problem]:
    """Advise to split what people cannot take in."""
    for scope in diagram.scopes:
        if len(scope.nodes) > COMFORTABLE_NODES:
            yield report("diagram_too_big", scope, count=len(scope.nodes), limit=COMFORTABLE_NODES)


def check_ids(diagram: Diagram) -> Iterator[Problem]:
    """Every id of the file is used once."""
    counts = Counter(found for found, _line in diagram.ids)
    told: set[str] = set()
    for found, line in reversed(diagram.ids):
        if counts[found] > 1 and found not in told:
            told.add(found)
            yield report("duplicate_id", Place(found, line=line), found=found, count=counts[found])


def check_flows(diagram: Diagram, scope: Scope) -> Iterator[Problem]:
    """Every flow joins two nodes of its scope that may be joined."""
    nodes = {node.id: node for node in scope.nodes}
    for flow in scope.flows:
        for end, code in ((flow.source, "missing_flow_source"), (flow.target, "missing_flow_target")):
            if end not in nodes and not _was_refused(diagram, end):
                yield report(code, flow, missing=end)
        source, target = nodes.get(flow.source), nodes.get(flow.target)
        if source is not None and (source.kind is Kind.END or source.is_event_subprocess):
            yield _bad_end(flow, source, "loại phần tử này không có luồng ra", "its kind has no outgoing flow")
        if target is not None and (target.kind in {Kind.START, Kind.BOUNDARY} or target.is_event_subprocess):
            yield _bad_end(flow, target, "loại phần tử này không có luồng vào", "its kind has no incoming flow")


def _was_refused(diagram: Diagram, node_id: str) -> bool:
    """Whether the id belongs to an element that reading refused, and told of."""
    is_node = any(node.id == node_id for node in diagram.nodes)
    is_flow = any(flow.id == node_id for flow in diagram.flows)
    return not (is_node or is_flow) and any(found == node_id for found, _line in diagram.ids)


def _bad_end(flow: Flow, node: Node, reason: str, reason_en: str) -> Problem:
    return report("bad_flow_end", node, flow=flow.id, reason=reason, reason_en=reason_en)


def check_starts_and_ends(scope: Scope) -> Iterator[Problem]:
    """One start of the right kind, at least one end."""
    starts = [node for node in scope.nodes if node.kind is Kind.START]
    if len(starts) != 1:
        yield report("several_starts" if starts else "no_start", scope, count=len(starts))
    if not any(node.kind is Kind.END for node in scope.nodes):
        yield report("no_end", scope)
    is_event_subprocess = scope.owner is not None and scope.owner.is_event_subprocess
    for start in starts:
        if is_event_subprocess and start.event is not EventKind.MESSAGE:
            yield report("missing_message", start)
        if not is_event_subprocess and start.event is EventKind.MESSAGE:
            advice, advice_en = "Hãy dùng sự kiện bắt đầu thường.", "Use a plain start event."
            yield report("unsupported_element", start, kind="messageStartEvent", advice=advice, advice_en=advice_en)


def check_boundaries(scope: Scope) -> Iterator[Problem]:
    """A boundary event sits on something that can be interrupted."""
    for node in scope.nodes:
        if node.kind is Kind.BOUNDARY:
            holder = scope.node(node.attached_to or "")
            if holder is None or holder.kind not in _HOLDS_BOUNDARY or holder.is_event_subprocess:
                yield report(
                    "bad_flow_end",
                    node,
                    flow="attachedToRef",
                    reason="không gắn vào bước nào",
                    reason_en="it sits on no step",
                )


def ways(scope: Scope) -> dict[str, list[str]]:
    """Answer where a token may go from each node of a scope; boundary events follow what they sit on."""
    known = {node.id for node in scope.nodes}
    graph: dict[str, list[str]] = {node.id: [] for node in scope.nodes if not node.is_event_subprocess}
    for flow in scope.flows:
        if flow.source in graph and flow.target in known:
            graph[flow.source].append(flow.target)
    for node in scope.nodes:
        if node.kind is Kind.BOUNDARY and node.attached_to in graph:
            graph[node.attached_to].append(node.id)
    return graph


def check_ways(scope: Scope) -> Iterator[Problem]:
    """Everything is reached, and an end is reached from everywhere; tasks do not split."""
    graph = ways(scope)
    start, nodes = scope.start, {node.id: node for node in scope.nodes}
    from_start = reachable(graph, [start.id] if start else [])
    ends = [node.id for node in scope.nodes if node.kind is Kind.END]
    to_end = reachable(reverse(graph), ends)
    for node_id in graph:
        node = nodes[node_id]
        if start is not None and node_id not in from_start:
            yield report("unreachable", node)
        elif ends and node_id not in to_end:
            yield report("dead_end", node)
        leaving = len(scope.outgoing(node_id))
        if node.kind in SINGLE_EXIT and leaving > 1:
            yield report("implicit_split", node, count=leaving)


def check_parallel_loops(scope: Scope) -> Iterator[Problem]:
    """Warn of a parallel block that a rework loop runs through."""
    circle = on_circle(ways(scope))
    for node in scope.nodes:
        if node.kind is Kind.PARALLEL and node.id in circle and len(scope.outgoing(node.id)) > 1:
            yield report("parallel_in_rework_loop", node)
