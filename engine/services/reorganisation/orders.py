"""Merge or split units: look first, carry out in the background after every stop, tell of every dossier, take back.

The order ends the old units, moves people and what belongs to a unit, and goes on with numbers, in one transaction.
Each open dossier then is a transaction of its own. Finished dossiers stay with the old unit, and are read by those who
took over. Nothing is deleted.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.domain.errors import NotFound, Refused
from engine.domain.permissions import is_over_all
from engine.domain.reorganisation import (
    ANY_FORM,
    BadReorganisation,
    FileLine,
    Look,
    NotReorganisedNow,
    OrderView,
    Plan,
    State,
    Take,
)
from engine.effects.rehoming import why_not_back
from engine.effects.successors import begin_again, end_units, numbers_of
from engine.persistence.repositories.reorganisations import BELONGINGS, Reorganisations
from engine.services.reorganisation.background import Reorganising, ends_of, homes_of, plan_of
from letters.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

_SHOWN = 500
_NOBODY = "hồ sơ mới nhận ở đơn vị mới; hoàn tác thì ở đó không còn ai giải quyết"
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
        ends = ends_of(plan, self._office.units)
        with self._uow.read() as tx:
            rows = Reorganisations(tx.connection)
            self._check_names(tx, plan)
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
            self._check_names(tx, plan)
            units = ends_of(plan, self._office.units) | self._heirs(plan)
            if rows.active(units) != units:  # somebody else ended one of them a moment ago
                raise BadReorganisation(detail="Có đơn vị vừa được sắp xếp lại; hãy xem trước lại")
            if rows.latest((State.RUNNING, State.REVERTING)):
                raise NotReorganisedNow(detail="Một đợt sắp xếp khác chưa xong; hãy chờ đợt đó xong")
            number = rows.add(
                document=plan.document.strip(),
                effective_on=plan.effective_on,
                mapping=[_plain(take) for take in plan.takes],
                numbering=dict(plan.numbering),
                state=State.RUNNING.value,
                total=rows.count_open(ends_of(plan, self._office.units)),
                ordered_at=at,
                ordered_by=actor.username,
            )
            end_units(tx, self._office, number, plan, at)
            tx.proofs.record("reorganised", by=actor.username, at=at, number=number, document=plan.document)
        self._office.calendars.look_again(at_once=True)
        return number

    def run(self, at: datetime, *, on_progress: Callable[[], object] = lambda: None) -> int:
        """Go on with what was begun, there or back; answers how many dossiers were moved."""
        return Reorganising(self._uow, self._office).run(at, on_progress)

    def resume(self, actor: Actor, number: int) -> None:
        """Try the dossiers again that failed; raises `NotFound`, `Refused`."""
        self._check_actor(actor)
        with self._uow.write() as tx:
            order = self._find(tx, number)
            if order.state == State.DONE:
                Reorganisations(tx.connection).forget_failures(number)
                Reorganisations(tx.connection).change(number, state=State.RUNNING.value, finished_at=None)

    def revert(self, actor: Actor, number: int, *, at: datetime) -> tuple[FileLine, ...]:
        """Let an order be taken back in the background, as long as nothing was done since; then nothing is answered.

        If one dossier cannot go back, none does, and the lines say which and why. Raises `NotReorganisedNow`.
        """
        self._check_actor(actor)
        with self._uow.write() as tx:
            rows, order = Reorganisations(tx.connection), self._find(tx, number)
            if order.state == State.REVERTING:
                return ()
            if order.state != State.DONE:
                raise NotReorganisedNow(detail="Đợt sắp xếp này chưa xong hoặc đã hoàn tác")
            begin_again(tx, rows.kept(number, dossiers=False), only_check=True)
            kept = rows.kept(number, dossiers=True)
            cannot = [_line(row, why) for row in kept if (why := why_not_back(row, row))]
            cannot += self._left_behind(tx, number, {row.dossier_id for row in kept})
            if not cannot:
                rows.change(number, state=State.REVERTING.value, reverted_by=actor.username)
                tx.proofs.record("reorganisation_reverting", by=actor.username, at=at, number=number)
        return tuple(cannot)

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
        ends = ends_of(plan, self._office.units)
        if orphan := next((u for u in units if u.parent_id in ends and u.is_active and u.id not in ends), None):
            raise BadReorganisation(detail=f"“{orphan.name}” thuộc đơn vị kết thúc nhưng không có nơi tiếp nhận")

    def _check_names(self, tx: Transaction, plan: Plan) -> None:
        """Raise `BadReorganisation` for a name that nobody knows: its part would go with the rest, and nobody told."""
        known = {version.code for version in self._office.library.versions(tx)}
        if strange := {code for take in plan.takes for code in take.procedures} - known:
            raise BadReorganisation(detail=f"Không có thủ tục {', '.join(sorted(strange))}")
        units = self._office.units
        roles = Reorganisations(tx.connection).memberships(ends_of(plan, units))
        people = {(each.unit_id, each.username) for each in roles}
        for take in plan.takes:
            for name in take.people:
                if (units.by_code(take.ends).id, name) not in people:
                    raise BadReorganisation(detail=f"“{name}” không có vai trò ở đơn vị “{take.ends}”")
        if unknown := plan.numbering.keys() - {ANY_FORM, *FORMS}:
            raise BadReorganisation(
                detail=f"Không có mẫu {', '.join(sorted(unknown))}; mẫu: {', '.join(sorted(FORMS))}"
            )

    def _heirs(self, plan: Plan) -> frozenset[int]:
        return frozenset(self._office.units.by_code(take.successor).id for take in plan.takes)

    def _foreseen(self, tx: Transaction, plan: Plan, code: str) -> FileLine:
        units, dossier = self._office.units, tx.dossiers.find(code)
        homes = homes_of(plan, units, dossier.procedure_code)
        new = homes.get(dossier.deciding_unit_id, dossier.deciding_unit_id)
        was, now = (self._office.calendar_of(each).version for each in (dossier.deciding_unit_id, new))
        words = "" if was == now else "lịch làm việc khác: ngày hẹn được tính lại"
        desk = homes.get(dossier.unit_id, dossier.unit_id)
        names = (_names(units, dossier.unit_id, dossier.deciding_unit_id), _names(units, desk, new))
        return FileLine(code, "can", *names, dossier.due_at, words=words)

    def _left_behind(self, tx: Transaction, number: int, gone: Collection[int]) -> list[FileLine]:
        """Dossiers that would stay at a unit where nobody works once the people are back where they came from."""
        rows, units = Reorganisations(tx.connection), self._office.units
        lines = []
        for dossier_id, code in rows.open_dossiers(rows.left_alone(number), most=_SHOWN):
            if dossier_id not in gone:
                dossier = tx.dossiers.find(code)
                here = _names(units, dossier.unit_id, dossier.deciding_unit_id)
                lines.append(FileLine(code, "cannot", here, here, dossier.due_at, dossier.due_at, _NOBODY))
        return lines

    def _find(self, tx: Transaction, number: int) -> Any:
        order = Reorganisations(tx.connection).find(number)
        if order is None:
            raise NotFound(what=f"đợt sắp xếp số {number}")
        return order

    def _view(self, tx: Transaction, order: Any, *, with_lines: bool = False) -> OrderView:
        rows, plan = Reorganisations(tx.connection), plan_of(order)
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
        for results in (("failed",), ("moved", "reverted")):
            for row in rows.kept(number, dossiers=True, results=results, most=_SHOWN):
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
