"""Walking a procedure before it is published: made-up decisions, straight and with save and restore at every step.

What the drawing alone does not show is found here: a way that waits for ever, a circle that no step ever opens, an
expression that fails, a state that does not survive being written down. A circle is told of even where no walk came by.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.domain.process import Problem, Severity
from engine.process.blueprint import BlueprintRefused
from engine.process.bundle import Bundle
from engine.process.checks.graphs import on_circle
from engine.process.diagram import Diagram, Kind, Node, Scope
from engine.process.importing import trial
from engine.process.problems import report

# All cases together; each is walked once at least.
WALKS = 12
# Where a dossier rests until somebody acts.
_RESTS = frozenset({Kind.USER_TASK, Kind.RECEIVE_TASK, Kind.CATCH})


def check_circles(bundle: Bundle) -> Iterator[Problem]:
    """Find circles on which no dossier ever rests: whoever enters one never leaves, for nothing changes on the way."""
    for scope in bundle.diagram.scopes:
        automatic = {node.id for node in scope.nodes if not _may_rest(bundle, bundle.diagram, node)}
        ways: dict[str, list[str]] = {node: [] for node in automatic}
        for flow in scope.flows:
            if flow.source in automatic and flow.target in automatic:
                ways[flow.source].append(flow.target)
        circle = on_circle(ways)
        first = next((node for node in scope.nodes if node.id in circle), None)
        if first is not None:
            yield report("loop_without_step", first)


def _may_rest(bundle: Bundle, diagram: Diagram, node: Node, chain: tuple[str, ...] = ()) -> bool:
    if node.kind is Kind.SUBPROCESS:
        return _any_rests(bundle, diagram, diagram.scope(node.id), chain)
    if node.kind is not Kind.CALL:
        return node.kind in _RESTS
    called = bundle.called(node.called)
    if called is None or called.stem in chain:
        return True  # what is missing or calls itself is told of elsewhere
    return _any_rests(bundle, called, called.process, (*chain, called.stem))


def _any_rests(bundle: Bundle, diagram: Diagram, scope: Scope, chain: tuple[str, ...]) -> bool:
    return any(_may_rest(bundle, diagram, node, chain) for node in scope.nodes)


def check_walks(bundle: Bundle) -> Iterator[Problem]:
    """Walk every case of a procedure to an end, through each channel in turn; the first failure of a case is told."""
    procedure = bundle.procedure
    if procedure is None:
        return
    channels = sorted(procedure.channels)
    walks = max(1, WALKS // len(procedure.cases))
    try:
        walked = trial.Trial(bundle.diagrams)
    except BlueprintRefused:
        return
    for number, case in enumerate(procedure.cases):
        walked.variables = {"case": case.id, "channel": channels[number % len(channels)].value}
        for problem in trial.walk_through(walked, bundle.diagram, walks):
            yield _placed(bundle, problem)
            if problem.severity is Severity.ERROR:
                return


def _placed(bundle: Bundle, problem: Problem) -> Problem:
    """Name the line of an element of the own diagram."""
    lines = {node.id: node.line for node in bundle.diagram.nodes}
    return replace(problem, line=lines.get(problem.element))
