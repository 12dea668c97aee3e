"""The steps of a diagram as a list, for those who cannot see or load the picture."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lxml import etree

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_WORK = {f"{_BPMN}userTask", f"{_BPMN}callActivity", f"{_BPMN}manualTask"}


@dataclass(frozen=True, slots=True)
class DrawnStep:
    """One piece of work of the diagram: ``done``, ``current`` or ``ahead``."""

    id: str
    name: str
    lane: str
    state: str


def drawn_steps(xml: str, *, active: Collection[str], done: Collection[str]) -> tuple[DrawnStep, ...]:
    """The work of a diagram in the order in which it is drawn (left to right), each with its lane and state."""
    root = etree.fromstring(xml.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    lanes = {
        (reference.text or "").strip(): lane.get("name", "")
        for lane in root.iter(f"{_BPMN}lane")
        for reference in lane.iter(f"{_BPMN}flowNodeRef")
    }
    places = {
        shape.get("bpmnElement", ""): float(bounds.get("x", "0"))
        for shape in root.iter("{*}BPMNShape")
        for bounds in shape.iterchildren("{*}Bounds")
    }

    def state(step: str) -> str:
        if step in active:
            return "current"
        return "done" if step in done else "ahead"

    found = [
        DrawnStep(id_, element.get("name", id_), lanes.get(id_, ""), state(id_))
        for element in root.iter(*_WORK)
        if (id_ := element.get("id", ""))
    ]
    return tuple(sorted(found, key=lambda step: places.get(step.id, 0.0)))
