"""Orders that merge or split units: what refers to a unit, moved row by row, with what puts it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, insert, or_, select, text, update

from engine.domain.reorganisation import State
from engine.domain.unit_life import Ending
from engine.persistence.base import Base, table_of
from engine.persistence.models import (
    DelegationRow,
    Dossier,
    MembershipRow,
    NumberSeries,
    ReorganisationRow,
    ReorganisedRow,
    Task,
    UnitRow,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_O = table_of(ReorganisationRow)
_R = table_of(ReorganisedRow)
_D = table_of(Dossier).c
_T = table_of(Task).c
_M = table_of(MembershipRow).c
_S = table_of(NumberSeries).c
_G = table_of(DelegationRow).c
_U = table_of(UnitRow)
DOSSIER, MEMBERSHIP = "dossier", "memberships.unit_id"
_IN_ONE = 500


@dataclass(frozen=True, slots=True)
class Belonging:
    """Rows that belong to a unit and go where it goes, while `condition` holds; `of_dossier`: with their dossier."""

    name: str
    table: str
    column: str = "unit_id"
    condition: str = "1 = 1"
    of_dossier: bool = False

    @property
    def subject(self) -> str:
        """How a row of an order names it."""
        return f"{self.table}.{self.column}"


BELONGINGS = (
    Belonging("Dự thảo văn bản chờ duyệt", "letter_drafts", condition="state = 'waiting'", of_dossier=True),
    Belonging(
        "Thư, tin nhắn chưa gửi xong",
        "deliveries",
        condition="state NOT IN ('sent', 'delivered', 'cancelled')",
        of_dossier=True,
    ),
    Belonging("Ghi nhận muộn chờ duyệt", "late_records", condition="decided_at IS NULL", of_dossier=True),
    Belonging("Lời nhắc chưa đọc", "notices", condition="read_at IS NULL", of_dossier=True),
    Belonging("Ghi chú nội bộ của hồ sơ", "dossier_notes", of_dossier=True),
    Belonging(
        "Ý kiến được hỏi",
        "opinions",
        condition="answered_at IS NULL AND cancelled_at IS NULL",
        of_dossier=True,
    ),
    Belonging(
        "Ý kiến đã hỏi",
        "opinions",
        "asking_unit_id",
        "answered_at IS NULL AND cancelled_at IS NULL",
        of_dossier=True,
    ),
    Belonging("Ủy quyền làm thay", "delegations", condition="revoked_at IS NULL"),
    Belonging("Bộ lọc đã lưu", "saved_filters"),
    Belonging("Màn hình treo tường", "wall_screens", condition="revoked_at IS NULL"),
    Belonging("Ki-ốt khảo sát", "survey_kiosks", condition="closed_at IS NULL"),
    Belonging("Ngăn chặn thửa đất", "parcel_blocks", condition="lifted_at IS NULL"),
)


def movements(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    """Every change of the deciding unit that the row of a dossier stands for, in order: local day, from, to."""
    found = [(day, from_id, to_id) for day, from_id, to_id in now.get("earlier", ())]
    if "counted_on" in now:
        homes = was["deciding_unit_id"], now["deciding_unit_id"]
        found.append((now["counted_on"], *homes))
        if "back_on" in now:
            found.append((now["back_on"], *homes[::-1]))
    return found


class Reorganisations:
    """Orders, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    # --- orders ---

    def add(self, **facts: Any) -> int:
        """Write an order; answers its number."""
        return int(self._connection.scalar(insert(_O).values(**facts).returning(_O.c.id)) or 0)

    def find(self, number: int) -> Any:
        """One order, or None."""
        return self._connection.execute(select(_O).where(_O.c.id == number)).one_or_none()

    def lock(self, number: int) -> Any:
        """One order, which nobody else changes until this transaction ends."""
        return self._connection.execute(select(_O).where(_O.c.id == number).with_for_update()).one()

    def latest(self, states: Collection[str] = ()) -> Sequence[Any]:
        """Orders, the latest first."""
        statement = select(_O).order_by(_O.c.id.desc())
        return self._connection.execute(statement.where(_O.c.state.in_(states)) if states else statement).all()

    def finished_since(self, since: datetime) -> Sequence[Any]:
        """Orders that were done since a moment, and were not taken back."""
        statement = select(_O).where(_O.c.state == State.DONE.value, _O.c.finished_at >= since)
        return self._connection.execute(statement.order_by(_O.c.id)).all()

    def endings(self) -> tuple[Ending, ...]:
        """Which units ended when, by the orders that were not taken back, the first order first."""
        standing = (State.RUNNING, State.DONE, State.REVERTING)
        statement = select(_O.c.mapping, _O.c.effective_on).where(_O.c.state.in_(standing)).order_by(_O.c.id)
        return tuple(
            Ending(take["ends"], row.effective_on, take["successor"])
            for row in self._connection.execute(statement)
            for take in row.mapping
            if not (take["procedures"] or take["people"])
        )

    def change(self, number: int, **columns: Any) -> None:
        """Change columns of an order."""
        self._connection.execute(update(_O).where(_O.c.id == number).values(**columns))

    def counts(self, number: int) -> dict[str, int]:
        """How many dossiers of an order there are of each result."""
        statement = (
            select(_R.c.result, func.count())
            .where(_R.c.reorganisation_id == number, _R.c.subject == DOSSIER)
            .group_by(_R.c.result)
        )
        return {row[0]: row[1] for row in self._connection.execute(statement)}

    # --- what was moved ---

    def keep(self, number: int, subject: str, ref_id: int, *, at: datetime, **facts: Any) -> None:
        """Write down what was moved, with what puts it back; how a dossier was counted before that is kept."""
        mine = (_R.c.reorganisation_id == number, _R.c.subject == subject, _R.c.ref_id == ref_id)
        before = self._connection.execute(select(_R.c.was, _R.c.now).where(*mine)).one_or_none()
        if before is not None and (earlier := movements(before.was, before.now)):
            facts["now"] = {**facts["now"], "earlier": earlier}
        self._connection.execute(delete(_R).where(*mine))
        row = {"reorganisation_id": number, "subject": subject, "ref_id": ref_id, "at": at, "words": "", **facts}
        self._connection.execute(insert(_R).values(**row))

    def kept(
        self,
        number: int,
        *,
        dossiers: bool,
        results: Collection[str] = ("moved",),
        after: int = 0,
        most: int | None = None,
    ) -> Sequence[Any]:
        """What an order moved: its dossiers with their codes and how they stand now, or everything else."""
        statement = select(_R, _D.code, _D.version, _D.ended_at).outerjoin(table_of(Dossier), _D.id == _R.c.dossier_id)
        is_dossier = _R.c.subject == DOSSIER
        statement = statement.where(
            *(_R.c.reorganisation_id == number, is_dossier if dossiers else ~is_dossier),
            *(_R.c.result.in_(results), _R.c.id > after),
        )
        return self._connection.execute(statement.order_by(_R.c.id).limit(most)).all()

    def is_kept(self, row_id: int) -> bool:
        """Whether something that was moved has not been put back."""
        return self._connection.scalar(select(_R.c.result).where(_R.c.id == row_id)) == "moved"

    def tell(self, row_id: int, words: str) -> None:
        """Write something about one thing that was moved."""
        self._connection.execute(update(_R).where(_R.c.id == row_id).values(words=words))

    def mark_reverted(self, row_id: int, at: datetime, **columns: Any) -> None:
        """Write down that something was put back."""
        facts = {"result": "reverted", "reverted_at": at, **columns}
        self._connection.execute(update(_R).where(_R.c.id == row_id).values(**facts))

    # --- dossiers ---

    def open_dossiers(self, units: Collection[int], *, but: int = 0, after: int = 0, most: int = 200) -> Sequence[Any]:
        """Ids and codes of open dossiers that some units have to do with, in order; `but`: not those that failed."""
        theirs = select(_T.dossier_id).where(_T.closed_at.is_(None), _T.unit_id.in_(units))
        failed = select(_R.c.ref_id).where(
            _R.c.reorganisation_id == but, _R.c.subject == DOSSIER, _R.c.result == "failed"
        )
        statement = (
            select(_D.id, _D.code)
            .where(
                _D.ended_at.is_(None),
                _D.id > after,
                or_(_D.unit_id.in_(units), _D.deciding_unit_id.in_(units), _D.id.in_(theirs)),
                _D.id.not_in(failed),
            )
            .order_by(_D.id)
            .limit(most)
        )
        return self._connection.execute(statement).all()

    def forget_failures(self, number: int) -> None:
        """Let failed dossiers be tried again."""
        self._connection.execute(
            delete(_R).where(_R.c.reorganisation_id == number, _R.c.subject == DOSSIER, _R.c.result == "failed")
        )

    def count_open(self, units: Collection[int]) -> int:
        """How many open dossiers some units have to do with."""
        theirs = select(_T.dossier_id).where(_T.closed_at.is_(None), _T.unit_id.in_(units))
        concerned = or_(_D.unit_id.in_(units), _D.deciding_unit_id.in_(units), _D.id.in_(theirs))
        statement = select(func.count()).select_from(table_of(Dossier)).where(_D.ended_at.is_(None), concerned)
        return self._connection.scalar(statement) or 0

    def set_home(self, dossier_id: int, unit_id: int, deciding_unit_id: int) -> None:
        """Give a dossier another desk and another unit that decides."""
        self._connection.execute(
            update(table_of(Dossier))
            .where(_D.id == dossier_id)
            .values(unit_id=unit_id, deciding_unit_id=deciding_unit_id)
        )

    def set_step_unit(self, task_id: int, unit_id: int) -> None:
        """Give an open step to another unit."""
        self._connection.execute(update(table_of(Task)).where(_T.id == task_id).values(unit_id=unit_id))

    # --- belongings ---

    def belongings(
        self, each: Belonging, units: Collection[int], dossier_id: int | None = None
    ) -> list[tuple[int, int, int | None]]:
        """Number, unit and dossier of the rows that belong to some units (and to a dossier)."""
        table = Base.metadata.tables[each.table]
        columns = [table.c.id, table.c[each.column], table.c.dossier_id if each.of_dossier else text("NULL")]
        statement = select(*columns).where(table.c[each.column].in_(units), text(each.condition))
        if dossier_id is not None:
            statement = statement.where(table.c.dossier_id == dossier_id)
        return [(row[0], row[1], row[2]) for row in self._connection.execute(statement.order_by(table.c.id))]

    def procedures(self, dossier_ids: Collection[int]) -> dict[int, str]:
        """The procedure of each of some dossiers."""
        wanted, found = sorted(dossier_ids), dict[int, str]()
        for start in range(0, len(wanted), _IN_ONE):
            some = select(_D.id, _D.procedure_code).where(_D.id.in_(wanted[start : start + _IN_ONE]))
            found |= {row[0]: row[1] for row in self._connection.execute(some)}
        return found

    def failed(self, number: int) -> frozenset[int]:
        """The dossiers that could not be moved."""
        statement = select(_R.c.ref_id).where(
            _R.c.reorganisation_id == number, _R.c.subject == DOSSIER, _R.c.result == "failed"
        )
        return frozenset(self._connection.scalars(statement))

    def active(self, units: Collection[int]) -> frozenset[int]:
        """Which of some units work now; nobody else ends one of them until this transaction ends."""
        rows = select(_U.c.id, _U.c.is_active).where(_U.c.id.in_(units)).order_by(_U.c.id).with_for_update()
        return frozenset(row[0] for row in self._connection.execute(rows) if row[1])

    def left_alone(self, number: int) -> frozenset[int]:
        """The units where nobody holds a role but those whom an order brought there."""
        brought = select(_R.c.ref_id, _R.c.now).where(
            _R.c.reorganisation_id == number, _R.c.subject == MEMBERSHIP, _R.c.result == "moved"
        )
        places = {row[0]: row[1]["unit_id"] for row in self._connection.execute(brought)}
        own = {row.unit_id for row in self.memberships(set(places.values())) if row.id not in places}
        return frozenset(places.values()) - own

    def give(self, subject: str, row_id: int, unit_id: int, *, was: int) -> bool:
        """Give a row to another unit, if it is still of the one it was; whether it was."""
        name, column = subject.split(".")
        table = Base.metadata.tables[name]
        statement = update(table).where(table.c.id == row_id, table.c[column] == was).values({column: unit_id})
        return self._connection.execute(statement).rowcount == 1

    def memberships(self, units: Collection[int]) -> Sequence[Any]:
        """Every role in some units, with whose it is."""
        people = Base.metadata.tables["people"].c
        statement = (
            select(_M.id, _M.person_id, _M.unit_id, _M.role, people.username)
            .join(Base.metadata.tables["people"], people.id == _M.person_id)
            .where(_M.unit_id.in_(units))
            .order_by(_M.id)
        )
        return self._connection.execute(statement).all()

    def holds(self, person_id: int, unit_id: int, role: str) -> bool:
        """Whether somebody holds a role in a unit."""
        found = and_(_M.person_id == person_id, _M.unit_id == unit_id, _M.role == role)
        return self._connection.scalar(select(_M.id).where(found)) is not None

    def stands_in(self, person_id: int, unit_id: int, role: str) -> bool:
        """Whether somebody takes the place of a colleague who holds a role in a unit, now or later."""
        found = and_(_G.delegate_id == person_id, _G.unit_id == unit_id, _G.role == role, _G.revoked_at.is_(None))
        return self._connection.scalar(select(_G.id).where(found).limit(1)) is not None

    def delegations(self, units: Collection[int]) -> Sequence[Any]:
        """Every delegation in some units that was not revoked, with whose place it is."""
        people = Base.metadata.tables["people"].c
        statement = (
            select(_G.id, _G.unit_id, people.username)
            .join(Base.metadata.tables["people"], people.id == _G.absent_id)
            .where(_G.unit_id.in_(units), _G.revoked_at.is_(None))
            .order_by(_G.id)
        )
        return self._connection.execute(statement).all()

    def drop_membership(self, membership_id: int) -> None:
        """Take a role away that its person holds already where it would go."""
        self._connection.execute(delete(table_of(MembershipRow)).where(_M.id == membership_id))

    def add_membership(self, **facts: Any) -> None:
        """Give a role back."""
        self._connection.execute(insert(table_of(MembershipRow)).values(**facts))

    # --- what stays ---

    def staying(self, units: Collection[int]) -> dict[str, int]:
        """How many things of some units go nowhere: days of their calendars, templates, slips that were printed."""
        tables = Base.metadata.tables
        facts, templates, slips = tables["calendar_facts"].c, tables["letter_templates"].c, tables["blank_slips"].c
        count = select(func.count())
        asked: Mapping[str, Any] = {
            "calendar": count.where(facts.unit_id.in_(units)),
            "templates": count.where(templates.unit_id.in_(units)),
            "slips": count.where(slips.unit_id.in_(units), slips.settled_at.is_(None)),
        }
        return {name: self._connection.scalar(statement) or 0 for name, statement in asked.items()}

    # --- numbers ---

    def series(self, beginning: str) -> dict[str, int]:
        """The series of numbers whose name begins so, with the last number of each."""
        statement = select(_S.scope, _S.last_number).where(_S.scope.startswith(beginning, autoescape=True))
        return {row[0]: row[1] for row in self._connection.execute(statement)}

    def set_series(self, scope: str, last_number: int | None) -> None:
        """Let a series go on after a number; None: as if it had given none."""
        self._connection.execute(delete(table_of(NumberSeries)).where(_S.scope == scope))
        if last_number is not None:
            self._connection.execute(insert(table_of(NumberSeries)).values(scope=scope, last_number=last_number))
