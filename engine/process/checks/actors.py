"""Who does what: every step stands in one lane, every lane with steps names a role and a kind of unit."""

from __future__ import annotations

from collections.abc import Iterator

from engine.domain.process import DECIDING_UNIT, Problem
from engine.process.bundle import Bundle
from engine.process.diagram import Diagram, Kind, Lane
from engine.process.problems import Place, report
from engine.process.vocabulary import ONE_STOP, ROLES, listed


def check_lanes(diagram: Diagram) -> Iterator[Problem]:
    """Check the lanes of a diagram and where its steps stand."""
    for lane in diagram.lanes:
        yield from _check_lane(diagram, lane)
    for node in diagram.nodes:
        if node.kind is Kind.USER_TASK:
            lanes = diagram.lanes_of(node)
            if not lanes:
                yield report("task_without_lane", node)
            elif len(lanes) > 1:
                names = ", ".join(lane.name or lane.id for lane in lanes)
                yield report("task_in_several_lanes", node, count=len(lanes), lanes=names)


def _check_lane(diagram: Diagram, lane: Lane) -> Iterator[Problem]:
    if not lane.role or not lane.unit:
        yield report("lane_without_role", lane)
    elif lane.role not in ROLES:
        yield report("unknown_role", lane, found=lane.role, allowed=listed(ROLES))
    known = {found for found, _line in diagram.ids}
    for member in lane.members:
        if member not in known:
            yield report("lane_node_missing", lane, missing=member)


def check_unit_kinds(bundle: Bundle, kinds: frozenset[str] | None) -> Iterator[Problem]:
    """Every kind of unit is one that the installation has; nothing to check where its list is not known."""
    if kinds is None:
        return
    allowed = kinds | {DECIDING_UNIT, ONE_STOP}
    for lane in bundle.diagram.lanes:
        if lane.unit and lane.unit not in allowed:
            yield report("unknown_unit_kind", lane, found=lane.unit, allowed=listed(allowed))


def check_deciding_unit(bundle: Bundle, kinds: frozenset[str] | None) -> Iterator[Problem]:
    """The deciding unit that the facts name is of a kind that the installation has."""
    procedure = bundle.procedure
    if procedure is not None and kinds is not None and procedure.deciding_unit not in kinds:
        place = Place("deciding_unit")
        yield report("unknown_unit_kind", place, found=procedure.deciding_unit, allowed=listed(kinds))
