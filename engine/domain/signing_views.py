"""What a leader sees at the signing table: the answers that a step offers, the grounds of a file, results of many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.domain.process import FormField
    from engine.domain.returns import Returns
    from engine.domain.views import FieldView, WorkItem

CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Decision:
    """The one question of a step that a leader answers, and its answers: forward (the usual one first), and back."""

    field: str
    forward: tuple[tuple[str, str], ...]
    back: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class SigningList:
    """What waits for a leader, most urgent first; `total` may be more than are shown."""

    items: tuple[WorkItem, ...]
    total: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """What became of one of several dossiers that were signed together: where it went, or why it stays."""

    code: str
    is_done: bool
    said: str


@dataclass(frozen=True, slots=True)
class Grounds:
    """By what law a dossier is decided, and what it is to bring."""

    legal_basis: tuple[str, ...]
    result: str


def decision_in(fields: Sequence[FieldView], returns: Returns) -> Decision | None:
    """The question that a step asks its leader: its first choice that must be made; None for a step that asks none."""
    asked = next((field for field in fields if field.type == CHOICE and field.is_required and field.options), None)
    if asked is None:
        return None
    back = next((each for each in asked.options if (asked.id, each[0]) == (returns.field, returns.value)), None)
    return Decision(asked.id, tuple(option for option in asked.options if option != back), back)


def usual_answer(form: Sequence[FormField], returns: Returns) -> dict[str, str] | None:
    """The answer that sends a step forward without another word; None where it asks for more, or nothing at all."""
    required = [field for field in form if field.is_required]
    if len(required) != 1 or required[0].type.value != CHOICE:
        return None
    field = required[0]
    values = [option.value for option in field.options if (field.id, option.value) != (returns.field, returns.value)]
    return {field.id: values[0]} if values else None
