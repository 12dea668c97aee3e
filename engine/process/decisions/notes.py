"""Help for reading a DMN file: its elements by name, and the problems met so far."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.domain.process import Problem
from engine.process.expressions import ExpressionRefused
from engine.process.problems import Place, report
from engine.process.safe_xml import line_of, name_of

# The namespaces of DMN 1.1, 1.2, 1.3, 1.4 and 1.5.
NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    }
)


class Notes:
    """The problems of one file."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def tell(self, code: str, element: etree._Element, **facts: object) -> None:
        """Tell a problem of an element."""
        self.problems.append(report(code, place_of(element), line=None, **facts))

    def invalid(self, element: etree._Element, reason: str, reason_en: str) -> None:
        """Tell that an element is not what DMN asks for."""
        self.tell("dmn_invalid", element, reason=reason, reason_en=reason_en)

    def unsupported(self, element: etree._Element, what: str, what_en: str) -> None:
        """Tell that an element lies outside the subset."""
        self.tell("dmn_unsupported", element, what=what, what_en=what_en)


def cell_fault(
    notes: Notes, element: etree._Element, row: str, column: str, text: str, refused: ExpressionRefused
) -> None:
    """Tell that a cell cannot be read, or must not be."""
    code = "decision_cell_refused" if refused.is_unsafe else "decision_cell_invalid"
    facts = {"row": row, "column": column, "text": text[:80]}
    notes.tell(code, element, reason=refused.reason, reason_en=refused.reason_en, **facts)


def place_of(element: etree._Element) -> Place:
    """Name an element by its id, or by that of the nearest element around it that has one."""
    around = element
    while "id" not in around.attrib and (parent := around.getparent()) is not None:
        around = parent
    return Place(str(around.get("id", "")), str(around.get("name", "")), line_of(element))


def children(element: etree._Element, *names: str) -> list[etree._Element]:
    """Answer the children of DMN's own with one of these names, all of DMN's own without names."""
    return [child for child in _own(element) if not names or name_of(child.tag).local in names]


def child(element: etree._Element, *names: str) -> etree._Element | None:
    """Answer the first child of DMN's own with one of these names."""
    return next(iter(children(element, *names)), None)


def text_of(element: etree._Element | None) -> str:
    """Answer what stands in the `text` child of an element, empty without."""
    inner = child(element, "text") if element is not None else None
    return (inner.text or "").strip() if inner is not None else ""


def _own(element: etree._Element) -> Iterator[etree._Element]:
    return (inner for inner in element if name_of(inner.tag).namespace in NAMESPACES)
