"""What of the diagrams no story enters: nodes and flows.

A node is entered when a token gets there, a flow when a token goes along it. The process tells the nodes that were
passed; everything else follows, since every way out of a node is decided by the drawing and the variables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.process import expressions
from engine.process.diagram import Diagram, Flow, Kind, Node
from engine.process.reading import read_diagram

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.domain.process import Advance
    from engine.process.definitions import Definition


@dataclass(frozen=True, slots=True)
class Hole:
    """A node or a flow that no story enters."""

    id: str
    name: str
    is_flow: bool


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of one diagram was entered by so many stories. `procedure` is empty for a shared diagram."""

    process: str
    procedure: str
    stories: int
    nodes: int
    flows: int
    holes: tuple[Hole, ...]

    @property
    def never_nodes(self) -> tuple[str, ...]:
        """Ids of the nodes that no story enters."""
        return tuple(hole.id for hole in self.holes if not hole.is_flow)

    @property
    def never_flows(self) -> tuple[str, ...]:
        """Ids of the flows that no story enters."""
        return tuple(hole.id for hole in self.holes if hole.is_flow)


@dataclass(slots=True)
class Trace:
    """Every node and flow that was entered, as (process, element)."""

    entered: set[tuple[str, str]] = field(default_factory=set)

    def follow(self, definition: Definition, advance: Advance) -> None:
        """Enter what one move of the process entered."""
        diagrams = diagrams_of(definition)
        for visited in advance.visited:
            process, _, element = visited.rpartition("/")
            diagram = diagrams[process]
            node = next((node for node in diagram.nodes if node.id == element), None)
            if node is not None:  # else it is one that the machine put around a task with boundary events
                self.entered |= {(process, found) for found in _entered(diagram, node, advance.variables)}

    def of(self, diagram: Diagram, *, procedure: str, stories: int) -> Covered:
        """Say what of a diagram was entered."""
        nodes, flows = tuple(diagram.nodes), tuple(diagram.flows)
        holes = [
            *(Hole(node.id, node.name, is_flow=False) for node in nodes if (diagram.stem, node.id) not in self.entered),
            *(Hole(flow.id, flow.name, is_flow=True) for flow in flows if (diagram.stem, flow.id) not in self.entered),
        ]
        return Covered(diagram.stem, procedure, stories, len(nodes), len(flows), tuple(holes))


@lru_cache(maxsize=256)
def diagrams_of(definition: Definition) -> Mapping[str, Diagram]:
    """The diagrams of a definition by process id, its own first."""
    read = ((stem, read_diagram(content, stem)[0]) for stem, content in definition.diagrams.items())
    return {stem: diagram for stem, diagram in read if diagram is not None}


def _entered(diagram: Diagram, node: Node, variables: Mapping[str, object]) -> Iterator[str]:
    """The node, what holds it, the flows that a token took out of it, and where they lead."""
    yield node.id
    owner = diagram.scope(node.scope).owner
    while owner is not None:
        yield owner.id
        owner = diagram.scope(owner.scope).owner
    for flow in _taken(diagram, node, variables):
        yield flow.id
        yield flow.target


def _taken(diagram: Diagram, node: Node, variables: Mapping[str, object]) -> list[Flow]:
    flows = diagram.scope(node.scope).outgoing(node.id)
    if node.kind is not Kind.EXCLUSIVE or len(flows) == 1:  # with one way out a gateway only brings ways together
        return flows
    others = (flow for flow in flows if flow.id != node.default_flow)
    chosen = next((flow for flow in others if flow.condition and _holds(flow.condition, variables)), None)
    return [chosen] if chosen is not None else [flow for flow in flows if flow.id == node.default_flow]


def _holds(condition: str, variables: Mapping[str, object]) -> bool:
    return expressions.parse(condition).is_true(variables)
