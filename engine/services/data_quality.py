"""What in the register needs a second look: work that lies, clocks that stand, units without a head, stuck machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from engine.domain.board import Choice
from engine.domain.errors import Refused
from engine.domain.people import Actor
from engine.domain.permissions import supervised_units
from engine.effects.boards import open_board
from engine.effects.office import Office
from engine.persistence.queries.data_quality import QualityReader
from engine.persistence.unit_of_work import Transaction, UnitOfWork

MOST_ROWS = 20
UNASSIGNED_DAYS, PAUSED_DAYS = 3, 30


@dataclass(frozen=True, slots=True)
class QualityLine:
    """One thing to look at: the dossier, if it is one (else empty), what it is, where, since when."""

    code: str
    what: str
    unit_name: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class QualityList:
    """Things of one kind: how many in all, and the oldest of them. `choice`: the list of them all, if there is one."""

    id: str
    total: int
    lines: tuple[QualityLine, ...]
    choice: Choice | None = None


class DataQuality:
    """Lists of what needs a second look."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def look(self, actor: Actor, *, at: datetime) -> tuple[QualityList, ...]:
        """Every list, for the units that a person oversees; a bounded number of statements. Raises `Refused`."""
        no_date = Choice(kind="no_date")
        with self._uow.read() as tx:
            board = open_board(tx, self._office, actor, no_date, at)
            reader = QualityReader(board, MOST_ROWS)
            return (
                self._list("unassigned", reader.unassigned(self._days_ago(at, UNASSIGNED_DAYS))),
                QualityList("no_date", board.total(no_date), (), no_date),
                self._list("paused", reader.paused(self._days_ago(at, PAUSED_DAYS))),
                self._without_head(tx, reader),
                self._list("letters", reader.letters()),
                self._list("messages", reader.messages()),
            )

    def try_letters_again(self, actor: Actor, *, at: datetime) -> int:
        """Let the machine try again to make every letter of the supervised units that it gave up; answers how many."""
        supervised = supervised_units(actor, self._office.units)
        if not supervised:
            raise Refused(detail="việc này dành cho người giám sát đơn vị")
        with self._uow.write() as tx:
            return tx.outbox.try_again(supervised, at)

    def _days_ago(self, at: datetime, days: int) -> datetime:
        calendar = self._office.calendar
        return calendar.at(calendar.add_working_days(calendar.local(at).date(), -days), time.min)

    def _without_head(self, tx: Transaction, reader: QualityReader) -> QualityList:
        deciding = reader.deciding()
        led = tx.people.units_led([unit_id for unit_id, _ in deciding])
        missing = [
            QualityLine("", f"Đang giải quyết {count} hồ sơ", self._office.units.get(unit_id).name, None)
            for unit_id, count in deciding
            if unit_id not in led
        ]
        return QualityList("without_head", len(missing), tuple(missing[:MOST_ROWS]))

    def _list(self, name: str, found: tuple[int, Sequence[Any]]) -> QualityList:
        total, rows = found
        return QualityList(name, total, tuple(self._lines(rows)))

    def _lines(self, rows: Sequence[Any]) -> Iterator[QualityLine]:
        for code, what, unit_id, since in rows:
            yield QualityLine(code, what, self._office.units.get(unit_id).name, since)
