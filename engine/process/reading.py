"""From the bytes of a BPMN file to a `Diagram`, with every problem of reading on the way.

Reading never stops at the first fault: what can be read is read, so that a person sees all faults at once.
Pictures, notes, data objects and documentation are left aside; they do not run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.domain.process import Problem
from engine.process.diagram import (
    IMPORTED_KINDS,
    SUPPORTED_EVENTS,
    THROWING,
    Diagram,
    EventKind,
    Flow,
    Kind,
    Lane,
    Node,
    Scope,
)
from engine.process.extensions import Owner, read_actor, read_effects, read_step
from engine.process.problems import report
from engine.process.safe_xml import BPMN, BPMN_DI, XmlRefused, line_of, name_of, read_xml

# The parser of SpiffWorkflow goes as deep as a process is long; a person reads a fifth of this.
MAX_NODES = 200
# What may stand in a process and does not run.
_NOTES = frozenset(
    {
        "laneSet", "documentation", "extensionElements", "textAnnotation", "association", "group", "dataObject",
        "dataObjectReference", "dataStoreReference", "ioSpecification", "property", "incoming", "outgoing",
        "category", "auditing", "monitoring", "dataInputAssociation", "dataOutputAssociation", "dataInput",
        "dataOutput", "inputSet", "outputSet", "messageEventDefinition", "terminateEventDefinition",
        "flowNodeRef", "supportedInterfaceRef", "correlationSubscription", "resourceRole", "potentialOwner",
    }
)  # fmt: skip
_KINDS = {kind.value: kind for kind in Kind}
_EVENTS = {"messageEventDefinition": EventKind.MESSAGE, "terminateEventDefinition": EventKind.TERMINATE}
_ADVICE = {
    "task": ("Hãy vẽ thành User Task hoặc Service Task.", "Draw a user task or a service task."),
    "manualTask": ("Hãy vẽ thành User Task.", "Draw a user task."),
    "sendTask": ("Hãy dùng Service Task với lệnh notify hoặc order_letter.", "Use a service task with an effect."),
    "businessRuleTask": ("Hãy để người thụ lý chọn trong biểu mẫu.", "Let the officer choose in the form."),
    "inclusiveGateway": ("Hãy dùng cổng song song hoặc lựa chọn.", "Use parallel or exclusive gateways."),
    "timerEventDefinition": (
        "Thời hạn do lịch làm việc tính; hãy bắt message due_soon hoặc overdue.",
        "Deadlines follow the working calendar; catch message due_soon or overdue.",
    ),
    "standardLoopCharacteristics": ("Hãy vẽ luồng quay lại bước trước.", "Draw a flow back to the earlier step."),
    "multiInstanceLoopCharacteristics": ("Hãy vẽ từng bước.", "Draw each step."),
}


@dataclass(slots=True)
class _Reader:
    """The file being read: names of messages, whether the import wrote it, and the problems met so far."""

    messages: dict[str, str] = field(default_factory=dict)
    is_imported: bool = False
    problems: list[Problem] = field(default_factory=list)

    def owner(self, element: etree._Element) -> Owner:
        """Name the element to which problems belong."""
        return Owner(element.get("id", ""), element.get("name", ""), line_of(element), self.problems.append)


def read_diagram(content: bytes, stem: str, *, is_imported: bool = False) -> tuple[Diagram | None, tuple[Problem, ...]]:
    """Read a BPMN file called `stem`; no diagram if there is none in it.

    `is_imported`: the import wrote it, so it may hold what only runs in diagrams that were drawn elsewhere.
    """
    try:
        root = read_xml(content)
    except XmlRefused as refused:
        return None, (refused.problem,)
    name = name_of(root.tag)
    if name != (BPMN, "definitions"):
        return None, (report("not_bpmn", root=name.local, line=line_of(root)),)
    names = {message.get("id", ""): message.get("name", "") for message in _children(root, "message")}
    reader = _Reader(names, is_imported)
    processes = list(_children(root, "process"))
    if len(processes) != 1:
        code = "several_processes" if processes else "no_process"
        return None, (report(code, count=len(processes), line=line_of(processes[-1] if processes else root)),)
    process = processes[0]
    _read_process_attributes(process, stem, reader)
    scopes = tuple(_scopes(process, None, reader))
    for scope in scopes:
        if len(scope.nodes) > (MAX_NODES if not is_imported else 2 * MAX_NODES):
            return None, (report("too_large", scope, limit=f"{MAX_NODES} phần tử"),)
    diagram = Diagram(
        stem=stem,
        content=content,
        scopes=scopes,
        lanes=tuple(_lanes(process, reader)),
        shapes=_shapes(root),
        ids=tuple(_ids(root)),
    )
    return diagram, tuple(reader.problems)


def _children(element: etree._Element, tag: str) -> Iterator[etree._Element]:
    return element.iterchildren(f"{{{BPMN}}}{tag}")


def _read_process_attributes(process: etree._Element, stem: str, reader: _Reader) -> None:
    owner = reader.owner(process)
    if owner.id != stem:
        owner.report("process_id_differs", found=owner.id, expected=stem)
    if process.get("isExecutable") != "true":
        owner.report("not_executable")


def _shapes(root: etree._Element) -> frozenset[str]:
    tags = (f"{{{BPMN_DI}}}BPMNShape", f"{{{BPMN_DI}}}BPMNEdge")
    return frozenset(shape.get("bpmnElement", "") for shape in root.iter(*tags))


def _ids(root: etree._Element) -> Iterator[tuple[str, int | None]]:
    for element in root.iter(f"{{{BPMN}}}*", f"{{{BPMN_DI}}}*"):
        if element.get("id"):
            yield element.get("id", ""), line_of(element)


def _lanes(element: etree._Element, reader: _Reader) -> Iterator[Lane]:
    for lane in element.iter(f"{{{BPMN}}}lane"):
        if lane.find(f"{{{BPMN}}}childLaneSet") is not None:
            continue
        owner = reader.owner(lane)
        role, unit = read_actor(lane, owner)
        members = tuple((member.text or "").strip() for member in _children(lane, "flowNodeRef"))
        yield Lane(owner.id, owner.name, role, unit, members, owner.line)


def _scopes(element: etree._Element, owner: Node | None, reader: _Reader) -> Iterator[Scope]:
    scope_id = element.get("id", "")
    nodes: list[Node] = []
    inner: list[tuple[etree._Element, Node]] = []
    for child in element:
        name = name_of(child.tag)
        if name.namespace != BPMN or name.local in _NOTES or name.local == "sequenceFlow":
            continue
        node = _node(child, name.local, scope_id, reader)
        if node is not None:
            nodes.append(node)
            if node.kind is Kind.SUBPROCESS:
                inner.append((child, node))
    flows = tuple(_flows(element, scope_id, reader))
    yield Scope(scope_id, element.get("name", ""), tuple(nodes), flows, owner, line_of(element))
    for child, node in inner:
        yield from _scopes(child, node, reader)


def _node(element: etree._Element, tag: str, scope_id: str, reader: _Reader) -> Node | None:
    owner = reader.owner(element)
    if tag == "scriptTask":
        owner.report("script_task_refused")
        return None
    kind = _KINDS.get(tag)
    if kind is None or (kind in IMPORTED_KINDS and not reader.is_imported):
        _refuse(owner, tag)
        return None
    if not owner.id:
        reader.problems.append(report("missing_id", kind=tag, line=owner.line))
        return None
    event, message = _event(element, kind, owner, reader)
    throws = message if kind in THROWING else None
    interrupting = element.get("cancelActivity" if kind is Kind.BOUNDARY else "isInterrupting", "true")
    return Node(
        id=owner.id,
        kind=kind,
        scope=scope_id,
        name=owner.name,
        line=owner.line,
        default_flow=element.get("default"),
        called=element.get("calledElement"),
        event=EventKind.NONE if throws else event,
        message=None if throws else message,
        throws=throws,
        is_interrupting=interrupting == "true",
        attached_to=element.get("attachedToRef"),
        is_event_subprocess=kind is Kind.SUBPROCESS and element.get("triggeredByEvent") == "true",
        step=read_step(element, owner) if kind is Kind.USER_TASK else None,
        effects=read_effects(element, owner) if kind is Kind.SERVICE_TASK else (),
    )


def _refuse(owner: Owner, tag: str) -> None:
    advice, advice_en = _ADVICE.get(tag, ("", ""))
    owner.report("unsupported_element", kind=tag, advice=advice, advice_en=advice_en)


def _event(element: etree._Element, kind: Kind, owner: Owner, reader: _Reader) -> tuple[EventKind, str | None]:
    """Read what an event carries, and refuse what does not run."""
    allowed = SUPPORTED_EVENTS.get(kind, frozenset({EventKind.NONE}))
    if reader.is_imported and kind in THROWING:
        allowed |= {EventKind.MESSAGE}
    found = list(_event_definitions(element, allowed, owner, reader))
    if kind is Kind.RECEIVE_TASK:
        found.append((EventKind.MESSAGE, reader.messages.get(element.get("messageRef", ""))))
    if len(found) > 1:
        _refuse(owner, "multipleEventDefinition")
    if not found:
        if EventKind.NONE not in allowed:
            _refuse(owner, f"{kind.value} (không có message)")
        return EventKind.NONE, None
    if found[0][0] is EventKind.MESSAGE and not found[0][1]:
        owner.report("missing_message")
    return found[0]


def _event_definitions(
    element: etree._Element, allowed: frozenset[EventKind], owner: Owner, reader: _Reader
) -> Iterator[tuple[EventKind, str | None]]:
    for child in element:
        name = name_of(child.tag)
        if name.namespace != BPMN or not name.local.endswith(("EventDefinition", "LoopCharacteristics")):
            continue
        event = _EVENTS.get(name.local)
        if event is None or event not in allowed:
            _refuse(owner, name.local)
        else:
            yield event, reader.messages.get(child.get("messageRef", ""))


def _flows(element: etree._Element, scope_id: str, reader: _Reader) -> Iterable[Flow]:
    for number, child in enumerate(_children(element, "sequenceFlow"), start=1):
        owner = reader.owner(child)
        source, target = child.get("sourceRef", ""), child.get("targetRef", "")
        if not owner.id:
            reader.problems.append(report("flow_without_id", source=source, target=target, line=owner.line))
        conditions = [(condition.text or "").strip() for condition in _children(child, "conditionExpression")]
        yield Flow(
            id=owner.id or f"{scope_id}.flow_{number}",
            source=source,
            target=target,
            scope=scope_id,
            name=owner.name,
            condition=conditions[0] if conditions else None,
            line=owner.line,
        )
