"""Finding dossiers by the beginnings of words: of a name without accents, of a code, of an identity or phone number.

The rarest word leads: the key of `dossier_words` gives its dossiers, and only those rows are looked at for the others.
Words so common that thousands of dossiers have them lead nowhere; then the open dossiers of the units are searched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    Subquery,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
    union,
)

from engine.domain.views import DossierLine
from engine.persistence.base import table_of
from engine.persistence.models import DossierWord, Task
from engine.persistence.queries.criteria import UNITS, D, concerns
from engine.persistence.queries.lines import DOSSIERS_WITH_OUTCOME, LINE_COLUMNS, Lens

_W = table_of(DossierWord).c
_T = table_of(Task).c
COMMON = 10_000
_LINES = select(*LINE_COLUMNS).select_from(DOSSIERS_WITH_OUTCOME).where(D.id.in_(bindparam("ids", expanding=True)))
_LAST = "\U0010ffff"
_FROM: BindParameter[str] = bindparam("first_word")
_TO: BindParameter[str] = bindparam("last_word")
_LEAD = select(_W.dossier_id).where(_W.word >= _FROM, _W.word < _TO)


def _bounded() -> Subquery:
    return select(literal_column("1")).where(_W.word >= _FROM, _W.word < _TO).limit(COMMON + 1).subquery()


_RARITY = select(func.count()).select_from(_bounded())
_OPEN_HERE = union(
    *(
        select(_T.dossier_id).where(_T.closed_at.is_(None), place.in_(UNITS))
        for place in (_T.unit_id, _T.desk_id, _T.deciding_unit_id)
    )
)
# What is still to be done first, then the newest.
_ORDER = (D.ended_at.is_not(None).asc(), D.received_at.desc(), D.id.desc())


@dataclass(frozen=True, slots=True)
class FoundIds:
    """Dossiers that were found, in order. `only_open`: every word was too common to look further."""

    ids: tuple[int, ...]
    only_open: bool


def find_dossiers(connection: Connection, words: Sequence[str], units: Sequence[int], *, most: int) -> FoundIds:
    """Ids of up to `most` dossiers that concern `units` and have every word, open ones first."""
    if not words or not units:
        return FoundIds((), only_open=False)
    rarity = {word: int(connection.scalar(_RARITY, _range(word)) or 0) for word in words}
    lead = min(words, key=lambda word: (rarity[word], -len(word)))
    only_open = rarity[lead] > COMMON
    others = [word for word in words if only_open or word != lead]
    statement = _of_open(others) if only_open else _led(others)
    values = {"units": list(units), **({} if only_open else _range(lead))}
    return FoundIds(tuple(connection.scalars(statement.limit(most), values)), only_open)


def lines_of(connection: Connection, lens: Lens, ids: Sequence[int]) -> tuple[DossierLine, ...]:
    """Dossiers as lines of a list, in the order in which they are named."""
    if not ids:
        return ()
    rows = {row["dossier_id"]: row for row in connection.execute(_LINES, {"ids": list(ids)}).mappings()}
    return lens.lines(connection, [rows[dossier_id] for dossier_id in ids])


def _led(others: Sequence[str]) -> Select[int]:
    found = select(D.id).where(D.id.in_(_LEAD), concerns(everything=False), *map(_has, others))
    return found.order_by(*_ORDER)


def _of_open(words: Sequence[str]) -> Select[int]:
    return select(D.id).where(D.id.in_(_OPEN_HERE), *map(_has, words)).order_by(*_ORDER)


def _has(word: str) -> ColumnElement[bool]:
    """Whether a word of the dossier begins like this; a day with a number stands at the end of its code."""
    padded: Any = literal(" ") + D.search_key
    return or_(padded.contains(f" {word}", autoescape=True), padded.contains(f"-{word}", autoescape=True))


def _range(word: str) -> dict[str, str]:
    return {"first_word": word, "last_word": word + _LAST}
