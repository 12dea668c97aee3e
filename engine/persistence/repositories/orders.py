"""Orders over many dossiers and their lines: drafted, claimed by one worker, done line by line."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, delete, func, insert, or_, select, update

from engine.domain.orders import LineState, OrderKind, OrderState, Subject, Task
from engine.persistence.base import table_of
from engine.persistence.models import Dossier, MembershipRow, OversightFile, OversightLine, OversightOrder, Person
from engine.persistence.models import Task as TaskRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_ORDERS, _LINES, _FILES = table_of(OversightOrder), table_of(OversightLine), table_of(OversightFile)
_O, _L, _F = _ORDERS.c, _LINES.c, _FILES.c
_D, _T, _P, _M = table_of(Dossier).c, table_of(TaskRow).c, table_of(Person).c, table_of(MembershipRow).c
_KEYS: Any = bindparam("keys", expanding=True)
_AT_ONCE = 500
_ACTIVE = (OrderState.CONFIRMED.value, OrderState.RUNNING.value)

_SUBJECTS = select(
    _D.id,
    _D.code,
    _D.deciding_unit_id,
    _D.due_at,
    _D.first_due_at,
    _D.resolved_at.is_not(None).label("is_resolved"),
    _D.ended_at.is_not(None).label("is_ended"),
    _D.has_draft,
).where(_D.id.in_(_KEYS))
_STEPS = (
    select(_T.dossier_id, _T.id, _T.step_id, _T.name, _T.unit_id, _T.role, _T.claimed_by_id, _P.full_name)
    .select_from(table_of(TaskRow).outerjoin(table_of(Person), _P.id == _T.claimed_by_id))
    .where(_T.dossier_id.in_(_KEYS), _T.closed_at.is_(None))
    .order_by(_T.id)
)
# Another order of the same kind that came first and still waits, or was done after this one was drafted.
_BEFORE = and_(_L.state == LineState.READY.value, _O.state.in_(_ACTIVE), _O.id < bindparam("number"))
_SINCE = and_(_L.state == LineState.DONE.value, _L.at > bindparam("since", type_=_O.made_at.type))
_OTHERS = (
    select(_L.dossier_id, _O.id, _O.made_by_name)
    .select_from(_LINES.join(_ORDERS, _O.id == _L.order_id))
    .where(
        _L.dossier_id.in_(_KEYS),
        _O.kind == bindparam("kind"),
        _O.id != bindparam("number"),
        _O.reverts_id.is_(None),
        or_(_BEFORE, _SINCE),
    )
    .order_by(_O.id)
)
_REVERTED_BY = _ORDERS.alias("reverting")
_ORDER = select(
    *_O,
    select(func.max(_REVERTED_BY.c.id))
    .where(_REVERTED_BY.c.reverts_id == _O.id)
    .correlate(_ORDERS)
    .scalar_subquery()
    .label("reverted_by_id"),
    select(_F.name).where(_F.order_id == _O.id).correlate(_ORDERS).scalar_subquery().label("file_name"),
)
_SHOWN = (
    select(_D.code, _D.procedure_name, _D.deciding_unit_id, _L.state, _L.words, _L.at)
    .select_from(_LINES.join(table_of(Dossier), _D.id == _L.dossier_id))
    .order_by(case({"failed": 0, "cannot": 1}, value=_L.state, else_=2), _L.id)
)


class Orders:
    """Orders, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    # --- what is ordered about ---

    def subjects(self, dossier_ids: Sequence[int], *, kind: str, number: int, since: datetime) -> Iterator[Subject]:
        """Dossiers with their open steps, and with the order of the same kind that is before this one, if any."""
        for start in range(0, len(dossier_ids), _AT_ONCE):
            keys = list(dossier_ids[start : start + _AT_ONCE])
            rows = {row["id"]: row for row in self._connection.execute(_SUBJECTS, {"keys": keys}).mappings()}
            steps: defaultdict[int, list[Task]] = defaultdict(list)
            for row in self._connection.execute(_STEPS, {"keys": keys}):
                steps[row[0]].append(Task(*row[1:7], row[7] or ""))
            values = {"keys": keys, "kind": kind, "number": number, "since": since}
            others = {row[0]: (row[1], row[2]) for row in self._connection.execute(_OTHERS, values)}
            for key in keys:
                yield Subject(**rows[key], tasks=tuple(steps[key]), other=others.get(key))

    def places_of(self, person_id: int) -> tuple[str, frozenset[tuple[int, str]]] | None:
        """The name of an account that is open, and where it works as what; None if there is none."""
        statement = (
            select(_P.full_name, _M.unit_id, _M.role)
            .join(table_of(MembershipRow), _M.person_id == _P.id)
            .where(_P.id == person_id, _P.is_active)
        )
        rows = self._connection.execute(statement).all()
        return (rows[0][0], frozenset((row[1], row[2]) for row in rows)) if rows else None

    def staff_of(self, unit_ids: Iterable[int], roles: Iterable[str]) -> Sequence[Any]:
        """Who works in some units in some roles: number, name, unit, role."""
        statement = (
            select(_P.id, _P.full_name, _M.unit_id, _M.role)
            .join(table_of(MembershipRow), _M.person_id == _P.id)
            .where(_P.is_active, _M.unit_id.in_(sorted(unit_ids)), _M.role.in_(sorted(roles)))
            .order_by(_M.unit_id, _P.full_name)
        )
        return self._connection.execute(statement).all()

    # --- orders ---

    def draft(self, lines: Sequence[Mapping[str, Any]], **facts: Any) -> int:
        """Write an order down that nobody has confirmed yet; answers its number."""
        columns = {"state": OrderState.DRAFT.value, "done": 0, "reason": "", "details": {}, **facts}
        number = int(self._connection.scalar(insert(_ORDERS).values(**columns).returning(_O.id)) or 0)
        self.add_lines(number, lines)
        return number

    def add_lines(self, number: int, lines: Sequence[Mapping[str, Any]]) -> None:
        """Write down what will become of each dossier of an order."""
        plain = {"order_id": number, "undo": {}, "attempts": 0, "at": None}
        for start in range(0, len(lines), _AT_ONCE):
            self._connection.execute(insert(_LINES), [{**plain, **line} for line in lines[start : start + _AT_ONCE]])

    def find(self, number: int) -> Any:
        """An order; None if there is none."""
        return self._connection.execute(_ORDER.where(_O.id == number)).one_or_none()

    def lock(self, number: int) -> None:
        """Let nobody else decide about an order until this transaction ends."""
        self._connection.execute(select(_O.id).where(_O.id == number).with_for_update())

    def latest(self, limit: int) -> Sequence[Any]:
        """The latest orders, drafts among them."""
        return self._connection.execute(_ORDER.order_by(_O.id.desc()).limit(limit)).all()

    def counts(self, numbers: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
        """How many lines of each state some orders have."""
        found: defaultdict[int, dict[str, int]] = defaultdict(dict)
        statement = select(_L.order_id, _L.state, func.count()).where(_L.order_id.in_(numbers))
        for row in self._connection.execute(statement.group_by(_L.order_id, _L.state)):
            found[row[0]][row[1]] = row[2]
        return found

    def why(self, number: int) -> list[tuple[str, int]]:
        """Why lines of an order cannot be done or failed, the most frequent first."""
        stuck = _L.state.in_((LineState.CANNOT.value, LineState.FAILED.value))
        statement = (
            select(func.max(_L.words), func.count())
            .where(_L.order_id == number, stuck)
            .group_by(_L.reason)
            .order_by(func.count().desc())
        )
        return [(row[0], row[1]) for row in self._connection.execute(statement)]

    def shown(self, number: int, *, limit: int, offset: int) -> Sequence[Any]:
        """A page of lines: failed ones first, then those that cannot be done."""
        return self._connection.execute(_SHOWN.where(_L.order_id == number).limit(limit).offset(offset)).all()

    def every_line(self, number: int) -> Iterator[Any]:
        """Every line of an order, read as it is asked for."""
        statement = _SHOWN.where(_L.order_id == number).execution_options(yield_per=1000)
        with self._connection.execute(statement) as rows:
            yield from rows

    def change(self, number: int, *, only: Sequence[str] = (), **columns: Any) -> bool:
        """Change columns of an order, while it is in one of the states `only`; whether it was."""
        where = (_O.id == number, _O.state.in_(only)) if only else (_O.id == number,)
        return self._connection.execute(update(_ORDERS).where(*where).values(**columns)).rowcount == 1

    def drop_drafts(self, before: datetime) -> None:
        """Throw away drafts that nobody has confirmed; one that somebody is confirming just now is left."""
        old = select(_O.id).where(_O.state == OrderState.DRAFT.value, _O.made_at < before).limit(_AT_ONCE)
        numbers = self._connection.scalars(old.with_for_update(skip_locked=True)).all()
        if numbers:
            self._connection.execute(delete(_LINES).where(_L.order_id.in_(numbers)))
            self._connection.execute(delete(_ORDERS).where(_O.id.in_(numbers)))

    def retry(self, number: int) -> int:
        """Let failed lines be tried again; answers how many."""
        failed = and_(_L.order_id == number, _L.state == LineState.FAILED.value)
        return self._connection.execute(update(_LINES).where(failed).values(state=LineState.READY.value)).rowcount

    # --- the background ---

    def waiting(self, *, exports: bool = False) -> list[int]:
        """Orders that are to be carried out, or tables that are to be made, the oldest first."""
        of_kind = _O.kind == OrderKind.EXPORT.value if exports else _O.kind != OrderKind.EXPORT.value
        return list(self._connection.scalars(select(_O.id).where(_O.state.in_(_ACTIVE), of_kind).order_by(_O.id)))

    def claim(self, number: int, at: datetime, until: datetime) -> bool:
        """Take an order that nobody else carries out now."""
        free = or_(_O.leased_until.is_(None), _O.leased_until < at)
        statement = update(_ORDERS).where(_O.id == number, _O.state.in_(_ACTIVE), free)
        taken = statement.values(leased_until=until, state=OrderState.RUNNING.value)
        return self._connection.execute(taken).rowcount == 1

    def ready(self, number: int, limit: int) -> Sequence[Any]:
        """The next lines that are to be done: number of the line and of its dossier, its code, what undoes it."""
        statement = (
            select(_L.id, _L.dossier_id, _D.code, _L.undo)
            .select_from(_LINES.join(table_of(Dossier), _D.id == _L.dossier_id))
            .where(_L.order_id == number, _L.state == LineState.READY.value)
            .order_by(_L.id)
            .limit(limit)
        )
        return self._connection.execute(statement).all()

    def settle(self, line_id: int, state: LineState, **columns: Any) -> bool:
        """Say what became of a line; False if somebody else has said so meanwhile."""
        ready = and_(_L.id == line_id, _L.state == LineState.READY.value)
        columns = {"state": state.value, "attempts": _L.attempts + 1, **columns}
        return self._connection.execute(update(_LINES).where(ready).values(**columns)).rowcount == 1

    def write_line(self, line_id: int, **columns: Any) -> None:
        """Write down more of a line that this transaction has settled."""
        self._connection.execute(update(_LINES).where(_L.id == line_id).values(**columns))

    def done_lines(self, number: int) -> Sequence[Any]:
        """Lines that were done, with what undoes them."""
        done = and_(_L.order_id == number, _L.state == LineState.DONE.value)
        return self._connection.execute(select(_L.dossier_id, _L.words, _L.undo).where(done).order_by(_L.id)).all()

    # --- files ---

    def keep_file(self, number: int, name: str, content: bytes) -> None:
        """Keep a table with its order, once."""
        self._connection.execute(delete(_FILES).where(_F.order_id == number))
        self._connection.execute(insert(_FILES), {"order_id": number, "name": name, "content": content})

    def file(self, number: int) -> tuple[str, bytes] | None:
        """The table of an order, with its name."""
        row = self._connection.execute(select(_F.name, _F.content).where(_F.order_id == number)).one_or_none()
        return (row[0], row[1]) if row else None
