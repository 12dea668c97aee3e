"""Reading `shared/grounds.yaml`, the grounds on which an office pauses a clock; problems name key and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.grounds import Ground, Grounds, Holder, PauseDocument, PauseEnd
from engine.process.shared_files import shared_file
from engine.process.sheet import Part, Sheet, load, refuse_twice

if TYPE_CHECKING:
    from engine.domain.process import Problem

GROUNDS_FILE = "grounds.yaml"
_GROUND = {
    "id": True, "name": True, "source": True, "mark": True, "whose": True, "document": False, "clock": False,
    "once": False,
}  # fmt: skip


def read_grounds(content: bytes) -> tuple[Grounds, tuple[Problem, ...]]:
    """Read the grounds of an office; those that are right, and what is wrong with the others."""
    sheet = Sheet()
    value = load(content, sheet)
    if sheet.problems:
        return Grounds(), tuple(sheet.problems)
    written = Part(sheet, value, "", {"grounds": True}).parts("grounds", _GROUND)
    refuse_twice(written, "id")
    grounds = [
        Ground(
            id=part.text("id"),
            name=part.text("name"),
            source=part.text("source"),
            mark=part.mark(),
            whose=part.word("whose", Holder, Holder.UNIT),
            document=part.word("document", PauseDocument, PauseDocument.NONE),
            clock=part.word("clock", PauseEnd, PauseEnd.RESUME),
            is_once=part.flag("once", default=False),
        )
        for part in written
    ]
    return Grounds(grounds), tuple(sheet.problems)


load_grounds = shared_file(GROUNDS_FILE, read_grounds, Grounds())
"""The grounds in a folder of shared diagrams, none without a file."""
