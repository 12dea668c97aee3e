"""The form of a step as one person fills it in: what must be answered depends on what was answered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.domain.answers import read_answers
from engine.process import expressions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.domain.process import FormField


def read_form(form: Sequence[FormField], answers: Mapping[str, str]) -> dict[str, object]:
    """Check what was typed into the form of a step and turn it into plain values; raises `FormRefused`."""
    typed = {field.id: answers.get(field.id, "").strip() for field in form}
    return read_answers([_required(field, typed) for field in form], answers)


def _required(field: FormField, typed: Mapping[str, str]) -> FormField:
    """The field, required if the other answers make it so (a rejection needs its reason)."""
    if field.is_required or not field.required_when:
        return field
    return replace(field, is_required=expressions.parse(field.required_when).is_true(dict(typed)))
