"""The warning ladder that a procedure posts for itself: the key `rungs` of its facts."""

from __future__ import annotations

from engine.domain.rungs import BadLadder, Ladder, Rung, faults, read_rung
from engine.process.sheet import Part


def read_ladder(part: Part) -> Ladder | None:
    """Answer the ladder of a procedure, None where it has none of its own; every fault is told with its line."""
    rungs = [
        rung for number, value in enumerate(part.sequence("rungs"), start=1) if (rung := _rung(part, number, value))
    ]
    if not rungs or len(rungs) < len(part.sequence("rungs")):
        return None
    found = faults(rungs)
    for fault in found:
        part.sheet.fault(part.at("rungs"), fault, fault)
    return None if found else Ladder(tuple(rungs))


def _rung(part: Part, number: int, value: object) -> Rung | None:
    path = f"{part.at('rungs')}.{number}"
    if not isinstance(value, dict):
        part.sheet.fault(path, "phải là các cặp “khóa: giá trị”", "must be a mapping")
        return None
    try:
        return read_rung(value)
    except BadLadder as error:
        detail = str(error.facts["detail"])
        part.sheet.fault(path, detail, detail)
        return None
