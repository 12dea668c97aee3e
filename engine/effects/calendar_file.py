"""The calendar file of an installation as the seed of its book: entered at `motcua migrate`, compared by the doctor.

A day that somebody in the office has entered, confirmed or cancelled is his: the file changes it no more.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from engine.domain.calendar_book import NATION, CalendarBook
from engine.domain.calendar_facts import CalendarFact, FactKind, day_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.calendars import CalendarSource
    from engine.domain.calendar_facts import EnteredDay
    from engine.domain.special_days import SpecialDay
    from engine.persistence.unit_of_work import Transaction

BY_MIGRATE = "motcua migrate"
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def import_file(tx: Transaction, source: CalendarSource, at: datetime) -> int:
    """Enter what the file says and the book does not; answers how many facts were new."""
    tx.calendars.open_for_writing()
    book = CalendarBook(tx.calendars.facts(), source.frame)
    rows = [
        {**row, "by_file": True, "entered_by": BY_MIGRATE, "entered_at": at}
        for row in (*_changed_days(book, source), *_changed_years(book, source))
    ]
    tx.calendars.append(rows)
    return len(rows)


def file_facts(source: CalendarSource) -> tuple[CalendarFact, ...]:
    """The facts of the file alone, as they stand in the book of an installation where nobody has entered anything."""
    empty = CalendarBook((), source.frame)
    rows = (*_changed_days(empty, source), *_changed_years(empty, source))
    missing: dict[str, Any] = {"unit_id": NATION, "issued_on": None, "entered_by": BY_MIGRATE, "entered_at": _BEGINNING}
    return tuple(
        CalendarFact(**{**missing, **row, "id": number, "by_file": True}) for number, row in enumerate(rows, start=1)
    )


def waiting_for_migrate(book: CalendarBook, source: CalendarSource) -> int:
    """How many changes of the file the next `motcua migrate` will enter."""
    return len([*_changed_days(book, source), *_changed_years(book, source)])


def differences(book: CalendarBook, source: CalendarSource) -> tuple[date, ...]:
    """The days on which the office goes its own way: somebody entered or cancelled them against the file."""
    wanted, entered = _wanted(source), _entered(book)
    touched = _touched(book)
    return tuple(
        day
        for day in sorted({*wanted, *entered} & touched)
        if not (day in wanted and day in entered and _is_same_kind(entered[day][0].day, wanted[day][0]))
    )


def _wanted(source: CalendarSource) -> dict[date, tuple[SpecialDay, str]]:
    return {day.on: (day, switch) for day, switch in source.days}


def _entered(book: CalendarBook) -> dict[date, list[EnteredDay]]:
    found: dict[date, list[EnteredDay]] = {}
    for each in book.days(NATION):
        if each.day.on.year and not each.day.closed:
            found.setdefault(each.day.on, []).append(each)
    return found


def _is_same_kind(entered: SpecialDay, wanted: SpecialDay) -> bool:
    return entered.kind is wanted.kind


def _touched(book: CalendarBook) -> set[date]:
    """The days of the nation that somebody of the office has entered, confirmed or cancelled."""
    said = [fact for fact in book.facts if not fact.by_file and fact.unit_id is NATION]
    days = [fact for fact in said if fact.kind in {FactKind.DAY, FactKind.PROPOSED}]
    about = [book.get(fact.about_id) for fact in said if fact.about_id is not None]
    return {date.fromisoformat(fact.data["on"]) for fact in (*days, *about) if "on" in fact.data}


def _changed_days(book: CalendarBook, source: CalendarSource) -> Iterator[dict[str, Any]]:
    wanted, entered, touched = _wanted(source), _entered(book), _touched(book)
    for on in sorted({*wanted, *entered} - touched):
        standing = entered.get(on, [])
        if on in wanted and [(each.day, each.switch) for each in standing] == [wanted[on]]:
            continue
        for each in standing:
            yield {"kind": FactKind.CANCELLED, "data": {}, "about_id": each.fact.id, "document": source.file_name}
        if on in wanted:
            day, switch = wanted[on]
            yield {
                "kind": FactKind.DAY,
                "data": day_data(day, switch),
                "document": day.source,
                "issued_on": day.issued_on,
            }


def _changed_years(book: CalendarBook, source: CalendarSource) -> Iterator[dict[str, Any]]:
    for year, state in sorted(source.years.items()):
        said = book.year(year)
        if said is None or (said.by_file and said.data["state"] != state):
            yield {"kind": FactKind.YEAR, "data": {"year": year, "state": state}, "document": source.file_name}
