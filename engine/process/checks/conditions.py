"""Gateways and what they ask: a default way, conditions that can be read, values that somebody gives."""

from __future__ import annotations

from collections.abc import Iterator

from engine.domain.dossier import Channel
from engine.domain.process import FieldType, Problem
from engine.process import expressions
from engine.process.bundle import Bundle
from engine.process.diagram import Diagram, Flow, Kind, Node, Scope
from engine.process.problems import report
from engine.process.vocabulary import VARIABLES, listed

CHOOSING = frozenset({Kind.EXCLUSIVE, Kind.INCLUSIVE})


def check_conditions(diagram: Diagram) -> Iterator[Problem]:
    """Check every gateway and every condition of a diagram."""
    for scope in diagram.scopes:
        for node in scope.nodes:
            if node.kind in CHOOSING:
                yield from _check_gateway(scope, node)
        for flow in scope.flows:
            if flow.condition is not None:
                yield from _check_condition(scope, flow, flow.condition)


def _check_gateway(scope: Scope, gateway: Node) -> Iterator[Problem]:
    leaving = scope.outgoing(gateway.id)
    if len(leaving) <= 1:
        return
    closed = gateway.kind is Kind.INCLUSIVE and all(flow.condition for flow in leaving)
    if gateway.default_flow not in {flow.id for flow in leaving} and not closed:
        yield report("gateway_without_default", gateway)
    for flow in leaving:
        is_open = flow.condition is None and flow.id != gateway.default_flow
        if is_open and gateway.kind is Kind.EXCLUSIVE:
            yield report("flow_without_condition", flow, gateway=gateway.name or gateway.id)


def _check_condition(scope: Scope, flow: Flow, condition: str) -> Iterator[Problem]:
    source = scope.node(flow.source)
    if source is not None and source.kind not in CHOOSING:
        reason, reason_en = "luồng không đi ra từ cổng lựa chọn", "the flow does not leave an exclusive gateway"
        yield report("condition_ignored", flow, reason=reason, reason_en=reason_en)
    elif source is not None and source.default_flow == flow.id:
        reason, reason_en = "luồng mặc định không cần điều kiện", "the default flow needs none"
        yield report("condition_ignored", flow, reason=reason, reason_en=reason_en)
    elif source is not None and len(scope.outgoing(source.id)) == 1:
        reason, reason_en = "cổng chỉ có một luồng ra", "the gateway has no other way out"
        yield report("condition_ignored", flow, reason=reason, reason_en=reason_en)
    try:
        expressions.parse(condition)
    except expressions.ExpressionRefused as refused:
        code = "condition_unsafe" if refused.is_unsafe else "condition_invalid"
        yield report(code, flow, expression=condition[:80], reason=refused.reason, reason_en=refused.reason_en)


def check_variables(bundle: Bundle) -> Iterator[Problem]:
    """Every value that a condition of the own diagram reads is asked for by a form somewhere, or set by the engine."""
    known = set(VARIABLES)
    for diagram in bundle.diagrams:
        known |= {field.id for node in diagram.nodes if node.step for field in node.step.form}
    for diagram in bundle.diagrams if bundle.facts_expected else ():
        for flow in diagram.flows:
            for name in sorted(_names(flow) - known):
                expression = (flow.condition or "")[:80]
                place = bundle.place(diagram, flow)
                yield report("variable_without_source", place, expression=expression, variable=name)


def check_options(bundle: Bundle) -> Iterator[Problem]:
    """Conditions compare a choice only with what it offers: a slip of the pen would always take the default way."""
    offered = _offered(bundle)
    for diagram in bundle.diagrams if bundle.facts_expected else ():
        for flow in diagram.flows:
            for name, word in sorted(_compared(flow)):
                if name in offered and word not in offered[name]:
                    yield report(
                        "unknown_option",
                        bundle.place(diagram, flow),
                        expression=(flow.condition or "")[:80],
                        variable=name,
                        found=word,
                        allowed=listed(offered[name]),
                    )


def _offered(bundle: Bundle) -> dict[str, set[str]]:
    """Answer what each choice offers, over all forms that ask for it; free fields of the same name offer anything."""
    offered: dict[str, set[str]] = {"channel": {str(channel) for channel in Channel}}
    if bundle.procedure is not None:
        offered["case"] = {case.id for case in bundle.procedure.cases}
    free: set[str] = set()
    for diagram in bundle.diagrams:
        for node in diagram.nodes:
            for field in node.step.form if node.step else ():
                if field.type is FieldType.CHOICE:
                    offered.setdefault(field.id, set()).update(option.value for option in field.options)
                else:
                    free.add(field.id)
    return {name: values for name, values in offered.items() if name not in free}


def _compared(flow: Flow) -> frozenset[tuple[str, str]]:
    try:
        return expressions.compared_in(flow.condition) if flow.condition is not None else frozenset()
    except expressions.ExpressionRefused:
        return frozenset()


def _names(flow: Flow) -> frozenset[str]:
    try:
        return expressions.names_in(flow.condition) if flow.condition is not None else frozenset()
    except expressions.ExpressionRefused:
        return frozenset()
