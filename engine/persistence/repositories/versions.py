"""Published versions of procedures, what was done about them, and the moves of running dossiers between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from engine.domain.versions import Version
from engine.persistence.base import table_of
from engine.persistence.models import (
    Dossier,
    MovedDossier,
    NumberSeries,
    ProcedureVersion,
    PublicationEvent,
    VersionMove,
)
from engine.persistence.statements import next_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

PUBLISHED, WITHDRAWN = "published", "withdrawn"
_V = table_of(ProcedureVersion).c
_E = table_of(PublicationEvent).c
_M = table_of(VersionMove).c
_P = table_of(MovedDossier).c
_D = table_of(Dossier).c
# Counted up with every change of what is published, so that a running process sees cheaply that it has to look anew.
_SERIES = "publications"
_COUNTER = select(table_of(NumberSeries).c.last_number).where(table_of(NumberSeries).c.scope == _SERIES)
_WITHOUT_SOURCES = [column for column in _V if column.name != "sources"]
_INDEX = select(*_WITHOUT_SOURCES).order_by(_V.code, _V.levels, _V.province, _V.effective_from, _V.published_at)


@dataclass(frozen=True, slots=True)
class VersionRecord(Version):
    """A published version as its row says. `effective_to` is the last day, also one that was decided later."""

    ref: str = ""
    name: str = ""
    process: str = ""
    status: str = PUBLISHED
    published_at: datetime | None = None
    published_by: str = ""

    @property
    def is_published(self) -> bool:
        """Whether it is, was or will be in force for new dossiers."""
        return self.status == PUBLISHED


@dataclass(frozen=True, slots=True)
class MoveRecord:
    """One order to move dossiers."""

    id: int
    code: str
    from_version: str
    to_ref: str
    limit_rule: str
    document: str
    allows_later: bool
    started_at: datetime
    by: str
    finished_at: datetime | None
    counts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class MovedRecord:
    """One dossier of a move, with all that puts it back."""

    id: int
    move_id: int
    dossier_id: int
    from_ref: str
    old_state: bytes
    new_state: bytes
    old_steps: list[Any]
    clock_seq: int
    old_limit: dict[str, Any] | None
    moved_at: datetime
    reverted_at: datetime | None


class Versions:
    """Published versions, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    # --- what is published ---

    def counter(self) -> int:
        """How often what is published has changed: one cheap statement."""
        return self._connection.scalar(_COUNTER) or 0

    def index(self) -> tuple[VersionRecord, ...]:
        """Every version without its sources, by procedure and day."""
        return tuple(_version(row) for row in self._connection.execute(_INDEX).mappings())

    def add(self, version: VersionRecord, *, sector: str, sources: bytes) -> None:
        """Keep a version for ever."""
        self._connection.execute(
            insert(table_of(ProcedureVersion)),
            {
                "ref": version.ref,
                "code": version.code,
                "version": version.version,
                "name": version.name,
                "sector": sector,
                "sources": sources,
                "published_at": version.published_at,
                "published_by": version.published_by,
                "process": version.process,
                "levels": ",".join(version.levels),
                "province": version.province,
                "effective_from": version.effective_from,
                "effective_to": version.effective_to,
                "status": version.status,
            },
        )
        self._count_up()

    def change(self, ref: str, *, status: str | None = None, closed_on: date | None = None) -> None:
        """Withdraw a version, or say on which day it ends."""
        values: dict[str, Any] = {"status": status} if status else {}
        if closed_on is not None:
            values["closed_on"] = closed_on
        self._connection.execute(update(table_of(ProcedureVersion)).where(_V.ref == ref).values(**values))
        self._count_up()

    def sources(self, refs: Iterable[str]) -> dict[str, bytes]:
        """The sources of published versions, by ref; those that are not there are left out."""
        rows = self._connection.execute(select(_V.ref, _V.sources).where(_V.ref.in_(list(refs))))
        return {row.ref: bytes(row.sources) for row in rows}

    def note(self, ref: str, kind: str, *, at: datetime, by: str, data: dict[str, Any] | None = None) -> None:
        """Write down what was done about a version."""
        row = {"ref": ref, "kind": kind, "at": at, "by": by, "data": data or {}}
        self._connection.execute(insert(table_of(PublicationEvent)), row)

    def events(self, most: int = 200) -> list[dict[str, Any]]:
        """What was done about versions, the latest first."""
        rows = self._connection.execute(
            select(table_of(PublicationEvent), _V.code, _V.version)
            .join(table_of(ProcedureVersion), _V.ref == _E.ref)
            .order_by(_E.id.desc())
            .limit(most)
        )
        return [dict(row) for row in rows.mappings()]

    def _count_up(self) -> None:
        next_number(self._connection, table_of(NumberSeries), _SERIES)

    # --- dossiers of a version ---

    def running(self, refs: Sequence[str]) -> list[tuple[int, str]]:
        """Id and code of every dossier that is not ended and runs under one of `refs`, the oldest first."""
        statement = select(_D.id, _D.code).where(_D.definition_ref.in_(refs), _D.ended_at.is_(None)).order_by(_D.id)
        return [(row.id, row.code) for row in self._connection.execute(statement)]

    def count_running(self) -> dict[str, int]:
        """How many dossiers that are not ended run under each version."""
        statement = select(_D.definition_ref, func.count()).where(_D.ended_at.is_(None)).group_by(_D.definition_ref)
        return {row[0]: row[1] for row in self._connection.execute(statement)}

    def set_version(self, dossier_id: int, ref: str) -> None:
        """Let a dossier run under another version."""
        self._connection.execute(update(table_of(Dossier)).where(_D.id == dossier_id).values(definition_ref=ref))

    # --- moves ---

    def start_move(self, **order: Any) -> int:
        """Write down an order to move dossiers; answers its number."""
        statement = insert(table_of(VersionMove)).values(**order, counts={}).returning(_M.id)
        return int(self._connection.execute(statement).scalar_one())

    def open_move(self, **order: Any) -> MoveRecord | None:
        """The same order, begun and not finished."""
        same = [_M[name] == value for name, value in order.items()]
        found = self._connection.execute(
            select(table_of(VersionMove)).where(_M.finished_at.is_(None), *same).order_by(_M.id.desc()).limit(1)
        )
        row = found.mappings().one_or_none()
        return MoveRecord(**row) if row else None

    def move(self, move_id: int) -> MoveRecord | None:
        """An order by its number."""
        row = self._connection.execute(select(table_of(VersionMove)).where(_M.id == move_id)).mappings().one_or_none()
        return MoveRecord(**row) if row else None

    def moves(self, most: int = 50) -> list[MoveRecord]:
        """The latest orders."""
        rows = self._connection.execute(select(table_of(VersionMove)).order_by(_M.id.desc()).limit(most)).mappings()
        return [MoveRecord(**row) for row in rows]

    def finish_move(self, move_id: int, *, at: datetime, counts: dict[str, Any]) -> None:
        """Say that an order was carried out."""
        self._connection.execute(
            update(table_of(VersionMove)).where(_M.id == move_id).values(finished_at=at, counts=counts)
        )

    def keep_moved(self, **facts: Any) -> None:
        """Keep what puts a dossier back. A dossier that was put back and is moved again takes the newer facts."""
        key = (_P.move_id == facts["move_id"], _P.dossier_id == facts["dossier_id"])
        values = {**facts, "reverted_at": None}
        if self._connection.execute(update(table_of(MovedDossier)).where(*key).values(**values)).rowcount == 0:
            self._connection.execute(insert(table_of(MovedDossier)), values)

    def moved(self, move_id: int) -> list[int]:
        """The dossiers of a move that were not put back, by id."""
        return list(
            self._connection.scalars(
                select(_P.dossier_id).where(_P.move_id == move_id, _P.reverted_at.is_(None)).order_by(_P.dossier_id)
            )
        )

    def moved_dossier(self, move_id: int, dossier_id: int) -> MovedRecord | None:
        """What puts one dossier of a move back; None if that was done."""
        statement = select(table_of(MovedDossier)).where(
            _P.move_id == move_id, _P.dossier_id == dossier_id, _P.reverted_at.is_(None)
        )
        row = self._connection.execute(statement).mappings().one_or_none()
        return MovedRecord(**row) if row else None

    def mark_reverted(self, moved_id: int, at: datetime) -> None:
        """Say that a dossier was put back."""
        self._connection.execute(update(table_of(MovedDossier)).where(_P.id == moved_id).values(reverted_at=at))


def _version(row: Any) -> VersionRecord:
    ends = [day for day in (row["effective_to"], row["closed_on"]) if day is not None]
    return VersionRecord(
        code=row["code"],
        version=row["version"],
        levels=tuple(filter(None, row["levels"].split(","))),
        province=row["province"],
        effective_from=row["effective_from"],
        effective_to=min(ends, default=None),
        where=f"{row['process']} ({row['ref'][:12]})",
        ref=row["ref"],
        name=row["name"],
        process=row["process"],
        status=row["status"],
        published_at=row["published_at"],
        published_by=row["published_by"],
    )
