"""What a dossier goes through: states that may not follow each other, ways that must be there, and the hand-over.

A dossier of every procedure can lack a paper, be refused, and be late; handing the result over takes no time of the
office (its printed term is "giờ hành chính").
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.domain.process import Problem
from engine.domain.status import DossierStatus, can_become
from engine.process.bundle import Bundle
from engine.process.checks.paths import MAX_SPOTS, Plan, Spot, lay_out
from engine.process.diagram import Kind, Node
from engine.process.problems import report

_FORMS = {
    "supplement_request": ("yêu cầu bổ sung (Mẫu 02)", "a request for missing papers (form 02)"),
    "refusal": ("từ chối (Mẫu 03)", "a refusal (form 03)"),
    "apology": ("xin lỗi khi quá hạn (Mẫu 04)", "an apology when late (form 04)"),
}
_OUTCOMES = {
    "delivered": DossierStatus.DELIVERED,
    "rejected": DossierStatus.DELIVERED,
    "refused": DossierStatus.REFUSED,
    "discontinued": DossierStatus.DISCONTINUED,
    "withdrawn": DossierStatus.DISCONTINUED,
}


def check_journeys(bundle: Bundle) -> Iterator[Problem]:
    """Check a procedure whose diagram and facts could be read."""
    if bundle.procedure is None or bundle.diagram.process.start is None:
        return
    yield from _check_forms(bundle)
    plan = lay_out(bundle, bundle.procedure.default_case.id)
    if len(plan.ways) > MAX_SPOTS:
        return
    followers = {spot: _next(plan, spot) for spot in plan.steps}
    yield from _check_hand_over(bundle, plan, followers)
    yield from _check_states(bundle, plan, followers)


def _check_forms(bundle: Bundle) -> Iterator[Problem]:
    if any(bundle.called(node.called) is None for _diagram, node in bundle.calls()):
        return  # what is called may lead there: the call that does not resolve is told of
    ordered = {
        value
        for diagram in bundle.diagrams
        for node in diagram.nodes
        for effect in node.effects
        if effect.name == "order_letter"
        for name, value in effect.arguments
        if name == "form"
    }
    for form, (words, words_en) in _FORMS.items():
        if form not in ordered:
            yield report("no_way_to_form", bundle.diagram.process, form=words, form_en=words_en)


def _next(plan: Plan, start: Spot) -> dict[Spot, Node]:
    """The steps and the recorded outcomes that come next after a step, nothing of the kind between."""
    found: dict[Spot, Node] = {}
    seen, waiting = {start}, list(plan.ways[start])
    while waiting:
        spot = waiting.pop()
        if spot in seen:
            continue
        seen.add(spot)
        node = plan.nodes[spot][1] if spot in plan.nodes else None
        if node is not None and (spot in plan.steps or _outcome(node) is not None):
            found[spot] = node
        else:
            waiting.extend(plan.ways[spot])
    return found


def _outcome(node: Node) -> DossierStatus | None:
    for effect in node.effects:
        if effect.name == "record_outcome":
            return _OUTCOMES.get(dict(effect.arguments).get("result", ""))
    return None


def _check_hand_over(bundle: Bundle, plan: Plan, followers: dict[Spot, dict[Spot, Node]]) -> Iterator[Problem]:
    """A step with nothing but "delivered" behind it hands the result over: it has no limit."""
    for spot, node in plan.steps.items():
        only_delivers = followers[spot] and all(
            _outcome(after) is DossierStatus.DELIVERED for after in followers[spot].values()
        )
        if only_delivers and node.step is not None and node.step.status is DossierStatus.RESOLVED and node.step.limits:
            yield report("hand_over_with_limit", bundle.place(plan.nodes[spot][0], node))


def _check_states(bundle: Bundle, plan: Plan, followers: dict[Spot, dict[Spot, Node]]) -> Iterator[Problem]:
    """Where steps are open side by side the foremost of their states shows, so what one follows is not known here."""
    side_by_side = {spot[:-2] for spot, (_diagram, node) in plan.nodes.items() if node.kind is Kind.PARALLEL}
    alone = {spot for spot in plan.nodes if not any(spot[: len(scope)] == scope for scope in side_by_side)}
    for spot, node in plan.steps.items():
        assert node.step is not None
        for where, after in followers[spot].items():
            becomes = after.step.status if after.step is not None else _outcome(after)
            if becomes is not None and {spot, where} <= alone and not can_become(node.step.status, becomes):
                yield report(
                    "state_not_allowed",
                    bundle.place(plan.nodes[spot][0], node),
                    state=node.step.status.label,
                    state_en=node.step.status.name,
                    after=after.name or after.id,
                    after_id=after.id,
                    becomes=becomes.label,
                    becomes_en=becomes.name,
                )
