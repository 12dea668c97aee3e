"""What a diagram needs from outside: the shared diagrams that it calls, the messages that the engine throws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.domain.process import Problem, timer_message
from engine.process.bundle import Bundle
from engine.process.diagram import Diagram, Kind, Node
from engine.process.problems import report
from engine.process.vocabulary import MESSAGES, listed, message_rule

_MAY_INTERRUPT = frozenset({Kind.START, Kind.BOUNDARY})


def check_calls(bundle: Bundle) -> Iterator[Problem]:
    """Every call of the own diagram resolves, to something sound, and not in a circle."""
    for diagram, node in bundle.calls():
        if diagram is bundle.diagram:
            yield from _check_call(bundle, node)
    yield from _check_circles(bundle)


def _check_call(bundle: Bundle, node: Node) -> Iterator[Problem]:
    called = node.called or ""
    if called == bundle.stem:
        return
    if called in bundle.broken:
        problem = bundle.broken[called]
        facts = {"called": called, "reason": problem.message, "reason_en": problem.message_en}
        yield report("call_activity_broken", node, line=None, **facts)
    elif bundle.called(called) is None:
        yield report("call_activity_unresolved", node, called=called)


def _check_circles(bundle: Bundle) -> Iterator[Problem]:
    """Follow calls from the own diagram; a diagram met again on its own chain is a circle."""
    waiting: list[tuple[Diagram, tuple[str, ...]]] = [(bundle.diagram, (bundle.stem,))]
    seen: set[str] = set()
    while waiting:
        diagram, chain = waiting.pop()
        for node in diagram.nodes:
            if node.kind is not Kind.CALL:
                continue
            called = node.called or ""
            following = bundle.called(called)
            if called in chain:
                yield report("call_activity_recursive", node, called=called, chain=" → ".join([*chain, called]))
            elif following is not None and called not in seen:
                seen.add(called)
                waiting.append((following, (*chain, called)))


def check_messages(diagram: Diagram) -> Iterator[Problem]:
    """Every message that is waited for is one that the engine throws, caught the way it must be."""
    timers = {timer_message(node.id): node for node in diagram.nodes if node.step and node.step.timer}
    yield from _check_timers(diagram, timers)
    for node in diagram.nodes:
        if node.message is None or not node.message or node.message in timers:
            continue
        rule = message_rule(node.message)
        if rule is None:
            yield report("unknown_message", node, message=node.message, allowed=listed(MESSAGES))
        elif node.kind in _MAY_INTERRUPT and rule.is_interrupting not in {None, node.is_interrupting}:
            yield report(
                "wrong_interruption",
                node,
                message=node.message,
                expected="gián đoạn (interrupting)" if rule.is_interrupting else "không gián đoạn (non-interrupting)",
                expected_en="interrupting" if rule.is_interrupting else "non-interrupting",
            )


def _check_timers(diagram: Diagram, timers: Mapping[str, Node]) -> Iterator[Problem]:
    """The message of a timer is caught by an interrupting event on its own step, and nowhere else."""
    caught = {node.message: node for node in diagram.nodes if node.message in timers}
    for message, step in timers.items():
        event = caught.get(message)
        if (
            event is None
            or event.kind is not Kind.BOUNDARY
            or event.attached_to != step.id
            or not event.is_interrupting
        ):
            yield report("timer_without_event", step, message=message)


def check_required_events(bundle: Bundle) -> Iterator[Problem]:
    """A procedure answers to the messages that none may ignore."""
    if not bundle.facts_expected:
        return
    process = bundle.diagram.process
    held = {node.id for node in process.nodes if node.is_event_subprocess}
    caught = {
        node.message for scope in bundle.diagram.scopes if scope.id in held for node in scope.nodes if node.message
    }
    for message, rule in MESSAGES.items():
        if rule.is_required and message not in caught:
            yield report("missing_event", process, message=message)
