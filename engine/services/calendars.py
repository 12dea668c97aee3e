"""Keep the calendars of the units: enter and cancel days, hours, switches; confirm the draft of a year.

Every entry is a new fact with its document and its author; its answer names the calendar version that follows from it.
Open dossiers keep the version on which their dates were last worked out (`dossiers.calendar_version`), so that those
that were worked out on another one can be found.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.domain.calendar import NoWorkingDay
from engine.domain.calendar_book import CONFIRMED, NATION, CalendarBook
from engine.domain.calendar_facts import FactKind, day_data, entered_day, entered_hours, hours_data
from engine.domain.calendar_year import say_of_day, say_week
from engine.domain.errors import BadInput, NotAllowedNow, NotFound
from engine.domain.permissions import check_can_announce_absence, check_can_keep_calendar
from engine.domain.special_days import DayKind, SpecialDay
from engine.effects.calendars import keep_calendars

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from engine.domain.calendar import WorkingCalendar
    from engine.domain.calendar_facts import CalendarFact, EnteredDay
    from engine.domain.office_hours import OfficeHours
    from engine.domain.people import Actor
    from engine.domain.units import UnitTree
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import UnitOfWork

_HAS_DAY = frozenset({FactKind.DAY, FactKind.PROPOSED, FactKind.HOURS})
LONGEST_ABSENCE = 60
_CAN_BE_CANCELLED = _HAS_DAY | {FactKind.CONFIRMED, FactKind.SWITCH, FactKind.YEAR}


class CalendarDocumentMissing(BadInput):
    """Thiếu {what}; mỗi mục của lịch phải có căn cứ để người sau kiểm tra được."""

    code = "calendar_document_missing"


class CancelledBefore(NotAllowedNow):
    """Mục lịch số {number} đã được hủy hoặc xác nhận trước đó; hãy tải lại trang."""

    code = "calendar_cancelled_before"


class BadAbsence(BadInput):
    """Chưa ghi được việc đóng cửa: {detail}."""

    code = "bad_absence"


class UnknownSwitch(NotFound):
    """Không có công tắc lịch “{name}”."""

    code = "unknown_calendar_switch"


@dataclass(frozen=True, slots=True)
class Source:
    """The document on which an entry rests, and the day on which it was issued."""

    document: str
    issued_on: date | None


@dataclass(frozen=True, slots=True)
class Published:
    """The number of an entry, and the version of the calendar of its level that follows from it."""

    number: int
    version: str


class CalendarBooks:
    """The book of calendars, for the people who keep it."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one database."""
        self._uow = uow
        self._office = office

    def version(self, version: str) -> WorkingCalendar:
        """The calendar by which a date was computed, as it was then; raises `NotFound`."""
        with self._uow.read() as tx:
            return tx.calendars.version(version)

    def enter_day(self, actor: Actor, unit_code: str, day: SpecialDay, *, at: datetime) -> Published:
        """Enter a special day into the calendar of a unit (`unit_code` empty: the nation's): it is in force at once.

        Raises `DaysConflict` where the level says something else of the day, and `Refused`.
        """
        source = _checked(Source(day.source, day.issued_on))
        if not day.name.strip():
            raise CalendarDocumentMissing(what="tên ngày")

        def make(book: CalendarBook, unit_id: int | None) -> list[dict[str, Any]]:
            book.check_day(unit_id, day)
            return [{"kind": FactKind.DAY, "data": day_data(day), **_of(source)}]

        return self._write(actor, unit_code, at, make, about=day.on)

    def enter_hours(
        self,
        actor: Actor,
        unit_code: str,
        from_on: date,
        week: Sequence[OfficeHours | None],
        source: Source,
        *,
        at: datetime,
    ) -> Published:
        """Enter office hours of a unit from a day on, Monday first. Raises `HoursConflict`, `NoWorkingDay`."""
        _checked(source)
        if not any(week):
            raise NoWorkingDay

        def make(book: CalendarBook, unit_id: int | None) -> list[dict[str, Any]]:
            book.check_hours(unit_id, from_on)
            before = book.calendar(self._above(unit_id)).period_on(from_on).week
            fact = {"kind": FactKind.HOURS, "data": hours_data(from_on, week), **_of(source)}
            return [{**fact, "before": say_week(before), "after": say_week(week)}]

        return self._write(actor, unit_code, at, make)

    def turn_switch(self, actor: Actor, name: str, source: Source, *, on: bool, at: datetime) -> Published:
        """Turn a day on or off that depends on a switch; from now on the configuration decides no more."""
        _checked(source)
        if name not in self._office.calendars.source.switches:
            raise UnknownSwitch(name=name)

        def make(book: CalendarBook, unit_id: int | None) -> list[dict[str, Any]]:
            del unit_id
            before, after = (("bật" if state else "tắt") for state in (book.switch(name).is_on, on))
            fact = {"kind": FactKind.SWITCH, "data": {"name": name, "on": on}, **_of(source)}
            return [{**fact, "before": before, "after": after}]

        return self._write(actor, "", at, make)

    def cancel(self, actor: Actor, number: int, source: Source, *, at: datetime) -> Published:
        """Take an entry back by a new one. Raises `CancelledBefore`, `NotFound`."""
        _checked(source)
        fact = self._find(number)

        def make(book: CalendarBook, unit_id: int | None) -> list[dict[str, Any]]:
            del unit_id
            if fact.kind not in _CAN_BE_CANCELLED or book.is_cancelled(fact):
                raise CancelledBefore(number=fact.id)
            return [{"kind": FactKind.CANCELLED, "data": {}, "about_id": fact.id, **_of(source), "before": fact.after}]

        about = _day_of(fact) if fact.kind in _HAS_DAY else None
        return self._write(actor, self._code(fact.unit_id), at, make, about=about)

    def propose_year(
        self, actor: Actor, year: int, days: Sequence[SpecialDay], *, at: datetime
    ) -> tuple[EnteredDay, ...]:
        """Put the draft of a year before the people who confirm it: days of which nobody has said anything yet.

        A machine may: what it proposes is not in force.
        """

        def make(book: CalendarBook, unit_id: int | None) -> list[dict[str, Any]]:
            known = {each.day.on for each in (*book.days(unit_id), *book.proposed(year))}
            return [
                {
                    "kind": FactKind.PROPOSED,
                    "data": day_data(day),
                    **_of(Source(day.source, None)),
                    "after": f"dự thảo: {day.name}",
                }
                for day in days
                if day.on.year == year and day.on not in known
            ]

        self._write(actor, "", at, make, is_free=actor.is_machine)
        return self._office.calendars.book.proposed(year)

    def confirm_day(self, actor: Actor, number: int, source: Source, *, at: datetime) -> Published:
        """Make a proposed day law, with the document that makes it so."""
        _checked(source)
        fact = self._find(number)
        if fact.kind is not FactKind.PROPOSED:
            raise NotFound(what=f"ngày dự thảo số {number}")
        on = _day_of(fact)

        def make(book: CalendarBook, unit_id: int | None) -> list[dict[str, Any]]:
            if fact.id not in {each.fact.id for each in book.proposed(on.year)}:
                raise CancelledBefore(number=fact.id)
            book.check_day(unit_id, entered_day(fact).day)
            return [{"kind": FactKind.CONFIRMED, "data": {}, "about_id": fact.id, **_of(source)}]

        return self._write(actor, "", at, make, about=on)

    def confirm_year(self, actor: Actor, year: int, source: Source, *, at: datetime) -> Published:
        """Make every proposed day of a year law, and the year complete."""
        _checked(source)

        def make(book: CalendarBook, unit_id: int | None) -> list[dict[str, Any]]:
            rows: list[dict[str, Any]] = []
            for each in book.proposed(year):
                book.check_day(unit_id, each.day)
                rows.append({"kind": FactKind.CONFIRMED, "data": {}, "about_id": each.fact.id, **_of(source)})
            said = book.year(year)
            before = "chưa có" if said is None else "đã xác nhận" if said.data["state"] == CONFIRMED else "dự kiến"
            fact = {"kind": FactKind.YEAR, "data": {"year": year, "state": CONFIRMED}, **_of(source)}
            return [*rows, {**fact, "before": before, "after": "đã xác nhận"}]

        return self._write(actor, "", at, make)

    def announce_absence(
        self, actor: Actor, unit_code: str, first: date, last: date, reason: str, source: Source, *, at: datetime
    ) -> Published:
        """Say that a unit is closed from `first` to `last` (a storm, a move): each working day is a local closure.

        Days of which the unit's own calendar says something already stay as they are. A supervisor may, besides those
        who keep the calendar. Raises `BadAbsence`, `Refused`.
        """
        _checked(source)
        if not reason.strip():
            raise CalendarDocumentMissing(what="lý do đóng cửa")
        if not 0 <= (last - first).days < LONGEST_ABSENCE:
            raise BadAbsence(detail=f"từ một đến {LONGEST_ABSENCE} ngày, ngày cuối không trước ngày đầu")

        def make(book: CalendarBook, unit_id: int | None) -> list[dict[str, Any]]:
            calendar, said = book.calendar(self._above(unit_id)), {each.day.on for each in book.days(unit_id)}
            days = (first + timedelta(days=number) for number in range((last - first).days + 1))
            closed = [day for day in days if calendar.is_working_day(day) and day not in said]
            if not closed:
                raise BadAbsence(detail="không có ngày làm việc nào trong khoảng này để đóng cửa")
            rows = []
            for day in closed:
                entry = SpecialDay(day, DayKind.LOCAL_CLOSURE, reason.strip(), source.document, source.issued_on, "R")
                told = {"before": say_of_day(calendar, day), "after": f"{entry.kind.label}: {entry.name}"}
                rows.append({"kind": FactKind.DAY, "data": day_data(entry), **_of(source), **told})
            return rows

        return self._write(actor, unit_code, at, make, check=check_can_announce_absence)

    # --- how ---------------------------------------------------------------------------------------------------------

    def _write(
        self,
        actor: Actor,
        unit_code: str,
        at: datetime,
        make: Callable[[CalendarBook, int | None], list[dict[str, Any]]],
        *,
        about: date | None = None,
        is_free: bool = False,
        check: Callable[[Actor, int | None, UnitTree], None] = check_can_keep_calendar,
    ) -> Published:
        """Write what `make` answers after a look at the book, in one transaction; nobody else writes meanwhile."""
        tree, calendars = self._office.units, self._office.calendars
        unit_id = tree.by_code(unit_code).id if unit_code else NATION
        if not is_free:
            check(actor, unit_id, tree)
        above, frame = self._above(unit_id), calendars.source.frame
        with self._uow.write() as tx:
            tx.calendars.open_for_writing()
            book = CalendarBook(tx.calendars.facts(), frame)
            rows = self._rows(book, make, unit_id, actor=actor, at=at, about=about)
            number = tx.calendars.append(rows)
            version = keep_calendars(tx, frame, at).calendar(above).version
        calendars.look_again(at_once=True)
        return Published(number, version)

    def _rows(
        self,
        book: CalendarBook,
        make: Callable[[CalendarBook, int | None], list[dict[str, Any]]],
        unit_id: int | None,
        *,
        actor: Actor,
        at: datetime,
        about: date | None,
    ) -> list[dict[str, Any]]:
        """The facts to enter, each with its author and with what it changes of the day that it is about."""
        common = {"unit_id": unit_id, "entered_by": actor.username, "entered_at": at}
        rows = [{**common, **row} for row in make(book, unit_id)]
        if about is None:
            return rows
        told = _changes(book, rows, self._above(unit_id), about)
        return [{**row, **told} for row in rows]

    def _above(self, unit_id: int | None) -> tuple[int, ...]:
        return () if unit_id is None else self._office.units.above(unit_id)

    def _code(self, unit_id: int | None) -> str:
        return "" if unit_id is None else self._office.units.get(unit_id).code

    def _find(self, number: int) -> CalendarFact:
        self._office.calendars.look_again(at_once=True)
        return self._office.calendars.book.get(number)


class CalendarTrial(CalendarBooks):
    """The same entries with the same refusals, and nothing is written: `facts` is what would be entered."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Try one entry."""
        super().__init__(uow, office)
        self.facts: list[dict[str, Any]] = []

    def _write(
        self,
        actor: Actor,
        unit_code: str,
        at: datetime,
        make: Callable[[CalendarBook, int | None], list[dict[str, Any]]],
        *,
        about: date | None = None,
        is_free: bool = False,
        check: Callable[[Actor, int | None, UnitTree], None] = check_can_keep_calendar,
    ) -> Published:
        tree = self._office.units
        unit_id = tree.by_code(unit_code).id if unit_code else NATION
        if not is_free:
            check(actor, unit_id, tree)
        self._office.calendars.look_again(at_once=True)
        book = self._office.calendars.book
        self.facts = self._rows(book, make, unit_id, actor=actor, at=at, about=about)
        after = book.with_facts(self.facts)
        return Published(after.number, after.calendar(self._above(unit_id)).version)


def _checked(source: Source) -> Source:
    if not source.document.strip():
        raise CalendarDocumentMissing(what="số, ký hiệu văn bản")
    return source


def _of(source: Source) -> dict[str, Any]:
    return {"document": source.document.strip(), "issued_on": source.issued_on}


def _day_of(fact: CalendarFact) -> date:
    return entered_day(fact).day.on if "on" in fact.data else entered_hours(fact).from_on


def _changes(book: CalendarBook, rows: Sequence[Mapping[str, Any]], above: Sequence[int], on: date) -> dict[str, str]:
    """What entries change of one day, in words."""
    after = book.with_facts(rows)
    return {"before": say_of_day(book.calendar(above), on), "after": say_of_day(after.calendar(above), on)}
