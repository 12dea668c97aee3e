"""Finding dossiers by the beginnings of words: of a name without accents, of a code, of an identity or phone number.

The rarest word leads: the key of `dossier_words` gives its dossiers, and its other index says which have the other
words; only of what is left a dossier is read. Words so common that thousands of dossiers have them lead nowhere; then
the open dossiers of the units are searched, from the newest back, until there are enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, bindparam, func, literal_column, or_, select

from engine.domain.views import DossierLine
from engine.persistence.base import table_of
from engine.persistence.models import Dossier, DossierWord, Task
from engine.persistence.queries.criteria import UNITS, D, concerns
from engine.persistence.queries.lines import DOSSIERS_WITH_OUTCOME, LINE_COLUMNS, Lens

_W = table_of(DossierWord).c
_T = table_of(Task).c
COMMON = 10_000
# So many open dossiers of the units are looked at, the newest.
MOST_OPEN = 10_000
_LINES = select(*LINE_COLUMNS).select_from(DOSSIERS_WITH_OUTCOME).where(D.id.in_(bindparam("ids", expanding=True)))
_LAST = "\U0010ffff"
_MOST: BindParameter[int] = bindparam("most")
# What is still to be done first, then the newest.
_ORDER = (D.ended_at.is_not(None).asc(), D.received_at.desc(), D.id.desc())
# Wherever a unit of mine has to do with it. Added up, the columns are no way in: one index is walked from its end.
_HERE = (
    select(_T.dossier_id)
    .where(_T.closed_at.is_(None), or_(*((p + 0).in_(UNITS) for p in (_T.unit_id, _T.desk_id, _T.deciding_unit_id))))
    .distinct()
    .order_by(_T.dossier_id.desc())
)
_BEHIND = _HERE.limit(1).offset(bindparam("most_open"))


@dataclass(frozen=True, slots=True)
class FoundIds:
    """Dossiers that were found, in order.

    `only_open`: every word was too common to look further; `only_newest`: so many of those were met, 0 for all.
    """

    ids: tuple[int, ...]
    only_open: bool = False
    only_newest: int = 0


def find_dossiers(connection: Connection, words: Sequence[str], units: Sequence[int], *, most: int) -> FoundIds:
    """Ids of up to `most` dossiers that concern `units` and have every word, open ones first."""
    if not words or not units:
        return FoundIds(())
    counts = connection.execute(_rarity(len(words)), _ranges(words)).one()
    found = sorted(zip(counts, words, strict=True), key=lambda each: (each[0], -len(each[1])))
    values = {"units": list(units), "most": most, **_ranges([word for _count, word in found])}
    if found[0][0] <= COMMON:
        return FoundIds(tuple(connection.scalars(_led(len(words)), values)))
    behind = connection.scalar(_BEHIND, values | {"most_open": MOST_OPEN}) or 0
    ids = tuple(connection.scalars(_of_open(len(words)), values | {"behind": behind}))
    return FoundIds(ids, only_open=True, only_newest=MOST_OPEN if behind else 0)


def lines_of(connection: Connection, lens: Lens, ids: Sequence[int]) -> tuple[DossierLine, ...]:
    """Dossiers as lines of a list, in the order in which they are named."""
    if not ids:
        return ()
    rows = {row["dossier_id"]: row for row in connection.execute(_LINES, {"ids": list(ids)}).mappings()}
    return lens.lines(connection, [rows[dossier_id] for dossier_id in ids])


@cache
def _rarity(many: int) -> Select[Any]:
    """How many entries each word has, up to one more than `COMMON`."""
    one: Select[int] = select(literal_column("1"))
    entries = (one.where(*_is_word(_W.word, number)).limit(COMMON + 1).subquery() for number in range(many))
    return select(*(select(func.count()).select_from(each).scalar_subquery() for each in entries))


@cache
def _led(many: int) -> Select[int]:
    """Dossiers of the units with the first word, the rarest, and with all others."""
    with_all = select(_W.dossier_id).where(*_is_word(_W.word, 0), *_has_others(_W.dossier_id, 1, many)).distinct()
    met = with_all.cte("met").prefix_with("MATERIALIZED")
    found = select(D.id).select_from(table_of(Dossier).join(met, met.c.dossier_id == D.id))
    return found.where(concerns(everything=False)).order_by(*_ORDER).limit(_MOST)


@cache
def _of_open(many: int) -> Select[int]:
    """Open dossiers of the units with every word: those that were entered last, in order."""
    newest = _HERE.where(_T.dossier_id > bindparam("behind"), *_has_others(_T.dossier_id, 0, many)).limit(_MOST)
    found = newest.subquery()
    return select(D.id).select_from(table_of(Dossier).join(found, found.c.dossier_id == D.id)).order_by(*_ORDER)


def _has_others(dossier_id: ColumnElement[int], first: int, last: int) -> list[ColumnElement[bool]]:
    """Whether a dossier has the words with these numbers: each a look into an index, one dossier at a time."""
    found: list[ColumnElement[bool]] = []
    for number in range(first, last):
        words = table_of(DossierWord).alias(f"words_{number}")
        has = select(words.c.word).where(words.c.dossier_id == dossier_id, *_is_word(words.c.word, number)).limit(1)
        found.append(has.correlate(dossier_id.table).scalar_subquery().is_not(None))
    return found


def _is_word(column: ColumnElement[str], number: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return column >= bindparam(f"first_{number}"), column < bindparam(f"last_{number}")


def _ranges(words: Sequence[str]) -> dict[str, str]:
    values = {f"first_{number}": word for number, word in enumerate(words)}
    return values | {f"last_{number}": word + _LAST for number, word in enumerate(words)}
