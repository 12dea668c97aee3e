"""What a tool wrote about a node and what does not run here: code, forms kept elsewhere, quantities of tokens."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.process.importing.model import Draft, Item
from engine.process.safe_xml import BPMN, MOTCUA, name_of

# Where engines write code: scripts before and after, listeners, connectors, classes, expressions to be called.
_CODE_ELEMENTS = frozenset(
    {
        "preScript", "postScript", "script", "executionListener", "taskListener", "connector", "taskDefinition",
        "onEntry-script", "onExit-script",
    }
)  # fmt: skip
_CODE_ATTRIBUTES = frozenset({"class", "delegateExpression", "expression", "topic"})
_FORMS = frozenset({"formKey", "formRef", "formJsonSchemaFilename"})
_QUANTITIES = ("startQuantity", "completionQuantity")


def tell_leftovers(process: Draft) -> None:
    """Note of every node what is set aside although an engine would have used it."""
    for draft in process.everywhere():
        for item in draft.items.values():
            if item.source is not None:
                _tell(draft, item, item.source)


def _tell(draft: Draft, item: Item, source: etree._Element) -> None:
    own = [source, *_extensions(source)]
    code = {_local(element) for element in own if _local(element) in _CODE_ELEMENTS and _is_foreign(element)}
    code |= {name for name, _value in _foreign_attributes(source) if name in _CODE_ATTRIBUTES}
    if code:
        draft.notes.change("code_set_aside", item, kinds=", ".join(sorted(code)))
    forms = {value for name, value in _foreign_attributes(source) if name in _FORMS}
    forms |= {element.get("value", "") for element in own if element.get("name") in _FORMS}
    if forms and not item.asks:
        draft.notes.change("form_elsewhere", item, form=", ".join(sorted(filter(None, forms)))[:120] or "–")
    if any(source.get(quantity, "1").strip() not in {"1", ""} for quantity in _QUANTITIES):
        draft.notes.change("quantity_set_aside", item)


def _extensions(source: etree._Element) -> Iterator[etree._Element]:
    for holder in source.iterchildren(f"{{{BPMN}}}extensionElements"):
        yield from holder.iterdescendants(etree.Element)


def _local(element: etree._Element) -> str:
    return name_of(element.tag).local


def _is_foreign(element: etree._Element) -> bool:
    return name_of(element.tag).namespace not in {BPMN, MOTCUA}


def _foreign_attributes(element: etree._Element) -> Iterator[tuple[str, str]]:
    for attribute, value in element.attrib.items():
        name = name_of(attribute)
        if name.namespace not in {"", BPMN}:
            yield name.local, str(value)
