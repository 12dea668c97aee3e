"""Reading what a procedure asks at the desk, and which decision tables make use of the answers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.domain.assessment import DecidedBy
from engine.domain.process import FieldOption, FieldType, FormField
from engine.domain.ranges import Bound, DayWord, Range, read_bound
from engine.process.sheet import Part, refuse_twice
from engine.process.vocabulary import VARIABLES

_QUESTION = {
    "id": True, "label": True, "type": True, "options": False, "required": False, "mark": False,
    "min": False, "max": False,
}  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def read_questions(part: Part) -> Iterable[FormField]:
    """Read `questions`: what the desk asks, in the order in which it asks."""
    written = part.parts("questions", _QUESTION)
    refuse_twice(written, "id")
    for question in written:
        id_ = question.text("id")
        if not _NAME.fullmatch(id_) or id_ in VARIABLES:
            reason = "phải gồm chữ thường, số, gạch dưới và không phải case, channel"
            question.sheet.fault(question.at("id"), reason, "must be small letters, and neither case nor channel")
        question.mark()
        yield FormField(
            id=id_,
            label=question.text("label"),
            type=question.word("type", FieldType, FieldType.TEXT),
            is_required=question.flag("required", default=True),
            options=tuple(_options(question)),
            range=_range(question),
        )


def _range(question: Part) -> Range:
    """Between which numbers or days an answer lies; the desk asks before there is a day of receipt to name."""
    ends = {name: _bound(question, name) for name in ("min", "max")}
    span = Range(ends["min"], ends["max"])
    if span.is_empty:
        question.sheet.fault(question.at("min"), "min không được lớn hơn max", "min is more than max")
    return span


def _bound(question: Part, name: str) -> Bound | None:
    written, kind = question.values.get(name), question.values.get("type")
    if written is None:
        return None
    try:
        bound = read_bound(str(written), is_number=kind == FieldType.NUMBER)
    except ValueError:
        bound = DayWord.TODAY
    if kind not in {FieldType.NUMBER, FieldType.DATE} or isinstance(bound, DayWord):
        reason = "phải là số (câu hỏi loại number) hoặc ngày như 2026-01-31 (loại date)"
        question.sheet.fault(question.at(name), reason, "must be a number, or a day like 2026-01-31")
        return None
    return bound


def _options(question: Part) -> Iterable[FieldOption]:
    written = question.parts("options", {"value": True, "label": True})
    refuse_twice(written, "value")
    if (question.values.get("type") == FieldType.CHOICE) is not bool(written):
        reason = "câu hỏi loại choice, và chỉ loại đó, có danh sách lựa chọn"
        question.sheet.fault(question.at("options"), reason, "a choice, and nothing else, has options")
    for option in written:
        yield FieldOption(option.text("value"), option.text("label"))


def read_decided_by(part: Part) -> DecidedBy:
    """Read `decisions`: the ids of the decisions that give case and fee."""
    decisions = part.part("decisions", {"case": False, "fee": False})
    return DecidedBy(decisions.text("case"), decisions.text("fee")) if decisions else DecidedBy()
