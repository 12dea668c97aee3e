"""From diagrams to SpiffWorkflow specs, once a definition: the part of a definition that moves.

The parser of SpiffWorkflow never sees what an office drew. It gets a document that we write from our own reading:
nodes and flows that run, every flow with an id (3.2.0 drops flows without one), no pictures, no data objects (a
dangling reference hangs it), no extensions. Ids become ``process/element``, so shared diagrams cannot clash. Then
every node is proved to be in the spec.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import (
    CallActivityParser,
    ConditionalGatewayParser,
    GatewayParser,
    SubprocessParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.exceptions import WorkflowException

from engine.domain.process import Problem
from engine.process.diagram import Diagram, EventKind, Flow, Kind, Node, Scope
from engine.process.problems import report
from engine.process.safe_xml import BPMN
from engine.process.specs import (
    Call,
    Choice,
    EffectTask,
    EventSubprocess,
    Inclusive,
    ParallelJoin,
    ProcessSpec,
    Subprocess,
)

# The nodes that every scope has besides its own.
_START, _END, _JOIN = range(3)
_OWN = 3
# What SpiffWorkflow puts around a task with boundary events.
_AROUND = ("", ".BoundaryEventSplit", ".BoundaryEventJoin")


class BlueprintRefused(Exception):
    """SpiffWorkflow would not run these diagrams as they are drawn."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.message_en for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class ScopePlan:
    """One scope of a blueprint: its spec, and a number for each of its nodes that no library decides.

    Numbers follow the order of the file, so a saved state does not depend on how a version of SpiffWorkflow names or
    orders its specs.
    """

    name: str
    spec: ProcessSpec
    number_of: dict[str, int] = field(repr=False)
    name_of: dict[int, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """The immutable, shared part of every instance of one definition. `plans[0]` is the procedure's own process."""

    ref: str
    plans: tuple[ScopePlan, ...]
    index: dict[str, int] = field(repr=False)
    subprocesses: dict[str, ProcessSpec] = field(repr=False)
    routing: frozenset[str] = frozenset()

    @property
    def root(self) -> ProcessSpec:
        """The spec of the procedure's own process."""
        return self.plans[0].spec


def node_name(diagram: Diagram, node_id: str) -> str:
    """Write the name of a node in a blueprint: ``process/element``."""
    return f"{diagram.stem}/{node_id}"


def _scope_name(diagram: Diagram, scope: Scope) -> str:
    return diagram.stem if scope.owner is None else node_name(diagram, scope.id)


def build(ref: str, diagrams: Sequence[Diagram], routing: frozenset[str]) -> Blueprint:
    """Compile the diagrams, the procedure's own first; raises `BlueprintRefused`."""
    parser = _Parser()
    parser.diagrams = {
        node_name(diagram, scope.id): (diagram, scope) for diagram in diagrams for scope in diagram.scopes
    }
    try:
        parser.add_bpmn_xml(_document(diagrams))
        root = parser.get_spec(diagrams[0].stem)
        subprocesses = parser.get_subprocess_specs(diagrams[0].stem)
    except (ValidationException, WorkflowException) as error:
        node_id = str(getattr(error, "id", "")).rpartition("/")[2]
        node = next((node for diagram in diagrams for node in diagram.nodes if node.id == node_id), None)
        raise BlueprintRefused([report("parser_refused", node or diagrams[0].process, reason=str(error))]) from error
    specs = {diagrams[0].stem: root, **subprocesses}
    plans = tuple(_plans(diagrams, specs))
    return Blueprint(ref, plans, {plan.name: number for number, plan in enumerate(plans)}, subprocesses, routing)


def _plans(diagrams: Sequence[Diagram], specs: dict[str, ProcessSpec]) -> Iterator[ScopePlan]:
    lost = [
        report("node_lost", node)
        for diagram in diagrams
        for scope in diagram.scopes
        for node in scope.nodes
        if node_name(diagram, node.id) not in getattr(specs.get(_scope_name(diagram, scope)), "task_specs", {})
    ]
    if lost:
        raise BlueprintRefused(lost)
    for diagram in diagrams:
        for scope in diagram.scopes:
            name = _scope_name(diagram, scope)
            spec = specs[name]
            spec.throws = {node_name(diagram, node.id): node.throws for node in scope.nodes if node.throws}
            spec.has_inclusive = any(node.kind is Kind.INCLUSIVE for node in scope.nodes)
            numbers = {spec.start.name: _START, "End": _END, spec.end.name: _JOIN}
            for position, node in enumerate(scope.nodes):
                for kind, suffix in enumerate(_AROUND):
                    full = node_name(diagram, node.id) + suffix
                    if full in spec.task_specs:
                        numbers[full] = _OWN + len(_AROUND) * position + kind
            yield ScopePlan(name, spec, numbers, {number: full for full, number in numbers.items()})


def _document(diagrams: Iterable[Diagram]) -> etree._Element:
    root = etree.Element(f"{{{BPMN}}}definitions")
    messages: dict[str, str] = {}
    for diagram in diagrams:
        for node in diagram.nodes:
            if node.message and node.message not in messages:
                messages[node.message] = f"message_{len(messages)}"
                _add(root, "message", id=messages[node.message], name=node.message)
    for diagram in diagrams:
        process = _add(root, "process", id=diagram.stem, name=diagram.process.name, isExecutable="true")
        _write_scope(process, diagram, diagram.process, messages)
    return root


def _write_scope(parent: etree._Element, diagram: Diagram, scope: Scope, messages: dict[str, str]) -> None:
    for node in scope.nodes:
        element = _write_node(parent, diagram, node, messages)
        if node.kind is Kind.SUBPROCESS:
            _write_scope(element, diagram, diagram.scope(node.id), messages)
    for flow in scope.flows:
        element = _add(
            parent,
            "sequenceFlow",
            id=node_name(diagram, flow.id),
            sourceRef=node_name(diagram, flow.source),
            targetRef=node_name(diagram, flow.target),
        )
        condition = flow.condition or _condition_of_inclusive(scope, flow)
        if condition is not None:
            _add(element, "conditionExpression").text = condition


def _condition_of_inclusive(scope: Scope, flow: Flow) -> str | None:
    """A flow without condition that leaves an inclusive gateway is always taken, unless it is the default."""
    source = scope.node(flow.source)
    is_split = source is not None and source.kind is Kind.INCLUSIVE and len(scope.outgoing(flow.source)) > 1
    return "true" if source is not None and is_split and source.default_flow != flow.id else None


def _write_node(parent: etree._Element, diagram: Diagram, node: Node, messages: dict[str, str]) -> etree._Element:
    element = _add(parent, node.kind.value, id=node_name(diagram, node.id), name=node.name)
    if node.default_flow:
        element.set("default", node_name(diagram, node.default_flow))
    if node.called:
        element.set("calledElement", node.called)
    if node.is_event_subprocess:
        element.set("triggeredByEvent", "true")
    if node.kind is Kind.BOUNDARY:
        element.set("attachedToRef", node_name(diagram, node.attached_to or ""))
        element.set("cancelActivity", "true" if node.is_interrupting else "false")
    if node.event is EventKind.TERMINATE:
        _add(element, "terminateEventDefinition")
    # The start of an event subprocess carries its message in our own table of triggers: see EventSubprocess.
    if node.event is EventKind.MESSAGE and node.kind is not Kind.START:
        if node.kind is Kind.RECEIVE_TASK:
            element.set("messageRef", messages[node.message or ""])
        else:
            _add(element, "messageEventDefinition", messageRef=messages[node.message or ""])
    return element


def _add(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{BPMN}}}{tag}", {key: value for key, value in attributes.items() if value})


class _SubprocessTaskParser(TaskParser):
    """Tells event subprocesses from embedded ones (stock looks for the attribute under a wrong name)."""

    def create_task(self) -> Subprocess | EventSubprocess:
        spec_name = SubprocessParser.get_subprocess_spec(self)
        kind = EventSubprocess if self.node.get("triggeredByEvent") == "true" else Subprocess
        return kind(self.spec, self.bpmn_id, subworkflow_spec=spec_name, **self.bpmn_attributes)


class _ProcessParser(ProcessParser):
    """Builds our `ProcessSpec`, and ties event subprocesses to their scope without touching its start."""

    def create_spec(self) -> ProcessSpec:
        return ProcessSpec(self.bpmn_id, self.get_name(), self.filename)

    def add_tasks(self) -> None:
        for node in self.xpath("./bpmn:startEvent"):
            self.parse_node(node)
        for node in self.xpath("./bpmn:subProcess[@triggeredByEvent='true']"):
            task_spec = self.parse_node(node)
            self.parser.process_parsers[task_spec.spec].get_spec()
            _diagram, scope = self.parser.diagrams[task_spec.spec]
            start = scope.start
            task_spec.attach(self.spec, start.message, is_interrupting=start.is_interrupting)


class _Parser(BpmnParser):
    """SpiffWorkflow's parser with our specs."""

    diagrams: dict[str, tuple[Diagram, Scope]]
    PROCESS_PARSER_CLASS = _ProcessParser
    OVERRIDE_PARSER_CLASSES: ClassVar = {
        full_tag("serviceTask"): (TaskParser, EffectTask),
        full_tag("exclusiveGateway"): (ConditionalGatewayParser, Choice),
        full_tag("parallelGateway"): (GatewayParser, ParallelJoin),
        full_tag("inclusiveGateway"): (ConditionalGatewayParser, Inclusive),
        full_tag("subProcess"): (_SubprocessTaskParser, Subprocess),
        full_tag("callActivity"): (CallActivityParser, Call),
    }
