"""A draft written as our own BPMN: what runs, who does it (to be filled in), and the picture as it was drawn."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

from engine.domain.process import FormField
from engine.process.importing.model import (
    BOUNDARY,
    CALL,
    EFFECT,
    SIZES,
    START,
    SUBPROCESS,
    USER,
    Box,
    Draft,
    Item,
    LaneDraft,
    Link,
)
from engine.process.safe_xml import BPMN, BPMN_DI, MOTCUA, name_of

_DC = "http://www.omg.org/spec/DD/20100524/DC"
_DI = "http://www.omg.org/spec/DD/20100524/DI"
_NAMESPACES = {"bpmn": BPMN, "bpmndi": BPMN_DI, "dc": _DC, "di": _DI, "motcua": MOTCUA}
_GAP = 160.0
_MARGIN = 60.0
_NOBODY = "Cần đặt vai trò"


class Writer:
    """Writes one process as a document of its own."""

    def __init__(self, process: Draft) -> None:
        self._process = process
        self._root = etree.Element(f"{{{BPMN}}}definitions", nsmap=_NAMESPACES)
        self._root.set("id", f"definitions_{process.id}")
        self._root.set("targetNamespace", MOTCUA)
        self._messages: dict[str, str] = {}
        self._annotations: list[etree._Element] = []

    def document(self) -> bytes:
        """Write the document."""
        process = self._process
        if not process.lanes:
            process.lanes = [LaneDraft(process.notes.fresh(f"lane_{process.id}"), _NOBODY, list(process.items))]
            process.lanes[0].box = _around([box for item in process.items.values() if (box := _box_of(item))])
        for draft in process.everywhere():
            for item in draft.items.values():
                for message in filter(None, (item.message, item.throws)):
                    if message not in self._messages:
                        self._messages[message] = f"message_{len(self._messages) + 1}"
                        _add(self._root, "message", id=self._messages[message], name=message)
        participant = self._participant()
        element = _add(self._root, "process", id=process.id, name=process.name, isExecutable="true")
        self._write_lanes(element)
        self._write_scope(element, process)
        self._write_picture(participant)
        return etree.tostring(self._root, xml_declaration=True, encoding="UTF-8", pretty_print=True)

    def _participant(self) -> Box | None:
        """Write the pool: a picture of lanes needs one."""
        boxes = [lane.box for lane in self._process.lanes if lane.box is not None]
        if not boxes:
            return None
        collaboration = _add(self._root, "collaboration", id=f"collaboration_{self._process.id}")
        name = self._process.name or self._process.id
        _add(collaboration, "participant", id=f"pool_{self._process.id}", name=name, processRef=self._process.id)
        left, top = min(box.x for box in boxes) - 30, min(box.y for box in boxes)
        right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
        return Box(left, top, right - left, bottom - top)

    def _write_lanes(self, element: etree._Element) -> None:
        lanes = self._process.lanes
        lane_set = _add(element, "laneSet", id=f"lanes_{self._process.id}")
        known = set(self._process.items)
        for lane in lanes:
            written = _add(lane_set, "lane", id=lane.id, name=lane.name)
            own = lane.source.iter(f"{{{MOTCUA}}}actor") if lane.source is not None else iter(())
            actor = next(own, None)
            extensions = _add(written, "extensionElements")
            if actor is not None:
                extensions.append(deepcopy(actor))
            else:
                etree.SubElement(extensions, f"{{{MOTCUA}}}actor", role="", unit="")
            for member in lane.members:
                if member in known:
                    _add(written, "flowNodeRef").text = member

    def _write_scope(self, parent: etree._Element, draft: Draft) -> None:
        for item in draft.items.values():
            element = self._write_item(parent, draft, item)
            if item.inner is not None:
                self._write_scope(element, item.inner)
        for link in draft.links:
            ends = {"sourceRef": link.source, "targetRef": link.target}
            element = _add(parent, "sequenceFlow", id=link.id, name=link.name, **ends)
            if link.condition:
                _add(element, "conditionExpression").text = link.condition

    def _write_item(self, parent: etree._Element, draft: Draft, item: Item) -> etree._Element:
        element = _add(
            parent,
            item.tag,
            id=item.id,
            name=item.name,
            default=item.default,
            calledElement=item.called if item.tag == CALL else "",
        )
        self._write_extensions(element, item)
        for link in draft.entering(item.id):
            _add(element, "incoming").text = link.id
        for link in draft.leaving(item.id):
            _add(element, "outgoing").text = link.id
        if item.is_event_subprocess:
            element.set("triggeredByEvent", "true")
        if item.tag == BOUNDARY:
            element.set("attachedToRef", item.attached_to)
            element.set("cancelActivity", "true" if item.is_interrupting else "false")
        if item.tag == START and item.message:
            element.set("isInterrupting", "true" if item.is_interrupting else "false")
        message = item.message or item.throws
        if message:
            _add(element, "messageEventDefinition", messageRef=self._messages[message])
        elif item.terminates:
            _add(element, "terminateEventDefinition")
        return element

    def _write_extensions(self, element: etree._Element, item: Item) -> None:
        kept = [deepcopy(child) for child in _own_extensions(item)]
        if item.waits_days:
            timer = etree.Element(f"{{{MOTCUA}}}timer", after=str(item.waits_days), unit="calendar_days")
            kept.append(timer)
        if item.asks:
            form = next((child for child in kept if name_of(child.tag).local == "form"), None)
            if form is None:
                form = etree.Element(f"{{{MOTCUA}}}form")
                kept.append(form)
            for field in item.asks:
                _write_field(form, field)
        if kept:
            extensions = _add(element, "extensionElements")
            for child in kept:
                extensions.append(child)

    def _write_picture(self, pool: Box | None) -> None:
        diagram = etree.SubElement(self._root, f"{{{BPMN_DI}}}BPMNDiagram", id=f"diagram_{self._process.id}")
        plane = etree.SubElement(diagram, f"{{{BPMN_DI}}}BPMNPlane", id=f"plane_{self._process.id}")
        plane.set("bpmnElement", f"collaboration_{self._process.id}" if pool else self._process.id)
        if pool is not None:
            _shape(plane, f"pool_{self._process.id}", pool)
        for lane in self._process.lanes if pool is not None else ():
            if lane.box is not None:
                _shape(plane, lane.id, lane.box)
        boxes = dict(self._write_shapes(plane))
        for draft in self._process.everywhere():
            for link in draft.links:
                if link.source in boxes and link.target in boxes:
                    _edge(plane, link, boxes[link.source], boxes[link.target])

    def _write_shapes(self, plane: etree._Element) -> Iterator[tuple[str, Box]]:
        for depth, draft in enumerate(self._process.everywhere()):
            for place, item in enumerate(draft.items.values()):
                box = _box_of(item) or Box(160 + _GAP * place, 120 + _GAP * depth, *_size(item))
                shape = _shape(plane, item.id, box)
                if item.tag == SUBPROCESS:
                    shape.set("isExpanded", "true")
                yield item.id, box


def _own_extensions(item: Item) -> list[etree._Element]:
    """Answer what the file already says in our own namespace."""
    if item.source is None or item.tag not in {USER, EFFECT}:
        return []
    holders = item.source.iterchildren(f"{{{BPMN}}}extensionElements")
    return [child for holder in holders for child in holder if name_of(child.tag).namespace == MOTCUA]


def _write_field(form: etree._Element, field: FormField) -> None:
    for old in [old for old in form if old.get("id") == field.id]:
        form.remove(old)
    element = etree.SubElement(form, f"{{{MOTCUA}}}field", id=field.id, label=field.label, type=str(field.type))
    if field.is_required:
        element.set("required", "true")
    for name, bound in (("min", field.range.low), ("max", field.range.high)):
        if bound is not None:
            element.set(name, str(bound))
    for option in field.options:
        etree.SubElement(element, f"{{{MOTCUA}}}option", value=option.value, label=option.label or option.value)


def _around(boxes: list[Box]) -> Box:
    """Answer the room that takes all boxes and a margin."""
    left, top = min((box.x for box in boxes), default=160.0), min((box.y for box in boxes), default=120.0)
    right = max((box.x + box.width for box in boxes), default=left + 1_000)
    bottom = max((box.y + box.height for box in boxes), default=top + 200)
    return Box(left - _MARGIN, top - _MARGIN, right - left + 2 * _MARGIN, bottom - top + 2 * _MARGIN)


def _size(item: Item) -> tuple[float, float]:
    return SIZES.get(item.tag, (36.0, 36.0) if item.tag == BOUNDARY else (100.0, 80.0))


def _box_of(item: Item) -> Box | None:
    """Answer where a node stands; an event that became a step takes the room of a step."""
    box = item.box
    if box is None or item.tag != USER or (box.width >= 60 and box.height >= 40):  # noqa: PLR2004 - a step can be read
        return box
    width, height = _size(item)
    return Box(box.x + box.width / 2 - width / 2, box.y + box.height / 2 - height / 2, width, height)


def _shape(plane: etree._Element, about: str, box: Box) -> etree._Element:
    shape = etree.SubElement(plane, f"{{{BPMN_DI}}}BPMNShape", id=f"{about}_di", bpmnElement=about)
    bounds = etree.SubElement(shape, f"{{{_DC}}}Bounds")
    for side, value in zip(("x", "y", "width", "height"), box, strict=True):
        bounds.set(side, f"{value:g}")
    return shape


def _edge(plane: etree._Element, link: Link, source: Box, target: Box) -> None:
    edge = etree.SubElement(plane, f"{{{BPMN_DI}}}BPMNEdge", id=f"{link.id}_di", bpmnElement=link.id)
    points = link.points
    if len(points) < 2 or _is_inside(points[0], source) or _is_inside(points[-1], target):  # noqa: PLR2004 - two ends
        points = _route(source, target)
    for x, y in points:
        etree.SubElement(edge, f"{{{_DI}}}waypoint", x=f"{x:g}", y=f"{y:g}")


def _is_inside(point: tuple[float, float], box: Box) -> bool:
    """Whether a point lies in a box, not on its border: the box was made larger than it was drawn."""
    return box.x + 1 < point[0] < box.x + box.width - 1 and box.y + 1 < point[1] < box.y + box.height - 1


def _route(source: Box, target: Box) -> list[tuple[float, float]]:
    """Draw a line of right angles: from side to side where the target stands to the right, else from above or below."""
    middle, height = source.x + source.width / 2, source.y + source.height / 2
    aim = target.y + target.height / 2
    right = source.x + source.width
    if target.x >= right:
        bend = (right + target.x) / 2
        elbow = [] if abs(aim - height) < 1 else [(bend, height), (bend, aim)]
        return [(right, height), *elbow, (target.x, aim)]
    below = target.y >= source.y
    leave = source.y + source.height if below else source.y
    if target.x <= middle <= target.x + target.width:
        return [(middle, leave), (middle, target.y if below else target.y + target.height)]
    side = target.x + target.width if target.x + target.width < middle else target.x
    return [(middle, leave), (middle, aim), (side, aim)]


def _add(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{BPMN}}}{tag}", {key: value for key, value in attributes.items() if value})
