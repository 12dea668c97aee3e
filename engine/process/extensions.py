"""Reading what the motcua namespace adds to BPMN: actors of lanes, steps and forms of user tasks, effects.

Nothing is guessed: an element, attribute or value that is not known is a problem that names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import partial
from typing import NamedTuple, TypeVar

from lxml import etree

from engine.domain.limits import LimitUnit, ProcessingTime
from engine.domain.process import FieldOption, FieldType, FormField, Milestone, Problem, WaitsFor
from engine.domain.ranges import Bound, Range, read_bound
from engine.domain.status import DossierStatus
from engine.process import expressions
from engine.process.diagram import EffectReading, StepReading
from engine.process.problems import report
from engine.process.safe_xml import BPMN, MOTCUA, line_of, name_of
from engine.process.vocabulary import listed

_Choice = TypeVar("_Choice", bound=StrEnum)
_OUTSIDE = "outside"
_BOUNDS: Mapping[FieldType, Callable[[str], Bound]] = {
    FieldType.NUMBER: partial(read_bound, is_number=True),
    FieldType.DATE: partial(read_bound, is_number=False),
}
_STATUSES = {status.name: status for status in DossierStatus}


class Allowed(NamedTuple):
    """What an extension element may hold."""

    attributes: frozenset[str]
    children: frozenset[str]
    text: bool = False


_GRAMMAR = {
    "actor": Allowed(frozenset({"role", "unit"}), frozenset()),
    "step": Allowed(frozenset({"limit", "phase", "status", "clock", "waits_for"}), frozenset({"limit"})),
    "limit": Allowed(frozenset({"case", "value"}), frozenset()),
    "form": Allowed(frozenset(), frozenset({"field"})),
    "field": Allowed(
        frozenset({"id", "label", "type", "required", "required_when", "min", "max"}), frozenset({"option"})
    ),
    "timer": Allowed(frozenset({"after", "unit"}), frozenset()),
    "milestone": Allowed(frozenset({"after", "unit", "name"}), frozenset()),
    "option": Allowed(frozenset({"value", "label"}), frozenset()),
    "effect": Allowed(frozenset({"name"}), frozenset({"argument"})),
    "argument": Allowed(frozenset({"name", "value"}), frozenset()),
}
# Which extension belongs to which element of BPMN.
_PLACES = {"userTask": ("step", "form", "timer", "milestone"), "serviceTask": ("effect",), "lane": ("actor",)}


@dataclass(frozen=True, slots=True)
class Owner:
    """The element of BPMN that is being read, and where its problems go."""

    id: str
    name: str
    line: int | None
    tell: Callable[[Problem], None]

    def report(self, code: str, *, line: int | None = None, **facts: object) -> None:
        """Tell a problem of this element."""
        self.tell(report(code, self, line=line, **facts))


def extensions_of(element: etree._Element, owner: Owner) -> list[etree._Element]:
    """Answer the motcua extension elements of a BPMN element, and tell what is not allowed there."""
    allowed = _PLACES.get(name_of(element.tag).local, ())
    found: list[etree._Element] = []
    for child in element.iterchildren(f"{{{BPMN}}}extensionElements"):
        for extension in child:
            name = name_of(extension.tag)
            if name.namespace != MOTCUA:
                continue
            if name.local in allowed:
                _check_grammar(extension, owner)
                found.append(extension)
            else:
                owner.report("unknown_extension", found=name.local, allowed=listed(allowed), line=line_of(extension))
    return found


def _check_grammar(extension: etree._Element, owner: Owner) -> None:
    allowed = _GRAMMAR[name_of(extension.tag).local]
    for attribute in extension.attrib:
        if str(attribute) not in allowed.attributes:
            words = listed(allowed.attributes)
            owner.report("unknown_extension", found=str(attribute), allowed=words, line=line_of(extension))
    for child in extension:
        name = name_of(child.tag)
        if name.namespace == MOTCUA and name.local in allowed.children:
            _check_grammar(child, owner)
        else:
            owner.report("unknown_extension", found=name.local, allowed=listed(allowed.children), line=line_of(child))


def read_actor(element: etree._Element, owner: Owner) -> tuple[str | None, str | None]:
    """Answer role and kind of unit of a lane, None for what is not written."""
    for actor in extensions_of(element, owner):
        return actor.get("role"), actor.get("unit")
    return None, None


def read_step(element: etree._Element, owner: Owner) -> StepReading:
    """Read step and form of a user task."""
    found = extensions_of(element, owner)
    form = tuple(
        field for extension in found if name_of(extension.tag).local == "form" for field in _form(extension, owner)
    )
    spans = _spans(found, owner)
    timer = next((span for kind, _name, span in spans if kind == "timer"), None)
    milestones = tuple(Milestone(name, span) for kind, name, span in spans if kind == "milestone")
    steps = [extension for extension in found if name_of(extension.tag).local == "step"]
    if not steps:
        return StepReading(form=form, timer=timer, milestones=milestones)
    step = steps[0]
    return StepReading(
        limits=dict(_limits(step, owner)),
        phase=step.get("phase"),
        status=_status(step, owner),
        is_outside_clock=_is_outside(step, owner),
        waits_for=_choice(WaitsFor, step, "waits_for", owner),
        form=form,
        timer=timer,
        milestones=milestones,
    )


def _spans(found: Iterable[etree._Element], owner: Owner) -> list[tuple[str, str, ProcessingTime]]:
    """Read the timers and milestones of a step: kind, name, how long after the step opened."""
    spans: list[tuple[str, str, ProcessingTime]] = []
    for element in found:
        kind = name_of(element.tag).local
        if kind not in {"timer", "milestone"}:
            continue
        amount = _positive(element.get("after", ""))
        unit = _choice(LimitUnit, element, "unit", owner)
        if amount is None or unit is None or not unit.has_amount:
            owner.report("limit_invalid", found=f"{element.get('after')} {element.get('unit')}", line=line_of(element))
        else:
            spans.append((kind, element.get("name", ""), ProcessingTime(amount, unit)))
    return spans


def _limits(step: etree._Element, owner: Owner) -> Iterable[tuple[str, Decimal]]:
    written = [("", step.get("limit"), step)] if step.get("limit") is not None else []
    written += [(child.get("case", ""), child.get("value", ""), child) for child in step]
    seen: set[str] = set()
    for case, text, element in written:
        number = _positive(text or "")
        if number is None:
            owner.report("limit_invalid", found=text, line=line_of(element))
        elif case in seen or (element is not step and not case):
            owner.report("bad_step_value", found=case, attribute="case", allowed="–", line=line_of(element))
        else:
            seen.add(case)
            yield case, number


def _positive(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and number > 0 else None


def _status(step: etree._Element, owner: Owner) -> DossierStatus:
    text = step.get("status", DossierStatus.IN_PROGRESS.name)
    status = _STATUSES.get(text)
    if status is None or status.is_final:
        words = listed(name for name, status in _STATUSES.items() if not status.is_final)
        owner.report("bad_step_value", found=text, attribute="status", allowed=words)
        return DossierStatus.IN_PROGRESS
    return status


def _is_outside(step: etree._Element, owner: Owner) -> bool:
    clock = step.get("clock")
    if clock not in {None, _OUTSIDE}:
        owner.report("bad_step_value", found=clock, attribute="clock", allowed=_OUTSIDE)
    return clock == _OUTSIDE


def _choice(kind: type[_Choice], element: etree._Element, attribute: str, owner: Owner) -> _Choice | None:
    text = element.get(attribute)
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError:
        owner.report("bad_step_value", found=text, attribute=attribute, allowed=listed(kind), line=line_of(element))
        return None


def _form(form: etree._Element, owner: Owner) -> Iterable[FormField]:
    seen: set[str] = set()
    for element in form:
        field_id = element.get("id", "")
        if not field_id.isidentifier() or field_id in seen:
            _form_fault(owner, element, f"mã trường “{field_id}” trống, sai hoặc lặp lại", f"field id “{field_id}”")
            continue
        seen.add(field_id)
        yield _field(element, field_id, owner)


def _field(element: etree._Element, field_id: str, owner: Owner) -> FormField:
    options = tuple(FieldOption(option.get("value", ""), option.get("label", "")) for option in element)
    kind = _choice(FieldType, element, "type", owner) or FieldType.TEXT
    values = [option.value for option in options]
    if (kind is FieldType.CHOICE) != bool(options) or "" in values or len(set(values)) < len(values):
        _form_fault(owner, element, f"trường “{field_id}” có danh sách lựa chọn sai", f"options of field “{field_id}”")
    if not element.get("label") or any(not option.label for option in options):
        _form_fault(owner, element, f"trường “{field_id}” thiếu nhãn", f"field “{field_id}” lacks a label")
    required = element.get("required", "false")
    if required not in {"true", "false"}:
        owner.report("bad_step_value", found=required, attribute="required", allowed="false, true")
    required_when = element.get("required_when", "").strip()
    if required_when:
        _check_required_when(required_when, element, owner)
    label = element.get("label", "")
    span = _range(element, field_id, kind, owner)
    return FormField(field_id, label, kind, required == "true", options, required_when=required_when, range=span)


def _range(element: etree._Element, field_id: str, kind: FieldType, owner: Owner) -> Range:
    """The `min` and `max` of a field; a range of anything but numbers and days, or without a value, is told."""
    ends: dict[str, Bound] = {}
    for name in ("min", "max"):
        text = element.get(name)
        if text is None:
            continue
        try:
            ends[name] = _BOUNDS[kind](text.strip())
        except (KeyError, ValueError):
            reason = f"{name} “{text}” của trường “{field_id}” phải là số (number) hay ngày, today, received (date)"
            _form_fault(owner, element, reason, f"{name} “{text}” of field “{field_id}”: a number, a day or its word")
    span = Range(ends.get("min"), ends.get("max"))
    if span.is_empty:
        reason = f"trường “{field_id}” có min {element.get('min')} lớn hơn max {element.get('max')}"
        _form_fault(owner, element, reason, f"min of field “{field_id}” is more than its max")
    return span


def _check_required_when(text: str, element: etree._Element, owner: Owner) -> None:
    """The expression can be read, and reads only fields that are asked for in the same form."""
    try:
        names = expressions.parse(text).names
    except expressions.ExpressionRefused as refused:
        owner.report("condition_invalid", expression=text[:80], reason=refused.reason, reason_en=refused.reason_en)
        return
    form = element.getparent()
    known = {str(field.get("id")) for field in form} if form is not None else set()
    for name in sorted(names - known):
        owner.report("variable_without_source", expression=text[:80], variable=name, line=line_of(element))


def _form_fault(owner: Owner, element: etree._Element, reason: str, reason_en: str) -> None:
    owner.report("form_invalid", reason=reason, reason_en=reason_en, line=line_of(element))


def read_effects(element: etree._Element, owner: Owner) -> tuple[EffectReading, ...]:
    """Read the effects of a service task, in order."""
    return tuple(
        EffectReading(
            effect.get("name", ""),
            tuple((argument.get("name", ""), argument.get("value", "")) for argument in effect),
            line_of(effect),
        )
        for effect in extensions_of(element, owner)
    )
