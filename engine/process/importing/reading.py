"""From a BPMN document to drafts: one of each process, with everything inside, flows where their ends are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.process.importing.model import BOUNDARY, CALL, Box, Draft, Item, LaneDraft, Link, Notes, Trigger
from engine.process.safe_xml import BPMN, line_of, name_of

_STEPS = frozenset(
    {"task", "userTask", "manualTask", "scriptTask", "sendTask", "receiveTask", "businessRuleTask", "serviceTask"}
)
_HOLDERS = {"subProcess": "", "transaction": "transaction", "adHocSubProcess": "adHoc"}
_EVENTS = frozenset({"startEvent", "endEvent", "intermediateThrowEvent", "intermediateCatchEvent", BOUNDARY})
_GATEWAYS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"}
)
# An element that we do not know and whose name ends so would have been done by somebody.
_FLOW_NODES = ("Task", "Event", "Gateway", "Process", "Activity", "Choreography")
# Pictures and papers: they stay to be looked at, and do not run.
ASIDE = frozenset(
    {
        "dataObject", "dataObjectReference", "dataStoreReference", "textAnnotation", "association", "group",
        "dataInputAssociation", "dataOutputAssociation", "ioSpecification", "property", "dataInput", "dataOutput",
    }
)  # fmt: skip
_SILENT = frozenset(
    {
        "documentation", "extensionElements", "laneSet", "incoming", "outgoing", "sequenceFlow", "auditing",
        "monitoring", "supportedInterfaceRef", "correlationSubscription", "resourceRole", "potentialOwner",
        "performer", "humanPerformer", "inputSet", "outputSet", "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics", "completionCondition", "rendering", "category", "artifact", "relationship",
        "ioBinding", "supports",
    }
)  # fmt: skip
_GOOD_ID = re.compile(r"^[A-Za-z_][A-Za-z0-9_.-]{0,120}$")
_SPACES = re.compile(r"\s+")
_MAX_NAME = 160


def plain_name(text: str | None) -> str:
    """Write a name on one line, without what only a picture needs."""
    return _SPACES.sub(" ", text or "").strip()[:_MAX_NAME]


@dataclass(slots=True)
class Reader:
    """One document being read: what events refer to, and where its shapes stand."""

    root: etree._Element
    notes: Notes
    refs: dict[str, etree._Element] = field(default_factory=dict)
    boxes: dict[str, Box] = field(default_factory=dict)
    points: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    aside: Counter[str] = field(default_factory=Counter)
    aside_ids: dict[str, list[str]] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    nodes: set[str] = field(default_factory=set)
    tied: set[str] = field(default_factory=set)

    def drafts(self) -> list[Draft]:
        """Read every process of the document that draws something."""
        for element in self.root.iterchildren(f"{{{BPMN}}}*"):
            if element.get("id"):
                self.refs[element.get("id", "")] = element
        for flow in self.root.iter(f"{{{BPMN}}}sequenceFlow"):
            self.tied |= {self._end(flow, "sourceRef"), self._end(flow, "targetRef")}
        self._read_picture()
        found = [self._process(element) for element in self.root.iterchildren(f"{{{BPMN}}}process")]
        scopes = [draft for process in found for draft in process.everywhere()]
        self._follow_new_ids(scopes)
        settle_links(scopes)
        for kind, count in sorted(self.aside.items()):
            ids = self.aside_ids[kind]
            shown = ", ".join(ids[:5]) + (" …" if len(ids) > len(ids[:5]) else "")
            self.notes.change("set_aside", count=count, kind=kind, ids=shown or "–")
        return found

    def _read_picture(self) -> None:
        for element in self.root.iter():
            local = name_of(element.tag).local
            about = local_ref(element.get("bpmnElement", ""))
            if local == "BPMNShape" and about and about not in self.boxes:
                bounds = next((child for child in element if name_of(child.tag).local == "Bounds"), None)
                box = _box(bounds) if bounds is not None else None
                if box is not None:
                    self.boxes[about] = box
            elif local == "BPMNEdge" and about:
                ways = [child for child in element if name_of(child.tag).local == "waypoint"]
                self.points.setdefault(about, [point for way in ways if (point := _point(way))])

    def _process(self, element: etree._Element) -> Draft:
        wish = element.get("id") or "process"
        draft = Draft(wish, plain_name(element.get("name")), self.notes, line=line_of(element), source=element)
        draft.is_executable = element.get("isExecutable", "").lower() == "true"
        draft.id = self._own_id(draft, "process", element)
        self._fill(draft, element)
        return draft

    def _follow_new_ids(self, scopes: list[Draft]) -> None:
        """Let what refers to an element by an id that was changed refer to its new one."""
        known = {item.id for draft in scopes for item in draft.items.values()}
        known |= {link.id for draft in scopes for link in draft.links}

        def now(reference: str) -> str:
            return reference if reference in known else self.renamed.get(reference, reference)

        for draft in scopes:
            for link in draft.links:
                link.source, link.target = now(link.source), now(link.target)
            for item in draft.items.values():
                item.default, item.attached_to = now(item.default), now(item.attached_to)
            for lane in draft.lanes:
                lane.members = [now(member) for member in lane.members]

    def _fill(self, draft: Draft, element: etree._Element) -> None:
        for child in element:
            name = name_of(child.tag)
            if name.namespace != BPMN:
                continue
            if name.local == "sequenceFlow":
                self._link(draft, child)
            elif name.local in ASIDE:
                self._set_aside(child, name.local)
            elif name.local == "laneSet":
                draft.lanes += self._lanes(child)
            elif name.local not in _SILENT and not name.local.endswith(("EventDefinition", "Ref")):
                self._node(draft, child, name.local)

    def _set_aside(self, element: etree._Element, tag: str) -> None:
        self.aside[tag] += 1
        self.aside_ids.setdefault(tag, []).extend(filter(None, [element.get("id")]))

    def _node(self, draft: Draft, element: etree._Element, tag: str) -> None:
        is_known = tag in _STEPS or tag in _HOLDERS or tag in _EVENTS or tag in _GATEWAYS or tag == CALL
        if not is_known and element.get("id", "") not in self.tied and not tag.endswith(_FLOW_NODES):
            self._set_aside(element, tag)
            return
        item = Item("", tag, plain_name(element.get("name")), line_of(element), element)
        item.id = self._own_id(item, tag, element)
        self.nodes.add(element.get("id", ""))
        if not is_known:
            self.notes.problem("unsupported_element", item, kind=tag, advice="", advice_en="")
            return
        item.default = local_ref(element.get("default", ""))
        item.called = local_ref(element.get("calledElement", "")) or _called(element)
        item.attached_to = local_ref(element.get("attachedToRef", ""))
        item.is_for_compensation = _is_on(element, "isForCompensation", "false")
        item.is_event_subprocess = _is_on(element, "triggeredByEvent", "false")
        item.is_interrupting = _is_on(element, "cancelActivity" if tag == BOUNDARY else "isInterrupting", "true")
        item.triggers = [trigger for child in element if (trigger := self._trigger(child)) is not None]
        item.loop = _loop(element)
        item.box = self.boxes.get(element.get("id", ""))
        draft.items[item.id] = item
        if tag in _HOLDERS:
            item.inner = Draft(item.id, item.name, self.notes, owner=item, parent=draft, line=item.line)
            self._fill(item.inner, element)

    def _own_id(self, item: Item | Draft, kind: str, element: etree._Element) -> str:
        """Give an element an id that can be used, and say so when it is not its own."""
        old = element.get("id", "")
        if _GOOD_ID.match(old) and old not in self.notes.taken:
            self.notes.taken.add(old)
            return old
        item.id = self.notes.fresh(f"{kind}_{old}".rstrip("_")[:60])
        if not old:
            self.notes.change("id_given", item, kind=kind)
        else:
            self.notes.change("id_changed", item, old=old[:80])
            self.renamed.setdefault(old, item.id)
            if old in self.nodes:
                self.notes.problem("duplicate_id", item, found=old, count=2)
        return item.id

    def _link(self, draft: Draft, element: etree._Element) -> None:
        conditions = [child for child in element if name_of(child.tag) == (BPMN, "conditionExpression")]
        link = Link(
            id=element.get("id", ""),
            source=self._end(element, "sourceRef"),
            target=self._end(element, "targetRef"),
            name=plain_name(element.get("name")),
            line=line_of(element),
            points=self.points.get(element.get("id", ""), []),
        )
        if not _GOOD_ID.match(link.id) or link.id in self.notes.taken:
            old, link.id = link.id, self.notes.fresh(f"flow_{link.source}_{link.target}"[:60])
            if old:
                self.renamed.setdefault(old, link.id)
                self.notes.change("id_changed", link, old=old[:80])
            else:
                self.notes.change("id_given", link, kind="sequenceFlow")
        self.notes.taken.add(link.id)
        for condition in conditions:
            link.condition = "".join(str(text) for text in condition.itertext()).strip()
            link.language = condition.get("language", "")
        draft.links.append(link)

    def _end(self, element: etree._Element, attribute: str) -> str:
        """Answer the id of an end of a flow; some tools write it as an element."""
        written = element.get(attribute) or (element.findtext(f"{{{BPMN}}}{attribute}") or "").strip()
        return local_ref(written)

    def _lanes(self, lane_set: etree._Element) -> Iterator[LaneDraft]:
        for lane in lane_set.iter(f"{{{BPMN}}}lane"):
            if lane.find(f"{{{BPMN}}}childLaneSet") is not None:
                continue
            members = [local_ref((child.text or "").strip()) for child in lane.iterchildren(f"{{{BPMN}}}flowNodeRef")]
            found = LaneDraft("", plain_name(lane.get("name")), members, lane, self.boxes.get(lane.get("id", "")))
            old = lane.get("id", "")
            found.line = line_of(lane)
            if _GOOD_ID.match(old) and old not in self.notes.taken:
                found.id = old
                self.notes.taken.add(old)
            else:
                found.id = self.notes.fresh("lane")
                self.notes.change("id_given", found, kind="lane")
            yield found

    def _trigger(self, child: etree._Element) -> Trigger | None:
        name = name_of(child.tag)
        if name.namespace != BPMN:
            return None
        if name.local == "eventDefinitionRef":
            referred = self.refs.get(local_ref((child.text or "").strip()))
            return self._trigger(referred) if referred is not None else None
        if not name.local.endswith("EventDefinition"):
            return None
        kind = name.local.removesuffix("EventDefinition")
        trigger = Trigger(kind, plain_name(child.get("name")))
        referred = self.refs.get(local_ref(child.get(f"{kind}Ref", "")))
        if referred is not None:
            trigger.name = plain_name(referred.get("name")) or referred.get("id", "")
            trigger.code = referred.get(f"{kind}Code") or trigger.name
        trigger.activity = local_ref(child.get("activityRef", ""))
        for timer in child:
            if name_of(timer.tag).local == "timeDuration":
                trigger.duration = "".join(str(text) for text in timer.itertext()).strip()
        if kind == "link":
            targets = [(timer.text or "").strip() for timer in child if name_of(timer.tag).local == "target"]
            trigger.code = local_ref(targets[0]) if targets else ""
        return trigger


def settle_links(scopes: list[Draft]) -> None:
    """Put every flow and every boundary event where the nodes are that it belongs to; some tools mix them up."""
    place = {item.id: draft for draft in scopes for item in draft.items.values()}
    for draft in scopes:
        for item in [item for item in draft.items.values() if item.tag == BOUNDARY]:
            held = place.get(item.attached_to)
            if held is not None and held is not draft:
                held.items[item.id] = draft.items.pop(item.id)
                place[item.id] = held
    for draft in scopes:
        written, draft.links = [*draft.links], []
        for link in written:
            _settle_link(draft, link, place)


def _settle_link(draft: Draft, link: Link, place: dict[str, Draft]) -> None:
    source, target = place.get(link.source), place.get(link.target)
    if source is None or target is None:
        code, missing = ("missing_flow_source", link.source) if source is None else ("missing_flow_target", link.target)
        draft.notes.problem(code, link, missing=missing)
    elif source is target is draft:
        draft.links.append(link)
    elif source is target:
        source.links.append(link)
        draft.notes.change("flow_moved", link)
    else:
        draft.notes.problem("flow_crosses_subprocess", link)


def local_ref(reference: str) -> str:
    """Answer the id that a reference names, without the prefix of a namespace."""
    reference = reference.strip()
    return reference.rpartition(":")[2] if re.match(r"^[A-Za-z_][\w.-]*:[^:/]", reference) else reference


def _is_on(element: etree._Element, attribute: str, otherwise: str) -> bool:
    return element.get(attribute, otherwise).strip().lower() in {"true", "1"}


def _called(element: etree._Element) -> str:
    """Answer what a call names where Camunda 8 writes it."""
    return next((child.get("processId", "") for child in element.iter("{*}calledElement")), "")


def _loop(element: etree._Element) -> str:
    for child in element:
        name = name_of(child.tag)
        if name.namespace != BPMN:
            continue
        if name.local == "standardLoopCharacteristics":
            return "before" if _is_on(child, "testBefore", "false") else "standard"
        if name.local == "multiInstanceLoopCharacteristics":
            return "sequential" if _is_on(child, "isSequential", "false") else "parallel"
    return ""


def _box(bounds: etree._Element) -> Box | None:
    try:
        return Box(*(float(bounds.get(side, "")) for side in ("x", "y", "width", "height")))
    except ValueError:
        return None


def _point(way: etree._Element) -> tuple[float, float] | None:
    try:
        return float(way.get("x", "")), float(way.get("y", ""))
    except ValueError:
        return None
