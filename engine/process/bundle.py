"""All that one procedure is made of: its diagram, the shared diagrams that it reaches, its facts, as they were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from engine.domain.procedure import Procedure
from engine.domain.process import Problem, Severity
from engine.process import expressions
from engine.process.decisions.model import DecisionModel
from engine.process.decisions.reading import read_model
from engine.process.diagram import Diagram, Kind, Node
from engine.process.facts import read_procedure
from engine.process.problems import Located, Place, report
from engine.process.reading import read_diagram


@dataclass(frozen=True, slots=True)
class Bundle:
    """One procedure as it was read. Without `facts_expected` it is a shared diagram, looked at for itself.

    `diagrams` holds the own diagram first (if it could be read), then those that it reaches, by name. `broken` tells
    of reached diagrams that could not be read: their first problem. `tables` are the decision tables beside the facts.
    """

    stem: str
    diagrams: tuple[Diagram, ...] = ()
    procedure: Procedure | None = None
    facts_expected: bool = True
    problems: tuple[Problem, ...] = ()
    facts_problems: tuple[Problem, ...] = ()
    broken: Mapping[str, Problem] = field(default_factory=dict)
    tables: DecisionModel | None = None
    tables_problems: tuple[Problem, ...] = ()

    @property
    def diagram(self) -> Diagram:
        """The own diagram."""
        return self.diagrams[0]

    def called(self, stem: str | None) -> Diagram | None:
        """Answer a reached diagram by the name that calls use."""
        return next((diagram for diagram in self.diagrams[1:] if diagram.stem == stem), None)

    def place(self, diagram: Diagram, element: Located) -> Located:
        """Answer how a problem names an element: one of another diagram, by that diagram and without a line."""
        return element if diagram is self.diagram else Place(f"{diagram.stem}/{element.id}", element.name)

    def calls(self) -> Iterator[tuple[Diagram, Node]]:
        """Every call activity of every diagram."""
        for diagram in self.diagrams:
            for node in diagram.nodes:
                if node.kind is Kind.CALL:
                    yield diagram, node

    def routing_variables(self) -> frozenset[str]:
        """Answer the names that conditions read: all that an instance has to remember."""
        names: set[str] = set()
        for diagram in self.diagrams:
            for flow in diagram.flows:
                if flow.condition is not None:
                    try:
                        names |= expressions.names_in(flow.condition)
                    except expressions.ExpressionRefused:
                        continue
        return frozenset(names)


def read_bundle(
    stem: str, content: bytes, facts: bytes | None, shared: Mapping[str, bytes], tables: bytes | None = None
) -> Bundle:
    """Read the diagram `content`, its `facts` (None: a shared diagram) and what it calls among `shared`, by name.

    `tables`: the DMN file beside the facts, if there is one.
    """
    bundle = _read_diagrams(stem, content, facts, shared)
    if tables is None:
        return bundle
    model, tables_problems = read_model(tables)
    return replace(bundle, tables=model, tables_problems=tables_problems)


def _read_diagrams(stem: str, content: bytes, facts: bytes | None, shared: Mapping[str, bytes]) -> Bundle:
    diagram, problems = read_diagram(content, stem)
    procedure, facts_problems = (None, ()) if facts is None else read_procedure(facts, stem)
    if diagram is None:
        return Bundle(stem, (), procedure, facts is not None, problems, facts_problems)
    called, broken = _reach(diagram, shared)
    diagrams = (diagram, *(called[name] for name in sorted(called)))
    return Bundle(stem, diagrams, procedure, facts is not None, problems, facts_problems, broken)


def _reach(diagram: Diagram, shared: Mapping[str, bytes]) -> tuple[dict[str, Diagram], dict[str, Problem]]:
    found: dict[str, Diagram] = {}
    broken: dict[str, Problem] = {}
    waiting = [diagram]
    while waiting:
        for node in waiting.pop().nodes:
            name = node.called or ""
            if node.kind is not Kind.CALL or name in found or name in broken or name not in shared:
                continue
            if name == diagram.stem:
                continue
            other, problems = read_diagram(shared[name], name)
            faults = [problem for problem in problems if problem.severity is Severity.ERROR]
            if faults or other is None:
                broken[name] = faults[0] if faults else report("no_process")
            if other is not None:
                found[name] = other
                waiting.append(other)
    return found, broken
