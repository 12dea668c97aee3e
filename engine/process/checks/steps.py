"""Steps: a limit inside the clock, none outside it, phases and cases that the facts know, ids of their own."""

from __future__ import annotations

from collections.abc import Iterator

from engine.domain.procedure import Procedure
from engine.domain.process import Problem
from engine.process.bundle import Bundle
from engine.process.diagram import Diagram, Kind, Node, StepReading
from engine.process.problems import report
from engine.process.vocabulary import listed


def check_steps(bundle: Bundle) -> Iterator[Problem]:
    """Check what each step of the own diagram says by itself."""
    free = _phases_without_amount(bundle.procedure)
    for node in bundle.diagram.nodes:
        if node.kind is Kind.USER_TASK and node.step is not None:
            yield from _check_step(node, node.step, free)


def _phases_without_amount(procedure: Procedure | None) -> set[str]:
    """Answer the phases whose limit is no number (the same day, an agreed day): their steps need none either."""
    phases = [phase for case in procedure.cases for phase in case.phases] if procedure is not None else []
    counted = {name for phase in phases if phase.limit.unit.has_amount for name in (phase.name, *phase.covers)}
    return {phase.name for phase in phases} - counted


def _check_step(node: Node, step: StepReading, free: set[str]) -> Iterator[Problem]:
    if step.is_outside_clock:
        if step.limits or step.phase:
            yield report("step_outside_clock_with_limit", node)
        return
    if step.phase is None and step.limits:
        yield report("step_without_phase", node)
    if not step.limits and step.phase not in free:
        yield report("task_without_limit", node)
    if step.waits_for is not None:
        attribute = "waits_for (cần clock=“outside”)"
        yield report("bad_step_value", node, found=step.waits_for, attribute=attribute, allowed="–")


def check_phases_and_cases(bundle: Bundle) -> Iterator[Problem]:
    """Phases and cases of the steps and of the facts are the same, both ways."""
    procedure = bundle.procedure
    if procedure is None:
        return
    phases = {name for case in procedure.cases for phase in case.phases for name in (phase.name, *phase.covers)}
    cases = {case.id for case in procedure.cases}
    used: set[str] = set()
    for diagram in bundle.diagrams:
        for node in diagram.nodes:
            if node.step is None:
                continue
            if node.step.phase is not None and node.step.phase not in phases:
                yield report(
                    "unknown_phase", bundle.place(diagram, node), phase=node.step.phase, allowed=listed(phases)
                )
            for case in node.step.limits.keys() - cases - {""}:
                yield report("unknown_case", bundle.place(diagram, node), case=case, allowed=listed(cases))
            used.add(node.step.phase or "")
    yield from _unused(procedure, used)


def _unused(procedure: Procedure, used: set[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for case in procedure.cases:
        for phase in case.phases:
            if phase.limit.unit.has_amount and phase.name not in seen and not any(map(phase.spans, used)):
                seen.add(phase.name)
                yield report("phase_without_step", phase=phase.name)


def check_step_ids(bundle: Bundle) -> Iterator[Problem]:
    """A step is called by its id alone, so the procedure and what it calls must not share any."""
    places: dict[str, list[tuple[Diagram, Node]]] = {}
    for diagram in bundle.diagrams:
        for node in diagram.nodes:
            if node.kind is Kind.USER_TASK:
                places.setdefault(node.id, []).append((diagram, node))
    for found in places.values():
        stems = {diagram.stem for diagram, _node in found}
        if len(stems) > 1:
            others = listed(stems - {found[0][0].stem})
            yield report("step_id_repeated", found[0][1], others=others)
