"""The picture: what has no shape is there for the engine and invisible for people."""

from __future__ import annotations

from collections.abc import Iterator

from engine.domain.process import Problem
from engine.process.diagram import Diagram
from engine.process.problems import Located, report


def check_layout(diagram: Diagram) -> Iterator[Problem]:
    """Every node, flow and lane has its shape or edge; a file without any picture is told of once."""
    if not diagram.shapes:
        yield report("missing_diagram", diagram.process)
        return
    known = {found for found, _line in diagram.ids}
    elements: list[Located] = [*diagram.nodes, *diagram.flows, *diagram.lanes]
    for element in elements:
        if element.id in known and element.id not in diagram.shapes:
            yield report("missing_diagram", element)
