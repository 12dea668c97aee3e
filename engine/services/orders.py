"""Orders over many dossiers: draft and look, give a reason, carry out in the background, take back, list.

A draft holds its dossiers: what was looked at is what is done. Each line is a transaction of its own that writes the
act and that it was done together, so a killed worker loses nothing and repeats nothing, and two never do one line.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.domain.board import Choice
from engine.domain.errors import MotCuaError, NotAllowedNow, NotFound, Refused
from engine.domain.orders import (
    MOST_LINES,
    MOST_WORDS,
    Details,
    LineState,
    LineView,
    Officer,
    OrderKind,
    OrderRefused,
    OrderState,
    OrderView,
    plan,
)
from engine.domain.people import WORKING_ROLES, Actor
from engine.domain.permissions import supervised_units
from engine.effects.boards import open_board
from engine.effects.order_run import Run
from engine.persistence.unit_of_work import Transaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.effects.office import Office
    from engine.persistence.unit_of_work import UnitOfWork

_LOG = logging.getLogger(__name__)
PAGE_SIZE, LATEST = 50, 50
LEASE = timedelta(minutes=2)
DRAFTS_KEPT = timedelta(days=1)
_BATCH = 50


class Orders:
    """What supervisors order about many dossiers."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    # --- drafting ---

    def draft(
        self,
        actor: Actor,
        kind: OrderKind,
        choice: Choice,
        details: Details,
        codes: Sequence[str] = (),
        *,
        at: datetime,
    ) -> int:
        """Draft an order about the dossiers of `codes`, or about all that fit `choice`; answers its number.

        Nothing is done yet. Raises `OrderRefused` (no dossier, too many, no such person), `Refused`, `NotFound`.
        """
        self._check(actor)
        with self._uow.write() as tx:
            tx.orders.drop_drafts(at - DRAFTS_KEPT)
            ids = open_board(tx, self._office, actor, choice, at).ids(choice, codes)
            if not ids:
                raise OrderRefused(detail="Không có hồ sơ nào trong danh sách đã chọn")
            if len(ids) > MOST_LINES:
                raise OrderRefused(detail=f"Một lệnh làm tối đa {MOST_LINES} hồ sơ; hãy lọc danh sách hẹp hơn")
            officer = self._officer(tx, details)
            return tx.orders.draft(
                self._foresee(tx, actor, kind, details, officer, ids, at),
                kind=kind.value,
                made_at=at,
                made_by=actor.username,
                made_by_name=actor.full_name,
                choice=choice.parameters,
                details=_plain(details, officer),
                total=len(ids),
            )

    def officers(self, actor: Actor) -> tuple[tuple[int, str, str], ...]:
        """Who may be given steps: number, name, and where they work."""
        self._check(actor)
        units = self._office.units
        with self._uow.read() as tx:
            rows = tx.orders.staff_of(supervised_units(actor, units), [role.value for role in WORKING_ROLES])
        places: dict[int, tuple[str, list[str]]] = {}
        for number, name, unit_id, _role in rows:
            where = places.setdefault(number, (name, []))[1]
            if (unit := units.get(unit_id).name) not in where:
                where.append(unit)
        return tuple((number, name, ", ".join(where)) for number, (name, where) in places.items())

    def confirm(self, actor: Actor, number: int, reason: str, *, at: datetime) -> None:
        """Let a draft of one's own be carried out. Raises `OrderRefused` without a reason, `NotAllowedNow` twice."""
        reason = " ".join(reason.split())
        if not reason:
            raise OrderRefused(detail="Hãy ghi lý do; lý do được lưu cùng lệnh và trong lịch sử từng hồ sơ")
        if len(reason) > MOST_WORDS:
            raise OrderRefused(detail=f"Lý do dài quá {MOST_WORDS} chữ cái; hãy viết gọn hơn")
        with self._uow.write() as tx:
            self._own(tx, actor, number)
            if not tx.orders.change(
                number, only=[OrderState.DRAFT.value], state=OrderState.CONFIRMED.value, reason=reason, confirmed_at=at
            ):
                raise NotAllowedNow(detail=f"lệnh số {number} đã được thực hiện")

    def retry(self, actor: Actor, number: int) -> int:
        """Try failed lines of one's own order again; answers how many."""
        with self._uow.write() as tx:
            self._own(tx, actor, number)
            count = tx.orders.retry(number)
            if count:
                tx.orders.change(number, state=OrderState.CONFIRMED.value, finished_at=None, leased_until=None)
            return count

    def revert(self, actor: Actor, number: int, reason: str, *, at: datetime) -> int:
        """Order that what an order did is taken back, line by line; answers the number of the new order.

        Whoever supervises may; the lines say which could not be taken back, and why.
        """
        self._check(actor)
        if not reason.strip():
            raise OrderRefused(detail="Hãy ghi lý do hoàn tác")
        with self._uow.write() as tx:
            tx.orders.lock(number)  # of two who take it back at once, the second is told
            found = self._read(tx, actor, number)
            view = self._views(tx, [found])[0]
            if not view.can_be_reverted:
                raise NotAllowedNow(detail=f"lệnh số {number} không còn gì để hoàn tác")
            lines = [
                {
                    "dossier_id": row[0],
                    "state": LineState.READY.value,
                    "reason": "revert",
                    "words": row[1],
                    "undo": row[2],
                }
                for row in tx.orders.done_lines(number)
            ]
            facts = {"kind": found.kind, "made_at": at, "made_by": actor.username, "made_by_name": actor.full_name}
            told = {"choice": found.choice, "details": found.details, "total": len(lines), "reason": reason.strip()}
            state = {"state": OrderState.CONFIRMED.value, "confirmed_at": at, "reverts_id": number}
            return tx.orders.draft(lines, **facts, **told, **state)

    # --- the background ---

    def run(self, at: datetime) -> int:
        """Carry out what waits; answers how many lines were done. Several processes may: an order is one's own."""
        with self._uow.read() as tx:
            waiting = tx.orders.waiting()
        return sum(self._carry_out(number, at) for number in waiting)

    def _carry_out(self, number: int, at: datetime) -> int:
        with self._uow.write() as tx:
            if not tx.orders.claim(number, at, at + LEASE):
                return 0
            order = tx.orders.find(number)
        done = 0
        while True:
            with self._uow.write() as tx:
                tx.orders.change(number, only=[OrderState.RUNNING.value], leased_until=at + LEASE)
                lines = tx.orders.ready(number, _BATCH)
            if not lines:
                break
            done += sum(self._line(order, line, at) for line in lines)
        with self._uow.write() as tx:
            finished = {"state": OrderState.FINISHED.value, "finished_at": at, "leased_until": None}
            tx.orders.change(number, only=[OrderState.RUNNING.value], **finished)
        return done

    def _line(self, order: Any, line: Any, at: datetime) -> bool:
        """One line in a transaction of its own; its failure stops no other."""
        try:
            with self._uow.write() as tx:
                return Run(tx, self._office, order, at).do(line)
        except MotCuaError as error:
            self._failed(line, error.code, error.message, at)
        except Exception as error:  # noqa: BLE001 - one dossier must not stop the others; the log has the trace
            _LOG.exception("a line of order %s failed", order.id, extra={"line": line.id})
            self._failed(line, "error", f"Lỗi của chương trình ({type(error).__name__}); có thể thử lại", at)
        return False

    def _failed(self, line: Any, reason: str, words: str, at: datetime) -> None:
        with self._uow.write() as tx:
            tx.orders.settle(line.id, LineState.FAILED, reason=reason[:40], words=words, at=at)

    # --- looking ---

    def look(self, actor: Actor, number: int, page: int = 1) -> OrderView:
        """An order with a page of its lines. Raises `NotFound`; orders of people of other units are none."""
        with self._uow.read() as tx:
            row = self._read(tx, actor, number)
            pages = max(1, -(-row.total // PAGE_SIZE))
            page = min(max(page, 1), pages)
            shown = tx.orders.shown(number, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
            return replace(
                self._views(tx, [row])[0],
                lines=tuple(map(self._line_view, shown)),
                why=tuple(tx.orders.why(number)),
                page=page,
                pages=pages,
            )

    def latest(self, actor: Actor) -> tuple[OrderView, ...]:
        """The latest orders of the people who supervise what this person supervises, and one's own."""
        self._check(actor)
        with self._uow.read() as tx:
            seen: dict[str, frozenset[int]] = {}
            rows = [row for row in tx.orders.latest(LATEST * 4) if self._may_read(tx, actor, row, seen)][:LATEST]
            return tuple(self._views(tx, rows))

    def every_line(self, actor: Actor, number: int) -> Iterator[LineView]:
        """Every line of an order."""
        with self._uow.read() as tx:
            self._read(tx, actor, number)
            yield from map(self._line_view, tx.orders.every_line(number))

    # --- the rest ---

    def _check(self, actor: Actor) -> None:
        if not supervised_units(actor, self._office.units):
            raise Refused(detail="lệnh trên nhiều hồ sơ dành cho người giám sát")

    def _own(self, tx: Transaction, actor: Actor, number: int) -> Any:
        row = self._read(tx, actor, number)
        if row.made_by != actor.username:
            raise Refused(detail=f"lệnh số {number} do {row.made_by_name} lập; người lập tự thực hiện")
        return row

    def _read(self, tx: Transaction, actor: Actor, number: int) -> Any:
        self._check(actor)
        row = tx.orders.find(number)
        if row is None or not self._may_read(tx, actor, row, {}):
            raise NotFound(what=f"lệnh số {number}")
        return row

    def _may_read(self, tx: Transaction, actor: Actor, row: Any, seen: dict[str, frozenset[int]]) -> bool:
        """One's own orders, and those of people whose units this person supervises too; `seen` are theirs by name."""
        if row.made_by == actor.username:
            return True
        if row.state == OrderState.DRAFT.value:
            return False
        if row.made_by not in seen:
            seen[row.made_by] = self._supervised_by(tx, row.made_by)
        theirs = seen[row.made_by]
        return bool(theirs) and theirs <= supervised_units(actor, self._office.units)

    def _supervised_by(self, tx: Transaction, username: str) -> frozenset[int]:
        person = tx.people.by_username(username)
        if person is None:
            return frozenset()
        return supervised_units(tx.people.actor(person.id, person.username, person.full_name), self._office.units)

    def _officer(self, tx: Transaction, details: Details) -> Officer | None:
        if details.person_id is None:
            return None
        found = tx.orders.places_of(details.person_id)
        if found is None:
            raise OrderRefused(detail="Không có tài khoản đang hoạt động của người được giao")
        return Officer(details.person_id, *found)

    def _foresee(
        self,
        tx: Transaction,
        actor: Actor,
        kind: OrderKind,
        details: Details,
        officer: Officer | None,
        ids: Sequence[int],
        at: datetime,
    ) -> list[dict[str, Any]]:
        """A line for each dossier: what would be done, by the code that does it."""
        supervised, lines = supervised_units(actor, self._office.units), []
        # The number that the order will have is greater than any there is: every order that waits is before it.
        for subject in tx.orders.subjects(ids, kind=kind.value, number=_LAST, since=at):
            found = plan(kind, subject, details, supervised=supervised, officer=officer, at=at)
            state = LineState.READY if found.can else LineState.CANNOT
            lines.append({"dossier_id": subject.id, "state": state.value, "reason": found.reason, "words": found.words})
        return lines

    def _views(self, tx: Transaction, rows: Sequence[Any]) -> list[OrderView]:
        counts = tx.orders.counts([row.id for row in rows]) if rows else {}
        return [
            OrderView(
                id=row.id,
                kind=OrderKind(row.kind),
                state=OrderState(row.state),
                counts=counts.get(row.id, {}),
                file_name=row.file_name or "",
                **{name: getattr(row, name) for name in _SAME_NAME},
            )
            for row in rows
        ]

    def _line_view(self, row: Any) -> LineView:
        unit = self._office.units.get(row.deciding_unit_id)
        return LineView(
            row.code, row.procedure_name, unit.short_name or unit.name, LineState(row.state), row.words, row.at
        )


_LAST = 2**31 - 1
_SAME_NAME = (
    *("made_at", "made_by", "made_by_name", "reason", "total", "choice", "details"),
    *("confirmed_at", "finished_at", "reverts_id", "reverted_by_id"),
)


def _plain(details: Details, officer: Officer | None) -> dict[str, str]:
    facts = {
        "person_id": str(details.person_id or ""),
        "person": officer.name if officer else "",
        "step_id": details.step_id,
        "note": details.note.strip()[:MOST_WORDS],
        "new_due_on": details.new_due_on.isoformat() if details.new_due_on else "",
    }
    return {name: value for name, value in facts.items() if value}
