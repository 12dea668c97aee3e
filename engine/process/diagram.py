"""A diagram as we read it ourselves, before any engine: scopes, nodes, flows, lanes, with the line of each.

`SUPPORTED` is the list of what runs. What a diagram draws beyond it is refused by name in `reading`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from engine.domain.limits import ProcessingTime
from engine.domain.process import FormField, Milestone, WaitsFor
from engine.domain.status import DossierStatus


class Kind(StrEnum):
    """The elements of BPMN that run here."""

    START = "startEvent"
    END = "endEvent"
    USER_TASK = "userTask"
    SERVICE_TASK = "serviceTask"
    RECEIVE_TASK = "receiveTask"
    EXCLUSIVE = "exclusiveGateway"
    PARALLEL = "parallelGateway"
    INCLUSIVE = "inclusiveGateway"
    SUBPROCESS = "subProcess"
    CALL = "callActivity"
    CATCH = "intermediateCatchEvent"
    THROW = "intermediateThrowEvent"
    BOUNDARY = "boundaryEvent"


class EventKind(StrEnum):
    """What an event carries."""

    NONE = "none"
    MESSAGE = "message"
    TERMINATE = "terminate"


# Which events run on which nodes.
SUPPORTED_EVENTS: Mapping[Kind, frozenset[EventKind]] = {
    Kind.START: frozenset({EventKind.NONE, EventKind.MESSAGE}),
    Kind.END: frozenset({EventKind.NONE, EventKind.TERMINATE}),
    Kind.RECEIVE_TASK: frozenset({EventKind.MESSAGE}),
    Kind.CATCH: frozenset({EventKind.MESSAGE}),
    Kind.THROW: frozenset({EventKind.NONE}),
    Kind.BOUNDARY: frozenset({EventKind.MESSAGE}),
}
# What runs in diagrams that were drawn elsewhere, and procedures of ours do without.
IMPORTED_KINDS = frozenset({Kind.INCLUSIVE})
THROWING = frozenset({Kind.THROW, Kind.END})
GATEWAYS = frozenset({Kind.EXCLUSIVE, Kind.PARALLEL, Kind.INCLUSIVE})
SINGLE_EXIT = frozenset(Kind) - GATEWAYS - {Kind.END}


@dataclass(frozen=True, slots=True)
class StepReading:
    """What ``motcua:step`` and ``motcua:form`` say about a user task."""

    limits: Mapping[str, Decimal] = field(default_factory=dict)
    phase: str | None = None
    status: DossierStatus = DossierStatus.IN_PROGRESS
    is_outside_clock: bool = False
    waits_for: WaitsFor | None = None
    form: tuple[FormField, ...] = ()
    timer: ProcessingTime | None = None
    milestones: tuple[Milestone, ...] = ()


@dataclass(frozen=True, slots=True)
class EffectReading:
    """One ``motcua:effect`` of a service task."""

    name: str
    arguments: tuple[tuple[str, str], ...]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node. `message` is the name of the message an event waits for, `throws` of the one that it throws."""

    id: str
    kind: Kind
    scope: str
    name: str = ""
    line: int | None = None
    default_flow: str | None = None
    called: str | None = None
    event: EventKind = EventKind.NONE
    message: str | None = None
    throws: str | None = None
    is_interrupting: bool = True
    attached_to: str | None = None
    is_event_subprocess: bool = False
    step: StepReading | None = None
    effects: tuple[EffectReading, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    scope: str
    name: str = ""
    condition: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane: who works in it. `role` and `unit` as written, None where nothing is written."""

    id: str
    name: str
    role: str | None
    unit: str | None
    members: tuple[str, ...]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """A process or a subprocess: what one token tree runs in. `owner`: the subprocess node, None for the process."""

    id: str
    name: str
    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    owner: Node | None = None
    line: int | None = None

    def node(self, node_id: str) -> Node | None:
        """Answer the node of this id in this scope."""
        return next((node for node in self.nodes if node.id == node_id), None)

    @property
    def start(self) -> Node | None:
        """The first start event."""
        return next((node for node in self.nodes if node.kind is Kind.START), None)

    def outgoing(self, node_id: str) -> list[Flow]:
        """Answer the flows that leave a node, in the order of the file."""
        return [flow for flow in self.flows if flow.source == node_id]

    def incoming(self, node_id: str) -> list[Flow]:
        """Answer the flows that reach a node, in the order of the file."""
        return [flow for flow in self.flows if flow.target == node_id]


@dataclass(frozen=True, slots=True)
class Diagram:
    """One BPMN file. `scopes` begins with the process itself; subprocesses follow in the order of the file."""

    stem: str
    content: bytes
    scopes: tuple[Scope, ...] = ()
    lanes: tuple[Lane, ...] = ()
    shapes: frozenset[str] = frozenset()
    ids: tuple[tuple[str, int | None], ...] = ()

    @property
    def process(self) -> Scope:
        """The process itself."""
        return self.scopes[0]

    @property
    def nodes(self) -> Iterator[Node]:
        """Every node of every scope."""
        return (node for scope in self.scopes for node in scope.nodes)

    @property
    def flows(self) -> Iterator[Flow]:
        """Every flow of every scope."""
        return (flow for scope in self.scopes for flow in scope.flows)

    def scope(self, scope_id: str) -> Scope:
        """Answer the scope of this id."""
        return next(scope for scope in self.scopes if scope.id == scope_id)

    def lanes_of(self, node: Node) -> list[Lane]:
        """Answer the lanes that list the node, or else the subprocess that holds it."""
        found = [lane for lane in self.lanes if node.id in lane.members]
        owner = self.scope(node.scope).owner
        return found if found or owner is None else self.lanes_of(owner)
