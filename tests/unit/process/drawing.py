"""Draws BPMN from a few lines of text, picture included, so that a test shows the whole model it speaks of.

    start > a > p_split
    p_split > b > p_join
    p_split > c > p_join
    p_join > x_again
    x_again > a if again == "yes"
    x_again > end

Names tell kinds: start…, end…, x_ exclusive, p_ parallel, s_ service (orders ``notify`` with its name as message),
wait_ (a message of the rest of the name), call_ (a shared diagram of the rest); everything else is a user task.
``name { … }`` holds an embedded subprocess, ``on message { … }`` a non-interrupting event subprocess, ``on! message``
an interrupting one; ``guard b on task = message`` sits on a task and interrupts it, ``guard? …`` does not. A flow
without ``if`` out of an exclusive gateway is its default.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from xml.sax.saxutils import quoteattr

_KINDS = {"start": "startEvent", "end": "endEvent", "x": "exclusiveGateway", "p": "parallelGateway", "s": "serviceTask"}
_KINDS |= {"wait": "intermediateCatchEvent", "call": "callActivity"}


@dataclass
class DrawnFlow:
    id: str
    source: str
    target: str
    condition: str | None = None


@dataclass
class DrawnScope:
    """A process or subprocess. `event`: the message that starts it, `interrupts`: whether it ends all else."""

    id: str
    event: str = ""
    interrupts: bool = False
    nodes: list[str] = field(default_factory=list)
    flows: list[DrawnFlow] = field(default_factory=list)
    inner: dict[str, DrawnScope] = field(default_factory=dict)
    guards: dict[str, tuple[str, str, bool]] = field(default_factory=dict)

    def kind(self, node: str) -> str:
        if node in self.inner:
            return "subProcess"
        if node in self.guards:
            return "boundaryEvent"
        if node == f"{self.id}_begins":
            return "startEvent"
        return _KINDS.get(re.split(r"[_\d]", node)[0], "userTask")

    def outgoing(self, node: str) -> list[DrawnFlow]:
        return [flow for flow in self.flows if flow.source == node]

    def incoming(self, node: str) -> list[DrawnFlow]:
        return [flow for flow in self.flows if flow.target == node]

    def add(self, node: str) -> None:
        if node not in self.nodes:
            self.nodes.append(node)


def read(name: str, text: str) -> DrawnScope:
    """Read the lines of a model."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return _read_scope(DrawnScope(name), lines, name)


def _read_scope(scope: DrawnScope, lines: list[str], prefix: str) -> DrawnScope:
    while lines:
        line = lines.pop(0)
        if line == "}":
            return scope
        if opened := re.fullmatch(r"(on!?)? ?(\w+) \{", line):
            event = opened[2] if opened[1] else ""
            node = f"on_{opened[2]}" if opened[1] else opened[2]
            scope.add(node)
            scope.inner[node] = _read_scope(DrawnScope(node, event, opened[1] == "on!"), lines, f"{prefix}_{node}")
        elif guard := re.fullmatch(r"guard(\?)? (\w+) on (\w+) = (\w+)", line):
            scope.add(guard[2])
            scope.guards[guard[2]] = (guard[3], guard[4], guard[1] is None)
        else:
            way, _, condition = line.partition(" if ")
            names = [part.strip() for part in way.split(">")]
            for source, target in pairwise(names):
                scope.add(source)
                scope.add(target)
                flow_id = f"{prefix}_flow{len(scope.flows) + 1}"
                scope.flows.append(DrawnFlow(flow_id, source, target, condition or None))
    return scope


def bpmn(scope: DrawnScope, *, stock: bool = False) -> bytes:
    """Write the model as a BPMN file with a picture. `stock`: without anything of ours, for stock SpiffWorkflow."""
    body: list[str] = []
    messages: set[str] = set()
    _write(scope, body, messages, stock=stock)
    tasks = _all_nodes(scope)
    lanes = "" if stock else _lane(tasks)
    declared = "".join(f'<bpmn:message id="message_{name}" name="{name}"/>' for name in sorted(messages))
    shapes = "".join(
        f'<bpmndi:BPMNShape id="shape_{node}" bpmnElement="{node}"><dc:Bounds x="{60 * place}" y="80" width="50" '
        f'height="40"/></bpmndi:BPMNShape>'
        for place, node in enumerate(["lane", *tasks])
    ) + "".join(
        f'<bpmndi:BPMNEdge id="edge_{flow.id}" bpmnElement="{flow.id}"><di:waypoint x="0" y="0"/></bpmndi:BPMNEdge>'
        for flow in _all_flows(scope)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
        'xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:motcua="urn:motcua:bpmn:1" targetNamespace="t">\n'
        f"{declared}\n"
        f'<bpmn:process id="{scope.id}" name="Quy trình {scope.id}" isExecutable="true">\n{lanes}\n'
        + "\n".join(body)
        + f'\n</bpmn:process>\n<bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="{scope.id}">'
        f"{shapes}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>\n</bpmn:definitions>\n"
    ).encode()


def _all_nodes(scope: DrawnScope) -> list[str]:
    found = list(scope.nodes)
    for inner in scope.inner.values():
        found += _all_nodes(inner)
    return found


def _all_flows(scope: DrawnScope) -> list[DrawnFlow]:
    return [*scope.flows, *(flow for inner in scope.inner.values() for flow in _all_flows(inner))]


def _lane(nodes: list[str]) -> str:
    members = "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in nodes)
    actor = '<motcua:actor role="officer" unit="deciding"/>'
    return (
        f'<bpmn:laneSet id="lanes"><bpmn:lane id="lane" name="Chuyên viên"><bpmn:extensionElements>{actor}'
        f"</bpmn:extensionElements>{members}</bpmn:lane></bpmn:laneSet>"
    )


def _write(scope: DrawnScope, body: list[str], messages: set[str], *, stock: bool) -> None:
    for node in scope.nodes:
        kind = scope.kind(node)
        attributes, inside = _details(scope, node, kind, messages, stock=stock)
        body.append(f'<bpmn:{kind} id="{node}" name="Bước {node}"{attributes}>{inside}')
        if node in scope.inner:
            _write(scope.inner[node], body, messages, stock=stock)
        body.append(f"</bpmn:{kind}>")
    for flow in scope.flows:
        condition = f"<bpmn:conditionExpression>{flow.condition}</bpmn:conditionExpression>" if flow.condition else ""
        body.append(
            f'<bpmn:sequenceFlow id="{flow.id}" sourceRef="{flow.source}" targetRef="{flow.target}">{condition}'
            "</bpmn:sequenceFlow>"
        )


def _details(scope: DrawnScope, node: str, kind: str, messages: set[str], *, stock: bool) -> tuple[str, str]:
    """Answer the attributes and the inside of a node."""
    if kind in {"intermediateCatchEvent", "boundaryEvent", "startEvent", "subProcess"}:
        return _event(scope, node, kind, messages)
    if kind == "exclusiveGateway":
        default = [flow.id for flow in scope.outgoing(node) if flow.condition is None]
        return (f" default={quoteattr(default[0])}" if default and len(scope.outgoing(node)) > 1 else ""), ""
    if kind == "callActivity":
        return f' calledElement="{node.removeprefix("call_")}"', ""
    extension = {"userTask": _step(scope), "serviceTask": _effect(node)}.get(kind)
    if extension is None or stock:
        return "", ""
    return "", f"<bpmn:extensionElements>{extension}</bpmn:extensionElements>"


def _event(scope: DrawnScope, node: str, kind: str, messages: set[str]) -> tuple[str, str]:
    if kind == "intermediateCatchEvent":
        return "", _message(node.removeprefix("wait_"), messages)
    if kind == "boundaryEvent":
        holder, message, interrupts = scope.guards[node]
        return f' attachedToRef="{holder}" cancelActivity="{str(interrupts).lower()}"', _message(message, messages)
    if kind == "startEvent" and scope.event:
        return f' isInterrupting="{str(scope.interrupts).lower()}"', _message(scope.event, messages)
    if kind == "subProcess" and scope.inner[node].event:
        return ' triggeredByEvent="true"', ""
    return "", ""


def _message(name: str, messages: set[str]) -> str:
    messages.add(name)
    return f'<bpmn:messageEventDefinition messageRef="message_{name}"/>'


def _step(scope: DrawnScope) -> str:
    names = sorted(set(re.findall(r"(\w+) ==", " ".join(flow.condition or "" for flow in _all_flows(scope)))))
    fields = "".join(f'<motcua:field id="{name}" label="Chọn {name}" type="text"/>' for name in names)
    return f'<motcua:step limit="1" phase="only"/><motcua:form>{fields}</motcua:form>'


def _effect(node: str) -> str:
    return (
        '<motcua:effect name="notify"><motcua:argument name="audience" value="leader"/>'
        f'<motcua:argument name="message" value="{node}"/></motcua:effect>'
    )


def facts(name: str, days: object = 1) -> bytes:
    """Write the facts of a drawn procedure: one case, one phase called `only`."""
    return f"""code: "9.{name}"
name: Thủ tục {name}
process: {name}
version: "1"
sector: test
sector_name: Thử
deciding_unit: land_registry
cases:
  - {{id: standard, name: Thường, phases: [{{name: only, label: Duy nhất, limit: {days}, unit: working_days}}]}}
items: [{{id: form, name: Đơn, original: 1}}]
result: Kết quả
channels: [in_person]
legal_basis: [Luật thử]
""".encode()
