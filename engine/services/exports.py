"""Lists of dossiers as Excel files: a short one at once, a long one in the background, kept with its order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from engine.domain.board import Choice
from engine.domain.errors import NotFound, Refused
from engine.domain.orders import OrderKind, OrderState
from engine.domain.people import Actor
from engine.domain.permissions import can_see_board
from engine.domain.views import DossierLine
from engine.effects.boards import open_board
from engine.effects.office import Office
from engine.effects.order_run import maker_of
from engine.persistence.unit_of_work import Transaction, UnitOfWork
from engine.tables.excel import Cell, Column, workbook

AT_ONCE = 5000
LEASE = timedelta(minutes=5)
_TOLD_EVERY = 1000
COLUMNS = (
    Column("Mã hồ sơ", 26),
    Column("Người nộp", 28),
    Column("Thủ tục", 48),
    Column("Nơi tiếp nhận", 32),
    Column("Trạng thái", 22),
    Column("Bước đang mở", 36),
    Column("Đơn vị giữ", 32),
    Column("Người giữ", 24),
    Column("Tiếp nhận", 18),
    Column("Hẹn lần đầu", 18),
    Column("Hẹn đang có hiệu lực", 18),
    Column("Số thư xin lỗi", 20),
)


class Exports:
    """Excel files of lists."""

    def __init__(self, uow: UnitOfWork, office: Office, *, at_once: int = AT_ONCE) -> None:
        """Work on one installation; a list of more than `at_once` dossiers is made in the background."""
        self._uow = uow
        self._office = office
        self._at_once = at_once

    def make(self, actor: Actor, choice: Choice, title: str, *, at: datetime) -> bytes | int:
        """The file of a list, or the number of the order that makes it, where the list is long.

        Raises what looking at the list raises.
        """
        with self._uow.read() as tx:
            total = open_board(tx, self._office, actor, choice, at).total(choice)
        if total <= self._at_once:
            return self._file(actor, choice, title, at)
        with self._uow.write() as tx:
            return tx.orders.draft(
                [],
                kind=OrderKind.EXPORT.value,
                state=OrderState.CONFIRMED.value,
                confirmed_at=at,
                made_at=at,
                made_by=actor.username,
                made_by_name=actor.full_name,
                choice=choice.parameters,
                details={"title": title},
                total=total,
            )

    def file(self, actor: Actor, number: int) -> tuple[str, bytes]:
        """The file that an order made: for whoever ordered it, as long as they oversee anything. Raises `NotFound`."""
        with self._uow.read() as tx:
            order = tx.orders.find(number)
            if order is None or order.made_by != actor.username:
                raise NotFound(what=f"tệp của lệnh số {number}")
            if not can_see_board(actor, self._office.units):
                raise Refused(detail="tệp danh sách dành cho người giám sát")
            found = tx.orders.file(number)
        if found is None:
            is_over = order.state == OrderState.FINISHED
            why = "người lập không còn quyền xem danh sách đó" if is_over else "tệp đang được lập"
            raise NotFound(what=f"tệp của lệnh số {number}; {why}")
        return found

    def run(self, at: datetime) -> int:
        """Make the files that wait; answers how many. What its maker may no longer see is given up."""
        with self._uow.read() as tx:
            waiting = tx.orders.waiting(exports=True)
        return sum(self._make_or_give_up(number, at) for number in waiting)

    def _make_or_give_up(self, number: int, at: datetime) -> bool:
        try:
            return self._make(number, at)
        except (Refused, NotFound):
            with self._uow.write() as tx:
                self._finish(tx, number, at)
            return False

    def _make(self, number: int, at: datetime) -> bool:
        with self._uow.write() as tx:
            if not tx.orders.claim(number, at, at + LEASE):
                return False
            order = tx.orders.find(number)
            actor = maker_of(tx, self._office, order, at)

        def tell(count: int) -> None:
            if count % _TOLD_EVERY == 0:
                with self._uow.write() as tx:
                    tx.orders.change(number, done=count, leased_until=at + LEASE)

        title = order.details["title"]
        content = self._file(actor, Choice.read(order.choice), title, at, on_row=tell)
        with self._uow.write() as tx:
            tx.orders.keep_file(number, f"ho-so-{number}.xlsx", content)
            self._finish(tx, number, at, done=order.total)
        return True

    @staticmethod
    def _finish(tx: Transaction, number: int, at: datetime, **facts: Any) -> None:
        tx.orders.change(number, state=OrderState.FINISHED.value, finished_at=at, leased_until=None, **facts)

    def _file(
        self,
        actor: Actor,
        choice: Choice,
        title: str,
        at: datetime,
        on_row: Callable[[int], object] = lambda _count: None,
    ) -> bytes:
        zone = self._office.settings.zone
        said = f"Số liệu lúc {at.astimezone(zone):%H:%M:%S %d/%m/%Y}"
        with self._uow.read() as tx:
            found = open_board(tx, self._office, actor, choice, at).every_line(choice)
            return workbook(title, COLUMNS, _rows(found), notes=(said,), zone=zone, on_row=on_row)


def _rows(found: Iterator[DossierLine]) -> Iterator[tuple[Cell, ...]]:
    for line in found:
        apologies = ", ".join(letter.number_text for letter in line.letters if letter.form == "apology")
        yield (
            *(line.code, line.applicant_name, line.procedure_name, line.unit_name, line.status.label),
            *(line.step_name, line.step_unit_name, line.holder_name),
            *(line.received_at, line.first_due_at, line.due_at, apologies),
        )
