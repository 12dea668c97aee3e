"""People keep the calendars of their units: what follows for dossiers, who may, what is written down, who hears."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, time

import pytest
from sqlalchemy import event

from engine.bootstrap import Engine, build
from engine.calendars import CalendarSource, forecast_year
from engine.clock import SetClock
from engine.domain.calendar import DayKind, NoWorkingDay, SpecialDay
from engine.domain.calendar_book import DaysConflict
from engine.domain.calendar_facts import FactKind
from engine.domain.errors import NotFound, Refused
from engine.domain.office_hours import OfficeHours
from engine.domain.people import OPERATOR, Actor
from engine.effects.calendar_file import differences, waiting_for_migrate
from engine.services.calendars import CalendarDocumentMissing, CancelledBefore, Source, UnknownSwitch
from tests.builders import MONDAY, Office, local

BRANCH = "BS-CNAP"  # decides on what the tests hand in
LETTER = Source("Công văn 1/UBND", date(2026, 2, 20))
WEDNESDAY = date(2026, 3, 4)
CA_MAU = OfficeHours.parse("07:00-11:00,13:00-17:00")


def closure(on: date = WEDNESDAY, name: str = "Bão số 5", **facts: object) -> SpecialDay:
    day = SpecialDay(on, DayKind.LOCAL_CLOSURE, name, LETTER.document, LETTER.issued_on, "R")
    return replace(day, **facts)  # type: ignore[arg-type] # the fields of a special day


def admin(office: Office) -> Actor:
    return office.person("admin")


def due_of(office: Office, code: str) -> str:
    due_at = office.dossier(code).due_at
    assert due_at is not None
    return f"{due_at.astimezone(office.engine.settings.zone):%d/%m %H:%M}"


def another_process(office: Office) -> Engine:
    engine = build(office.engine.settings, clock=SetClock(office.now), library=office.engine.library)
    assert engine.office.calendars is not office.engine.office.calendars
    return engine


# --- dossiers ---------------------------------------------------------------------------------------------------------


def test_a_closure_of_the_deciding_unit_moves_its_dossiers_and_nobody_elses(office: Office):
    before = office.receive()
    published = office.engine.calendar_books.enter_day(admin(office), BRANCH, closure(), at=office.now)
    after = office.receive()
    assert (due_of(office, before), due_of(office, after)) == ("05/03 17:00", "06/03 17:00")
    assert office.dossier(after).calendar_version == published.version
    assert office.dossier(before).calendar_version == office.engine.calendar.version
    units = office.engine.office.units
    assert office.engine.office.calendar_of(units.by_code("BS-TTPVHCC").id).is_working_day(WEDNESDAY)


def test_dossiers_that_were_dated_by_another_calendar_can_be_found(office: Office):
    code = office.receive()
    version = office.engine.calendar_books.enter_day(admin(office), BRANCH, closure(), at=office.now).version
    stale = office.rows("SELECT code FROM dossiers WHERE ended_at IS NULL AND calendar_version <> :v", v=version)
    assert stale == [(code,)]


def test_the_hours_of_the_deciding_unit_say_when_its_day_ends(office: Office):
    short = OfficeHours.parse("07:30-11:30,13:00-16:30")
    week = (short,) * 5 + (None, None)
    office.engine.calendar_books.enter_hours(admin(office), BRANCH, date(2026, 3, 1), week, LETTER, at=office.now)
    assert due_of(office, office.receive()) == "05/03 16:30"


def test_the_calendar_of_that_time_can_be_read_years_later(office: Office):
    code = office.receive()
    kept = office.dossier(code).calendar_version
    assert kept is not None
    books = office.engine.calendar_books
    books.enter_day(admin(office), "", closure(name="Quốc tang"), at=office.now)
    then = books.version(kept)
    assert (then.version, then.is_working_day(WEDNESDAY)) == (kept, True)
    assert not office.engine.calendar.is_working_day(WEDNESDAY)
    with pytest.raises(NotFound):
        books.version("never")


def test_a_dossier_asks_the_database_for_no_calendar(office: Office):
    office.engine.office.calendars.read()
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    event.listen(office.engine._database, "before_cursor_execute", note)
    for _ in range(3):
        office.receive()
    assert statements
    assert [statement for statement in statements if "calendar_facts" in statement] == []
    assert [statement for statement in statements if "calendar_versions" in statement] == []


def test_a_running_process_hears_of_a_change_and_looks_only_now_and_then(office: Office):
    other = another_process(office)
    other.calendars._pause = 3600
    unit = other.units.by_code(BRANCH).id
    assert other.office.calendar_of(unit).is_working_day(WEDNESDAY)
    office.engine.calendar_books.enter_day(admin(office), BRANCH, closure(), at=office.now)
    other.calendars.look_again()  # it looked a moment ago
    assert other.office.calendar_of(unit).is_working_day(WEDNESDAY)
    other.calendars.look_again(at_once=True)
    assert not other.office.calendar_of(unit).is_working_day(WEDNESDAY)
    known = other.office.calendar_of(unit)
    other.calendars.look_again(at_once=True)
    assert other.office.calendar_of(unit) is known, "nothing was entered: nothing is read again"
    other.close()


# --- entries ----------------------------------------------------------------------------------------------------------


def test_an_entry_says_who_when_by_which_document_and_what_it_changed(office: Office):
    published = office.engine.calendar_books.enter_day(admin(office), BRANCH, closure(), at=office.now)
    fact = office.engine.calendars.book.get(published.number)
    assert (fact.entered_by, fact.entered_at, fact.document) == ("admin", office.now, "Công văn 1/UBND")
    assert (fact.before, fact.after) == ("làm việc 08:00–12:00, 13:00–17:00", "nghỉ: Bão số 5")


def test_a_cancelled_day_stays_in_the_book_and_can_be_cancelled_once(office: Office):
    books = office.engine.calendar_books
    first = books.enter_day(admin(office), BRANCH, closure(closed=((time(13), time(17)),)), at=office.now)
    cancelled = books.cancel(admin(office), first.number, LETTER, at=office.now)
    book = office.engine.calendars.book
    assert (book.get(first.number).kind, book.get(cancelled.number).about_id) == (FactKind.DAY, first.number)
    assert book.get(cancelled.number).before == "làm việc 08:00–12:00"
    assert cancelled.version == office.engine.calendar.version, "everything is as it was before"
    with pytest.raises(CancelledBefore):
        books.cancel(admin(office), first.number, LETTER, at=office.now)


def test_a_conflict_and_a_day_without_document_leave_no_trace(office: Office):
    books = office.engine.calendar_books
    books.enter_day(admin(office), BRANCH, closure(), at=office.now)
    before = office.count("calendar_facts")
    worked = SpecialDay(WEDNESDAY, DayKind.SWAPPED_ON, "Làm bù", "Công văn 2")
    with pytest.raises(DaysConflict, match=r"Bão số 5.*Làm bù"):
        books.enter_day(admin(office), BRANCH, worked, at=office.now)
    with pytest.raises(CalendarDocumentMissing):
        books.enter_day(admin(office), BRANCH, closure(date(2026, 3, 5), source=" "), at=office.now)
    with pytest.raises(NoWorkingDay):
        books.enter_hours(admin(office), BRANCH, WEDNESDAY, (None,) * 7, LETTER, at=office.now)
    with pytest.raises(UnknownSwitch):
        books.turn_switch(admin(office), "moon", LETTER, on=True, at=office.now)
    assert office.count("calendar_facts") == before


def test_the_culture_day_is_switched_on_with_its_document(office: Office):
    on = date(2026, 11, 24)
    assert office.engine.calendar.is_working_day(on)
    resolution = Source("Nghị quyết 28/2026/QH16", date(2026, 4, 24))
    office.engine.calendar_books.turn_switch(admin(office), "vietnam_culture_day", resolution, on=True, at=office.now)
    off = office.engine.calendar.why_off(on)
    assert off is not None
    assert off.source == "Nghị quyết 28/2026/QH16"


def test_of_two_people_who_enter_the_same_day_at_once_one_is_refused(office: Office):
    books, who = office.engine.calendar_books, admin(office)

    def enter(name: str) -> str:
        try:
            books.enter_day(who, BRANCH, closure(name=name), at=office.now)
        except DaysConflict:
            return "refused"
        return "entered"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(enter, ("a", "b", "c", "d")))
    assert sorted(answers) == ["entered", "refused", "refused", "refused"]
    numbers = [fact.id for fact in office.engine.calendars.book.facts]
    assert numbers == list(range(1, len(numbers) + 1)), "numbered without a gap"


# --- who may ----------------------------------------------------------------------------------------------------------


def test_a_leader_keeps_the_calendar_of_the_own_unit_only(office: Office):
    leader = next(
        office.person(username)
        for username in ("thanh", "giam", "minh", "lan")
        if any(each.role.value == "leader" for each in office.person(username).memberships)
    )
    own = next(each.unit_id for each in leader.memberships if each.role.value == "leader")
    units, books = office.engine.office.units, office.engine.calendar_books
    books.enter_day(leader, units.get(own).code, closure(), at=office.now)
    for code in ("", "BS-TTPVHCC"):
        with pytest.raises(Refused):
            books.enter_day(leader, code, closure(date(2026, 3, 5)), at=office.now)
    with pytest.raises(Refused):
        books.turn_switch(leader, "vietnam_culture_day", LETTER, on=True, at=office.now)
    for username in ("lan", "giam"):
        with pytest.raises(Refused):
            books.enter_day(office.person(username), BRANCH, closure(date(2026, 3, 5)), at=office.now)


def test_nobody_cancels_what_another_level_has_entered(office: Office):
    books = office.engine.calendar_books
    number = books.enter_day(admin(office), "", closure(name="Quốc tang"), at=office.now).number
    with pytest.raises(Refused):
        books.cancel(office.person("thanh"), number, LETTER, at=office.now)


# --- a year -----------------------------------------------------------------------------------------------------------


def test_a_draft_is_in_force_when_a_person_has_confirmed_it_and_not_before(office: Office):
    books, on = office.engine.calendar_books, date(2028, 1, 26)
    proposed = books.propose_year(OPERATOR, 2028, forecast_year(2028), at=office.now)
    assert on in {each.day.on for each in proposed}
    assert office.engine.calendar.is_working_day(on)
    assert 2028 not in office.engine.calendar.covered_years
    again = books.propose_year(OPERATOR, 2028, forecast_year(2028), at=office.now)
    assert again == proposed, "a draft that is proposed twice is proposed once"
    with pytest.raises(Refused):
        books.confirm_year(office.person("thanh"), 2028, LETTER, at=office.now)
    books.confirm_year(admin(office), 2028, Source("Thông báo 9/TB-BNV", None), at=office.now)
    off = office.engine.calendar.why_off(on)
    assert off is not None
    assert off.source == "Thông báo 9/TB-BNV"
    assert office.engine.calendar.is_confirmed(2028)


def test_a_draft_is_confirmed_or_dropped_day_by_day(office: Office):
    books = office.engine.calendar_books
    first, second, *rest = books.propose_year(OPERATOR, 2028, forecast_year(2028), at=office.now)
    books.confirm_day(admin(office), first.fact.id, LETTER, at=office.now)
    books.cancel(admin(office), second.fact.id, LETTER, at=office.now)
    assert not office.engine.calendar.is_working_day(first.day.on)
    assert office.engine.calendar.special_day(second.day.on) is None
    assert office.engine.calendars.book.proposed(2028) == tuple(rest)
    for number in (first.fact.id, second.fact.id):
        with pytest.raises(CancelledBefore):
            books.confirm_day(admin(office), number, LETTER, at=office.now)


# --- the file ---------------------------------------------------------------------------------------------------------


def migrated_with(office: Office, change: Callable[[CalendarSource], CalendarSource]) -> CalendarSource:
    engine = office.engine
    vars(engine).update(calendar_source=change(engine.calendar_source))
    engine.migrate(MONDAY)
    return engine.calendar_source


def without(on: date) -> Callable[[CalendarSource], CalendarSource]:
    return lambda source: replace(source, days=tuple(each for each in source.days if each[0].on != on))


def test_migrate_enters_the_file_once_and_follows_it_when_it_changes(office: Office):
    before = office.count("calendar_facts")
    migrated_with(office, lambda source: source)
    assert office.count("calendar_facts") == before
    tet = date(2026, 2, 17)
    changed = without(tet)(office.engine.calendar_source)
    assert waiting_for_migrate(office.engine.calendars.book, changed) == 1
    migrated_with(office, without(tet))
    assert office.engine.calendar.is_working_day(tet)
    assert office.count("calendar_facts") == before + 1


def test_a_day_that_the_office_has_touched_is_the_offices(office: Office):
    tet = date(2026, 2, 17)
    book = office.engine.calendars.book
    number = next(each.fact.id for each in book.days(None) if each.day.on == tet)
    office.engine.calendar_books.cancel(admin(office), number, LETTER, at=office.now)
    source = migrated_with(office, lambda source: source)
    assert office.engine.calendar.is_working_day(tet)
    assert differences(office.engine.calendars.book, source) == (tet,)
    checks = {check.name: check for check in office.engine.health(office.now).checks}
    assert "17/02/2026" in checks["Tệp lịch"].detail


def test_the_doctor_asks_for_migrate_when_the_file_has_something_new(office: Office):
    source = without(date(2026, 2, 17))(office.engine.calendar_source)
    vars(office.engine.calendars).update(source=source)
    checks = {check.name: check for check in office.engine.health(office.now).checks}
    assert not checks["Tệp lịch"].ok
    assert "motcua migrate" in checks["Tệp lịch"].detail


def test_the_doctor_warns_from_october_on_while_next_year_is_not_confirmed(office: Office):
    def said(month: int) -> str:
        checks = office.engine.health(local(f"2026-{month:02}-05 09:00")).checks
        return next(check.detail for check in checks if check.name == "Lịch làm việc")

    assert "CẢNH BÁO" not in said(9)
    assert "CẢNH BÁO: năm 2027 chưa được xác nhận" in said(10)
    office.engine.calendar_books.confirm_year(admin(office), 2027, LETTER, at=office.now)
    assert "CẢNH BÁO" not in said(11)
