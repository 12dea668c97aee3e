"""BPMN as strangers' tools write it: models drawn here in a few lines, written in the manner of different tools.

A model is text: one node a line (``kind id "name" key=value !event``), chains of flows (``a > b > c``), a flow of its
own with a name and a condition (``a > b "yes" [x > 1]``), and indentation for what lies inside a subprocess.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
_NODE = re.compile(
    r'^(?P<kind>\w+) (?P<id>[\w.-]+)(?: "(?P<name>[^"]*)")?(?P<rest>(?: [\w:]+=\S+)*)'
    r"(?P<events>(?: !\w+(?::[\w.-]+)?)*)(?P<loop>(?: [*+?|])?)$"
)
_FLOW = re.compile(r'^(?P<chain>[\w.-]+(?: > [\w.-]+)+)(?: "(?P<name>[^"]*)")?(?: \[(?P<condition>.*)\])?$')
_TAGS = {
    "start": "startEvent", "end": "endEvent", "throw": "intermediateThrowEvent", "catch": "intermediateCatchEvent",
    "boundary": "boundaryEvent", "xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway",
    "complex": "complexGateway", "first": "eventBasedGateway", "sub": "subProcess", "adhoc": "adHocSubProcess",
    "transaction": "transaction", "call": "callActivity", "user": "userTask", "manual": "manualTask",
    "script": "scriptTask", "send": "sendTask", "receive": "receiveTask", "service": "serviceTask",
    "rule": "businessRuleTask", "task": "task", "process": "process", "lane": "lane", "store": "dataStoreReference",
    "data": "dataObjectReference", "text": "textAnnotation",
}  # fmt: skip
_REFS = {"message", "signal", "error", "escalation"}


@dataclass(frozen=True)
class Manner:
    """How a tool writes: prefix, ids of flows, picture, who lists flows, encoding, clutter of its own."""

    name: str
    prefix: str | None = None
    flow_ids: bool = True
    picture: bool = True
    incoming: bool = True
    encoding: str = "UTF-8"
    clutter: bool = False
    executable: str = "false"
    backwards: bool = False
    tidy_ids: bool = True
    pools: bool = True


MANNERS = (
    Manner("plain", prefix=None, executable="true"),
    Manner("prefixed", prefix="semantic", encoding="ISO-8859-1", clutter=True),
    Manner("bare", prefix="bpmn2", picture=False, incoming=False, flow_ids=False, executable=""),
    Manner("wide", prefix="bpmn", encoding="UTF-16", backwards=True),
    Manner("odd", prefix="ns0", tidy_ids=False, incoming=False, encoding="windows-1252", pools=False),
)


class _Writer:
    def __init__(self, manner: Manner) -> None:
        self.manner = manner
        names = {manner.prefix: BPMN, "bpmndi": DI, "dc": DC, "di": DD, "camunda": CAMUNDA, "vendor": "urn:vendor"}
        self.root = etree.Element(f"{{{BPMN}}}definitions", nsmap=names)  # type: ignore[arg-type]
        self.root.set("targetNamespace", "urn:drawn:here")
        self.refs: dict[str, str] = {}
        self.shapes: list[str] = []
        self.edges: list[str] = []
        self.flows = 0

    def id(self, name: str) -> str:
        return name if self.manner.tidy_ids else f"{{{name}}} số/1"

    def node(self, parent: etree._Element, line: str) -> etree._Element:
        found = _NODE.match(line)
        assert found is not None, line
        element = etree.SubElement(parent, f"{{{BPMN}}}{_TAGS[found['kind']]}")
        element.set("id", self.id(found["id"]))
        if found["name"]:
            element.set("name", found["name"])
        for pair in found["rest"].split():
            key, _, value = pair.partition("=")
            if key in {"attachedToRef", "default"}:
                value = self.id(value)
            element.set(f"{{{CAMUNDA}}}{key[8:]}" if key.startswith("camunda:") else key, value.replace("_", " "))
        if self.manner.clutter:
            extensions = etree.SubElement(element, f"{{{BPMN}}}extensionElements")
            etree.SubElement(extensions, "{urn:vendor}style", colour="#fff", weird="a<b")
        for event in found["events"].split():
            self.event(element, event[1:])
        self.loop(element, found["loop"].strip())
        if found["kind"] == "process":
            if self.manner.executable:
                element.set("isExecutable", self.manner.executable)
        else:
            self.shapes.append(element.get("id", ""))
        return element

    def event(self, element: etree._Element, text: str) -> None:
        kind, _, ref = text.partition(":")
        definition = etree.SubElement(element, f"{{{BPMN}}}{kind}EventDefinition")
        if kind in _REFS and ref:
            if ref not in self.refs:
                self.refs[ref] = f"{kind}_{len(self.refs)}"
                declared = etree.Element(f"{{{BPMN}}}{kind}", id=self.refs[ref], name=ref)
                if kind in {"error", "escalation"}:
                    declared.set(f"{kind}Code", ref)
                self.root.append(declared)
            definition.set(f"{kind}Ref", self.refs[ref])
        elif kind == "timer":
            etree.SubElement(definition, f"{{{BPMN}}}timeDuration").text = ref or "PT5M"
        elif kind == "link":
            definition.set("name", ref)
        elif kind == "conditional":
            etree.SubElement(definition, f"{{{BPMN}}}condition")

    def loop(self, element: etree._Element, mark: str) -> None:
        if mark in {"*", "?"}:
            found = etree.SubElement(element, f"{{{BPMN}}}standardLoopCharacteristics")
            found.set("testBefore", "true" if mark == "?" else "false")
        elif mark:
            found = etree.SubElement(element, f"{{{BPMN}}}multiInstanceLoopCharacteristics")
            found.set("isSequential", "true" if mark == "|" else "false")

    def flow(self, parent: etree._Element, line: str) -> None:
        found = _FLOW.match(line)
        assert found is not None, line
        chain = found["chain"].split(" > ")
        for source, target in itertools.pairwise(chain):
            self.flows += 1
            element = etree.SubElement(parent, f"{{{BPMN}}}sequenceFlow")
            if self.manner.flow_ids:
                element.set("id", self.id(f"f{self.flows}"))
                self.edges.append(element.get("id", ""))
            element.set("sourceRef", self.id(source))
            element.set("targetRef", self.id(target))
            if found["name"]:
                element.set("name", found["name"])
            if found["condition"] is not None:
                etree.SubElement(element, f"{{{BPMN}}}conditionExpression").text = found["condition"]

    def finish(self) -> bytes:
        for holder in list(self.root.iter()):
            if self.manner.backwards and holder.tag in {f"{{{BPMN}}}process", f"{{{BPMN}}}subProcess"}:
                holder[:] = list(holder)[::-1]
        if self.manner.pools:
            self.pools()
        if self.manner.picture:
            self.picture()
        written = etree.tostring(self.root, xml_declaration=True, encoding=self.manner.encoding)
        assert isinstance(written, bytes)
        return written

    def pools(self) -> None:
        collaboration = etree.Element(f"{{{BPMN}}}collaboration", id="c1")
        for process in self.root.iterchildren(f"{{{BPMN}}}process"):
            etree.SubElement(
                collaboration, f"{{{BPMN}}}participant", id=f"p_{process.get('id')}", processRef=process.get("id", "")
            )
        etree.SubElement(collaboration, f"{{{BPMN}}}participant", id="outside", name="Khách hàng")
        etree.SubElement(collaboration, f"{{{BPMN}}}messageFlow", id="m1", sourceRef="outside", targetRef="p_main")
        self.root.insert(0, collaboration)

    def picture(self) -> None:
        diagram = etree.SubElement(self.root, f"{{{DI}}}BPMNDiagram")
        plane = etree.SubElement(diagram, f"{{{DI}}}BPMNPlane", bpmnElement="c1")
        for place, shape in enumerate(self.shapes):
            drawn = etree.SubElement(plane, f"{{{DI}}}BPMNShape", bpmnElement=shape)
            sides = {"x": f"{120 * place}.0", "y": "80", "width": "36", "height": "36"}
            etree.SubElement(drawn, f"{{{DC}}}Bounds", sides)
        for edge in self.edges:
            drawn = etree.SubElement(plane, f"{{{DI}}}BPMNEdge", bpmnElement=edge)
            etree.SubElement(drawn, f"{{{DD}}}waypoint", x="1", y="2")
            etree.SubElement(drawn, f"{{{DD}}}waypoint", x="3", y="4")


def write(model: str, manner: Manner = MANNERS[0]) -> bytes:
    """Write a model in the manner of a tool. What stands before the first ``process`` line belongs to ``main``."""
    writer = _Writer(manner)
    lines = [line for line in model.splitlines() if line.strip()]
    margin = len(lines[0]) - len(lines[0].lstrip())
    if not lines[0].strip().startswith("process"):
        lines.insert(0, " " * margin + "process main")
    stack: list[tuple[int, etree._Element]] = [(-1, writer.root)]
    for line in lines:
        depth = len(line) - len(line.lstrip()) - margin + (0 if line.strip().startswith("process ") else 1)
        while stack[-1][0] >= depth:
            stack.pop()
        parent = stack[-1][1]
        if " > " in line:
            writer.flow(parent, line.strip())
        else:
            stack.append((depth, writer.node(parent, line.strip())))
    return writer.finish()


# What the interchange suite and the engines' own tests draw again and again, drawn here by ourselves.
SHAPES: dict[str, str] = {
    "line": """
        start s "Bắt đầu"
        task t1 "Task 1"
        task t2 "Task 2"
        task t3
        end e
        s > t1 > t2 > t3 > e
        """,
    "choice": """
        start s
        task t1 "Task 1"
        xor g "Gateway (Split Flow)"
        task t2
        task t3
        task t4
        xor m
        end e
        s > t1 > g > t2 > m > e
        g > t3 > m
        g > t4 > m
        """,
    "conditional_flows": """
        start s
        task t1
        xor g default=f3
        task t2 default=f5
        task t3
        task t4 default=f8
        xor m
        end e
        s > t1 > g
        g > t2 "Default" []
        t2 > e "Condition" [true]
        t2 > t3
        g > t3
        g > t4 []
        t4 > t3
        t4 > m "condition" []
        t3 > m > e
        """,
    "boundaries": """
        start s
        task t1
        sub c "Collapsed"
        boundary b1 attachedToRef=c cancelActivity=false !message
        boundary b2 attachedToRef=c !escalation
        task t2
        task t3
        task t4
        end e1
        end e2
        s > t1 > c > t2 > e1
        b1 > t3 > e1
        b2 > t4 > e2
        """,
    "pools": """
        process main
        start s
        task t1
        task t2
        end e
        s > t1 > t2 > e
        process other
        start s2
        task t3
        sub x1
          start s3
          task t4
          end e3
          s3 > t4 > e3
        task t5
        end e2
        sub x2
          start s4
          task t6
          end e4
          s4 > t6 > e4
        end e5
        s2 > t3 > x1 > t5 > e2
        t3 > x2 > e5
        process empty
        """,
    "calls": """
        process called
        start cs
        task ct
        end ce
        cs > ct > ce
        process main
        start s !message:order
        and p
        user u
        xor g1
        call k1
        call k2 calledElement=WFP-0-
        call k3 calledElement=called
        xor m1
        end e1 !message
        xor g2
        sub c
        sub x
          start xs
          task xt
          end xe
          xs > xt > xe
        service v "Tính phí"
        store d
        data o
        text note
        xor m2
        end e2 !terminate
        s > p > u > g2 > c > x > m2 > e2
        p > g1 > k2 > k3 > m1 > e1
        g1 > k1 > m1
        g2 > v > m2
        """,
    "shop": """
        start s
        task browse
        task add
        xor done "Xong chưa?"
        sub checkout "Thanh toán"
          start cs
          task pay
          xor ok "Được nhận?"
          xor retry "Thử lại?"
          throw sent !message:order
          end ce
          end failed !error
          cs > pay > ok
          ok > sent "Yes"
          ok > retry "No"
          retry > pay "Yes"
          retry > failed "No"
          sent > ce
        boundary b attachedToRef=checkout !error
        task receive
        end e1
        end e2
        s > browse > add > done
        done > browse "No"
        done > checkout "Yes"
        checkout > receive > e1
        b > e2
        """,
    "events": """
        start s !timer
        task t1
        throw th !signal:alarm
        catch c1 !message:answer
        catch c2 !timer:PT1H
        catch c3 !conditional
        catch c4 !signal:elsewhere
        throw l1 !link:A
        catch l2 !link:A
        end e !signal
        s > t1 > th > c1 > c2 > c3 > c4 > l1
        l2 > e
        """,
    "first_event": """
        start s
        send ask
        first g
        catch c1 "Có trả lời" !message:answer
        catch c2 "Quá hạn" !timer:P3D
        receive r "Bị rút"
        task t1
        task t2
        end e
        s > ask > g > c1 > t1 > e
        g > c2 > t2 > e
        g > r > e
        """,
    "inclusive": """
        start s
        task t1
        or g default=f4
        task t2
        task t3
        task t4
        or m
        task t5
        end e
        s > t1 > g
        g > t2 [${amount > 100}]
        g > t4
        g > t3 [=kind = "land"]
        t2 > m > t5 > e
        t3 > m
        t4 > m
        """,
    "translated": """
        start s
        user t1 camunda:assignee=demo
        xor g "Duyệt?"
        task t2
        task t3
        end e
        s > t1 > g
        g > t2 > e [${approved == true && !late}]
        g > t3 > e [#{!approved || late}]
        """,
    "scripts": """
        start s
        script x "Tính"
        rule r
        manual m
        xor g
        end e
        end z
        s > x > r > m > g
        g > e [${execution.getVariable('x').foo() == 1}]
        g > z [import os]
        """,
    "no_ends": """
        task t1
        task t2
        and j
        t1 > j
        t2 > j
        """,
    "starts": """
        start s1 "Qua mạng" !message:web
        start s2 "Trực tiếp"
        task t
        task beside "Việc riêng"
        end e
        s1 > t > e
        s2 > t
        """,
    "loops": """
        start s
        user a "Làm lại" *
        user b "Có thể không làm" ?
        sub c "Nhiều lượt" |
          start cs
          task ct
          end ce
          cs > ct > ce
        call d "Song song" +
        end e
        s > a > b > c > d > e
        """,
    "adhoc": """
        start s
        adhoc a "Tùy ý"
          task x
          task y
          task z
          x > y
        end e
        s > a > e
        """,
    "undo": """
        start s
        transaction tr
          start ts
          task book
          boundary cb attachedToRef=book !compensate
          task unbook isForCompensation=true
          xor g
          end ok
          end bad !cancel
          ts > book > g
          g > ok
          g > bad
        boundary cancelled attachedToRef=tr !cancel
        throw undo !compensate
        end e
        end e2 !compensate
        s > tr > e
        cancelled > undo > e2
        """,
    "handlers": """
        start s
        user t1
        boundary b attachedToRef=t1 !timer:P7D
        end e
        end e2 !error:late
        sub h1 triggeredByEvent=true
          start hs isInterrupting=false !message:asked
          call ha
          end he
          hs > ha > he
        sub h2 triggeredByEvent=true
          start es !error:late
          task et
          end ee
          es > et > ee
        s > t1 > e
        b > e2
        """,
    "signals": """
        start s
        and p
        task t1
        throw th !signal:go
        catch c !signal:go
        task t2
        end e
        s > p > t1 > th > e
        p > c > t2 > e
        """,
    "rework": """
        start s
        task a
        and p
        task b
        task c
        and j
        xor g "Đạt?"
        end e
        s > a > p > b > j > g > e
        p > c > j
        g > a "Làm lại"
        """,
}
# Drawn so that they cannot run: each is refused, and the element is named.
BROKEN: dict[str, tuple[str, str, str]] = {
    "deadlock": (
        "join_may_wait_forever",
        "j",
        "start s\nxor g\ntask a\ntask b\nand j\nend e\ns > g > a > j > e\ng > b > j",
    ),
    "nowhere": ("missing_flow_target", "f2", "start s\ntask a\ns > a > ghost"),
    "into_the_process": ("missing_flow_target", "f2", "start s\ntask a\ns > a > main"),
    "endless": ("no_end", "main", "start s\ntask a\ntask b\ns > a > b > a"),
    "half_link": ("link_without_partner", "l", "start s\nthrow l !link:A\ns > l"),
    "complex_join": (
        "unsupported_element",
        "j",
        "start s\nand p\ntask a\ntask b\ncomplex j\nend e\ns > p > a > j > e\np > b > j",
    ),
    "crossing": ("flow_crosses_subprocess", "f3", "start s\nsub x\n  task i\nend e\ns > x > e\ni > e"),
    "circle": ("call_activity_recursive", "k", "start s\ncall k calledElement=main\nend e\ns > k > e"),
    "default_join": (
        "walk_stuck",
        "j",
        ("start s\nuser a\nor g default=f3\ntask b\ntask c\nand j\nend e\ns > a > g\ng > b\ng > c\nb > j > e\nc > j"),
    ),
}
