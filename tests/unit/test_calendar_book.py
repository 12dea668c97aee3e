"""The book of calendars: what a unit inherits, what wins, and that the order of entry changes nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.calendar import DayKind, SpecialDay
from engine.domain.calendar_book import (
    NATION,
    BadClosedPart,
    CalendarBook,
    DaysConflict,
    Frame,
    HoursConflict,
    merge_day,
)
from engine.domain.calendar_content import read_calendar, write_calendar
from engine.domain.calendar_facts import CalendarFact, FactKind, day_data, hours_data
from engine.domain.calendar_year import DayLook, look_of, months_of, say_of_day, say_week
from engine.domain.deadline import LimitUnit, ProcessingTime, due_date
from engine.domain.office_hours import OfficeHours
from tests.support.vietnam import vn

PROVINCE, COMMUNE, OTHER = 1, 2, 3
BELOW = {None: (), PROVINCE: (PROVINCE,), COMMUNE: (PROVINCE, COMMUNE), OTHER: (PROVINCE, OTHER)}
TUESDAY, SATURDAY = date(2026, 3, 3), date(2026, 3, 7)
AFTERNOON = ((time(13), time(17)),)
MORNING = ((time(8), time(12)),)
CA_MAU = OfficeHours.parse("07:00-11:00,13:00-17:00")
SEVEN_HOURS = OfficeHours.parse("07:30-11:30,13:30-16:30")


def day(on: date, kind: DayKind, name: str = "Ngày thử", closed: Any = ()) -> SpecialDay:
    return SpecialDay(on, kind, name, f"Văn bản về {name}", date(2026, 1, 5), "R", closed)


def entered(*said: tuple[int | None, SpecialDay]) -> list[CalendarFact]:
    return [fact(number, level, FactKind.DAY, day_data(each), each) for number, (level, each) in enumerate(said, 1)]


def fact(
    number: int, level: int | None, kind: FactKind, data: dict[str, Any], says: Any = None, **more: Any
) -> CalendarFact:
    document = says.source if says else "Quyết định 1"
    issued_on = says.issued_on if says else None
    return CalendarFact(
        number, level, kind, data, document, issued_on, "admin", datetime(2026, 1, 6, tzinfo=UTC), **more
    )


def hours_from(number: int, level: int | None, from_on: date, hours: OfficeHours) -> CalendarFact:
    return fact(number, level, FactKind.HOURS, hours_data(from_on, (hours,) * 5 + (None, None)))


def book_of(*facts: CalendarFact) -> CalendarBook:
    return CalendarBook(facts, Frame())


HOLIDAY = day(TUESDAY, DayKind.HOLIDAY, "Ngày lễ")
WORKED = day(SATURDAY, DayKind.SWAPPED_ON, "Làm bù")
WORK_ON_HOLIDAY = day(TUESDAY, DayKind.SWAPPED_ON, "Trực cấp căn cước")
CLOSED_AFTERNOON = day(TUESDAY, DayKind.LOCAL_CLOSURE, "Bão số 5", AFTERNOON)
CLOSED_MORNING = day(TUESDAY, DayKind.LOCAL_CLOSURE, "Mất điện", MORNING)


# --- inheritance ------------------------------------------------------------------------------------------------------


def test_a_unit_inherits_the_days_of_the_nation_and_of_the_province():
    province_day = day(date(2026, 3, 5), DayKind.LOCAL_CLOSURE, "Lễ hội tỉnh")
    book = book_of(*entered((NATION, HOLIDAY), (PROVINCE, province_day)))
    commune, nation = book.calendar(BELOW[COMMUNE]), book.calendar()
    assert not commune.is_working_day(TUESDAY)
    assert not commune.is_working_day(province_day.on)
    assert nation.is_working_day(province_day.on)
    off = commune.why_off(province_day.on)
    assert off is not None
    assert (off.reason, off.source) == ("Lễ hội tỉnh", "Văn bản về Lễ hội tỉnh")


def test_the_day_of_one_unit_is_not_the_day_of_its_neighbour():
    book = book_of(*entered((COMMUNE, day(TUESDAY, DayKind.LOCAL_CLOSURE))))
    assert not book.calendar(BELOW[COMMUNE]).is_working_day(TUESDAY)
    assert book.calendar(BELOW[OTHER]).is_working_day(TUESDAY)
    assert book.calendar(BELOW[OTHER]) is book.calendar(), "units of which nobody said anything share one calendar"


def test_the_nearer_level_wins_whichever_says_off_and_whichever_says_on():
    works = book_of(*entered((NATION, HOLIDAY), (COMMUNE, WORK_ON_HOLIDAY)))
    assert works.calendar(BELOW[COMMUNE]).is_working_day(TUESDAY)
    assert not works.calendar(BELOW[OTHER]).is_working_day(TUESDAY)
    rests = book_of(*entered((NATION, WORKED), (PROVINCE, day(SATURDAY, DayKind.LOCAL_CLOSURE))))
    assert rests.calendar().is_working_day(SATURDAY)
    assert not rests.calendar(BELOW[COMMUNE]).is_working_day(SATURDAY)


def test_a_half_day_of_the_unit_does_not_make_a_national_holiday_a_working_morning():
    book = book_of(*entered((NATION, HOLIDAY), (COMMUNE, CLOSED_AFTERNOON)))
    assert not book.calendar(BELOW[COMMUNE]).is_working_day(TUESDAY)


def test_closed_parts_of_several_levels_add_up():
    book = book_of(*entered((PROVINCE, CLOSED_AFTERNOON), (COMMUNE, CLOSED_MORNING)))
    assert str(book.calendar(BELOW[PROVINCE]).hours_on(TUESDAY)) == "08:00–12:00"
    assert not book.calendar(BELOW[COMMUNE]).is_working_day(TUESDAY)
    off = book.calendar(BELOW[COMMUNE]).why_off(TUESDAY)
    assert off is not None
    assert off.reason == "Mất điện; Bão số 5"


def test_a_unit_that_works_although_the_province_closed_the_afternoon_works_the_whole_day():
    book = book_of(*entered((PROVINCE, CLOSED_AFTERNOON), (COMMUNE, WORK_ON_HOLIDAY)))
    assert book.calendar(BELOW[COMMUNE]).hours_on(TUESDAY) == OfficeHours()


def test_a_worked_saturday_can_be_closed_in_the_afternoon():
    closed = day(SATURDAY, DayKind.LOCAL_CLOSURE, "Bão", AFTERNOON)
    calendar = book_of(*entered((NATION, WORKED), (NATION, closed))).calendar()
    assert str(calendar.hours_on(SATURDAY)) == "08:00–12:00"


# --- conflicts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [(HOLIDAY, WORK_ON_HOLIDAY), (WORK_ON_HOLIDAY, HOLIDAY), (HOLIDAY, day(TUESDAY, DayKind.COMPENSATION, "Nghỉ bù"))],
)
def test_two_words_about_one_day_at_one_level_are_refused_and_both_are_named(first: SpecialDay, second: SpecialDay):
    with pytest.raises(DaysConflict) as refused:
        book_of(*entered((NATION, first))).check_day(NATION, second)
    assert first.name in refused.value.message
    assert second.name in refused.value.message
    assert "03/03/2026" in refused.value.message


def test_another_level_may_say_something_else_of_the_same_day():
    book_of(*entered((NATION, HOLIDAY))).check_day(COMMUNE, WORK_ON_HOLIDAY)


def test_parts_of_a_day_may_touch_but_not_overlap():
    book = book_of(*entered((COMMUNE, CLOSED_MORNING)))
    book.check_day(COMMUNE, CLOSED_AFTERNOON)
    with pytest.raises(DaysConflict):
        book.check_day(COMMUNE, day(TUESDAY, DayKind.LOCAL_CLOSURE, "Họp", ((time(11), time(14)),)))


@pytest.mark.parametrize(
    "wrong",
    [day(TUESDAY, DayKind.HOLIDAY, "Lễ", MORNING), day(TUESDAY, DayKind.LOCAL_CLOSURE, "Họp", ((time(9), time(9)),))],
)
def test_only_a_closure_is_for_a_part_of_a_day_and_its_beginning_comes_first(wrong: SpecialDay):
    with pytest.raises(BadClosedPart):
        book_of().check_day(NATION, wrong)


def test_a_cancelled_day_counts_no_longer_and_leaves_room_for_another():
    facts = entered((NATION, HOLIDAY))
    cancelled = fact(2, NATION, FactKind.CANCELLED, {}, about_id=1)
    book = book_of(*facts, cancelled)
    assert book.calendar().is_working_day(TUESDAY)
    book.check_day(NATION, WORK_ON_HOLIDAY)
    assert book.is_cancelled(facts[0])


# --- office hours -----------------------------------------------------------------------------------------------------


def test_hours_hold_from_their_day_on_and_the_nearest_level_that_has_any_decides():
    book = book_of(
        hours_from(1, PROVINCE, date(2026, 3, 2), CA_MAU),
        hours_from(2, COMMUNE, date(2026, 4, 1), SEVEN_HOURS),
        hours_from(3, PROVINCE, date(2026, 5, 4), OfficeHours()),
    )
    commune, other = book.calendar(BELOW[COMMUNE]), book.calendar(BELOW[OTHER])
    assert commune.hours_on(date(2026, 2, 27)) == OfficeHours()
    assert commune.hours_on(date(2026, 3, 2)) == CA_MAU
    assert commune.hours_on(date(2026, 4, 1)) == commune.hours_on(date(2026, 5, 4)) == SEVEN_HOURS
    assert other.hours_on(date(2026, 5, 4)) == OfficeHours()


def test_two_sets_of_hours_from_the_same_day_are_refused():
    book = book_of(hours_from(1, COMMUNE, date(2026, 3, 2), CA_MAU))
    with pytest.raises(HoursConflict, match="02/03/2026"):
        book.check_hours(COMMUNE, date(2026, 3, 2))
    book.check_hours(PROVINCE, date(2026, 3, 2))


def test_five_working_days_stay_five_when_a_day_becomes_shorter_on_the_way():
    # 8 hours are a day until Tuesday, 7 from Wednesday on: the fifth day after Friday is still the next Friday
    calendar = book_of(hours_from(1, NATION, date(2026, 3, 4), SEVEN_HOURS)).calendar()
    limit = ProcessingTime(Decimal(5), LimitUnit.WORKING_DAYS)
    assert due_date(limit, vn("2026-02-27 09:00"), calendar).due_at == vn("2026-03-06 16:30")


def test_hours_are_counted_as_hours_whatever_a_day_is():
    calendar = book_of(hours_from(1, NATION, date(2026, 3, 4), SEVEN_HOURS)).calendar()
    limit = ProcessingTime(Decimal(16), LimitUnit.WORKING_HOURS)
    # Tuesday 8 h, Wednesday 7 h, and one more on Thursday
    assert due_date(limit, vn("2026-03-03 08:00"), calendar).due_at == vn("2026-03-05 08:30")


def test_a_half_day_off_costs_half_a_day():
    closed = book_of(*entered((NATION, CLOSED_AFTERNOON))).calendar()
    limit = ProcessingTime(Decimal(2), LimitUnit.WORKING_DAYS)
    due = due_date(limit, vn("2026-03-02 09:00"), closed)
    assert due.due_at == vn("2026-03-05 17:00")  # a half on Tuesday, Wednesday, and the rest on Thursday
    told = [line for line in due.explanation if "Bão số 5" in line.what]
    assert [(line.what, line.source) for line in told] == [
        ("Không tính 13:00–17:00 của thứ Ba, 03/03/2026 (đơn vị đóng cửa: Bão số 5).", "Văn bản về Bão số 5")
    ]


# --- switches, drafts -------------------------------------------------------------------------------------------------


def culture_day() -> CalendarFact:
    each = day(date(2026, 11, 24), DayKind.HOLIDAY, "Ngày Văn hóa Việt Nam")
    return fact(1, NATION, FactKind.DAY, day_data(each, "culture"), each)


def turned(number: int, *, on: bool) -> CalendarFact:
    return fact(number, NATION, FactKind.SWITCH, {"name": "culture", "on": on})


@pytest.mark.parametrize("configured", [True, False])
def test_a_switch_is_as_the_configuration_says_until_somebody_turns_it(*, configured: bool):
    frame = Frame(switches={"culture": configured})
    day_off = date(2026, 11, 24)
    assert CalendarBook([culture_day()], frame).calendar().is_working_day(day_off) is not configured
    for on in (True, False):
        calendar = CalendarBook([culture_day(), turned(2, on=on)], frame).calendar()
        assert calendar.is_working_day(day_off) is not on
    last_word = CalendarBook([culture_day(), turned(2, on=True), turned(3, on=False)], frame)
    assert last_word.calendar().is_working_day(day_off)


def test_a_day_that_was_switched_on_names_the_document_by_which_it_was():
    off = book_of(culture_day(), turned(2, on=True)).calendar().why_off(date(2026, 11, 24))
    assert off is not None
    assert off.source == "Quyết định 1"


def test_a_proposed_day_is_in_force_only_when_it_is_confirmed():
    proposed = fact(1, NATION, FactKind.PROPOSED, day_data(HOLIDAY), HOLIDAY)
    assert book_of(proposed).calendar().is_working_day(TUESDAY)
    assert [each.day.name for each in book_of(proposed).proposed(2026)] == ["Ngày lễ"]
    confirmed = book_of(proposed, fact(2, NATION, FactKind.CONFIRMED, {}, about_id=1))
    off = confirmed.calendar().why_off(TUESDAY)
    assert off is not None
    assert off.source == "Quyết định 1"
    assert confirmed.proposed(2026) == ()


# --- laws of the whole ------------------------------------------------------------------------------------------------

LEVELS = (NATION, PROVINCE, COMMUNE)
DAYS = [date(2026, 3, 1) + timedelta(days=number) for number in range(14)]


@st.composite
def books(draw: st.DrawFn) -> list[tuple[int | None, SpecialDay]]:
    """What may stand beside each other: per level and day one word about the whole day, or closed parts."""
    said: list[tuple[int | None, SpecialDay]] = []
    for level in LEVELS:
        for on in draw(st.lists(st.sampled_from(DAYS), max_size=6, unique=True)):
            kind = draw(st.sampled_from([*DayKind]))
            if draw(st.booleans()):
                said.append((level, day(on, kind, f"{kind.label} {level}")))
            if draw(st.booleans()):
                part = draw(st.sampled_from([MORNING, AFTERNOON, ((time(10), time(15)),)]))
                said.append((level, day(on, DayKind.LOCAL_CLOSURE, f"một phần {level}", part)))
    return said


def slow_minutes(said: list[tuple[int | None, SpecialDay]], on: date) -> set[int]:
    """The minutes of a day in which the commune works: one level after the other, minute by minute."""
    ordinary = {*range(480, 720), *range(780, 1020)}
    works = set(ordinary) if on.weekday() < 5 else set()
    for level in LEVELS:  # the farthest first: what is nearer is said later and wins
        mine = [each for where, each in said if where == level and each.on == on]
        for each in mine:
            if not each.closed:
                works = set(ordinary) if each.kind is DayKind.SWAPPED_ON else set()
        for each in mine:
            for first, last in each.closed:
                works -= set(range(first.hour * 60, last.hour * 60))
    return works


@given(books())
def test_what_a_unit_inherits_is_what_the_levels_say_one_after_the_other(said: list[tuple[int | None, SpecialDay]]):
    calendar = book_of(*entered(*said)).calendar(BELOW[COMMUNE])
    for on in DAYS:
        hours = calendar.hours_on(on)
        spans = hours.sessions if hours else ()
        minutes = {
            minute
            for opens, closes in spans
            for minute in range(opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute)
        }
        assert minutes == slow_minutes(said, on)


@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_entry_changes_nothing(said: list[tuple[int | None, SpecialDay]], chance: Any):
    again = list(said)
    chance.shuffle(again)
    first, second = (book_of(*entered(*each)).calendar(BELOW[COMMUNE]) for each in (said, again))
    assert first == second
    assert first.version == second.version


@given(
    books(),
    st.sampled_from(LEVELS),
    st.sampled_from(DAYS),
    st.sampled_from([(), MORNING, AFTERNOON]),
    st.sampled_from([LimitUnit.WORKING_DAYS, LimitUnit.WORKING_HOURS, LimitUnit.CALENDAR_DAYS]),
    st.integers(1, 9),
)
def test_another_closure_at_any_level_never_makes_a_date_earlier(
    said: list[tuple[int | None, SpecialDay]], level: int | None, on: date, closed: Any, unit: LimitUnit, amount: int
):
    book = book_of(*entered(*said))
    closure = day(on, DayKind.LOCAL_CLOSURE, "thêm", closed)
    try:
        book.check_day(level, closure)
    except DaysConflict:
        return  # the level has said something else of that day: refused, so no date moves
    limit, received = ProcessingTime(Decimal(amount), unit), vn("2026-03-02 09:30")
    later = book_of(*entered(*said, (level, closure)))
    before, after = (due_date(limit, received, each.calendar(BELOW[COMMUNE])).due_at for each in (book, later))
    assert before is not None
    assert after is not None
    assert after.date() >= before.date()
    # the same day may end sooner: an office that closes at noon gives its results by noon
    assert after >= before or (after.date() == on and bool(closed))


@given(books())
def test_a_calendar_that_was_kept_comes_back_as_it_was(said: list[tuple[int | None, SpecialDay]]):
    hours = hours_from(100, COMMUNE, date(2026, 3, 5), CA_MAU)
    calendar = book_of(*entered(*said), hours).calendar(BELOW[COMMUNE])
    again = read_calendar(write_calendar(calendar))
    assert again == calendar
    assert again.version == calendar.version


def test_nothing_said_of_a_day_is_nothing():
    assert merge_day([[], []]) is None


# --- how it is shown --------------------------------------------------------------------------------------------------


def test_each_day_of_a_year_shows_what_it_is():
    closed = day(date(2026, 3, 5), DayKind.LOCAL_CLOSURE, "Chuyển trụ sở")
    calendar = book_of(*entered((NATION, WORKED), (COMMUNE, CLOSED_AFTERNOON), (COMMUNE, closed))).calendar(
        BELOW[COMMUNE]
    )
    looks = {on: look_of(calendar, on).look for on in DAYS}
    assert looks[SATURDAY] is DayLook.SWAPPED_ON
    assert looks[TUESDAY] is DayLook.PART
    assert looks[closed.on] is DayLook.CLOSED
    assert (looks[date(2026, 3, 1)], looks[date(2026, 3, 4)]) == (DayLook.REST, DayLook.WORKING)
    march = months_of(calendar, 2026)[2]
    assert march.working_days == 22
    assert [each.on.day for week in march.weeks for each in week if each] == list(range(1, 32))
    special = [look for look in DayLook if look not in {DayLook.WORKING, DayLook.REST}]
    assert len({look.letter for look in special} - {""}) == len(special), "each has a letter of its own"


def test_days_and_weeks_are_said_in_words():
    calendar = book_of(*entered((NATION, HOLIDAY))).calendar()
    assert say_of_day(calendar, TUESDAY) == "nghỉ: Ngày lễ"
    assert say_of_day(calendar, date(2026, 3, 4)) == "làm việc 08:00–12:00, 13:00–17:00"
    week = (CA_MAU,) * 4 + (OfficeHours.parse("07:00-11:00"), None, None)
    assert say_week(week) == (
        "thứ Hai – thứ Năm 07:00–11:00, 13:00–17:00; thứ Sáu 07:00–11:00; thứ Bảy – Chủ nhật nghỉ"
    )
