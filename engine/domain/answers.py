"""What a person typed into the form of a step, read into values that a diagram can decide on."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput
from engine.domain.process import FieldType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.domain.process import FormField
    from engine.domain.ranges import Days

LONGEST_ANSWER = 4000
# Fifteen hundred in Vietnamese, one and a half in English: a fee must not hang on a guess.
_TWO_WAYS = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_YES = frozenset({"true", "yes", "on", "1", "có"})


class FormRefused(BadInput):
    """Chưa ghi nhận được: {detail}."""

    code = "form_refused"

    def __init__(self, fields: Mapping[str, str]) -> None:
        """Say for each field (by id) what is wrong with it."""
        self.fields = dict(fields)
        super().__init__(detail="; ".join(self.fields.values()))


def read_answers(form: Iterable[FormField], answers: Mapping[str, str], days: Days | None = None) -> dict[str, object]:
    """Check `answers` against the form of a step and turn them into plain values; raises `FormRefused`.

    `days`: which days the words in ranges mean. None for what was answered before or elsewhere: it stands as it is,
    whatever range its field has.
    """
    values: dict[str, object] = {}
    faults: dict[str, str] = {}
    for field in form:
        text = answers.get(field.id, "").strip()
        if not text:
            if field.is_required and field.type is not FieldType.BOOLEAN:
                faults[field.id] = f"“{field.label}” chưa được nhập"
            elif field.type is FieldType.BOOLEAN:
                values[field.id] = False
            continue
        try:
            values[field.id] = _read(field, text)
            if days is not None and (fault := _range_fault(field, values[field.id], days)):
                faults[field.id] = f"“{field.label}” {fault}"
        except ValueError as error:
            faults[field.id] = f"“{field.label}” {error}"
    if faults:
        raise FormRefused(faults)
    return values


def answered(field: FormField, answers: Mapping[str, str]) -> str:
    """An answer in words, empty without one: the label of a choice, yes or no, what was typed."""
    text = answers.get(field.id, "").strip()
    if field.type is FieldType.BOOLEAN:
        return "Có" if text.lower() in _YES else "Không"
    return next((option.label for option in field.options if option.value == text), text)


def _range_fault(field: FormField, value: object, days: Days) -> str:
    if field.type is FieldType.NUMBER:
        return field.range.fault(Decimal(str(value)), days)
    return field.range.fault(date.fromisoformat(str(value)), days) if field.type is FieldType.DATE else ""


def _read(field: FormField, text: str) -> object:
    if len(text) > LONGEST_ANSWER:
        message = f"dài quá {LONGEST_ANSWER} ký tự"
        raise ValueError(message)
    match field.type:
        case FieldType.CHOICE:
            if text not in {option.value for option in field.options}:
                message = "không có lựa chọn này"
                raise ValueError(message)
            return text
        case FieldType.NUMBER:
            return _number(text)
        case FieldType.DATE:
            return _date(text)
        case FieldType.BOOLEAN:
            return text.lower() in _YES
        case FieldType.TEXT | FieldType.LONG_TEXT:
            return text


def _number(text: str) -> int | float:
    if _TWO_WAYS.fullmatch(text):
        message = f"ghi “{text}” hiểu được hai cách: hãy viết {text.replace('.', '')} hoặc {text.replace('.', ',')}"
        raise ValueError(message)
    has_groups = "," in text or text.count(".") > 1
    try:
        number = Decimal(text.replace(".", "").replace(",", ".") if has_groups else text)
    except InvalidOperation:
        message = "phải là một số, ví dụ 120,5"
        raise ValueError(message) from None
    if not number.is_finite():
        message = "phải là một số, ví dụ 120,5"
        raise ValueError(message)
    return int(number) if number == number.to_integral_value() else float(number)


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        message = "phải là một ngày có thật, ví dụ 2026-11-22"
        raise ValueError(message) from None
