"""Which steps may pause the clock by being completed, and on which grounds: those reached before the next step."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from engine.process.checks.paths import lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.process.bundle import Bundle
    from engine.process.checks.paths import Plan, Spot
    from engine.process.diagram import Node


def grounds_after_steps(bundle: Bundle) -> Mapping[tuple[str, str], frozenset[str]]:
    """The grounds on which completing a step may pause the clock, by diagram and id of the step, in any case."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    if bundle.procedure is None or bundle.diagram.process.start is None:
        return {}
    if not any(_grounds(node) for diagram in bundle.diagrams for node in diagram.nodes):
        return {}
    for case in bundle.procedure.cases:
        plan = lay_out(bundle, case.id)
        for spot, node in plan.steps.items():
            found[plan.nodes[spot][0].stem, node.id] |= _after(plan, spot)
    return {step: frozenset(grounds) for step, grounds in found.items() if grounds}


def _after(plan: Plan, step: Spot) -> set[str]:
    grounds: set[str] = set()
    waiting, seen = list(plan.ways[step]), set[tuple[str, ...]]()
    while waiting:
        spot = waiting.pop()
        if spot in seen or spot in plan.steps:
            continue
        seen.add(spot)
        grounds |= set(_grounds(plan.nodes[spot][1])) if spot in plan.nodes else set()
        waiting += plan.ways[spot]
    return grounds


def _grounds(node: Node) -> Iterator[str]:
    for effect in node.effects:
        arguments = dict(effect.arguments)
        if effect.name == "move_clock" and arguments.get("action") == "pause" and arguments.get("ground"):
            yield arguments["ground"]
