"""Merge or split units: look first, carry out in the background after every stop, tell of every dossier, take back.

The order ends the old units, moves people and what belongs to a unit, and goes on with numbers, in one transaction.
Each open dossier then is a transaction of its own. Finished dossiers stay with the old unit, and are read by those who
took over. Nothing is deleted.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.domain.errors import MotCuaError, NotFound, Refused
from engine.domain.people import OPERATOR
from engine.domain.permissions import is_over_all
from engine.domain.reorganisation import (
    BadReorganisation,
    FileLine,
    Look,
    NotReorganisedNow,
    OrderView,
    Plan,
    State,
    Take,
)
from engine.effects.rehoming import Rehoming, why_not_back
from engine.effects.successors import begin_again, end_units, hand_on_belongings, numbers_of, put_belongings_back
from engine.persistence.repositories.reorganisations import BELONGINGS, DOSSIER, Reorganisations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

_LOG = logging.getLogger(__name__)
_AT_ONCE = 100
_SHOWN = 500
_STAYS = {
    "calendar": ("Ngày đã ghi trong lịch riêng", "đơn vị mới theo lịch của mình; cần thì ghi lại ở lịch đơn vị mới"),
    "templates": ("Mẫu văn bản", "mẫu mang tên cơ quan cũ; đơn vị mới soạn mẫu của mình"),
    "slips": ("Phiếu trắng đã in chưa nhập", "mang số của nơi cũ: nhập hoặc hủy trước ngày sắp xếp"),
}


class Reorganisation:
    """Orders that merge or split units."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    # --- before ---

    def look(self, actor: Actor, plan: Plan) -> Look:
        """What an order would do, and what cannot go along and why; nothing is written. Raises `BadReorganisation`."""
        self._check(actor, plan)
        ends = self._ends(plan)
        with self._uow.read() as tx:
            rows = Reorganisations(tx.connection)
            found = [self._foreseen(tx, plan, code) for _, code in rows.open_dossiers(ends, most=_SHOWN)]
            goes = [(each.name, len(rows.belongings(each, ends))) for each in BELONGINGS]
            goes.insert(0, ("Vai trò của cán bộ", len(rows.memberships(ends))))
            stays = rows.staying(ends)
            return Look(
                dossiers=rows.count_open(ends),
                lines=tuple(found),
                goes_along=tuple(goes),
                stays=tuple((_STAYS[key][0], count, _STAYS[key][1]) for key, count in stays.items() if count),
                numbers=tuple(numbers_of(tx, self._office, plan)),
            )

    # --- the order ---

    def order(self, actor: Actor, plan: Plan, *, at: datetime) -> int:
        """Order it: the old units end now, their dossiers follow in the background. Answers the number.

        Raises `BadReorganisation`, `NotReorganisedNow` before the day or while another order is carried out, `Refused`.
        """
        self._check(actor, plan)
        if self._office.local_day(at) < plan.effective_on:
            raise NotReorganisedNow(detail=f"Quyết định có hiệu lực từ {plan.effective_on:%d/%m/%Y}; chưa đến ngày")
        with self._uow.write() as tx:
            rows = Reorganisations(tx.connection)
            if rows.latest((State.RUNNING, State.REVERTING)):
                raise NotReorganisedNow(detail="Một đợt sắp xếp khác chưa xong; hãy chờ đợt đó xong")
            number = rows.add(
                document=plan.document.strip(),
                effective_on=plan.effective_on,
                mapping=[_plain(take) for take in plan.takes],
                numbering=dict(plan.numbering),
                state=State.RUNNING.value,
                total=rows.count_open(self._ends(plan)),
                ordered_at=at,
                ordered_by=actor.username,
            )
            end_units(tx, self._office, number, plan, at)
            tx.proofs.record("reorganised", by=actor.username, at=at, number=number, document=plan.document)
        self._office.calendars.look_again(at_once=True)
        return number

    def run(self, at: datetime, *, on_progress: Callable[[], object] = lambda: None) -> int:
        """Go on with the order that was begun; answers how many dossiers were moved."""
        with self._uow.read() as tx:
            waiting = Reorganisations(tx.connection).latest((State.RUNNING,))
        return sum(self._carry_out(order, at, on_progress) for order in waiting)

    def resume(self, actor: Actor, number: int) -> None:
        """Try the dossiers again that failed; raises `NotFound`, `Refused`."""
        self._check_actor(actor)
        with self._uow.write() as tx:
            order = self._find(tx, number)
            if order.state == State.DONE:
                Reorganisations(tx.connection).forget_failures(number)
                Reorganisations(tx.connection).change(number, state=State.RUNNING.value, finished_at=None)

    def revert(
        self, actor: Actor, number: int, *, at: datetime, on_progress: Callable[[], object] = lambda: None
    ) -> tuple[FileLine, ...]:
        """Take an order back as long as nothing was done since: every dossier, then people and units. Tells of each.

        If one dossier cannot go back, none does, and the lines say which and why. Raises `NotReorganisedNow`.
        """
        self._check_actor(actor)
        with self._uow.write() as tx:
            order = self._find(tx, number)
            if order.state not in {State.DONE, State.REVERTING}:
                raise NotReorganisedNow(detail="Đợt sắp xếp này chưa xong hoặc đã hoàn tác")
            kept = Reorganisations(tx.connection).kept(number, dossiers=True)
            found = [(row, tx.dossiers.by_id(row.dossier_id)) for row in kept]
            cannot = tuple(_line(row, why_not_back(each, row)) for row, each in found if why_not_back(each, row))
            series = Reorganisations(tx.connection).kept(number, dossiers=False)
            begin_again(tx, series, only_check=True)
            if cannot:
                return cannot
            Reorganisations(tx.connection).change(number, state=State.REVERTING.value)
        lines = [self._bring_back(order, row, actor, at, on_progress) for row in kept]
        if all(line.result == "reverted" for line in lines):
            self._begin_again(actor, number, at)
        return tuple(lines)

    # --- after ---

    def orders(self, actor: Actor) -> tuple[OrderView, ...]:
        """Every order, the latest first; raises `Refused`."""
        self._check_actor(actor)
        with self._uow.read() as tx:
            return tuple(self._view(tx, order) for order in Reorganisations(tx.connection).latest())

    def see(self, actor: Actor, number: int) -> OrderView:
        """One order with what became of each dossier; raises `NotFound`, `Refused`."""
        self._check_actor(actor)
        with self._uow.read() as tx:
            return self._view(tx, self._find(tx, number), with_lines=True)

    # --- inside ---

    def _check_actor(self, actor: Actor) -> None:
        if not is_over_all(actor, self._office.units):
            raise Refused(detail="việc sắp xếp đơn vị dành cho quản trị viên cấp cao nhất")

    def _check(self, actor: Actor, plan: Plan) -> None:
        self._check_actor(actor)
        plan.check()
        units = self._office.units
        for take in plan.takes:
            old, new = units.by_code(take.ends), units.by_code(take.successor)
            if not (old.is_active and new.is_active):
                raise BadReorganisation(detail=f"“{(new if old.is_active else old).name}” đã sắp xếp lại từ trước")
            if old.kind != new.kind:
                raise BadReorganisation(detail=f"“{old.name}” và “{new.name}” khác loại ({old.kind}, {new.kind})")
        ends = self._ends(plan)
        if orphan := next((u for u in units if u.parent_id in ends and u.is_active and u.id not in ends), None):
            raise BadReorganisation(detail=f"“{orphan.name}” thuộc đơn vị kết thúc nhưng không có nơi tiếp nhận")

    def _ends(self, plan: Plan) -> frozenset[int]:
        return frozenset(self._office.units.by_code(code).id for code in plan.ends)

    def _homes(self, plan: Plan, procedure: str) -> dict[int, int]:
        units = self._office.units
        return {
            units.by_code(code).id: units.by_code(plan.successor(code, procedure=procedure)).id for code in plan.ends
        }

    def _foreseen(self, tx: Transaction, plan: Plan, code: str) -> FileLine:
        units, dossier = self._office.units, tx.dossiers.find(code)
        homes = self._homes(plan, dossier.procedure_code)
        new = homes.get(dossier.deciding_unit_id, dossier.deciding_unit_id)
        was, now = (self._office.calendar_of(each).version for each in (dossier.deciding_unit_id, new))
        words = "" if was == now else "lịch làm việc khác: ngày hẹn được tính lại"
        desk = homes.get(dossier.unit_id, dossier.unit_id)
        names = (_names(units, dossier.unit_id, dossier.deciding_unit_id), _names(units, desk, new))
        return FileLine(code, "can", *names, dossier.due_at, words=words)

    def _carry_out(self, order: Any, at: datetime, on_progress: Callable[[], object]) -> int:
        plan, by = _plan(order), self._who(order.ordered_by)
        ends, moved, after = self._ends(plan), 0, 0
        while True:
            with self._uow.read() as tx:
                found = Reorganisations(tx.connection).open_dossiers(ends, but=order.id, after=after, most=_AT_ONCE)
            for dossier_id, code in found:
                moved += self._one(order, plan, dossier_id, code, by, at)
                after = dossier_id
                on_progress()
            if not found:
                break
        with self._uow.write() as tx:
            hand_on_belongings(tx, self._office, order.id, plan, at)
            Reorganisations(tx.connection).change(order.id, state=State.DONE.value, finished_at=at)
        return moved

    def _one(self, order: Any, plan: Plan, dossier_id: int, code: str, by: Actor, at: datetime) -> int:
        """One dossier in a transaction of its own; its failure stops no other."""
        try:
            with self._uow.write() as tx:
                dossier = tx.dossiers.lock(code)
                homes = self._homes(plan, dossier.procedure_code)
                return int(Rehoming(tx, self._office, order, by=by, at=at).move(dossier, homes))
        except MotCuaError as error:
            words = error.message
        except Exception as error:  # noqa: BLE001 - one dossier must not stop the others; the log has the trace
            _LOG.exception("dossier %s could not be moved to its new unit", code)
            words = f"Lỗi của chương trình ({type(error).__name__})"
        with self._uow.write() as tx:
            facts = {"dossier_id": dossier_id, "was": {}, "now": {}, "result": "failed", "words": words}
            Reorganisations(tx.connection).keep(order.id, DOSSIER, dossier_id, at=at, **facts)
        return 0

    def _bring_back(self, order: Any, row: Any, by: Actor, at: datetime, on_progress: Callable[[], object]) -> FileLine:
        try:
            with self._uow.write() as tx:
                dossier: DossierRecord = tx.dossiers.lock(row.code)
                Rehoming(tx, self._office, order, by=by, at=at).bring_back(dossier, row)
        except MotCuaError as error:
            return _line(row, error.message)
        on_progress()
        return _line(row, "", "reverted")

    def _begin_again(self, actor: Actor, number: int, at: datetime) -> None:
        with self._uow.write() as tx:
            rows = Reorganisations(tx.connection)
            kept = rows.kept(number, dossiers=False)
            put_belongings_back(tx, kept, at)
            begin_again(tx, kept)
            rows.change(number, state=State.REVERTED.value, reverted_at=at, reverted_by=actor.username)
            tx.proofs.record("reorganisation_reverted", by=actor.username, at=at, number=number)
        self._office.calendars.look_again(at_once=True)

    def _who(self, username: str) -> Actor:
        with self._uow.read() as tx:
            person = tx.people.by_username(username)
            return tx.people.actor(person.id, person.username, person.full_name) if person else OPERATOR

    def _find(self, tx: Transaction, number: int) -> Any:
        order = Reorganisations(tx.connection).find(number)
        if order is None:
            raise NotFound(what=f"đợt sắp xếp số {number}")
        return order

    def _view(self, tx: Transaction, order: Any, *, with_lines: bool = False) -> OrderView:
        rows, plan = Reorganisations(tx.connection), _plan(order)
        names = tuple(
            (self._office.units.by_code(t.ends).name, self._office.units.by_code(t.successor).name) for t in plan.takes
        )
        return OrderView(
            order.id,
            plan,
            names,
            State(order.state),
            order.total,
            Counter(rows.counts(order.id)),
            order.ordered_at,
            order.ordered_by,
            order.finished_at,
            order.reverted_at,
            tuple(self._lines(rows, order.id)) if with_lines else (),
        )

    def _lines(self, rows: Reorganisations, number: int) -> Iterator[FileLine]:
        for row in rows.kept(number, dossiers=True, results=("moved", "failed", "reverted"))[:_SHOWN]:
            yield _line(row, row.words, row.result)


def _names(units: Any, desk: int, deciding: int) -> str:
    return " / ".join(dict.fromkeys((units.get(desk).name, units.get(deciding).name)))


def _line(row: Any, words: str, result: str = "cannot") -> FileLine:
    before, after = (
        datetime.fromisoformat(each["due_at"]) if each.get("due_at") else None for each in (row.was, row.now)
    )
    return FileLine(row.code, result, row.was.get("name", ""), row.now.get("name", ""), before, after, words)


def _plain(take: Take) -> dict[str, object]:
    return {
        "ends": take.ends,
        "successor": take.successor,
        "procedures": list(take.procedures),
        "people": list(take.people),
    }


def _plan(order: Any) -> Plan:
    takes = tuple(
        Take(each["ends"], each["successor"], tuple(each["procedures"]), tuple(each["people"]))
        for each in order.mapping
    )
    return Plan(order.document, order.effective_on, takes, order.numbering)
