"""The form of a step as one person fills it in: what must be answered depends on what was answered."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.domain.answers import read_answers
from engine.domain.ranges import DayWord
from engine.process import expressions

# `appraisal == 'reject'`, `appraisal in ['reject', 'supplement']`: a name, a sign, what the answer is held against.
_COMPARED = re.compile(r"([a-z_]\w*)\s*(==|!=|in)\s*(\[[^\]]*\]|\([^)]*\)|['\"][^'\"]*['\"])")
_VALUE = re.compile(r"['\"]([^'\"]*)['\"]")

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine.domain.process import FormField
    from engine.domain.ranges import Days
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord


def days_of(office: Office, dossier: DossierRecord, at: datetime) -> Days:
    """The days that the ranges of a form speak of, for a dossier at a moment."""
    return {DayWord.TODAY: office.local_day(at), DayWord.RECEIVED: office.local_day(dossier.received_at)}


def read_form(form: Sequence[FormField], answers: Mapping[str, str], days: Days) -> dict[str, object]:
    """Check what was typed into the form of a step and turn it into plain values; raises `FormRefused`."""
    typed = {field.id: answers.get(field.id, "").strip() for field in form}
    return read_answers([_required(field, typed) for field in form], answers, days)


def needed_words(field: FormField, form: Sequence[FormField]) -> str:
    """When a field must be filled in although it is not always asked for, in words; empty where nothing says so."""
    if field.is_required or not field.required_when:
        return ""
    said: dict[str, list[str]] = {}
    for name, sign, values in _COMPARED.findall(field.required_when):
        asked = next((each for each in form if each.id == name), None)
        labels = {option.value: option.label for option in asked.options} if asked else {}
        subject = f"“{asked.label if asked else name}” {'không phải' if sign == '!=' else 'là'}"
        said.setdefault(subject, []).extend(f"“{labels.get(value, value)}”" for value in _VALUE.findall(values))
    words = [f"{subject} {' hoặc '.join(values)}" for subject, values in said.items()]
    joined = (" hoặc " if " or " in field.required_when else " và ").join(words)
    return f"Phải nhập khi {joined}." if words else "Phải nhập, tùy câu trả lời ở các mục khác."


def _required(field: FormField, typed: Mapping[str, str]) -> FormField:
    """The field, required if the other answers make it so (a rejection needs its reason)."""
    if field.is_required or not field.required_when:
        return field
    return replace(field, is_required=expressions.parse(field.required_when).is_true(dict(typed)))
