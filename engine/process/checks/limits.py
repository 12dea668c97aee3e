"""The sum rule: in every case, the limits of the steps of a phase add up to the posted limit of the phase.

A straight path goes from the start to an end without going back to what it has passed; it enters called diagrams and
subprocesses. Alternatives are different paths, so they are not added; of parallel branches the longest counts. The
longest straight path to a delivered result must take exactly the limit, and no other path more.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from decimal import Decimal
from typing import NamedTuple

from engine.domain.procedure import Phase, ProcedureCase
from engine.domain.process import Problem
from engine.process.bundle import Bundle
from engine.process.checks.graphs import order, without_rework
from engine.process.checks.paths import MAX_SPOTS, Plan, Spot, lay_out
from engine.process.problems import comma, plain, report

_UNIT_EN = {"working_days": "working days", "calendar_days": "days", "working_hours": "working hours"}


class Best(NamedTuple):
    """The longest path so far: its sum, and the steps on it that count."""

    total: Decimal
    steps: tuple[Spot, ...]


def check_limits(bundle: Bundle) -> Iterator[Problem]:
    """Check the sum rule of a procedure whose diagram and facts could be read."""
    procedure = bundle.procedure
    if procedure is None or bundle.diagram.process.start is None:
        return
    for case in procedure.cases:
        plan = lay_out(bundle, case.id)
        straight = without_rework(plan.ways, plan.start) if len(plan.ways) <= MAX_SPOTS else {}
        places = {spot: place for place, spot in enumerate(order(straight, plan.start))} if straight else {}
        if not straight or any(places[after] <= places[spot] for spot in places for after in straight[spot]):
            yield report("limits_not_provable", bundle.diagram.process)
            return
        yield from _check_steps(bundle, plan, case, places)
        for phase in case.phases:
            if phase.limit.unit.has_amount and any(phase.spans(name) for name in plan.phases()):
                yield from _check_phase(bundle, plan, straight, case, phase)


def _check_steps(bundle: Bundle, plan: Plan, case: ProcedureCase, reached: Container[Spot]) -> Iterator[Problem]:
    """Every step that a dossier of this case can come to has a phase of the case, and a limit where that has one."""
    for spot, node in plan.steps.items():
        step = node.step
        if spot not in reached or step is None or step.is_outside_clock or step.phase is None:
            continue
        place = bundle.place(plan.nodes[spot][0], node)
        phase = next((phase for phase in case.phases if phase.spans(step.phase)), None)
        if phase is None:
            yield report("phase_not_in_case", place, phase=step.phase, case=case.name)
        elif phase.limit.unit.has_amount and step.limits and step.limits.keys().isdisjoint({case.id, ""}):
            yield report("limit_not_in_case", place, case=case.name, case_id=case.id)


def _check_phase(
    bundle: Bundle, plan: Plan, straight: dict[Spot, list[Spot]], case: ProcedureCase, phase: Phase
) -> Iterator[Problem]:
    best = _longest(plan, straight, case, phase)
    ends = [end for end in plan.ends if end in straight]
    all_paths = [found for end in ends for found in best[end].values()]
    delivered = [best[end][True] for end in ends if True in best[end]] or all_paths
    limit = phase.limit.amount
    longest = max(delivered, key=lambda found: found.total, default=Best(Decimal(0), ()))
    worst = max(all_paths, key=lambda found: found.total, default=longest)
    wrong = longest if longest.total != limit else worst
    if wrong.total != limit:
        steps = [(plan.steps[spot], _weight(plan, spot, case, phase)) for spot in wrong.steps]
        yield report(
            "limits_do_not_add_up",
            bundle.diagram.process,
            case=case.name,
            phase=phase.label or phase.name,
            total=comma(wrong.total),
            total_en=plain(wrong.total),
            limit=comma(limit),
            limit_en=plain(limit),
            unit=phase.limit.unit.label,
            unit_en=_UNIT_EN[phase.limit.unit],
            steps="; ".join(f"{node.name} ({node.id}) {comma(weight)}" for node, weight in steps) or "–",
            steps_en="; ".join(f"{node.id} {plain(weight)}" for node, weight in steps) or "–",
        )


def _longest(
    plan: Plan, straight: dict[Spot, list[Spot]], case: ProcedureCase, phase: Phase
) -> dict[Spot, dict[bool, Best]]:
    """Answer for each spot the longest path that reaches it, without and with a delivered result on the way."""
    found: dict[Spot, dict[bool, Best]] = {spot: {} for spot in straight}
    found[plan.start] = {False: Best(Decimal(0), ())}
    for spot in order(straight, plan.start):
        weight = _weight(plan, spot, case, phase)
        here = {
            is_delivered or spot in plan.delivers: Best(
                best.total + weight, (*best.steps, spot) if weight else best.steps
            )
            for is_delivered, best in sorted(found[spot].items(), key=lambda item: item[1].total)
        }
        found[spot] = here
        for after in straight[spot]:
            for is_delivered, best in here.items():
                known = found[after].get(is_delivered)
                if known is None or known.total < best.total:
                    found[after][is_delivered] = best
    return found


def _weight(plan: Plan, spot: Spot, case: ProcedureCase, phase: Phase) -> Decimal:
    node = plan.steps.get(spot)
    if node is None or node.step is None or node.step.phase is None or not phase.spans(node.step.phase):
        return Decimal(0)
    return node.step.limits.get(case.id, node.step.limits.get("", Decimal(0)))
