"""Finding a procedure at the counter: without accents, by code, by people's words; the most used by the desk first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from engine.domain.dossier import fold

if TYPE_CHECKING:
    from engine.domain.views import ProcedureLine

_NO_MATCH = 9


def found_offers(
    lines: Iterable[ProcedureLine], text: str, nicknames: Mapping[str, Sequence[str]], uses: Mapping[str, int]
) -> tuple[ProcedureLine, ...]:
    """The lines that fit `text`, the best first; of those that fit as well, the most used by the desk first."""
    wanted = fold(text)
    ranked = [(_rank(line, wanted, nicknames.get(line.code, ())), line) for line in lines]
    kept = [(rank, -uses.get(line.code, 0), number, line) for number, (rank, line) in enumerate(ranked)]
    return tuple(line for rank, _uses, _number, line in sorted(kept, key=lambda each: each[:3]) if rank < _NO_MATCH)


def _rank(line: ProcedureLine, wanted: str, nicknames: Sequence[str]) -> int:
    if not wanted:
        return 0
    known = [fold(word) for word in nicknames]
    if line.code.lower() == wanted or wanted in known:
        return 0
    if line.code.lower().startswith(wanted) or any(word.startswith(wanted) for word in known):
        return 1
    if wanted in fold(line.name):
        return 2
    text = " ".join((fold(f"{line.code} {line.name} {line.sector_name}"), *known))
    return 3 if all(word in text for word in wanted.split()) else _NO_MATCH
