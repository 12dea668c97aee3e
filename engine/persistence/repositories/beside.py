"""What stands beside the record of a dossier: notes of a unit, opinions, links, who has it open, what may be undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, delete, insert, or_, select, update

from engine.domain.errors import NotFound
from engine.persistence.base import table_of
from engine.persistence.models import (
    Dossier,
    DossierLink,
    DossierNote,
    DossierParcel,
    MembershipRow,
    Notice,
    Opinion,
    Person,
    Presence,
    StepReturn,
    Task,
    UndoableAct,
)
from engine.persistence.statements import insert_once, upsert

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

_N = table_of(DossierNote).c
_O = table_of(Opinion).c
_S = table_of(Presence).c
_L = table_of(DossierLink).c
_U = table_of(UndoableAct).c
_D = table_of(Dossier).c
_P = table_of(Person).c
_M = table_of(MembershipRow).c
_W = table_of(Notice).c

_NOTES = (
    select(table_of(DossierNote), _P.full_name.label("author_name"), _P.username.label("author"))
    .join(table_of(Person), _P.id == _N.author_id)
    .where(_N.dossier_id == bindparam("key"), _N.unit_id.in_(bindparam("units", expanding=True)))
    .order_by(_N.id)
)
_NOTE = select(table_of(DossierNote)).where(_N.id == bindparam("key")).with_for_update()
_IS_OPEN = and_(_O.answered_at.is_(None), _O.cancelled_at.is_(None))
_OPINIONS = select(table_of(Opinion)).where(_O.dossier_id == bindparam("key")).order_by(_O.id)
_OPINION = select(table_of(Opinion)).where(_O.id == bindparam("key")).with_for_update()
_LISTED = select(*table_of(Opinion).c, _D.code.label("dossier_code"), _D.procedure_name, _D.applicant_name).select_from(
    table_of(Opinion).join(table_of(Dossier), _D.id == _O.dossier_id)
)
_COLLEAGUES = (
    select(_P.id, _P.username, _P.full_name, _M.unit_id)
    .select_from(table_of(Person).join(table_of(MembershipRow), _M.person_id == _P.id))
    .where(_M.unit_id.in_(bindparam("units", expanding=True)), _P.is_active)
    .distinct()
    .order_by(_P.username)
)
_BY_NAMES = (
    select(_P.id, _P.username, _P.full_name)
    .where(_P.username.in_(bindparam("names", expanding=True)), _P.is_active)
    .order_by(_P.username)
)
_LINKS = (
    select(_L.id, _L.reason, _L.linked_at, _L.linked_by, _D.code, _D.procedure_name, _D.applicant_name, _D.status)
    .select_from(
        table_of(DossierLink).join(
            table_of(Dossier),
            _D.id == case((_L.dossier_id == bindparam("key"), _L.other_id), else_=_L.dossier_id),
        )
    )
    .where(or_(_L.dossier_id == bindparam("key"), _L.other_id == bindparam("key")), _L.removed_at.is_(None))
    .order_by(_L.id)
)
_WATCHERS = (
    select(_S.person_id, _S.since_at, _P.full_name)
    .join(table_of(Person), _P.id == _S.person_id)
    .where(_S.dossier_id == bindparam("key"), _S.seen_at >= bindparam("after"), _S.person_id != bindparam("person"))
    .order_by(_S.since_at)
)
_FOLLOW_UP = (
    select(_W.at, _W.detail)
    .where(
        _W.person_id == bindparam("person"),
        _W.dossier_id == bindparam("key"),
        _W.message == "follow_up",
        _W.read_at.is_(None),
    )
    .order_by(_W.at)
)


@dataclass(frozen=True, slots=True)
class UndoableRow:
    """The last act on a dossier, while it may be taken back."""

    dossier_id: int
    person_id: int
    task_id: int
    version: int
    until_at: datetime
    state: bytes
    facts: Mapping[str, Any]


class Beside:
    """What stands beside dossiers, as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    # --- notes ---

    def notes(self, dossier_id: int, unit_ids: Collection[int]) -> list[RowMapping]:
        """The notes that people of some units left each other, oldest first, with the names of their writers."""
        values = {"key": dossier_id, "units": sorted(unit_ids)}
        return list(self._connection.execute(_NOTES, values).mappings())

    def note(self, note_id: int) -> RowMapping:
        """Read and lock a note; raises `NotFound`."""
        row = self._connection.execute(_NOTE, {"key": note_id}).mappings().one_or_none()
        if row is None:
            raise NotFound(what="ghi chú")
        return row

    def add_note(self, **facts: Any) -> None:
        """Write a note."""
        self._connection.execute(insert(table_of(DossierNote)), facts)

    def change_note(self, note_id: int, **facts: Any) -> None:
        """Change a note."""
        self._connection.execute(update(table_of(DossierNote)).where(_N.id == note_id).values(**facts))

    def colleagues(self, unit_ids: Collection[int]) -> list[RowMapping]:
        """The people of some units: id, username, full name, unit."""
        return list(self._connection.execute(_COLLEAGUES, {"units": sorted(unit_ids)}).mappings())

    def called(self, usernames: Collection[str]) -> list[RowMapping]:
        """The people of these usernames, whatever their unit."""
        return list(self._connection.execute(_BY_NAMES, {"names": sorted(usernames)}).mappings())

    # --- opinions ---

    def opinions(self, dossier_id: int) -> list[RowMapping]:
        """What was asked of other units about a dossier, oldest first."""
        return list(self._connection.execute(_OPINIONS, {"key": dossier_id}).mappings())

    def opinion(self, opinion_id: int) -> RowMapping:
        """Read and lock one; raises `NotFound`."""
        row = self._connection.execute(_OPINION, {"key": opinion_id}).mappings().one_or_none()
        if row is None:
            raise NotFound(what="ý kiến phối hợp")
        return row

    def ask(self, **facts: Any) -> int:
        """Ask; answers the id."""
        done = self._connection.execute(insert(table_of(Opinion)).values(**facts).returning(_O.id))
        return int(done.scalar_one())

    def change_opinion(self, opinion_id: int, **facts: Any) -> None:
        """Change one: answered, chased, taken back."""
        self._connection.execute(update(table_of(Opinion)).where(_O.id == opinion_id).values(**facts))

    def open_opinions(self, unit_ids: Collection[int], most: int, *, asked_of_us: bool) -> list[RowMapping]:
        """What is asked of some units and not answered yet, or what they have asked; the most urgent first."""
        unit = _O.unit_id if asked_of_us else _O.asking_unit_id
        statement = _LISTED.where(unit.in_(sorted(unit_ids)), _IS_OPEN).order_by(_O.due_at, _O.id).limit(most)
        return list(self._connection.execute(statement).mappings())

    # --- links set by hand ---

    def links(self, dossier_id: int) -> list[RowMapping]:
        """The dossiers that somebody has linked with this one, in either direction."""
        return list(self._connection.execute(_LINKS, {"key": dossier_id}).mappings())

    def link(self, dossier_id: int, other_id: int, **facts: Any) -> bool:
        """Link two; False if they are linked already."""
        low, high = sorted((dossier_id, other_id))
        return insert_once(self._connection, table_of(DossierLink), dossier_id=low, other_id=high, **facts)

    def unlink(self, link_id: int, dossier_id: int, *, at: datetime, by: str) -> bool:
        """Take a link of a dossier away; False if there is none."""
        of_it = or_(_L.dossier_id == dossier_id, _L.other_id == dossier_id)
        done = self._connection.execute(
            update(table_of(DossierLink))
            .where(_L.id == link_id, of_it, _L.removed_at.is_(None))
            .values(removed_at=at, removed_by=by)
        )
        return done.rowcount == 1

    def same_applicant(self, dossier_id: int, identity_key: str, most: int) -> list[RowMapping]:
        """The latest other dossiers of the same person: an index finds them."""
        if not identity_key:
            return []
        statement = (
            select(_D.code, _D.procedure_name, _D.applicant_name, _D.status, _D.received_at)
            .where(_D.identity_key == identity_key, _D.identity_key != "", _D.id != dossier_id)
            .order_by(_D.id.desc())
            .limit(most)
        )
        return list(self._connection.execute(statement).mappings())

    def same_parcel(self, dossier_id: int, most: int) -> list[RowMapping]:
        """The latest other dossiers about a parcel that this one is about: an index finds them."""
        mine, theirs = table_of(DossierParcel).alias("mine"), table_of(DossierParcel).alias("theirs")
        here = and_(
            theirs.c.commune == mine.c.commune,
            theirs.c.sheet == mine.c.sheet,
            theirs.c.number == mine.c.number,
            theirs.c.dossier_id != mine.c.dossier_id,
        )
        statement = (
            select(_D.code, _D.procedure_name, _D.applicant_name, _D.status, _D.id)
            .select_from(mine.join(theirs, here).join(table_of(Dossier), _D.id == theirs.c.dossier_id))
            .where(mine.c.dossier_id == dossier_id)
            .distinct()
            .order_by(_D.id.desc())
            .limit(most)
        )
        return list(self._connection.execute(statement).mappings())

    def visible_codes(self, codes: Collection[str], unit_ids: Collection[int]) -> frozenset[str]:
        """Which of these dossiers units have to do with: received, decided, worked on, or were asked about."""
        if not codes:
            return frozenset()
        units = sorted(unit_ids)
        task, asked = table_of(Task).c, _O
        passed = select(task.id).where(task.dossier_id == _D.id, task.unit_id.in_(units)).exists()
        consulted = select(asked.id).where(asked.dossier_id == _D.id, asked.unit_id.in_(units)).exists()
        mine = or_(_D.unit_id.in_(units), _D.deciding_unit_id.in_(units), passed, consulted)
        return frozenset(self._connection.scalars(select(_D.code).where(_D.code.in_(sorted(codes)), mine)))

    # --- words for one person ---

    def tell_person(
        self, dossier_id: int, *, person_id: int, unit_id: int, message: str, detail: str, at: datetime
    ) -> None:
        """Leave a word for one person, to be shown from `at` on."""
        row = {"dossier_id": dossier_id, "unit_id": unit_id, "role": "", "message": message, "at": at}
        self._connection.execute(insert(table_of(Notice)), {**row, "person_id": person_id, "detail": detail})

    def follow_up(self, dossier_id: int, person_id: int) -> RowMapping | None:
        """When a person wants to be reminded of a dossier; None without any."""
        return self._connection.execute(_FOLLOW_UP, {"key": dossier_id, "person": person_id}).mappings().first()

    def drop_follow_up(self, dossier_id: int, person_id: int) -> None:
        """Remind a person of a dossier no more."""
        of_them = and_(_W.dossier_id == dossier_id, _W.person_id == person_id, _W.message == "follow_up")
        self._connection.execute(delete(table_of(Notice)).where(of_them, _W.read_at.is_(None)))

    # --- who has it open ---

    def look(self, dossier_id: int, person_id: int, at: datetime, *, gone_before: datetime) -> None:
        """Say that somebody has the page of a dossier open; since when, if they were not gone in between."""
        table = table_of(Presence)
        still = and_(_S.dossier_id == dossier_id, _S.person_id == person_id)
        since = case((_S.seen_at < gone_before, at), else_=_S.since_at)
        done = self._connection.execute(update(table).where(still).values(since_at=since, seen_at=at))
        if done.rowcount == 0:
            insert_once(self._connection, table, dossier_id=dossier_id, person_id=person_id, since_at=at, seen_at=at)

    def others(self, dossier_id: int, person_id: int, *, after: datetime) -> list[RowMapping]:
        """Who else has a dossier open: seen after a moment."""
        values = {"key": dossier_id, "person": person_id, "after": after}
        return list(self._connection.execute(_WATCHERS, values).mappings())

    # --- acts ---

    def note_return(self, **facts: Any) -> None:
        """Write down that a dossier was sent back, and on what ground."""
        self._connection.execute(insert(table_of(StepReturn)), facts)

    def forget_returns(self, dossier_id: int, at: datetime, by: str) -> None:
        """Forget what was sent back in an act that is taken back."""
        returned = table_of(StepReturn).c
        self._connection.execute(
            delete(table_of(StepReturn)).where(returned.dossier_id == dossier_id, returned.at == at, returned.by == by)
        )

    def remember(self, **facts: Any) -> None:
        """Keep what takes the last act on a dossier back, instead of what was kept of the one before."""
        upsert(self._connection, table_of(UndoableAct), "dossier_id", **facts)

    def undoable(self, dossier_id: int) -> UndoableRow | None:
        """The last act on a dossier that was kept; None without any."""
        row = self._connection.execute(select(table_of(UndoableAct)).where(_U.dossier_id == dossier_id))
        found = row.mappings().one_or_none()
        return UndoableRow(**found) if found else None

    def forget(self, dossier_id: int) -> None:
        """Keep nothing more of the last act on a dossier."""
        self._connection.execute(delete(table_of(UndoableAct)).where(_U.dossier_id == dossier_id))

    def tidy(self, *, acts_before: datetime, presences_before: datetime) -> int:
        """Put away what is over: acts that nobody may take back any more, people who left long ago."""
        over = self._connection.execute(delete(table_of(UndoableAct)).where(_U.until_at < acts_before)).rowcount
        gone = self._connection.execute(delete(table_of(Presence)).where(_S.seen_at < presences_before)).rowcount
        return over + gone
