"""What service tasks order: known effects, known arguments, values that the engine understands."""

from __future__ import annotations

from collections.abc import Iterator

from engine.domain.process import Problem
from engine.process.bundle import Bundle
from engine.process.diagram import Diagram, EffectReading, Kind, Node
from engine.process.problems import report
from engine.process.vocabulary import EFFECTS, LETTER_FIELDS, NEXT_PHASE, Argument, listed


def check_effects(diagram: Diagram) -> Iterator[Problem]:
    """Check every service task of a diagram."""
    for node in diagram.nodes:
        if node.kind is not Kind.SERVICE_TASK:
            continue
        if not node.effects:
            yield report("service_task_without_effect", node)
        for effect in node.effects:
            yield from _check_effect(node, effect)


def _check_effect(node: Node, effect: EffectReading) -> Iterator[Problem]:
    grammar = EFFECTS.get(effect.name)
    if grammar is None:
        yield report("unknown_effect", node, line=effect.line, found=effect.name, allowed=listed(EFFECTS))
        return
    given = dict(effect.arguments)
    for name, value in effect.arguments:
        argument = grammar.get(name)
        if argument is None:
            facts = {"effect": effect.name, "found": name, "allowed": listed(grammar)}
            yield report("unknown_argument", node, line=effect.line, **facts)
        elif not value or (argument.values is not None and value not in argument.values):
            facts = {"effect": effect.name, "argument": name, "found": value, "allowed": listed(argument.values)}
            yield report("bad_argument", node, line=effect.line, **facts)
    for name, argument in grammar.items():
        if name not in given and _is_needed(argument, given.get("action")):
            yield report("missing_argument", node, line=effect.line, effect=effect.name, argument=name)


def _is_needed(argument: Argument, action: str | None) -> bool:
    return argument.is_required or action in argument.needed_for


def check_effect_phases(bundle: Bundle) -> Iterator[Problem]:
    """The phases that effects name are phases of the procedure."""
    if bundle.procedure is None:
        return
    phases = {phase.name for case in bundle.procedure.cases for phase in case.phases}
    for diagram in bundle.diagrams:
        for node in diagram.nodes:
            for effect in node.effects:
                for name, value in effect.arguments:
                    argument = EFFECTS.get(effect.name, {}).get(name)
                    if argument is not None and argument.is_phase and value not in phases | {NEXT_PHASE}:
                        yield report("unknown_phase", bundle.place(diagram, node), phase=value, allowed=listed(phases))


def check_effect_fields(bundle: Bundle) -> Iterator[Problem]:
    """The fields whose answers effects read are asked somewhere in the procedure."""
    if not bundle.facts_expected:
        return
    asked = {field.id for diagram in bundle.diagrams for node in diagram.nodes if node.step for field in node.step.form}
    for diagram in bundle.diagrams:
        for node in diagram.nodes:
            for effect in node.effects:
                for field in _fields_read(effect):
                    if field not in asked:
                        place, allowed = bundle.place(diagram, node), listed(asked)
                        yield report("effect_field_not_asked", place, effect=effect.name, field=field, allowed=allowed)


def _fields_read(effect: EffectReading) -> Iterator[str]:
    """The fields that an effect names, and those that the letter which it orders prints."""
    for name, value in effect.arguments:
        argument = EFFECTS.get(effect.name, {}).get(name)
        if argument is not None and argument.is_field:
            yield value
        if effect.name == "order_letter" and name == "form":
            yield from LETTER_FIELDS.get(value, ())
