"""How much of the limit of its phase the plan has spent when a step begins: the longest straight way to it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.process.checks.graphs import order, without_rework
from engine.process.checks.paths import MAX_SPOTS, lay_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.procedure import ProcedureCase
    from engine.process.bundle import Bundle
    from engine.process.checks.paths import Plan, Spot


def planned_before(bundle: Bundle, case: ProcedureCase) -> Mapping[tuple[str, str], Decimal]:
    """What the steps before each step of a phase may take together, by diagram and id, in the unit of the phase.

    A step that is reached again by going back keeps its place. Nothing where the limits cannot be proved.
    """
    plan = lay_out(bundle, case.id)
    straight = without_rework(plan.ways, plan.start) if len(plan.ways) <= MAX_SPOTS else {}
    if not straight:
        return {}
    places = order(straight, plan.start)
    found: dict[tuple[str, str], Decimal] = {}
    for phase in case.phases:
        names = {name for name in plan.phases() if phase.spans(name)}
        spent = _spent_before(plan, straight, places, names, case.id)
        for spot, node in plan.steps.items():
            if spot in spent and node.step is not None and node.step.phase in names:
                key = (plan.nodes[spot][0].stem, node.id)
                found[key] = max(found.get(key, Decimal(0)), spent[spot])
    return found


def _spent_before(
    plan: Plan, straight: Mapping[Spot, list[Spot]], places: list[Spot], names: set[str], case_id: str
) -> dict[Spot, Decimal]:
    spent = dict.fromkeys(straight, Decimal(0))
    for spot in places:
        node = plan.steps.get(spot)
        step = node.step if node else None
        own = step.limits.get(case_id, step.limits.get("")) if step and step.phase in names else None
        reached = spent[spot] + (own or Decimal(0))
        for after in straight[spot]:
            spent[after] = max(spent[after], reached)
    return spent
