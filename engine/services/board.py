"""The live board: how the office stands now, broken down, and every list behind a figure. Reads, decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from engine.domain.board import KINDS, NO_STEP, NOBODY, PIVOTS, BoardRow, Choice, LiveBoard, MonthCount
from engine.domain.people import Actor
from engine.domain.permissions import board_scope, board_units
from engine.domain.views import DossierLine
from engine.effects.boards import open_board
from engine.effects.office import Office
from engine.persistence.queries.board import BoardReader
from engine.persistence.queries.ended import ended_sums
from engine.persistence.unit_of_work import UnitOfWork

PAGE_SIZE, LARGEST_PAGE = 50, 200
MOST_ROWS = 100
MONTHS = 12
# Broken down by these, a dossier stands in one row and no more.
_EACH_ONCE = ("unit", "procedure")


class LiveBoards:
    """Boards, and the lists behind their figures."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def look(self, actor: Actor, choice: Choice, by: str = "unit", *, at: datetime) -> LiveBoard:
        """Every figure, and the same broken down by unit, procedure, step or officer: at most four statements.

        A dossier with two open steps stands in two rows of `step` and `officer`; in the others it stands once.
        """
        by = by if by in PIVOTS else PIVOTS[0]
        with self._uow.read() as tx:
            reader = open_board(tx, self._office, actor, choice, at)
            found = reader.pivot(by)
            counts = _sums(found) if by in _EACH_ONCE else reader.counts()
            shown = found[:MOST_ROWS]
            rows = tuple(self._rows(reader, by, shown))
        scopes = self._scopes(actor)
        return LiveBoard(at, choice, by, counts, rows, len(found) - len(shown), scopes)

    def ages(self, actor: Actor, choice: Choice, *, at: datetime) -> Mapping[str, int]:
        """How many unresolved dossiers have their date in each band of `engine.domain.board.AGES`."""
        with self._uow.read() as tx:
            return open_board(tx, self._office, actor, choice, at).ages()

    def trend(self, actor: Actor, choice: Choice, *, at: datetime) -> tuple[MonthCount, ...]:
        """What ended in each of the last twelve months, this one included, decided by the units of the scope."""
        today, scope = self._office.local_day(at), board_scope(actor, self._office.units, choice.scope)
        units = None if len(scope) == len(self._office.units) else scope
        months = _months(today)
        with self._uow.read() as tx:
            sums = ended_sums(tx.connection, months[0], today, units, "month", counters=("early", "on_time", "late"))
        found = {row["month"]: row for row in sums}
        return tuple(_month_count(month, found.get(f"{month:%Y-%m}")) for month in months)

    def page(
        self, actor: Actor, choice: Choice, page: int = 1, page_size: int = PAGE_SIZE, *, at: datetime
    ) -> tuple[tuple[DossierLine, ...], int]:
        """A page of the dossiers behind a figure, and how many there are in all; raises what `look` raises."""
        page, page_size = max(page, 1), min(max(page_size, 1), LARGEST_PAGE)
        with self._uow.read() as tx:
            reader = open_board(tx, self._office, actor, choice, at)
            return reader.page(choice, limit=page_size, offset=(page - 1) * page_size), reader.total(choice)

    def total(self, actor: Actor, choice: Choice, *, at: datetime) -> int:
        """How many dossiers stand behind a figure."""
        with self._uow.read() as tx:
            return open_board(tx, self._office, actor, choice, at).total(choice)

    def every_line(self, actor: Actor, choice: Choice, *, at: datetime) -> Iterator[DossierLine]:
        """Every dossier behind a figure, read as it is asked for."""
        with self._uow.read() as tx:
            yield from open_board(tx, self._office, actor, choice, at).every_line(choice)

    def filters(self, actor: Actor, choice: Choice, *, at: datetime) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """What a list may be narrowed by here: units and procedures that have open dossiers."""
        with self._uow.read() as tx:
            reader = open_board(tx, self._office, actor, choice, at)
            return {
                by: tuple((row.narrows[by], row.label) for row in self._rows(reader, by, reader.pivot(by)[:MOST_ROWS]))
                for by in ("unit", "procedure")
            }

    # --- rows ---

    def _rows(self, reader: BoardReader, by: str, found: Sequence[Any]) -> Iterator[BoardRow]:
        names: Mapping[Any, str] = {}
        if by in {"procedure", "step"}:
            names = reader.procedures()
        elif by == "officer":
            names = reader.people([row[0] for row in found if row[0] is not None])
        for row in found:
            label, detail, narrows = self._name(by, row, names)
            yield BoardRow(label, detail, dict(zip(KINDS, row[3:], strict=True)), narrows)

    def _name(self, by: str, row: Any, names: Mapping[Any, str]) -> tuple[str, str, dict[str, str]]:
        first, second, name = row[0], row[1], row[2]
        if by == "unit":
            unit = self._office.units.get(first)
            return unit.name, "", {"unit": unit.code}
        if by == "procedure":
            return names.get(first, first), first, {"procedure": first}
        if by == "step":
            narrows = {"procedure": first, "step": second or NO_STEP}
            return name or "Không có bước nào đang mở", names.get(first, first), narrows
        if first is not None:
            return names.get(first, "?"), "", {"officer": str(first)}
        if second is None:
            return "Không có bước nào đang mở", "", {"officer": NOBODY, "place": NO_STEP}
        unit = self._office.units.get(second)
        return "Chưa ai nhận", unit.name, {"officer": NOBODY, "place": unit.code}

    def _scopes(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        overseen = board_units(actor, self._office.units)
        return tuple((unit.code, unit.name) for unit in self._office.units if unit.id in overseen)


def _sums(rows: Sequence[Any]) -> dict[str, int]:
    """Every figure of a board whose rows hold each dossier once."""
    return {kind: sum(row[column] for row in rows) for column, kind in enumerate(KINDS, start=3)}


def _months(today: date) -> list[date]:
    """The first days of the last twelve months, this one included."""
    number = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number - MONTHS + 1, number + 1)]


def _month_count(month: date, sums: Mapping[str, Any] | None) -> MonthCount:
    kept, late = (sums["early"] + sums["on_time"], sums["late"]) if sums else (0, 0)
    return MonthCount(f"{month:%m/%Y}", kept, late)
