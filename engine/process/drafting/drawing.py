"""The diagram of a draft as XML that a form changes: lanes, steps, and the parts that every procedure has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from engine.process.safe_xml import BPMN, MOTCUA, name_of, read_xml

_EXTENSIONS = f"{{{BPMN}}}extensionElements"
# Questions that shared diagrams and letters read, so that every procedure words them alike.
QUESTIONS: Mapping[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "appraisal": (
        "Kết quả thẩm định",
        "choice",
        (("qualified", "Đủ điều kiện giải quyết"), ("reject", "Không đủ điều kiện giải quyết")),
    ),
    "decision": ("Ý kiến của lãnh đạo", "choice", (("approve", "Duyệt"), ("return", "Trả lại người thẩm định"))),
    "reason": ("Lý do yêu cầu bổ sung hoặc từ chối", "long_text", ()),
}


class Drawing:
    """One BPMN document, open for changes."""

    def __init__(self, text: str) -> None:
        """Read it; raises `XmlRefused`."""
        self.root = read_xml(text.encode())

    def text(self) -> str:
        """Write it."""
        etree.cleanup_namespaces(self.root, top_nsmap={"motcua": MOTCUA}, keep_ns_prefixes=["motcua", "xsi", "di"])
        etree.indent(self.root, space="  ")
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{etree.tostring(self.root, encoding="unicode")}\n'

    @property
    def process(self) -> etree._Element:
        """The first process of the document."""
        return next(iter(self.root.iterchildren(f"{{{BPMN}}}process")))

    def element(self, element_id: str) -> etree._Element | None:
        """The element of the language that has this id."""
        found = self.root.iter(f"{{{BPMN}}}*")
        return next((element for element in found if element.get("id") == element_id), None)

    def rename(self, stem: str) -> None:
        """Give the process another id, wherever it is named."""
        old = self.process.get("id", "")
        self.process.set("isExecutable", "true")
        for element in self.root.iter():
            for name, value in element.attrib.items():
                if value == old and name_of(name).local in {"id", "processRef", "bpmnElement"}:
                    element.set(name, stem)

    def call(self, name: str) -> None:
        """Write the name of the procedure over pool and process, where nothing but an id stands."""
        known = {"", self.process.get("id")}
        for element in (self.process, *self.root.iter(f"{{{BPMN}}}participant")):
            if element.get("name", "") in known or element.get("name", "").startswith("Process_"):
                element.set("name", name)

    # --- lanes and steps ---

    def lanes(self) -> Iterator[etree._Element]:
        """The lanes that hold steps themselves."""
        for lane in self.process.iter(f"{{{BPMN}}}lane"):
            if lane.find(f"{{{BPMN}}}childLaneSet") is None:
                yield lane

    def set_lane(self, lane_id: str, values: Mapping[str, str]) -> None:
        """Say who works in a lane."""
        lane = self.element(lane_id)
        if lane is not None:
            lane.set("name", values.get("name") or lane.get("name") or "")
            actor = _extension(lane, "actor")
            actor.set("role", values.get("role", ""))
            actor.set("unit", values.get("unit", ""))

    def user_tasks(self) -> Iterator[etree._Element]:
        """The steps of persons, those in subprocesses too."""
        yield from self.process.iter(f"{{{BPMN}}}userTask")

    def set_step(self, step_id: str, values: Mapping[str, Any]) -> None:
        """Say what a step takes, and what it asks besides what it asks already."""
        task = self.element(step_id)
        if task is None:
            return
        task.set("name", values.get("name") or task.get("name") or "")
        step = _extension(task, "step")
        for name in ("limit", "phase", "status", "clock", "waits_for"):
            if values.get(name):
                step.set(name, values[name])
            elif name in step.attrib:
                del step.attrib[name]
        self._set_limits(step, values)
        for name in QUESTIONS:
            self.ask(task, name, wanted=name in values.get("asks", ()))

    @staticmethod
    def _set_limits(step: etree._Element, values: Mapping[str, Any]) -> None:
        """The limits of cases that differ from the usual one."""
        for child in list(step):
            step.remove(child)
        for case, limit in values.get("limits", {}).items():
            if limit and limit != values.get("limit"):
                etree.SubElement(step, f"{{{MOTCUA}}}limit", {"case": case, "value": limit})

    def ask(self, task: etree._Element, name: str, *, wanted: bool) -> None:
        """Put one of the usual questions into the form of a step, or take it out."""
        form = _extension(task, "form", create=wanted)
        if form is None:
            return
        known = next((field for field in form if field.get("id") == name), None)
        if known is not None and not wanted:
            form.remove(known)
            if not len(form):
                parent = form.getparent()
                assert parent is not None
                parent.remove(form)
        if known is None and wanted:
            label, kind, options = QUESTIONS[name]
            attributes = {"id": name, "label": label, "type": kind, "required": str(bool(options)).lower()}
            field = etree.SubElement(form, f"{{{MOTCUA}}}field", attributes)
            for value, said in options:
                etree.SubElement(field, f"{{{MOTCUA}}}option", {"value": value, "label": said})


def extension_of(element: etree._Element, name: str) -> etree._Element | None:
    """Our extension element of this name, if the element has it."""
    return element.find(f"{_EXTENSIONS}/{{{MOTCUA}}}{name}")


def _extension(element: etree._Element, name: str, *, create: bool = True) -> Any:
    found = extension_of(element, name)
    if found is not None or not create:
        return found
    holder = element.find(_EXTENSIONS)
    if holder is None:
        holder = etree.Element(_EXTENSIONS)
        documented = [child for child in element if name_of(child.tag).local == "documentation"]
        element.insert(len(documented), holder)
    made = etree.Element(f"{{{MOTCUA}}}{name}")
    holder.insert(0 if name == "step" else len(holder), made)
    return made
