"""Forms and assignments as Camunda, Zeebe, Flowable, Activiti and SpiffWorkflow write them, where they mean ours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from lxml import etree

from engine.domain.process import FieldOption, FieldType, FormField
from engine.domain.ranges import Range, read_bound
from engine.process.importing.model import Draft, Item
from engine.process.importing.reading import plain_name
from engine.process.safe_xml import BPMN, MOTCUA, name_of

_TYPES = {
    "boolean": FieldType.BOOLEAN, "checkbox": FieldType.BOOLEAN,
    "long": FieldType.NUMBER, "integer": FieldType.NUMBER, "int": FieldType.NUMBER, "double": FieldType.NUMBER,
    "number": FieldType.NUMBER, "date": FieldType.DATE, "datetime": FieldType.DATE,
    "enum": FieldType.CHOICE, "select": FieldType.CHOICE, "radio": FieldType.CHOICE, "dropdown": FieldType.CHOICE,
    "string": FieldType.TEXT, "textfield": FieldType.TEXT, "text-field": FieldType.TEXT,
    "textarea": FieldType.LONG_TEXT, "multi-line-text": FieldType.LONG_TEXT,
}  # fmt: skip
_FIELD_ELEMENTS = frozenset({"formField", "formProperty"})
_WHO = ("assignee", "candidateGroups", "candidateUsers", "lane_owner")
_MAX_FORM = 200_000


def read_forms(process: Draft, root: etree._Element) -> None:
    """Give the steps of a process the fields and the names of people that the drawing tool wrote."""
    stored = {form.get("id", ""): form.text or "" for form in root.iter() if _local(form) == "userTaskForm"}
    for draft in process.everywhere():
        for item in draft.items.values():
            if item.source is None or item.tag != "userTask":
                continue
            item.asks = list(_fields(item.source, stored))
            if item.asks:
                named = ", ".join(field.id for field in item.asks)
                draft.notes.change("form_read", item, count=len(item.asks), fields=named)
            who = _assigned_to(item)
            if who:
                draft.notes.change("assignment_read", item, who=who)


def _local(element: etree._Element) -> str:
    return name_of(element.tag).local


def _fields(source: etree._Element, stored: dict[str, str]) -> Iterator[FormField]:
    seen: set[str] = set()
    for element in source.iter():
        namespace = name_of(element.tag).namespace
        found: list[FormField | None] = []
        if namespace not in {BPMN, MOTCUA} and _local(element) in _FIELD_ELEMENTS:
            found = [_field(element)]
        elif _local(element) == "formDefinition":
            key = element.get("formKey", "").rpartition(":")[2] or element.get("formId", "")
            found = list(_json_fields(stored.get(key, "")))
        for field in found:
            if field is not None and field.id not in seen:
                seen.add(field.id)
                yield field


def _field(element: etree._Element) -> FormField | None:
    options = [
        FieldOption(child.get("id", ""), plain_name(child.get("name") or child.get("id")))
        for child in element
        if _local(child) == "value" and child.get("id")
    ]
    label = element.get("label") or element.get("name") or element.get("id")
    rules = {(child.get("name"), child.get("config")) for child in element.iter() if _local(child) == "constraint"}
    required = element.get("required") == "true" or any(name == "required" for name, _config in rules)
    ends = {str(name): config for name, config in rules if name in {"min", "max"}}
    return make_field(
        element.get("id", ""), label, element.get("type", "string"), options, required=required, ends=ends
    )


def _json_fields(text: str) -> Iterator[FormField | None]:
    """Read a form of Camunda 8, which is JSON."""
    if not text or len(text) > _MAX_FORM:
        return
    try:
        form = json.loads(text)
    except (ValueError, RecursionError):
        return
    components: Any = form.get("components") if isinstance(form, dict) else None
    for part in components if isinstance(components, list) else []:
        if not isinstance(part, dict) or not isinstance(part.get("key"), str):
            continue
        values = part.get("values")
        options = [
            FieldOption(str(value.get("value", "")), plain_name(str(value.get("label") or value.get("value"))))
            for value in (values if isinstance(values, list) else [])
            if isinstance(value, dict) and value.get("value") not in {None, ""}
        ]
        rules = part.get("validate")
        rules = rules if isinstance(rules, dict) else {}
        required = rules.get("required") is True
        label, kind = str(part.get("label") or ""), str(part.get("type"))
        yield make_field(part["key"], label, kind, options, required=required, ends=rules)


def make_field(
    field_id: str,
    label: str | None,
    kind: str,
    options: list[FieldOption],
    *,
    required: bool,
    ends: Mapping[str, object] = MappingProxyType({}),
) -> FormField | None:
    """Make a field of ours, with the `min` and `max` of a number; None for a name that no condition could read."""
    if not re.fullmatch(r"[A-Za-z_]\w*", field_id):
        return None
    found = _TYPES.get(kind.lower(), FieldType.TEXT)
    unique = tuple({option.value: option for option in options}.values())
    if found is FieldType.CHOICE and not unique:
        found = FieldType.TEXT
    if found is not FieldType.CHOICE:
        unique = ()
    span = _range(ends) if found is FieldType.NUMBER else Range()
    return FormField(field_id, plain_name(label) or field_id, found, required, unique, range=span)


def _range(ends: Mapping[str, object]) -> Range:
    """What they say of a number; an end that is no number (an expression of theirs) says nothing here."""
    found = {}
    for name in ("min", "max"):
        with suppress(ValueError):
            found[name] = read_bound(str(ends.get(name)), is_number=True)
    span = Range(found.get("min"), found.get("max"))
    return Range() if span.is_empty else span


def _assigned_to(item: Item) -> str:
    assert item.source is not None
    found: list[str] = []
    for element in item.source.iter():
        name = name_of(element.tag)
        if name.namespace == BPMN and name.local == "formalExpression":
            found.append((element.text or "").strip())
        for attribute, value in element.attrib.items():
            if name_of(attribute).local in _WHO and (name_of(attribute).namespace or name.namespace != BPMN):
                found.append(str(value).strip())
    return ", ".join(dict.fromkeys(filter(None, found)))[:120]
