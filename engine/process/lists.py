"""Lists that facts are held against: codes of procedures, and legal acts that are no longer in force.

They lie in `lists/` beside the shared diagrams: `procedure_codes.yaml` and `legal_acts.yaml`. Without them nothing is
held against them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.domain.posted import Doubt, LegalAct
from engine.domain.process import Problem
from engine.process.sheet import Part, Sheet, load, refuse_twice

FOLDER = "lists"
CODES, ACTS = "procedure_codes.yaml", "legal_acts.yaml"

_CODES = {"shape": True, "shape_in_words": True, "codes": True}
_CODE = {"code": True, "name": True, "abolished": False, "note": False, "mark": True, "doubts": False}
_DOUBT = {"text": True, "ask": True}
_ACTS = {"acts": True}
_ACT = {"number": True, "name": False, "ends_on": False, "replaced_by": False, "mark": True}


@dataclass(frozen=True, slots=True)
class KnownCode:
    """One code of the national list, as far as it is known here."""

    code: str
    name: str
    is_abolished: bool = False
    note: str = ""
    mark: str = ""
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of an installation; empty ones where there are no files."""

    codes: Mapping[str, KnownCode] = field(default_factory=dict)
    acts: tuple[LegalAct, ...] = ()
    code_pattern: str = ""
    code_shape: str = ""

    def code(self, code: str) -> KnownCode | None:
        """What is known of a code; None if it is not in the list."""
        return self.codes.get(code)

    def is_well_formed(self, code: str) -> bool:
        """Whether a code looks like one of the national list."""
        return not self.code_pattern or re.fullmatch(self.code_pattern, code) is not None

    def acts_in(self, text: str) -> Iterator[LegalAct]:
        """The acts of the list that a legal basis names, by their whole number."""
        for act in self.acts:
            if re.search(rf"(?<![\w/]){re.escape(act.number)}(?![\w/-])", text):
                yield act


def read_lists(folder: Path) -> Lists:
    """Read the lists of a folder of procedures; a list that cannot be read counts as not there (`check` tells why)."""
    pattern, shape, codes = "", "", tuple[KnownCode, ...]()
    acts = tuple[LegalAct, ...]()
    if (folder / FOLDER / CODES).is_file():
        pattern, shape, codes, _problems = read_codes((folder / FOLDER / CODES).read_bytes())
    if (folder / FOLDER / ACTS).is_file():
        acts, _problems = read_acts((folder / FOLDER / ACTS).read_bytes())
    return Lists({known.code: known for known in codes}, acts, pattern, shape)


def read_codes(content: bytes) -> tuple[str, str, tuple[KnownCode, ...], tuple[Problem, ...]]:
    """Read the list of codes: the shape of a code as a pattern and in words, the codes, and what is wrong."""
    sheet = Sheet()
    part = Part(sheet, load(content, sheet) or {}, "", _CODES)
    pattern = part.text("shape")
    try:
        re.compile(pattern)
    except re.error:
        part.sheet.fault("shape", "không phải biểu thức chính quy", "is no regular expression")
        pattern = ""
    written = part.parts("codes", _CODE)
    refuse_twice(written, "code")
    codes = tuple(
        KnownCode(
            code=entry.text("code"),
            name=entry.text("name"),
            is_abolished=entry.flag("abolished", default=False),
            note=entry.text("note"),
            mark=entry.mark(),
            doubts=tuple(
                Doubt(entry.text("code"), doubt.text("text"), doubt.text("ask"))
                for doubt in entry.parts("doubts", _DOUBT)
            ),
        )
        for entry in written
    )
    problems = tuple(sheet.problems)
    return (pattern, part.text("shape_in_words"), codes, problems) if not problems else ("", "", (), problems)


def read_acts(content: bytes) -> tuple[tuple[LegalAct, ...], tuple[Problem, ...]]:
    """Read the list of legal acts, and what is wrong with it."""
    sheet = Sheet()
    part = Part(sheet, load(content, sheet) or {}, "", _ACTS)
    written = part.parts("acts", _ACT)
    refuse_twice(written, "number")
    acts = tuple(
        LegalAct(act.text("number"), act.text("name"), act.day("ends_on"), act.text("replaced_by"), act.mark())
        for act in written
    )
    return (acts if not sheet.problems else ()), tuple(sheet.problems)
