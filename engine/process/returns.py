"""Reading `shared/return_reasons.yaml`, why dossiers are sent back; problems name key and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.returns import Returns
from engine.process.shared_files import shared_file
from engine.process.sheet import Part, Sheet, load, refuse_twice

if TYPE_CHECKING:
    from engine.domain.process import Problem

RETURNS_FILE = "return_reasons.yaml"


def read_returns(content: bytes) -> tuple[Returns, tuple[Problem, ...]]:
    """Read the reasons of an office, and what is wrong with their file."""
    sheet = Sheet()
    value = load(content, sheet)
    if sheet.problems:
        return Returns(), tuple(sheet.problems)
    whole = Part(sheet, value, "", {"asked": True, "reasons": True})
    written = whole.parts("reasons", {"id": True, "name": True})
    refuse_twice(written, "id")
    asked = whole.part("asked", {"field": True, "value": True})
    reasons = tuple((part.text("id"), part.text("name")) for part in written)
    field, answer = (asked.text("field"), asked.text("value")) if asked else ("", "")
    return Returns(field, answer, reasons), tuple(sheet.problems)


load_returns = shared_file(RETURNS_FILE, read_returns, Returns())
"""The reasons in a folder of shared diagrams, none without a file."""
