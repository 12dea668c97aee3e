"""The book of calendars: facts are appended, never changed; and every calendar by which a date was computed is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select

from engine.domain.calendar_content import read_calendar, write_calendar
from engine.domain.calendar_facts import CalendarFact, FactKind
from engine.domain.errors import NotFound
from engine.persistence.base import table_of
from engine.persistence.models import CalendarFactRow, CalendarVersionRow, NumberSeries, UnitRow
from engine.persistence.statements import insert_once, next_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.domain.calendar import WorkingCalendar

_F = table_of(CalendarFactRow).c
_V = table_of(CalendarVersionRow).c
_FACTS = select(table_of(CalendarFactRow)).order_by(_F.id)
_LAST = select(func.coalesce(func.max(_F.id), 0))
_U = table_of(UnitRow).c
_LAST_AND_UNITS = select(
    _LAST.scalar_subquery(),
    select(func.count(_U.id)).scalar_subquery(),
    select(func.count(_U.id)).where(_U.is_active).scalar_subquery(),
)
_APPEND = insert(table_of(CalendarFactRow))
_CONTENT = select(_V.content).where(_V.version == bindparam("key"))
_SERIES = "calendar"
_NOTHING = {
    "unit_id": None,
    "document": "",
    "issued_on": None,
    "by_file": False,
    "about_id": None,
    "before": "",
    "after": "",
}


class Calendars:
    """The book of calendars, as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def facts(self) -> list[CalendarFact]:
        """Every fact, in the order in which they were entered."""
        return [
            CalendarFact(**{**row, "kind": FactKind(row["kind"])})
            for row in self._connection.execute(_FACTS).mappings()
        ]

    def last_id(self) -> int:
        """The number of the last fact: while it stands still, so do all calendars."""
        return int(self._connection.scalar(_LAST) or 0)

    def last_id_and_units(self) -> tuple[int, tuple[int, int]]:
        """The number of the last fact, and how many units there are and are active: in one statement."""
        row = self._connection.execute(_LAST_AND_UNITS).one()
        return int(row[0]), (int(row[1]), int(row[2]))

    def open_for_writing(self) -> None:
        """Wait until no other transaction writes in the book, and keep others out until this one ends."""
        next_number(self._connection, table_of(NumberSeries), _SERIES)

    def append(self, facts: Sequence[Mapping[str, Any]]) -> int:
        """Write facts one after the other; the book has to be open for writing. Answers the number of the last."""
        last = self.last_id()
        if facts:
            rows = [{**_NOTHING, **fact, "id": number} for number, fact in enumerate(facts, start=last + 1)]
            self._connection.execute(_APPEND, rows)
        return last + len(facts)

    def keep(self, calendars: Iterable[WorkingCalendar], at: datetime) -> None:
        """Keep calendars for ever; those that are kept already stay as they are."""
        for version, calendar in {calendar.version: calendar for calendar in calendars}.items():
            insert_once(
                self._connection,
                table_of(CalendarVersionRow),
                version=version,
                content=write_calendar(calendar),
                kept_at=at,
            )

    def kept(self) -> set[str]:
        """The versions of all calendars that are kept."""
        return set(self._connection.scalars(select(_V.version)))

    def version(self, version: str) -> WorkingCalendar:
        """The calendar of a version, as it was; raises `NotFound`."""
        content = self._connection.scalar(_CONTENT, {"key": version})
        if content is None:
            raise NotFound(what=f"phiên bản lịch “{version}”")
        return read_calendar(content)
