"""Why a dossier is sent back to an earlier step: codes of the office, asked with the answer that does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.process import FieldOption, FieldType, FormField

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RETURN_REASON = "return_reason"
# The code of whoever does not say: a story, a rehearsal, an import.
UNSAID = "other"


@dataclass(frozen=True, slots=True)
class Returns:
    """The reasons of an office, and the answer (a field and its value) with which people send a dossier back."""

    field: str = ""
    value: str = ""
    reasons: tuple[tuple[str, str], ...] = ()

    def asked_in(self, form: Sequence[FormField]) -> FormField | None:
        """The field that asks for the reason in a form that may send a dossier back; None for any other form."""
        may = any(each.id == self.field and self.value in {o.value for o in each.options} for each in form)
        if not may or not self.reasons or any(each.id == RETURN_REASON for each in form):
            return None
        return FormField(
            id=RETURN_REASON,
            label="Lý do trả lại",
            type=FieldType.CHOICE,
            options=tuple(FieldOption(code, name) for code, name in self.reasons),
            required_when=f"{self.field} == '{self.value}'",
        )

    def is_return(self, answers: Mapping[str, str]) -> bool:
        """Whether these answers send a dossier back."""
        return bool(self.field) and answers.get(self.field) == self.value

    def name(self, code: str) -> str:
        """A reason in words; the code itself for one that is not kept any more."""
        return dict(self.reasons).get(code, code)
