"""Ballots and their sums, kiosks, imported files; what supervisors enter, and the sheets that they confirm."""

from __future__ import annotations

import hashlib
import secrets
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, func, insert, select, update

from engine.domain.survey import add
from engine.persistence.base import table_of
from engine.persistence.models import (
    EvaluationSheet,
    SurveyBallot,
    SurveyImport,
    SurveyKiosk,
    SurveyMonth,
    UndoneImport,
    UnitEntry,
)
from engine.persistence.statements import insert_once

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

_B = table_of(SurveyBallot).c
_M = table_of(SurveyMonth).c
_K = table_of(SurveyKiosk).c
_I, _U = table_of(SurveyImport).c, table_of(UndoneImport).c
_E = table_of(UnitEntry).c
_S = table_of(EvaluationSheet).c
_KEYS = ("month", "unit_id", "procedure_code", "channel", "timeliness", "source")
_BALLOT_BITS = 52  # a number that JavaScript and SQLite both hold exactly
_ROWS_AT_ONCE = 2000


class UnitFigure(NamedTuple):
    """What was entered for a unit and month under a code, on what evidence."""

    unit_id: int
    month: str
    code: str
    value: Decimal
    evidence: str


class Surveys:
    """Surveys and sheets, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    # --- ballots ---

    def put_ballots(self, ballots: Sequence[Mapping[str, Any]]) -> None:
        """Write ballots down and add them to the sums of their months. Their ids are drawn by lot: no order tells."""
        rows = [{"id": secrets.randbits(_BALLOT_BITS), **ballot} for ballot in ballots]
        self._connection.execute(insert(table_of(SurveyBallot)), rows)
        self._count(ballots)

    def put_once(self, key: str, ballot: Mapping[str, Any]) -> None:
        """Write a ballot down unless one of the same key was; what its id is, only the key tells."""
        ballot_id = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) >> (64 - _BALLOT_BITS)
        if insert_once(self._connection, table_of(SurveyBallot), id=ballot_id, **ballot):
            self._count([ballot])

    def _count(self, ballots: Sequence[Mapping[str, Any]], sign: int = 1) -> None:
        sums: dict[tuple[Any, ...], dict[str, dict[int, int]]] = {}
        counts: dict[tuple[Any, ...], int] = {}
        for ballot in ballots:
            key = tuple(ballot[name] for name in _KEYS)
            add(sums.setdefault(key, {}), ballot["answers"])
            counts[key] = counts.get(key, 0) + 1
        for key in sorted(sums):
            tally = {code: {level: sign * n for level, n in levels.items()} for code, levels in sums[key].items()}
            self._add(dict(zip(_KEYS, key, strict=True)), tally, sign * counts[key])

    def _add(self, key: Mapping[str, Any], tally: Mapping[str, Mapping[int, int]], ballots: int) -> None:
        insert_once(self._connection, table_of(SurveyMonth), **key, ballots=0, tally={})
        where = [_M[name] == value for name, value in key.items()]
        row = self._connection.execute(select(_M.tally, _M.ballots).where(*where).with_for_update()).one()
        total = _levels(row.tally)
        add(total, tally)
        self._connection.execute(
            update(table_of(SurveyMonth)).where(*where).values(ballots=row.ballots + ballots, tally=_plain(total))
        )

    def months(self, first: str, last: str, unit_ids: Collection[int] | None) -> list[dict[str, Any]]:
        """The sums of the months from `first` to `last`; of `unit_ids` (None: of all)."""
        statement = select(table_of(SurveyMonth)).where(_M.month >= first, _M.month <= last, _M.ballots > 0)
        if unit_ids is not None:
            statement = statement.where(_M.unit_id.in_(sorted(unit_ids)))
        rows = self._connection.execute(statement.order_by(*(_M[name] for name in _KEYS))).mappings()
        return [{**row, "tally": _levels(row["tally"])} for row in rows]

    def counted_anew(self) -> dict[tuple[Any, ...], tuple[int, dict[str, dict[int, int]]]]:
        """The sums as the ballots themselves give them: to be compared with those that were kept."""
        found: dict[tuple[Any, ...], tuple[int, dict[str, dict[int, int]]]] = {}
        statement = select(*(_B[name] for name in _KEYS), _B.answers).execution_options(yield_per=_ROWS_AT_ONCE)
        for row in self._connection.execute(statement).mappings():
            key = tuple(row[name] for name in _KEYS)
            number, tally = found.get(key, (0, {}))
            add(tally, row["answers"])
            found[key] = (number + 1, tally)
        return found

    def kept(self) -> dict[tuple[Any, ...], tuple[int, dict[str, dict[int, int]]]]:
        """The sums that were kept, in the shape of `counted_anew`."""
        rows = self._connection.execute(select(table_of(SurveyMonth)).where(_M.ballots > 0)).mappings()
        return {tuple(row[name] for name in _KEYS): (row["ballots"], _levels(row["tally"])) for row in rows}

    def comments(self, first: str, last: str, unit_ids: Collection[int] | None, limit: int) -> list[RowMapping]:
        """What people wrote in the months from `first` to `last`, the latest first; no more than `limit`."""
        statement = select(_B.day, _B.unit_id, _B.comment).where(_B.month >= first, _B.month <= last, _B.comment != "")
        if unit_ids is not None:
            statement = statement.where(_B.unit_id.in_(sorted(unit_ids)))
        return list(self._connection.execute(statement.order_by(_B.day.desc(), _B.id).limit(limit)).mappings())

    # --- kiosks and imports ---

    def open_kiosk(self, **values: Any) -> int:
        """Open a kiosk; answers its id."""
        statement = insert(table_of(SurveyKiosk)).values(**values).returning(_K.id)
        return int(self._connection.execute(statement).scalar_one())

    def kiosk(self, key_hash: str) -> RowMapping | None:
        """The kiosk of a key, closed or not."""
        statement = select(table_of(SurveyKiosk)).where(_K.key_hash == key_hash)
        return self._connection.execute(statement).mappings().one_or_none()

    def kiosk_by_id(self, kiosk_id: int) -> RowMapping | None:
        """A kiosk."""
        statement = select(table_of(SurveyKiosk)).where(_K.id == kiosk_id)
        return self._connection.execute(statement).mappings().one_or_none()

    def kiosks(self, unit_ids: Collection[int], at: datetime) -> list[RowMapping]:
        """The kiosks of some units that are open now, the latest first."""
        statement = select(table_of(SurveyKiosk)).where(
            _K.unit_id.in_(sorted(unit_ids)), _K.closed_at.is_(None), _K.expires_at > at
        )
        return list(self._connection.execute(statement.order_by(_K.id.desc())).mappings())

    def close_kiosk(self, kiosk_id: int, *, at: datetime, by: str) -> None:
        """Close a kiosk for good."""
        self._connection.execute(
            update(table_of(SurveyKiosk))
            .where(_K.id == kiosk_id, _K.closed_at.is_(None))
            .values(closed_at=at, closed_by=by)
        )

    def is_imported(self, sha256: str) -> bool:
        """Whether ballots of this fingerprint were read in."""
        known = table_of(SurveyImport).c.sha256
        return self._connection.scalar(select(known).where(known == sha256)) is not None

    def note_import(self, **values: Any) -> bool:
        """Keep the fingerprint of a file; False if it was read in before."""
        return insert_once(self._connection, table_of(SurveyImport), **values)

    def imports(self, unit_ids: Collection[int], limit: int) -> list[dict[str, Any]]:
        """The files that were read in for some units and stand, the latest first; no more than `limit`."""
        statement = select(table_of(SurveyImport)).where(_I.unit_id.in_(sorted(unit_ids)))
        ordered = statement.order_by(_I.imported_at.desc(), _I.sha256).limit(limit)
        return [dict(row) for row in self._connection.execute(ordered).mappings()]

    def undone_imports(self, unit_ids: Collection[int], limit: int) -> list[dict[str, Any]]:
        """The files of some units that were taken back, the latest first; no more than `limit`."""
        statement = select(table_of(UndoneImport)).where(_U.unit_id.in_(sorted(unit_ids)))
        rows = self._connection.execute(statement.order_by(_U.id.desc()).limit(limit)).mappings()
        return [dict(row) for row in rows]

    def found_import(self, sha256: str) -> dict[str, Any] | None:
        """A file that was read in and stands."""
        statement = select(table_of(SurveyImport)).where(_I.sha256 == sha256)
        row = self._connection.execute(statement).mappings().one_or_none()
        return None if row is None else dict(row)

    def import_sums(self, sha256: str) -> list[dict[str, Any]]:
        """How many ballots of a file there are by unit and month, and how many of them say something in words."""
        words = func.count().filter(_B.comment != "").label("comments")
        statement = (
            select(_B.unit_id, _B.month, func.count().label("ballots"), words)
            .where(_B.batch == sha256, _B.batch != "")
            .group_by(_B.unit_id, _B.month)
            .order_by(_B.unit_id, _B.month)
        )
        return [dict(row) for row in self._connection.execute(statement).mappings()]

    def undo_import(self, sha256: str, *, at: datetime, by: str, reason: str) -> int | None:
        """Take every ballot of a file back, out of the sums of their months too; answers how many.

        None: no such file stands, or somebody else has just taken it back.
        """
        gone = delete(table_of(SurveyImport)).where(_I.sha256 == sha256).returning(*_I)
        was = self._connection.execute(gone).mappings().one_or_none()
        if was is None:
            return None
        theirs = (_B.batch == sha256, _B.batch != "")
        columns = [_B[name] for name in (*_KEYS, "answers")]
        ballots = [dict(row) for row in self._connection.execute(select(*columns).where(*theirs)).mappings()]
        self._count(ballots, sign=-1)
        self._connection.execute(delete(table_of(SurveyBallot)).where(*theirs))
        facts = {**was, "undone_at": at, "undone_by": by, "reason": reason}
        self._connection.execute(insert(table_of(UndoneImport)), facts)
        return len(ballots)

    # --- what is entered, and sheets ---

    def enter(self, **values: Any) -> None:
        """Write an entry of a unit down; those before it stay."""
        self._connection.execute(insert(table_of(UnitEntry)), values)

    def entries(self, unit_id: int, month: str) -> list[RowMapping]:
        """Everything that was entered for a unit and month, oldest first."""
        statement = select(table_of(UnitEntry)).where(_E.unit_id == unit_id, _E.month == month).order_by(_E.id)
        return list(self._connection.execute(statement).mappings())

    def latest_entries(self, unit_ids: Collection[int] | None, first: str, last: str) -> list[UnitFigure]:
        """The entries of units (None: of all) that hold, for the months from `first` to `last`."""
        newest = select(func.max(_E.id)).where(_E.month >= first, _E.month <= last)
        if unit_ids is not None:
            newest = newest.where(_E.unit_id.in_(sorted(unit_ids)))
        columns = (_E.unit_id, _E.month, _E.code, _E.value, _E.evidence)
        statement = select(*columns).where(_E.id.in_(newest.group_by(_E.unit_id, _E.month, _E.code)))
        return [UnitFigure(*row) for row in self._connection.execute(statement.order_by(_E.unit_id, _E.month, _E.code))]

    def sheets(self, unit_ids: Collection[int] | None, first: str, last: str) -> list[dict[str, Any]]:
        """Confirmed sheets of units (None: of all) and their officials, in order; the last `seq` of a month holds."""
        statement = select(table_of(EvaluationSheet)).where(_S.month >= first, _S.month <= last)
        if unit_ids is not None:
            statement = statement.where(_S.unit_id.in_(sorted(unit_ids)))
        ordered = statement.order_by(_S.unit_id, _S.month, _S.username, _S.seq)
        return [dict(row) for row in self._connection.execute(ordered).mappings()]

    def unit_sheets(self, first: str, last: str, unit_ids: Collection[int] | None) -> list[RowMapping]:
        """The confirmed sheets of units (not of officials), in order; of each unit and month the last one holds."""
        statement = select(table_of(EvaluationSheet)).where(_S.month >= first, _S.month <= last, _S.username == "")
        if unit_ids is not None:
            statement = statement.where(_S.unit_id.in_(sorted(unit_ids)))
        return list(self._connection.execute(statement.order_by(_S.unit_id, _S.month, _S.seq)).mappings())

    def put_sheet(self, **values: Any) -> bool:
        """Write a confirmed sheet down; False if somebody has confirmed the same one meanwhile."""
        return insert_once(self._connection, table_of(EvaluationSheet), **values)


def _levels(tally: Mapping[str, Mapping[str, int]]) -> dict[str, dict[int, int]]:
    """JSON has texts for keys."""
    return {code: {int(level): number for level, number in levels.items()} for code, levels in tally.items()}


def _plain(tally: Mapping[str, Mapping[int, int]]) -> dict[str, dict[str, int]]:
    """A tally as JSON keeps it, without what nobody answered (any more)."""
    said = {code: {str(level): n for level, n in sorted(levels.items()) if n} for code, levels in tally.items()}
    return {code: said[code] for code in sorted(said) if said[code]}
