"""The draft of a process: what a stranger's file draws, as mutable nodes and links, before it becomes our BPMN.

A draft is rewritten step by step; each step notes what it changed and what it cannot take.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from engine.domain.process import Change, FormField, Problem
from engine.process.importing.notes import note
from engine.process.problems import report

_ODD = re.compile(r"[^A-Za-z0-9_.-]+")
USER = "userTask"
EFFECT = "serviceTask"
SUBPROCESS = "subProcess"
CALL = "callActivity"
START, END, THROW, CATCH, BOUNDARY = (
    "startEvent",
    "endEvent",
    "intermediateThrowEvent",
    "intermediateCatchEvent",
    "boundaryEvent",
)
EXCLUSIVE, PARALLEL, INCLUSIVE = "exclusiveGateway", "parallelGateway", "inclusiveGateway"
GATEWAYS = frozenset({EXCLUSIVE, PARALLEL, INCLUSIVE, "complexGateway", "eventBasedGateway"})


class Box(NamedTuple):
    """Where a shape stands in the picture."""

    x: float
    y: float
    width: float
    height: float


@dataclass(slots=True)
class Trigger:
    """What an event carries: its kind (`message`, `timer`, …), the name and the code of what it refers to."""

    kind: str
    name: str = ""
    code: str = ""
    activity: str = ""
    duration: str = ""


@dataclass(slots=True)
class Item:
    """A flow node. `inner` is what a subprocess holds; `asks` the fields that close a person's step."""

    id: str
    tag: str
    name: str = ""
    line: int | None = None
    source: etree._Element | None = None
    triggers: list[Trigger] = field(default_factory=list)
    default: str = ""
    called: str = ""
    attached_to: str = ""
    is_interrupting: bool = True
    is_event_subprocess: bool = False
    is_for_compensation: bool = False
    loop: str = ""
    inner: Draft | None = None
    asks: list[FormField] = field(default_factory=list)
    message: str = ""
    throws: str = ""
    terminates: bool = False
    waits_days: int = 0
    box: Box | None = None
    is_new: bool = False

    @property
    def kind(self) -> str:
        """The kind of its event, empty for none."""
        return self.triggers[0].kind if self.triggers else ""


@dataclass(slots=True)
class Link:
    """A sequence flow."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str = ""
    language: str = ""
    line: int | None = None
    points: list[tuple[float, float]] = field(default_factory=list)


@dataclass(slots=True)
class LaneDraft:
    """A lane and the nodes that it lists."""

    id: str
    name: str
    members: list[str]
    source: etree._Element | None = None
    box: Box | None = None
    line: int | None = None


@dataclass(slots=True)
class Notes:
    """What was changed in a file, what forbids its use, and the ids that are taken."""

    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def change(self, code: str, about: Item | Link | Draft | LaneDraft | None = None, **facts: object) -> None:
        """Note a change of an element."""
        self.changes.append(note(code, about, **facts))

    def problem(self, code: str, about: Item | Link | Draft | LaneDraft | None = None, **facts: object) -> None:
        """Note a problem of an element."""
        self.problems.append(report(code, about, line=None, **facts))

    def fresh(self, wish: str) -> str:
        """Answer an id that nothing has yet, and take it."""
        wish = _ODD.sub("_", wish)
        answer, number = wish, 1
        while answer in self.taken:
            number += 1
            answer = f"{wish}_{number}"
        self.taken.add(answer)
        return answer


@dataclass(slots=True)
class Draft:
    """A process or the inside of a subprocess."""

    id: str
    name: str
    notes: Notes
    items: dict[str, Item] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    lanes: list[LaneDraft] = field(default_factory=list)
    owner: Item | None = None
    parent: Draft | None = None
    line: int | None = None
    is_executable: bool = True
    source: etree._Element | None = None

    def everywhere(self) -> Iterator[Draft]:
        """This draft and every one inside it, outermost first."""
        yield self
        for item in list(self.items.values()):
            if item.inner is not None:
                yield from item.inner.everywhere()

    def leaving(self, item_id: str) -> list[Link]:
        """Answer the links that leave a node."""
        return [link for link in self.links if link.source == item_id]

    def entering(self, item_id: str) -> list[Link]:
        """Answer the links that enter a node."""
        return [link for link in self.links if link.target == item_id]

    def boundaries(self, item_id: str) -> list[Item]:
        """Answer the boundary events of a node."""
        return [item for item in self.items.values() if item.tag == BOUNDARY and item.attached_to == item_id]

    def add(
        self, tag: str, wish: str, name: str, near: Item | None = None, shift: tuple[float, float] = (0, 0)
    ) -> Item:
        """Put a new node into the draft, drawn beside `near`, in its lane."""
        item = Item(self.notes.fresh(wish), tag, name, near.line if near else self.line, is_new=True)
        if near is not None:
            for draft in (self, *_above(self)):
                for lane in draft.lanes:
                    if near.id in lane.members:
                        lane.members.append(item.id)
            if near.box is not None:
                width, height = SIZES.get(tag, (100.0, 80.0))
                x = near.box.x + near.box.width / 2 - width / 2 + shift[0]
                y = near.box.y + near.box.height / 2 - height / 2 + shift[1]
                item.box = Box(x, y, width, height)
        self.items[item.id] = item
        return item

    def link(self, source: str, target: str, name: str = "", condition: str = "") -> Link:
        """Put a new link into the draft."""
        link = Link(self.notes.fresh(f"flow_{source}_{target}"[:60]), source, target, name, condition)
        self.links.append(link)
        return link

    def insert_before(self, item: Item, tag: str, wish: str, name: str) -> Item:
        """Put a new node before another: everything that entered that one enters the new one."""
        new = self.add(tag, wish, name, item, (-120.0, 0.0))
        for link in self.entering(item.id):
            link.target = new.id
            link.points = []
        self.link(new.id, item.id)
        return new

    def insert_after(self, item: Item, tag: str, wish: str, name: str) -> Item:
        """Put a new node after another: everything that left that one leaves the new one."""
        new = self.add(tag, wish, name, item, (item.box.width / 2 + 60.0 if item.box else 0.0, 0.0))
        for link in self.leaving(item.id):
            link.source = new.id
            link.points = []
        new.default, item.default = item.default, ""
        self.link(item.id, new.id)
        return new

    def drop(self, item: Item) -> None:
        """Take a node away, with its links."""
        self.items.pop(item.id, None)
        self.links = [link for link in self.links if item.id not in {link.source, link.target}]


SIZES = {
    START: (36.0, 36.0),
    END: (36.0, 36.0),
    THROW: (36.0, 36.0),
    CATCH: (36.0, 36.0),
    EXCLUSIVE: (50.0, 50.0),
    PARALLEL: (50.0, 50.0),
    INCLUSIVE: (50.0, 50.0),
}


def _above(draft: Draft) -> Iterator[Draft]:
    while draft.parent is not None:
        draft = draft.parent
        yield draft
