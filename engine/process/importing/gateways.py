"""Where ways part: implicit splits become gateways, and every gateway knows how it is decided.

A condition that says the same in our language is kept, and the values that it reads are asked for. Everything else
is the choice of a person, at the step before the gateway.
"""

from __future__ import annotations

import re
from dataclasses import replace

from engine.domain.process import FieldOption, FieldType, FormField
from engine.process import expressions
from engine.process.checks.graphs import dominators
from engine.process.importing.conditions import Needs, needs_of, translate
from engine.process.importing.model import (
    END,
    EXCLUSIVE,
    GATEWAYS,
    INCLUSIVE,
    PARALLEL,
    START,
    USER,
    Draft,
    Item,
    Link,
)

# How the fields begin by which persons choose.
CHOSEN = ("choice_", "take_")
_OTHER = "other"
_MAX_OPTIONS = 30


def open_splits(process: Draft) -> None:
    """Put a gateway behind every activity or event from which several flows leave."""
    for draft in list(process.everywhere()):
        for item in list(draft.items.values()):
            leaving = draft.leaving(item.id)
            if item.tag in GATEWAYS or item.tag == END or len(leaving) < 2:  # noqa: PLR2004 - several
                continue
            is_conditional = bool(item.default) or any(link.condition for link in leaving)
            kind = INCLUSIVE if is_conditional else PARALLEL
            draft.notes.change("split_made_gateway", item, count=len(leaving), kind=kind)
            name = f"Sau {item.name}"[:80] if is_conditional and item.name else ""
            draft.insert_after(item, kind, f"split_{item.id}"[:60], name)


def decide(process: Draft) -> None:
    """Settle how every gateway is decided."""
    for draft in list(process.everywhere()):
        for item in list(draft.items.values()):
            if item.tag == "complexGateway":
                _settle_complex(draft, item)
            if item.tag in {EXCLUSIVE, INCLUSIVE} and len(draft.leaving(item.id)) > 1:
                _decide(draft, item)
            else:
                _drop_conditions(draft, item)


def _settle_complex(draft: Draft, item: Item) -> None:
    if len(draft.entering(item.id)) > 1:
        advice = "Cổng phức hợp gộp nhánh theo điều kiện riêng: hãy vẽ bằng cổng song song hoặc bao hàm."
        advice_en = "A complex gateway joins by a rule of its own: draw a parallel or inclusive one."
        draft.notes.problem("unsupported_element", item, kind=item.tag, advice=advice, advice_en=advice_en)
        return
    item.tag = INCLUSIVE
    for link in draft.leaving(item.id):
        link.condition = ""
    draft.notes.change("complex_made_inclusive", item)


def _drop_conditions(draft: Draft, item: Item) -> None:
    item.default = ""
    for link in draft.leaving(item.id):
        if link.condition:
            draft.notes.change("condition_dropped", link, old=link.condition[:80])
            link.condition = ""


def _decide(draft: Draft, gateway: Item) -> None:
    leaving = draft.leaving(gateway.id)
    default = next((link for link in leaving if link.id == gateway.default), None)
    asked = [link for link in leaving if link is not default]
    gateway.default = default.id if default else ""
    if default is not None:
        default.condition = ""
    needs = _translated(draft, gateway, asked)
    if needs is None:
        _let_person_choose(draft, gateway, leaving, default)
    else:
        _ask_values(draft, gateway, needs)
    if not gateway.default:
        _give_default(draft, gateway, leaving)


def _translated(draft: Draft, gateway: Item, asked: list[Link]) -> Needs | None:
    """Rewrite the conditions of a gateway; None if any of them cannot be, and nothing is changed."""
    found = {link.id: translate(link.condition) for link in asked if link.condition}
    unconditional = [link for link in asked if not link.condition]
    if not found or None in found.values() or (unconditional and gateway.tag == EXCLUSIVE):
        return None
    if _is_ambiguous(gateway, asked):
        return None
    needs = Needs()
    for condition in found.values():
        own = needs_of(condition or "")
        if own is None or not needs.merge(own):
            return None
    if not needs.types:
        return None
    for link in asked:
        new = found.get(link.id)
        if new and new != link.condition:
            draft.notes.change("condition_translated", gateway, old=link.condition[:80], new=new[:80])
            link.condition = new
    return needs


def _is_ambiguous(gateway: Item, asked: list[Link]) -> bool:
    """Whether two ways of which one is taken have the same condition: a tool wrote it where nobody did."""
    written = [link.condition.strip() for link in asked if link.condition]
    return gateway.tag == EXCLUSIVE and len(set(written)) < len(written)


def _ask_values(draft: Draft, gateway: Item, needs: Needs) -> None:
    fields = [_value_field(name, kind, needs.texts.get(name, set())) for name, kind in sorted(needs.types.items())]
    fields = [field for field in fields if not _is_asked_before(draft, gateway, field)]
    if not fields:
        return
    step = _ask(draft, gateway, fields)
    named = ", ".join(field.id for field in fields)
    draft.notes.change("values_asked", gateway, fields=named, step=step.name or step.id)


def _is_asked_before(draft: Draft, gateway: Item, field: FormField) -> bool:
    """Whether a step on every way to the gateway asks for a value already; there it must then be given."""
    for step in _always_before(draft, gateway):
        for place, old in enumerate(step.asks):
            same = old.type is field.type or {old.type, field.type} <= {FieldType.CHOICE, FieldType.TEXT}
            if old.id == field.id and same:
                step.asks[place] = _joined(step, field)
                return True
    return False


def _always_before(draft: Draft, gateway: Item) -> list[Item]:
    """Answer the steps that are done on every way to a gateway; an interrupted step is not done."""
    start = next((item for item in draft.items.values() if item.tag == START), None)
    if start is None:
        return []
    graph: dict[str, list[str]] = {item_id: [] for item_id in draft.items}
    for link in draft.links:
        if link.source in graph and link.target in graph:
            held = [item.id for item in draft.boundaries(link.target)]
            graph[link.source] += [link.target, *held]
    found = dominators(graph, start.id).get(gateway.id, set())
    return [draft.items[item_id] for item_id in draft.items if item_id in found and draft.items[item_id].tag == USER]


def _value_field(name: str, kind: FieldType, texts: set[str]) -> FormField:
    if kind is not FieldType.TEXT or not texts or len(texts) > _MAX_OPTIONS or "" in texts:
        return FormField(name, name, kind, is_required=True)
    options = [FieldOption(text, text) for text in sorted(texts)]
    if _OTHER not in texts:
        options.append(FieldOption(_OTHER, "Khác"))
    return FormField(name, name, FieldType.CHOICE, is_required=True, options=tuple(options))


def _let_person_choose(draft: Draft, gateway: Item, leaving: list[Link], default: Link | None) -> None:
    why, why_en = _why_chosen(gateway, leaving)
    base = re.sub(r"\W", "_", gateway.id)
    labels = _labels(draft, leaving)
    if gateway.tag == EXCLUSIVE:
        options = tuple(FieldOption(f"way_{place}", label) for place, label in enumerate(labels, start=1))
        name = f"choice_{base}"
        fields = [FormField(name, gateway.name or "Hướng xử lý", FieldType.CHOICE, is_required=True, options=options)]
        for option, link in zip(options, leaving, strict=True):
            link.condition = "" if link is default else f'{name} == "{option.value}"'
    else:
        fields = []
        for place, (label, link) in enumerate(zip(labels, leaving, strict=True), start=1):
            if link is not default:
                fields.append(FormField(f"take_{base}_{place}", label, FieldType.BOOLEAN, is_required=True))
                link.condition = fields[-1].id
    step = _ask(draft, gateway, fields)
    draft.notes.change("choice_by_person", gateway, why=why, why_en=why_en, step=step.name or step.id)


def _why_chosen(gateway: Item, leaving: list[Link]) -> tuple[str, str]:
    if not any(link.condition for link in leaving):
        return "không có điều kiện", "it has no conditions"
    if _is_ambiguous(gateway, leaving):
        return "nhiều hướng có cùng một điều kiện", "several of its flows have the same condition"
    return "điều kiện không viết được bằng ngôn ngữ an toàn", "its conditions cannot be written in the safe language"


def _labels(draft: Draft, leaving: list[Link]) -> list[str]:
    labels: list[str] = []
    for link in leaving:
        target = draft.items.get(link.target)
        label = link.name or (target.name if target else "") or link.target or link.id
        while label in labels:
            label = f"{label} ({link.id})"
        labels.append(label[:120])
    return labels


def _give_default(draft: Draft, gateway: Item, leaving: list[Link]) -> None:
    """A gateway without default takes its last flow when nothing else holds."""
    last = leaving[-1]
    draft.notes.change("default_given", gateway, flow=last.name or last.id)
    if gateway.tag == INCLUSIVE:
        others = [link.condition for link in leaving[:-1]]
        if all(others):
            joined = " or ".join(f"({condition})" for condition in others)
            combined = f"({last.condition}) or not ({joined})" if last.condition else ""
            if combined and _is_fine(combined):
                last.condition = combined
                return
        last.condition = ""
    else:
        last.condition = ""
    gateway.default = last.id


def _is_fine(condition: str) -> bool:
    try:
        expressions.parse(condition)
    except expressions.ExpressionRefused:
        return False
    return True


def _ask(draft: Draft, gateway: Item, fields: list[FormField]) -> Item:
    """Put fields on the step right before a gateway, or on a new step there."""
    entering = draft.entering(gateway.id)
    step = draft.items.get(entering[0].source) if len(entering) == 1 else None
    if step is None or step.tag != USER or len(draft.leaving(step.id)) > 1:
        step = draft.insert_before(
            gateway, USER, f"decide_{gateway.id}"[:60], f"Quyết định: {gateway.name or gateway.id}"
        )
    for field in fields:
        step.asks = [old for old in step.asks if old.id != field.id] + [_joined(step, field)]
    return step


def _joined(step: Item, field: FormField) -> FormField:
    """Keep the label and the options that the step has already for this field."""
    old = next((old for old in step.asks if old.id == field.id), None)
    if old is None:
        return field
    if old.type is FieldType.CHOICE and field.type in {FieldType.CHOICE, FieldType.TEXT}:
        more = {option.value: option for option in (*field.options, *old.options) if option.value != _OTHER}
        return replace(old, is_required=True, options=tuple(more.values()))
    return replace(field, label=old.label)
