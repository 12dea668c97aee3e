"""The grounds of pauses that diagrams and facts name are grounds that the office has declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.domain.grounds import Grounds
from engine.domain.process import Problem
from engine.process.bundle import Bundle
from engine.process.grounds import GROUNDS_FILE, read_grounds
from engine.process.problems import Located, Place, report
from engine.process.vocabulary import listed


def grounds_problems(bundle: Bundle, folders: Sequence[Path]) -> Iterator[Problem]:
    """Check the own diagram and the facts of a bundle against the first grounds that are found in `folders`.

    Without any file nothing is said: a diagram may be looked at far from its office.
    """
    file = next((folder / GROUNDS_FILE for folder in folders if (folder / GROUNDS_FILE).is_file()), None)
    if file is None:
        return
    grounds = read_grounds(file.read_bytes())[0]
    for node in bundle.diagrams[0].nodes if bundle.diagrams else ():
        for effect in node.effects:
            ground = dict(effect.arguments).get("ground", "")
            if effect.name == "move_clock" and ground and ground not in grounds.ids:
                yield _unknown(ground, grounds, node, effect.line)
    for ground in bundle.procedure.pauses if bundle.procedure and not bundle.diagrams else ():
        if ground not in grounds.ids:
            yield _unknown(ground, grounds, Place(f"pauses.{ground}"), None)


def _unknown(ground: str, grounds: Grounds, place: Located, line: int | None) -> Problem:
    return report("unknown_ground", place, line=line, found=ground, allowed=listed(grounds.ids), file=GROUNDS_FILE)
