"""Reading `counter/`: what the desk knows besides the procedures, and the communes of the province.

A file that is not there tells nothing; one that is wrong stops its reader with key and line.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.domain.intake_desk import Choice, DeskFacts, Exemption
from engine.domain.parcels import Commune, Communes, OldCommune
from engine.process.shared_files import shared_file
from engine.process.sheet import Part, Sheet, load, refuse_twice

if TYPE_CHECKING:
    from pathlib import Path

    from engine.domain.process import Problem

FOLDER, DESK, COMMUNES = "counter", "desk.yaml", "communes.yaml"
_DESK = {
    "nicknames": False, "parcel_sectors": False, "authorisations": False, "payments": False, "exemptions": False,
    "identity_places": False, "block_keepers": False,
}  # fmt: skip
_NICKNAME = {"code": True, "words": True}
_CHOICE = {"id": True, "name": True, "source": False, "mark": False}
_EXEMPTION = {"id": True, "name": True, "fee": True, "basis": True, "mark": True}
_PLACES = {"source": True, "mark": True, "codes": True}
_COMMUNES = {"source": True, "communes": True}
_COMMUNE = {"code": True, "name": True, "was": False}
_OLD = {"name": True, "sheets": False}


def read_desk(content: bytes) -> tuple[DeskFacts, tuple[Problem, ...]]:
    """Read what the desk knows but the communes, and what is wrong in the file."""
    sheet = Sheet()
    value = load(content, sheet)
    if sheet.problems:
        return DeskFacts(), tuple(sheet.problems)
    part = Part(sheet, value, "", _DESK)
    nicknames, exemptions = part.parts("nicknames", _NICKNAME), part.parts("exemptions", _EXEMPTION)
    refuse_twice(nicknames, "code")
    refuse_twice(exemptions, "id")
    places = part.part("identity_places", _PLACES)
    facts = DeskFacts(
        nicknames={each.text("code"): each.texts("words") for each in nicknames},
        parcel_sectors=frozenset(part.texts("parcel_sectors")),
        authorisations=_choices(part, "authorisations"),
        payments=_choices(part, "payments"),
        exemptions=tuple(
            Exemption(each.text("id"), each.text("name"), each.text("fee"), each.text("basis"), each.mark())
            for each in exemptions
        ),
        identity_places=frozenset(places.texts("codes")) if places else frozenset(),
        block_keepers=frozenset(part.texts("block_keepers")),
    )
    return facts, tuple(sheet.problems)


def read_communes(content: bytes) -> tuple[Communes, tuple[Problem, ...]]:
    """Read the communes of today and what they were made of, and what is wrong in the file."""
    sheet = Sheet()
    value = load(content, sheet)
    if sheet.problems:
        return Communes(), tuple(sheet.problems)
    part = Part(sheet, value, "", _COMMUNES)
    written = part.parts("communes", _COMMUNE)
    refuse_twice(written, "code")
    communes = tuple(
        Commune(each.text("code"), each.text("name"), tuple(_old(old) for old in each.parts("was", _OLD)))
        for each in written
    )
    _refuse_old_twice(part, communes)
    return Communes(communes, part.text("source")), tuple(sheet.problems)


def _old(part: Part) -> OldCommune:
    written = part.values.get("sheets")
    keys = {str(sheet): False for sheet in written} if isinstance(written, dict) else {}
    sheets = part.part("sheets", keys)
    return OldCommune(part.text("name"), {sheet: sheets.text(sheet) for sheet in keys} if sheets else {})


def _refuse_old_twice(part: Part, communes: tuple[Commune, ...]) -> None:
    """An old commune went into one new one here; a divided one is told by the new name alone."""
    seen: set[str] = set()
    for old in (old for commune in communes for old in commune.was):
        if old.name in seen:
            part.sheet.fault("communes", f"“{old.name}” (cũ) ghi hai lần", f"old “{old.name}” stands twice")
        seen.add(old.name)


def _choices(part: Part, key: str) -> tuple[Choice, ...]:
    written = part.parts(key, _CHOICE)
    refuse_twice(written, "id")
    return tuple(Choice(each.text("id"), each.text("name"), each.text("source"), each.mark()) for each in written)


_desk = shared_file(DESK, read_desk, DeskFacts())
_communes = shared_file(COMMUNES, read_communes, Communes())


def load_desk(procedures: Path) -> DeskFacts:
    """What the files of a folder of procedures say now; raises `DefinitionInvalid` with what is wrong in them."""
    folder = procedures / FOLDER
    return replace(_desk(folder), communes=_communes(folder))
