"""What a definition must satisfy to run at all. A stored version is held to these alone, not to later advice."""

from __future__ import annotations

from collections.abc import Iterator

from engine.domain.process import Problem
from engine.process.bundle import Bundle
from engine.process.checks.actors import check_lanes
from engine.process.checks.calls import check_calls
from engine.process.checks.conditions import check_conditions
from engine.process.checks.decisions import check_named
from engine.process.checks.orders import check_effects
from engine.process.checks.steps import check_step_ids
from engine.process.checks.structure import check_structure


def essential_problems(bundle: Bundle) -> Iterator[Problem]:
    """Check a bundle as far as running it needs."""
    yield from bundle.facts_problems
    yield from bundle.tables_problems
    yield from check_named(bundle)
    yield from running_problems(bundle)


def running_problems(bundle: Bundle) -> Iterator[Problem]:
    """Check the diagrams of a bundle as far as running them needs."""
    yield from bundle.problems
    if not bundle.diagrams:
        return
    for diagram in bundle.diagrams:
        yield from check_structure(diagram)
        yield from check_conditions(diagram)
        yield from check_lanes(diagram)
        yield from check_effects(diagram)
    yield from check_calls(bundle)
    yield from check_step_ids(bundle)
