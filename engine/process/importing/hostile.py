"""Expressions that want to reach the machine: nothing of a file ever runs, and a file that tries is not brought in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from engine.process.importing.model import Notes
from engine.process.problems import Place, report
from engine.process.safe_xml import line_of, name_of

MAX_DEPTH = 60
# Words of people; whatever they say, nobody takes it for an expression.
_PROSE = frozenset({"documentation", "text", "textAnnotation", "incoming", "outgoing", "flowNodeRef"})
_PROSE_ATTRIBUTES = frozenset({"id", "name", "label", "textFormat"})
# What points to an element by its id, and is never worked out: ids are what tools make up ("booking-subprocess").
_POINTERS = frozenset({"bpmnElement", "sourceElement", "targetElement", "calledElement", "default"})
_POINTING = ("Ref", "Refs")
_ID = re.compile(r"^\s*[\w.:{}-]+\s*$")
_REACHES = re.compile(
    r"(?<![\w-])__[a-z]+(?:_[a-z]+)*__(?![\w-])"
    r"|\b(?:eval|exec|execfile|compile|getattr|globals|locals)\s*\("
    r"|\bos\s*\.\s*(?:system|popen|exec\w*|spawn\w*)\b"
    r"|\b(?:subprocess|importlib|builtins)\s*\.|\b(?:import|from)\s+(?:subprocess|importlib|builtins)\b"
    r"|\bgetRuntime\s*\(|\bProcessBuilder\b|\bClass\s*\.\s*forName\b|\bchild_process\b"
    r"|\d\s*\*\*\s*\d+\s*\*\*"
)


def refuse_hostile(root: etree._Element, notes: Notes) -> None:
    """Tell of each element with an expression or a script that reaches for the machine, or is no expression at all."""
    for element in root.iter():
        for text in _expressions(element):
            found = _REACHES.search(text)
            if found is not None or _is_monstrous(text):
                _tell(element, text, found, notes)
                break


def _expressions(element: etree._Element) -> Iterator[str]:
    local = name_of(element.tag).local
    if element.text and local not in _PROSE and not _points(local, element.text):
        yield element.text
    for name, value in element.attrib.items():
        local, text = name_of(name).local, str(value)
        if local not in _PROSE_ATTRIBUTES and not _points(local, text):
            yield text


def _points(name: str, text: str) -> bool:
    """Whether what is written there is the id of another element."""
    return (name in _POINTERS or name.endswith(_POINTING)) and _ID.match(text) is not None


def _is_monstrous(text: str) -> bool:
    """Whether brackets nest as no person writes them."""
    depth = deepest = 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        deepest = max(deepest, depth)
    return deepest > MAX_DEPTH


def _tell(element: etree._Element, text: str, found: re.Match[str] | None, notes: Notes) -> None:
    owner: etree._Element | None = element
    while owner is not None and not owner.get("id"):
        owner = owner.getparent()
    place = Place(owner.get("id", ""), owner.get("name", ""), line_of(element)) if owner is not None else Place("")
    what = found.group() if found is not None else "((("
    notes.problems.append(report("expression_hostile", place, expression=text.strip()[:80], found=what.strip()[:40]))
