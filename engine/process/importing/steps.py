"""What people do: every kind of task becomes a person's step, and subprocesses become what can run."""

from __future__ import annotations

from lxml import etree

from engine.process.importing.model import (
    BOUNDARY,
    EFFECT,
    END,
    EXCLUSIVE,
    SUBPROCESS,
    THROW,
    USER,
    Draft,
    Item,
)
from engine.process.importing.reading import local_ref
from engine.process.safe_xml import BPMN, MOTCUA

_TASKS = frozenset(
    {"task", "manualTask", "sendTask", "receiveTask", "businessRuleTask", "serviceTask", "scriptTask", USER}
)
_UNDO = "Hoàn tác"


def set_compensation_aside(process: Draft, root: etree._Element) -> None:
    """Take the undoing activities off the way, and make the order to undo a person's step that names them."""
    tied = {
        local_ref(element.get("sourceRef", "")): local_ref(element.get("targetRef", ""))
        for element in root.iter(f"{{{BPMN}}}association")
    }
    undoing: dict[str, str] = {}
    for draft in process.everywhere():
        for item in [item for item in draft.items.values() if item.tag == BOUNDARY and item.kind == "compensate"]:
            handler = draft.items.get(tied.get(item.id, ""))
            if handler is not None:
                handler.is_for_compensation = True
                undoing[item.attached_to] = handler.name or handler.id
            draft.drop(item)
        for item in [item for item in draft.items.values() if _undoes(item)]:
            draft.notes.change("compensation_aside", item)
            undoing.setdefault(item.id, item.name or item.id)
            draft.drop(item)
    for draft in process.everywhere():
        for item in draft.items.values():
            if item.tag in {THROW, END} and item.kind == "compensate":
                _order_undoing(draft, item, undoing)


def _undoes(item: Item) -> bool:
    handles = item.is_event_subprocess and item.inner is not None and _starts_with(item.inner, "compensate")
    return item.is_for_compensation or handles


def _order_undoing(draft: Draft, item: Item, undoing: dict[str, str]) -> None:
    what = undoing.get(item.triggers[0].activity) or "; ".join(undoing.values()) or item.name or item.id
    draft.notes.change("compensation_by_person", item, what=what)
    item.tag, item.triggers = USER, []
    item.name = item.name or f"{_UNDO}: {what}"[:120]


def _starts_with(draft: Draft, kind: str) -> bool:
    return any(item.tag == "startEvent" and item.kind == kind for item in draft.items.values())


def settle_steps(process: Draft) -> None:
    """Make every task a person's step, unless it orders an effect of ours."""
    for draft in list(process.everywhere()):
        for item in list(draft.items.values()):
            if item.tag in _TASKS:
                _settle_task(draft, item)
            elif item.inner is not None:
                _settle_subprocess(draft, item)


def _settle_task(draft: Draft, item: Item) -> None:
    if item.tag == USER:
        return
    if (
        item.tag == EFFECT
        and item.source is not None
        and next(item.source.iter(f"{{{MOTCUA}}}effect"), None) is not None
    ):
        return
    if item.tag == "scriptTask":
        draft.notes.change("script_not_run", item)
    else:
        draft.notes.change("became_person_step", item, kind=item.tag)
    item.tag = USER


def _settle_subprocess(draft: Draft, item: Item) -> None:
    assert item.inner is not None
    if not item.inner.items:
        item.inner = None
        if item.is_event_subprocess:
            draft.notes.change("set_aside", item, count=1, kind="eventSubProcess", ids=item.id)
            draft.drop(item)
            return
        draft.notes.change("subprocess_became_step", item)
        item.tag = USER
        return
    if item.tag == "transaction":
        draft.notes.change("transaction_read", item)
    if item.tag == "adHocSubProcess":
        _put_in_turn(item.inner, item)
    item.tag = SUBPROCESS


def _put_in_turn(inner: Draft, item: Item) -> None:
    """Ad hoc: a person chooses what comes next, again and again, until all is done."""
    inner.notes.change("adhoc_in_turn", item)
    fragments = [
        node
        for node in inner.items.values()
        if node.tag not in {BOUNDARY, END} and not node.is_event_subprocess and not inner.entering(node.id)
    ]
    last = [
        node
        for node in inner.items.values()
        if node.tag != END and not node.is_event_subprocess and not inner.leaving(node.id)
    ]
    if not fragments:
        return
    start = inner.add("startEvent", f"start_{item.id}", "", fragments[0], (-120.0, 0.0))
    gateway = inner.add(
        EXCLUSIVE, f"next_{item.id}", f"{item.name or item.id}: việc tiếp theo", fragments[0], (-60.0, 0)
    )
    end = inner.add(END, f"end_{item.id}", "", fragments[0], (0.0, 120.0))
    inner.link(start.id, gateway.id)
    for node in fragments:
        if node.tag == "startEvent":
            node.tag, node.triggers = THROW, []
        inner.link(gateway.id, node.id, node.name or node.id)
    for node in last:
        inner.link(node.id, gateway.id)
    for node in [node for node in inner.items.values() if node.tag == END and node is not end]:
        if not (node.terminates or node.throws):
            node.tag = THROW
            inner.link(node.id, gateway.id)
    gateway.default = inner.link(gateway.id, end.id, "Đã xong").id
