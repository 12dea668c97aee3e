"""Is every value that a gateway reads given on every way to it? If not, a dossier stands still at that gateway.

A value counts as given by a step whose form requires it, or asks for yes or no. Ways enter called diagrams and
subprocesses; where parallel branches join, what either of them gave is known; an interrupted step has given nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.domain.process import FieldType, Problem
from engine.process import expressions
from engine.process.bundle import Bundle
from engine.process.checks.graphs import order, reverse
from engine.process.checks.paths import MAX_SPOTS, Plan, Spot, lay_out
from engine.process.diagram import Kind, Node, Scope
from engine.process.problems import report
from engine.process.vocabulary import VARIABLES, listed


def check_values(bundle: Bundle) -> Iterator[Problem]:
    """Check every gateway that a procedure can reach, also those of event subprocesses, which begin knowing nothing."""
    if bundle.procedure is None:
        return
    process = bundle.diagram.process
    handlers = [scope for scope in bundle.diagram.scopes if scope.owner is not None and scope.owner.is_event_subprocess]
    for case in bundle.procedure.cases:
        for scope in (process, *handlers):
            if scope.start is not None:
                plan = lay_out(bundle, case.id, scope)
                if len(plan.ways) <= MAX_SPOTS:
                    yield from _check_plan(bundle, plan)


def _check_plan(bundle: Bundle, plan: Plan) -> Iterator[Problem]:
    known = _known_before(plan)
    for spot, (diagram, node) in plan.nodes.items():
        if node.kind is not Kind.EXCLUSIVE or spot not in known:
            continue
        for name in sorted(_read_at(diagram.scope(node.scope), node) - known[spot]):
            askers = _askers(bundle, name)
            if askers:
                place = bundle.place(diagram, node)
                yield report("variable_may_be_missing", place, variable=name, asked=listed(askers))


def _askers(bundle: Bundle, name: str) -> set[str]:
    """Answer the steps whose form asks for a value; without any, `check_variables` has told already."""
    nodes = [node for diagram in bundle.diagrams for node in diagram.nodes if node.step is not None]
    return {node.id for node in nodes if node.step and any(field.id == name for field in node.step.form)}


def _known_before(plan: Plan) -> dict[Spot, frozenset[str]]:
    """Answer for every spot that can be reached what is known whenever a dossier comes to it."""
    spots = order(plan.ways, plan.start)
    reached = set(spots)
    before = {spot: [other for other in others if other in reached] for spot, others in reverse(plan.ways).items()}
    everything = frozenset(name for node in plan.steps.values() for name in _given_by(node)) | VARIABLES
    known = dict.fromkeys(spots, everything)
    known[plan.start] = frozenset(VARIABLES)
    changed = True
    while changed:
        changed = False
        for spot in spots[1:]:
            found = _joined(plan, spot, [_after(plan, known, other, spot) for other in before[spot]])
            if found != known[spot]:
                known[spot] = found
                changed = True
    return known


def _joined(plan: Plan, spot: Spot, arriving: Iterable[frozenset[str]]) -> frozenset[str]:
    held = plan.nodes.get(spot)
    if held is not None and held[1].kind is Kind.PARALLEL:
        return frozenset[str]().union(*arriving)
    return frozenset.intersection(*arriving)


def _after(plan: Plan, known: dict[Spot, frozenset[str]], spot: Spot, following: Spot) -> frozenset[str]:
    """Answer what is known when a dossier goes from one spot to the next."""
    held = plan.nodes.get(following)
    if held is not None and held[1].kind is Kind.BOUNDARY:
        # It leaves in the middle of the step: only what was known when the step began.
        return known.get(plan.entry_of(spot), frozenset())
    step = plan.steps.get(spot)
    return known[spot] if step is None else known[spot] | _given_by(step)


def _given_by(node: Node) -> frozenset[str]:
    form = node.step.form if node.step is not None else ()
    return frozenset(field.id for field in form if field.is_required or field.type is FieldType.BOOLEAN)


def _read_at(scope: Scope, gateway: Node) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for flow in scope.outgoing(gateway.id):
        if flow.condition is not None and flow.id != gateway.default_flow:
            try:
                found |= expressions.names_in(flow.condition)
            except expressions.ExpressionRefused:
                continue
    return found
