"""The types of a DMN file: the four of the subset, and what its item definitions make of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine.process.decisions.cells import read_tests
from engine.process.decisions.model import TypeRule
from engine.process.decisions.notes import Notes, cell_fault, child, children, text_of
from engine.process.decisions.unary import UnaryTests
from engine.process.decisions.values import ValueKind
from engine.process.expressions import ExpressionRefused
from engine.process.safe_xml import name_of

_KINDS = {kind.value: kind for kind in ValueKind}
# What an item definition may hold beside these says more than the subset checks.
_ITEM_PARTS = frozenset({"typeRef", "allowedValues", "itemComponent", "description", "extensionElements"})


@dataclass(frozen=True, slots=True)
class ItemType:
    """A type: one value under a rule, or components by name; `is_list` for many of them."""

    rule: TypeRule = field(default_factory=TypeRule)
    components: Mapping[str, TypeRule] = field(default_factory=dict)
    is_list: bool = False


class Types:
    """The item definitions of a file by name, read when they are first asked for."""

    def __init__(self, root: etree._Element, notes: Notes) -> None:
        """Read the item definitions of a file, every one of them."""
        self._notes = notes
        self._written = {str(item.get("name")): item for item in children(root, "itemDefinition")}
        self._known: dict[str, ItemType] = {}
        for name, item in self._written.items():
            self._resolve(name, item, ())

    def of(self, element: etree._Element | None) -> ItemType:
        """Answer the type that the attribute `typeRef` of an element names; any, if it names none."""
        if element is None:
            return ItemType()
        return self._named(element.get("typeRef", ""), element, ())

    def simple(self, element: etree._Element | None) -> TypeRule:
        """Answer the type of what must be one value."""
        found = self.of(element)
        if element is not None and (found.components or found.is_list):
            self._notes.unsupported(
                element, "đầu vào là danh sách hoặc có thành phần", "an input that is no single value"
            )
        return found.rule

    def _named(self, written: str, element: etree._Element, above: tuple[str, ...]) -> ItemType:
        written = written.strip()
        name = written if written in self._written else written.rpartition(":")[2].rpartition("}")[2]
        if not name:
            return ItemType()
        if name in self._written and name not in above:
            return self._resolve(name, self._written[name], above)
        if name in _KINDS:
            return ItemType(TypeRule(_KINDS[name]))
        self._notes.unsupported(
            element,
            f"kiểu dữ liệu “{written}” (dùng được: number, string, boolean, date)",
            f"type “{written}” (use number, string, boolean or date)",
        )
        return ItemType()

    def _resolve(self, name: str, item: etree._Element, above: tuple[str, ...]) -> ItemType:
        if name not in self._known:
            self._known[name] = self._read(item, (*above, name))
        return self._known[name]

    def _read(self, item: etree._Element, above: tuple[str, ...]) -> ItemType:
        for part in children(item):
            if name_of(part.tag).local not in _ITEM_PARTS:
                self._notes.unsupported(part, f"“{name_of(part.tag).local}” trong kiểu dữ liệu", "this part of a type")
        components = {str(part.get("name")): self._read(part, above) for part in children(item, "itemComponent")}
        if any(inner.components or inner.is_list for inner in components.values()):
            self._notes.unsupported(item, "kiểu dữ liệu lồng nhau", "a nested type")
        written = child(item, "typeRef")
        base = self._named((written.text or "") if written is not None else "", item, above)
        kind, allowed = base.rule.kind, base.rule.allowed
        listed = child(item, "allowedValues")
        if listed is not None:
            allowed = (*allowed, *allowed_values(listed, kind, self._notes))
        return ItemType(
            TypeRule(kind, allowed),
            {name: inner.rule for name, inner in components.items()} or base.components,
            base.is_list or item.get("isCollection") == "true",
        )


def allowed_values(element: etree._Element | None, kind: ValueKind, notes: Notes) -> tuple[UnaryTests, ...]:
    """Read a list of allowed values (`allowedValues`, `inputValues`, `outputValues`); none if nothing is written."""
    text = text_of(element)
    if element is None or not text:
        return ()
    try:
        return (read_tests(text, kind),)
    except ExpressionRefused as refused:
        cell_fault(notes, element, "danh sách giá trị", name_of(element.tag).local, text, refused)
        return ()
