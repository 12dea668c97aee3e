"""Every rule a file is held to, in the order in which a person would mend."""

from __future__ import annotations

from collections.abc import Iterator

from engine.domain.process import Problem, Severity
from engine.process.blueprint import BlueprintRefused, build
from engine.process.bundle import Bundle
from engine.process.checks.actors import check_deciding_unit, check_lanes, check_unit_kinds
from engine.process.checks.calls import check_calls, check_messages, check_required_events
from engine.process.checks.conditions import check_conditions, check_options, check_variables
from engine.process.checks.essential import running_problems
from engine.process.checks.facts import check_facts
from engine.process.checks.journeys import check_journeys
from engine.process.checks.layout import check_layout
from engine.process.checks.limits import check_limits
from engine.process.checks.orders import check_effect_fields, check_effect_phases, check_effects
from engine.process.checks.soundness import check_soundness
from engine.process.checks.steps import check_phases_and_cases, check_step_ids, check_steps
from engine.process.checks.structure import check_structure
from engine.process.checks.values import check_values
from engine.process.checks.versions import lent_kinds
from engine.process.checks.walks import check_circles, check_walks
from engine.process.lists import Lists

# Only to see whether SpiffWorkflow takes the diagram: nothing is saved under it.
_NO_REF = "0" * 64


def diagram_problems(bundle: Bundle, unit_kinds: frozenset[str] | None) -> Iterator[Problem]:
    """Check the own diagram of a bundle, with the facts beside it and what it calls.

    `unit_kinds`: the kinds of units of the installation, None if they are not known.
    """
    yield from bundle.problems
    if not bundle.diagrams:
        return
    diagram = bundle.diagram
    drawn = [*check_structure(diagram)]
    yield from drawn
    yield from check_conditions(diagram)
    yield from check_variables(bundle)
    yield from check_options(bundle)
    yield from check_lanes(diagram)
    yield from check_unit_kinds(bundle, lent_kinds(bundle.procedure, unit_kinds))
    yield from check_steps(bundle)
    yield from check_step_ids(bundle)
    yield from check_phases_and_cases(bundle)
    yield from check_effects(diagram)
    yield from check_effect_phases(bundle)
    yield from check_effect_fields(bundle)
    yield from check_calls(bundle)
    yield from check_messages(diagram)
    yield from check_required_events(bundle)
    yield from check_layout(diagram)
    if not any(problem.severity is Severity.ERROR for problem in (*bundle.problems, *drawn)):
        yield from _check_ways_through(bundle)


def _check_ways_through(bundle: Bundle) -> Iterator[Problem]:
    """Follow a dossier; only through a drawing that holds together, or every fault would be told ten times."""
    yield from check_soundness(bundle.diagram)
    yield from check_circles(bundle)
    yield from check_values(bundle)
    yield from check_limits(bundle)
    yield from check_journeys(bundle)
    yield from _check_engine(bundle)


def facts_problems(bundle: Bundle, unit_kinds: frozenset[str] | None, lists: Lists) -> Iterator[Problem]:
    """Check the facts of a bundle for themselves, and against the lists of the installation."""
    yield from bundle.facts_problems
    yield from check_deciding_unit(bundle, lent_kinds(bundle.procedure, unit_kinds))
    if bundle.procedure is not None:
        yield from check_facts(bundle.procedure, lists)


def _check_engine(bundle: Bundle) -> Iterator[Problem]:
    """Let SpiffWorkflow read what is sound so far, and see that nothing is lost."""
    if any(problem.severity is Severity.ERROR for problem in running_problems(bundle)):
        return
    try:
        build(_NO_REF, bundle.diagrams, frozenset())
    except BlueprintRefused as refused:
        yield from refused.problems
        return
    yield from check_walks(bundle)
