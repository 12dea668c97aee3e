"""What every procedure has and people forget to draw: receipt, hand-over, and answers to what the engine throws.

The parts are added beside what was drawn, with a picture of their own; nothing that is there is changed but the flows
that now lead through them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from engine.process.drafting.drawing import Drawing
from engine.process.safe_xml import BPMN, BPMN_DI, MOTCUA

INTAKE, DELIVERY = "intake", "delivery"
_DC, _DI = "http://www.omg.org/spec/DD/20100524/DC", "http://www.omg.org/spec/DD/20100524/DI"
_Effect = tuple[str, tuple[tuple[str, str], ...]]


class Handler(NamedTuple):
    """An event subprocess that answers a message of the engine."""

    message: str
    name: str
    step: str
    step_name: str
    effects: tuple[_Effect, ...]
    is_interrupting: bool = False


HANDLERS = (
    Handler(
        "due_soon",
        "Sắp đến hạn",
        "remind_assignee",
        "Nhắc người đang xử lý",
        (("notify", (("audience", "assignee"), ("message", "due_soon"))),),
    ),
    Handler(
        "overdue",
        "Quá hạn",
        "send_apology",
        "Gửi văn bản xin lỗi, báo lãnh đạo",
        (
            ("order_letter", (("form", "apology"),)),
            ("notify", (("audience", "leader"), ("message", "overdue"))),
        ),
    ),
    Handler(
        "withdrawal",
        "Người nộp rút hồ sơ",
        "stop_dossier",
        "Lập Thông báo dừng giải quyết (Mẫu 05)",
        (("order_letter", (("form", "discontinuation"),)), ("record_outcome", (("result", "withdrawn"),))),
        is_interrupting=True,
    ),
)


def lacking(drawing: Drawing) -> tuple[str, ...]:
    """Name the parts that are not drawn: ``intake``, ``delivery`` and messages that nothing answers."""
    called = {call.get("calledElement") for call in drawing.process.iter(f"{{{BPMN}}}callActivity")}
    effects = {
        (effect.get("name"), *(argument.get("value") for argument in effect))
        for effect in drawing.process.iter(f"{{{MOTCUA}}}effect")
    }
    names = {message.get("id"): message.get("name") for message in drawing.root.iterchildren(f"{{{BPMN}}}message")}
    caught = {names.get(event.get("messageRef")) for event in drawing.process.iter(f"{{{BPMN}}}messageEventDefinition")}
    missing = [handler.message for handler in HANDLERS if handler.message not in caught]
    if INTAKE not in called and not any(name == "move_clock" for name, *_ in effects):
        missing.insert(0, INTAKE)
    if DELIVERY not in called and not any(name == "record_outcome" and "delivered" in more for name, *more in effects):
        missing.append(DELIVERY)
    return tuple(missing)


def add_standard(drawing: Drawing) -> None:
    """Add every part that is lacking."""
    missing = lacking(drawing)
    parts = _Parts(drawing)
    if INTAKE in missing:
        parts.add_intake()
    if DELIVERY in missing:
        parts.add_delivery()
    for handler in HANDLERS:
        if handler.message in missing:
            parts.add_handler(handler)


class _Parts:
    """Adds elements and their shapes."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing, self.process = drawing, drawing.process
        self.plane = next(iter(drawing.root.iter(f"{{{BPMN_DI}}}BPMNPlane")), None)
        self.ids = {element.get("id") for element in drawing.root.iter()}
        corners = [
            (float(box.get("x", 0)), float(box.get("y", 0)), float(box.get("width", 0)), float(box.get("height", 0)))
            for box in drawing.root.iter(f"{{{_DC}}}Bounds")
        ]
        self.left = min((x for x, _y, _w, _h in corners), default=0.0)
        self.bottom = max((y + height for _x, y, _w, height in corners), default=0.0) + 40
        self.next_x = self.left

    # --- the parts ---

    def add_intake(self) -> None:
        """Receipt in front of what was drawn: only what is accepted goes on, form 01 is issued, the clock starts."""
        start = next(iter(self.process.iterchildren(f"{{{BPMN}}}startEvent")), None)
        leaving = self._flows(source=start.get("id", "") if start is not None else "")
        if start is None or not leaving:
            return
        x, y = self._place(start.get("id", ""))
        lane = self._lane_of(start.get("id", ""))
        call = self._node("callActivity", "receive_dossier", "Tiếp nhận hồ sơ", (x - 380, y - 22), calledElement=INTAKE)
        gate = self._node("exclusiveGateway", "gateway_received", "Đã tiếp nhận?", (x - 230, y - 7))
        out = self._node("endEvent", "end_refused", "Không tiếp nhận", (x - 223, y + 110))
        begin = self._node("startEvent", "start_receipt", start.get("name") or "Hồ sơ được nộp", (x - 470, y))
        self._flow(begin, call)
        self._flow(call, gate)
        refused = self._flow(gate, out, "Không")
        self._made(gate).set("default", refused)
        first = leaving[0].get("targetRef", "")
        self._remove(start, leaving)
        self._flow(gate, first, "Có", 'intake == "accepted"')
        self._into_lane(lane, (begin, call, gate, out))
        self._stretch(x - 520)

    def add_delivery(self) -> None:
        """Hand-over in front of each end that a dossier comes to after it was received."""
        ends = [end.get("id", "") for end in self.process.iterchildren(f"{{{BPMN}}}endEvent")]
        ends = [end for end in ends if end != "end_refused" and self._flows(target=end)]
        if not ends:
            return
        x, y = self._place(ends[0])
        lane = self._lane_of("receive_dossier") or self._lane_of(ends[0])
        gate = self._node("exclusiveGateway", "gateway_result", "Giải quyết được?", (x - 7, y - 7))
        call = self._node("callActivity", "return_result", "Trả kết quả", (x + 240, y - 22), calledElement=DELIVERY)
        reject = self._node("serviceTask", "reject_dossier", "Lập Phiếu từ chối giải quyết (Mẫu 03)", (x + 90, y + 70))
        self._order(self._made(reject), (("order_letter", (("form", "refusal"),)),))
        done = self._node("endEvent", "end_done", "Đã trả kết quả", (x + 400, y))
        for end in ends:
            for flow in self._flows(target=end):
                self._lead(flow, gate)
            self._remove(self._made(end), [])
        self._made(gate).set("default", self._flow(gate, call, "Được"))
        self._flow(gate, reject, "Không", 'appraisal == "reject"')
        self._flow(reject, call)
        self._flow(call, done)
        self._into_lane(lane, (gate, reject, call, done))

    def add_handler(self, handler: Handler) -> None:
        """An event subprocess below the drawing."""
        name = f"on_{handler.message}"
        holder = etree.SubElement(
            self.process, f"{{{BPMN}}}subProcess", {"id": name, "name": handler.name, "triggeredByEvent": "true"}
        )
        x, y = self.next_x, self.bottom
        self.next_x += 380
        self._shape(name, (x, y, 350, 140))
        raised = etree.SubElement(holder, f"{{{BPMN}}}startEvent", {"id": f"{handler.message}_raised"})
        if not handler.is_interrupting:
            raised.set("isInterrupting", "false")
        message = self._message(handler.message)
        etree.SubElement(
            raised,
            f"{{{BPMN}}}messageEventDefinition",
            {"id": f"{handler.message}_definition", "messageRef": message},
        )
        step = etree.SubElement(holder, f"{{{BPMN}}}serviceTask", {"id": handler.step, "name": handler.step_name})
        self._order(step, handler.effects)
        etree.SubElement(holder, f"{{{BPMN}}}endEvent", {"id": f"{handler.message}_end"})
        self._shape(f"{handler.message}_raised", (x + 40, y + 57, 36, 36))
        self._shape(handler.step, (x + 125, y + 35, 100, 80))
        self._shape(f"{handler.message}_end", (x + 275, y + 57, 36, 36))
        self._flow(f"{handler.message}_raised", handler.step, holder=holder)
        self._flow(handler.step, f"{handler.message}_end", holder=holder)
        self._into_lane(next((lane.get("id", "") for lane in self.drawing.lanes()), ""), (name,))

    # --- elements ---

    def _order(self, task: etree._Element, effects: tuple[_Effect, ...]) -> None:
        holder = etree.SubElement(task, f"{{{BPMN}}}extensionElements")
        for name, arguments in effects:
            effect = etree.SubElement(holder, f"{{{MOTCUA}}}effect", {"name": name})
            for argument, value in arguments:
                etree.SubElement(effect, f"{{{MOTCUA}}}argument", {"name": argument, "value": value})

    def _message(self, name: str) -> str:
        for message in self.drawing.root.iterchildren(f"{{{BPMN}}}message"):
            if message.get("name") == name:
                return message.get("id", "")
        made = etree.Element(f"{{{BPMN}}}message", {"id": f"message_{name}", "name": name})
        self.process.addnext(made)
        return f"message_{name}"

    def _node(self, tag: str, wish: str, name: str, place: tuple[float, float], **attributes: str) -> str:
        node, number = wish, 1
        while node in self.ids:
            number += 1
            node = f"{wish}_{number}"
        self.ids.add(node)
        etree.SubElement(self.process, f"{{{BPMN}}}{tag}", {"id": node, "name": name, **attributes})
        size = {"callActivity": (100, 80), "serviceTask": (100, 80), "exclusiveGateway": (50, 50)}.get(tag, (36, 36))
        self._shape(node, (*place, *size))
        return node

    def _flow(
        self, source: str, target: str, name: str = "", condition: str = "", holder: etree._Element | None = None
    ) -> str:
        flow = f"flow_{source}_to_{target}"
        attributes = {"id": flow, **({"name": name} if name else {}), "sourceRef": source, "targetRef": target}
        made = etree.SubElement(self.process if holder is None else holder, f"{{{BPMN}}}sequenceFlow", attributes)
        if condition:
            etree.SubElement(made, f"{{{BPMN}}}conditionExpression").text = condition
        self._edge(flow, source, target)
        return flow

    def _lead(self, flow: etree._Element, target: str) -> None:
        """Let a flow lead somewhere else, in the picture too."""
        flow.set("targetRef", target)
        self._forget(flow.get("id", ""))
        self._edge(flow.get("id", ""), flow.get("sourceRef", ""), target)

    def _made(self, node: str) -> etree._Element:
        """The element of an id that is there."""
        found = self.drawing.element(node)
        assert found is not None
        return found

    def _remove(self, node: etree._Element, flows: list[etree._Element]) -> None:
        for element in (*flows, node):
            self._forget(element.get("id", ""))
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)
        for lane in self.drawing.lanes():
            for member in list(lane):
                if (member.text or "").strip() == node.get("id"):
                    lane.remove(member)

    def _flows(self, source: str = "", target: str = "") -> list[etree._Element]:
        return [
            flow
            for flow in self.process.iterchildren(f"{{{BPMN}}}sequenceFlow")
            if (source and flow.get("sourceRef") == source) or (target and flow.get("targetRef") == target)
        ]

    # --- lanes and pictures ---

    def _lane_of(self, node: str) -> str:
        for lane in self.drawing.lanes():
            if any((member.text or "").strip() == node for member in lane):
                return lane.get("id", "")
        return ""

    def _into_lane(self, lane_id: str, nodes: tuple[str, ...]) -> None:
        lane = self.drawing.element(lane_id) if lane_id else None
        if lane is not None:
            for node in nodes:
                etree.SubElement(lane, f"{{{BPMN}}}flowNodeRef").text = node

    def _shape(self, node: str, box: tuple[float, float, float, float]) -> None:
        if self.plane is None:
            return
        shape = etree.SubElement(self.plane, f"{{{BPMN_DI}}}BPMNShape", {"id": f"{node}_di", "bpmnElement": node})
        if box[2] > 200:  # noqa: PLR2004 - only a subprocess is that wide, and it is drawn open
            shape.set("isExpanded", "true")
        names = ("x", "y", "width", "height")
        sizes = {name: f"{value:g}" for name, value in zip(names, box, strict=True)}
        etree.SubElement(shape, f"{{{_DC}}}Bounds", sizes)

    def _edge(self, flow: str, source: str, target: str) -> None:
        if self.plane is None:
            return
        edge = etree.SubElement(self.plane, f"{{{BPMN_DI}}}BPMNEdge", {"id": f"{flow}_di", "bpmnElement": flow})
        for x, y in self._way(source, target):
            etree.SubElement(edge, f"{{{_DI}}}waypoint", {"x": f"{x:g}", "y": f"{y:g}"})

    def _way(self, source: str, target: str) -> Iterator[tuple[float, float]]:
        """From the right border of one shape to the left one of the next, with right angles."""
        (ax, ay, aw, ah), (bx, by, bw, bh) = self._box(source), self._box(target)
        if by >= ay + ah and bx < ax + aw:  # straight down
            yield from ((ax + aw / 2, ay + ah), (ax + aw / 2, by))
            return
        middle = (ax + aw + bx) / 2
        yield (ax + aw, ay + ah / 2)
        if abs((ay + ah / 2) - (by + bh / 2)) > 1:
            yield from ((middle, ay + ah / 2), (middle, by + bh / 2))
        yield (bx if bx > ax else bx + bw, by + bh / 2)

    def _box(self, node: str) -> tuple[float, float, float, float]:
        for shape in self.drawing.root.iter(f"{{{BPMN_DI}}}BPMNShape"):
            if shape.get("bpmnElement") == node:
                box = shape.find(f"{{{_DC}}}Bounds")
                if box is not None:
                    return (
                        float(box.get("x", 0)), float(box.get("y", 0)),
                        float(box.get("width", 0)), float(box.get("height", 0)),
                    )  # fmt: skip
        return (self.left, self.bottom, 36.0, 36.0)

    def _place(self, node: str) -> tuple[float, float]:
        return self._box(node)[:2]

    def _forget(self, element_id: str) -> None:
        for shape in list(self.drawing.root.iter(f"{{{BPMN_DI}}}BPMNShape", f"{{{BPMN_DI}}}BPMNEdge")):
            if shape.get("bpmnElement") == element_id:
                parent = shape.getparent()
                assert parent is not None
                parent.remove(shape)

    def _stretch(self, left: float) -> None:
        """Make pools and lanes long enough to hold what was added in front, and what will be added behind."""
        lanes = {lane.get("id") for lane in self.drawing.root.iter(f"{{{BPMN}}}lane")}
        pools = {pool.get("id") for pool in self.drawing.root.iter(f"{{{BPMN}}}participant")}
        for shape in self.drawing.root.iter(f"{{{BPMN_DI}}}BPMNShape"):
            box = shape.find(f"{{{_DC}}}Bounds")
            if box is None or shape.get("bpmnElement") not in lanes | pools:
                continue
            inset = 0 if shape.get("bpmnElement") in pools else 30
            right = float(box.get("x", 0)) + float(box.get("width", 0)) + 560
            box.set("x", f"{left - 30 + inset:g}")
            box.set("width", f"{right - (left - 30 + inset):g}")
