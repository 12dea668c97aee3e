"""How a limit becomes a date: the cases worked out by hand, and every rule of the contract, each with its reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from time import process_time

import pytest

from engine.domain.calendar import DayKind, NaiveInstant, OfficeHours, SpecialDay, WorkingCalendar
from engine.domain.deadline import (
    AgreedDateNeeded,
    BadLimit,
    ClockPause,
    LimitsDoNotAdd,
    LimitUnit,
    LimitWithoutAmount,
    PauseBeforeStart,
    PauseEndsBeforeItBegins,
    PausesOverlap,
    ProcessingTime,
    Timeliness,
    classify,
    due_date,
    postponed,
    remaining_office_time,
)
from engine.domain.errors import BadInput
from tests.support.vietnam import VN, closing, vietnam, vn

WORKING_DAYS, CALENDAR_DAYS, WORKING_HOURS = LimitUnit.WORKING_DAYS, LimitUnit.CALENDAR_DAYS, LimitUnit.WORKING_HOURS


def limit(amount: str, unit: LimitUnit) -> ProcessingTime:
    return ProcessingTime(Decimal(amount), unit)


def pause(begins: str, ends: str | None = None) -> ClockPause:
    return ClockPause(vn(begins), vn(ends) if ends else None, "supplement", "02/PBS", "chờ bổ sung hồ sơ")


def due(amount: str, unit: LimitUnit, received: str, *pauses: ClockPause) -> datetime | None:
    return due_date(limit(amount, unit), vn(received), vietnam(), pauses).due_at


# --- worked out by hand (calendar.md, 5.3) ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "received", "amount", "unit", "expected"),
    [
        ("Cấp đổi: Tết 16-20/02 lies between", "2026-02-13 09:00", "5", WORKING_DAYS, "2026-02-27"),
        ("Cấp đổi: 02/01 off, Sat 10/01 not reached", "2025-12-31 09:00", "5", WORKING_DAYS, "2026-01-09"),
        ("Tách thửa: Sat 22/08 worked, 31/08-02/09 off", "2026-08-17 09:00", "12", WORKING_DAYS, "2026-09-04"),
        ("Chuyển nhượng: Giỗ Tổ made up, 30/4, 1/5", "2026-04-22 09:00", "8", WORKING_DAYS, "2026-05-07"),
        ("KTTV: Sat 26/04 worked, 30/4-02/5 off", "2025-04-23 09:00", "17", WORKING_DAYS, "2025-05-20"),
        ("GCN lần đầu: Tết 2024 with two days made up", "2024-01-29 09:00", "20", WORKING_DAYS, "2024-03-04"),
        ("GPMT: 12/09 is a Saturday, art. 148.5", "2026-08-13 09:00", "30", CALENDAR_DAYS, "2026-09-14"),
        ("Chuyển mục đích: 14/02 is a Saturday before Tết", "2026-01-30 09:00", "15", CALENDAR_DAYS, "2026-02-23"),
        ("ĐTM: 16/02 is a Sunday", "2025-01-02 09:00", "45", CALENDAR_DAYS, "2025-02-17"),
    ],
)
def test_the_cases_of_the_domain_dossier(case, received, amount, unit, expected):
    assert due(amount, unit, received) == closing(expected), case


@pytest.mark.parametrize(("culture_day", "expected"), [(True, "2026-11-30"), (False, "2026-11-27")])
def test_culture_day_decides_a_date_of_these_days(culture_day, expected):
    calendar = vietnam(culture_day=culture_day)

    assert due_date(limit("5", WORKING_DAYS), vn("2026-11-20 09:00"), calendar).due_at == closing(expected)


# --- working days -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("received", ["2026-03-02 00:00", "2026-03-02 07:59", "2026-03-02 12:30", "2026-03-02 23:59"])
def test_the_day_of_receipt_is_not_counted_whatever_the_hour(received):
    assert due("1", WORKING_DAYS, received) == closing("2026-03-03")


def test_a_file_received_on_a_day_off_counts_from_the_next_working_day():
    assert (
        due("1", WORKING_DAYS, "2026-02-28 09:00")
        == due("1", WORKING_DAYS, "2026-03-01 09:00")
        == closing("2026-03-02")
    )


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0.000000000001", "2026-03-03"),
        ("0.25", "2026-03-03"),
        ("0.5", "2026-03-03"),
        ("1", "2026-03-03"),
        ("1.25", "2026-03-04"),
        ("2.5", "2026-03-05"),
    ],
)
def test_a_part_of_a_day_is_due_at_the_end_of_that_day(amount, expected):
    assert due(amount, WORKING_DAYS, "2026-03-02 09:00") == closing(expected)


def test_a_limit_may_end_on_a_swapped_saturday():
    assert due("5", WORKING_DAYS, "2026-08-17 09:00") == closing("2026-08-22"), "22/08/2026 is worked for 31/08"


def test_the_hours_of_the_unit_decide_the_end_of_the_day():
    calendar = WorkingCalendar(hours=OfficeHours.parse("07:00-11:30,13:30-16:30"))

    assert due_date(limit("1", WORKING_DAYS), vn("2026-03-02 09:00"), calendar).due_at == vn("2026-03-03 16:30")


def test_a_short_weekday_holds_only_its_own_part_of_a_day():
    morning = OfficeHours.parse("08:00-12:00")
    calendar = WorkingCalendar(week=(OfficeHours(), OfficeHours(), morning, OfficeHours(), OfficeHours(), None, None))
    received = vn("2026-03-03 09:00")

    assert due_date(limit("0.5", WORKING_DAYS), received, calendar).due_at == vn("2026-03-04 12:00")
    assert due_date(limit("1", WORKING_DAYS), received, calendar).due_at == vn("2026-03-05 17:00")


# --- calendar days ----------------------------------------------------------------------------------------------------


def test_calendar_days_count_days_off_too():
    assert due("10", CALENDAR_DAYS, "2026-02-13 09:00") == closing("2026-02-23"), "ten days over Tết are ten days"


def test_a_last_day_on_a_worked_saturday_stands():
    assert due("5", CALENDAR_DAYS, "2026-08-17 16:59") == closing("2026-08-22")


def test_a_part_of_a_calendar_day_counts_whole():
    assert due("1.5", CALENDAR_DAYS, "2026-03-02 09:00") == closing("2026-03-04")


# --- hours ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "received", "hours", "expected"),
    [
        ("hours start at once, art. 147.1", "2026-03-02 09:15", "2", "2026-03-02 11:15"),
        ("lunch does not count", "2026-03-02 11:00", "2", "2026-03-02 14:00"),
        ("exactly until noon", "2026-03-02 10:00", "2", "2026-03-02 12:00"),
        ("exactly until closing", "2026-03-02 15:00", "2", "2026-03-02 17:00"),
        ("the night does not count", "2026-03-02 16:30", "1", "2026-03-03 08:30"),
        ("before opening: from the opening", "2026-03-02 06:00", "1", "2026-03-02 09:00"),
        ("at lunch: from the afternoon", "2026-03-02 12:30", "1", "2026-03-02 14:00"),
        ("after closing: from the next morning", "2026-03-06 18:00", "1", "2026-03-09 09:00"),
        ("half an hour, over Tết", "2026-02-13 16:45", "0.5", "2026-02-23 08:15"),
        ("seconds stay", "2026-03-02 09:15:42", "8", "2026-03-03 09:15:42"),
    ],
)
def test_working_hours_are_due_to_the_minute(reason, received, hours, expected):
    assert due(hours, WORKING_HOURS, received) == vn(expected), reason


# --- the same day -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "received", "expected"),
    [
        ("a second before 15:00: today", "2026-03-02 14:59:59", "2026-03-02"),
        ("at 15:00 it is not before 15:00", "2026-03-02 15:00", "2026-03-03"),
        ("a second after 15:00", "2026-03-02 15:00:01", "2026-03-03"),
        ("before opening: today", "2026-03-02 06:00", "2026-03-02"),
        ("Friday afternoon: Monday", "2026-03-06 16:00", "2026-03-09"),
        ("on a Sunday: Monday", "2026-03-08 09:00", "2026-03-09"),
        ("the day before Tết", "2026-02-13 15:00", "2026-02-23"),
    ],
)
def test_fifteen_hours_parts_today_from_tomorrow(reason, received, expected):
    assert due_date(ProcessingTime.same_day(), vn(received), vietnam()).due_at == closing(expected), reason


def test_a_procedure_may_set_its_own_hour():
    found = due_date(ProcessingTime.same_day(), vn("2026-03-02 10:30"), vietnam(), same_day_cutoff=time(10))

    assert found.due_at == closing("2026-03-03")


def test_a_file_that_comes_after_the_doors_close_is_never_due_in_the_past():
    mornings = WorkingCalendar(hours=OfficeHours.parse("07:30-11:30"))

    assert due_date(ProcessingTime.same_day(), vn("2026-03-02 13:00"), mornings).due_at == vn("2026-03-03 11:30")


def test_a_pause_hands_the_rest_of_the_day_on():
    same_day = ProcessingTime.same_day()

    assert due_date(
        same_day, vn("2026-03-02 09:00"), vietnam(), [pause("2026-03-02 10:00", "2026-03-02 10:30")]
    ).due_at == (closing("2026-03-03")), "half an hour is left over for the next day"
    assert due_date(
        same_day, vn("2026-03-02 16:00"), vietnam(), [pause("2026-03-02 16:30", "2026-03-03 07:00")]
    ).due_at == (closing("2026-03-03")), "its clock only runs from the next morning, and by then the pause is over"


# --- pauses -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "begins", "ends", "expected"),
    [
        ("begins at lunch: the lunch was never counted", "2026-02-10 12:30", "2026-02-10 13:00", "2026-02-13"),
        ("a night and a weekend take nothing", "2026-02-13 17:00", "2026-02-23 08:00", "2026-02-13"),
        ("half a day pushes to the next day", "2026-02-10 13:00", "2026-02-10 17:00", "2026-02-23"),
        ("on the day of receipt nothing was counted yet", "2026-02-06 09:00", "2026-02-06 16:00", "2026-02-13"),
        ("from receipt into the first day", "2026-02-06 09:00", "2026-02-09 09:00", "2026-02-23"),
        ("after the term has ended", "2026-02-23 08:00", "2026-02-25 08:00", "2026-02-13"),
    ],
)
def test_a_pause_takes_its_office_minutes_out_of_working_days(reason, begins, ends, expected):
    assert due("5", WORKING_DAYS, "2026-02-06 08:30", pause(begins, ends)) == closing(expected), reason


def test_a_pause_over_tet_takes_two_working_days_not_eleven_days():
    assert due("10", WORKING_DAYS, "2026-02-06 08:30") == closing("2026-02-27")
    over_tet = pause("2026-02-12 08:00", "2026-02-23 08:00")

    assert due("10", WORKING_DAYS, "2026-02-06 08:30", over_tet) == closing("2026-03-03")


def test_a_pause_takes_its_office_minutes_out_of_hours():
    over_lunch = pause("2026-03-02 11:30", "2026-03-02 13:45")

    assert due("4", WORKING_HOURS, "2026-03-02 09:00", over_lunch) == vn("2026-03-02 15:15"), (
        "75 minutes of the pause count"
    )


def test_a_pause_that_begins_at_the_very_end_changes_nothing():
    assert due("2", WORKING_HOURS, "2026-03-02 09:00", pause("2026-03-02 11:00", "2026-03-02 16:00")) == vn(
        "2026-03-02 11:00"
    )


@pytest.mark.parametrize(
    ("reason", "begins", "ends", "expected"),
    [
        ("its days, last date minus first", "2026-03-05 15:00", "2026-03-09 08:00", "2026-03-16"),
        ("within one day: none", "2026-03-05 08:00", "2026-03-05 17:00", "2026-03-12"),
        ("over midnight: one", "2026-03-05 23:59", "2026-03-06 00:00", "2026-03-13"),
        ("then the roll", "2026-03-05 08:00", "2026-03-07 08:00", "2026-03-16"),
        ("still before the due instant of the last day", "2026-03-12 17:00", "2026-03-13 08:00", "2026-03-13"),
        ("after it", "2026-03-12 17:01", "2026-03-13 08:00", "2026-03-12"),
    ],
)
def test_a_pause_takes_its_days_out_of_calendar_days(reason, begins, ends, expected):
    assert due("10", CALENDAR_DAYS, "2026-03-02 09:00", pause(begins, ends)) == closing(expected), reason


def test_a_pause_may_begin_on_the_day_to_which_the_last_day_rolled():
    assert due("5", CALENDAR_DAYS, "2026-03-02 09:00", pause("2026-03-08 09:00", "2026-03-10 09:00")) == closing(
        "2026-03-09"
    ), "07/03 is a Saturday, so the term runs to Monday 09/03; two days make the last day Monday 09/03 itself"


def test_touching_pauses_are_one():
    evening = [pause("2026-03-12 16:00", "2026-03-12 18:00"), pause("2026-03-12 18:00", "2026-03-16 09:00")]

    assert due("10", CALENDAR_DAYS, "2026-03-02 09:00", *evening) == closing("2026-03-16")
    assert due("10", CALENDAR_DAYS, "2026-03-02 09:00", evening[1]) == closing("2026-03-12"), "alone it came too late"


def test_an_open_pause_leaves_no_due_date():
    for unit in (WORKING_DAYS, CALENDAR_DAYS, WORKING_HOURS):
        assert due("5", unit, "2026-03-02 09:00", pause("2026-03-03 09:00")) is None
    assert (
        due_date(ProcessingTime.same_day(), vn("2026-03-02 09:00"), vietnam(), [pause("2026-03-02 09:00")]).due_at
        is None
    )


def test_a_pause_may_begin_with_the_receipt_and_may_be_empty():
    assert due("1", WORKING_DAYS, "2026-03-02 09:00", pause("2026-03-02 09:00", "2026-03-02 09:00")) == closing(
        "2026-03-03"
    )


@pytest.mark.parametrize(
    ("pauses", "error"),
    [
        ([pause("2026-03-02 08:59", "2026-03-03 09:00")], PauseBeforeStart),
        ([pause("2026-03-04 09:00", "2026-03-03 09:00")], PauseEndsBeforeItBegins),
        ([pause("2026-03-03 09:00", "2026-03-04 09:00"), pause("2026-03-04 08:59", "2026-03-05 09:00")], PausesOverlap),
        ([pause("2026-03-03 09:00"), pause("2026-03-04 09:00", "2026-03-05 09:00")], PausesOverlap),
        ([pause("2026-03-03 09:00"), pause("2026-03-03 09:00")], PausesOverlap),
    ],
)
def test_pauses_that_do_not_fit_on_one_clock_are_refused(pauses, error):
    with pytest.raises(error) as raised:
        due("5", WORKING_DAYS, "2026-03-02 09:00", *pauses)

    assert isinstance(raised.value, BadInput)
    assert "03/2026" in str(raised.value)


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity", "2501"])
def test_a_limit_that_makes_no_sense_is_refused(amount):
    with pytest.raises(BadLimit, match="lớn hơn 0 và không quá 2500 ngày làm việc"):
        limit(amount, WORKING_DAYS)


def test_a_same_day_limit_has_no_amount_and_an_agreed_one_no_computed_date():
    with pytest.raises(LimitWithoutAmount):
        limit("1", LimitUnit.SAME_DAY)
    with pytest.raises(AgreedDateNeeded):
        due_date(ProcessingTime.agreed(), vn("2026-03-02 09:00"), vietnam())


def test_limits_of_one_unit_add_up():
    assert limit("5", WORKING_DAYS) + limit("2.5", WORKING_DAYS) == limit("7.5", WORKING_DAYS)
    with pytest.raises(LimitsDoNotAdd, match=r"5 ngày làm việc với 15 ngày"):
        limit("5", WORKING_DAYS) + limit("15", CALENDAR_DAYS)


@pytest.mark.parametrize(
    ("of", "label"),
    [
        (limit("5", WORKING_DAYS), "5 ngày làm việc"),
        (limit("2.50", WORKING_DAYS), "2,5 ngày làm việc"),
        (limit("20", CALENDAR_DAYS), "20 ngày"),
        (limit("1E+2", WORKING_HOURS), "100 giờ làm việc"),
        (ProcessingTime.same_day(), "trong ngày làm việc"),
    ],
)
def test_a_limit_is_printed_as_people_say_it(of, label):
    assert str(of) == of.label == label


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(NaiveInstant):
        due_date(limit("5", WORKING_DAYS), datetime(2026, 3, 2, 9), vietnam())  # noqa: DTZ001


def test_a_long_limit_costs_microseconds():
    calendar, received, of = vietnam(), vn("2026-01-05 09:00"), limit("45", WORKING_DAYS)
    due_date(of, received, calendar)
    started = process_time()
    for _ in range(200):
        due_date(of, received, calendar)

    assert (process_time() - started) / 200 < 0.002


# --- promised dates ---------------------------------------------------------------------------------------------------


def test_a_promised_date_stands_to_the_minute_until_a_pause_cuts_into_it():
    promised, since = vn("2026-03-10 10:00"), vn("2026-03-02 09:00")

    assert postponed(promised, WORKING_DAYS, vietnam(), [], since).due_at == promised
    at_night = [pause("2026-03-05 18:00", "2026-03-06 07:00")]
    assert postponed(promised, WORKING_DAYS, vietnam(), at_night, since).due_at == promised
    later = [pause("2026-03-11 08:00", "2026-03-13 07:00")]
    assert postponed(promised, CALENDAR_DAYS, vietnam(), later, since).due_at == promised


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        (WORKING_DAYS, "2026-03-11 17:00"),
        (LimitUnit.AGREED, "2026-03-11 17:00"),
        (LimitUnit.SAME_DAY, "2026-03-11 17:00"),
        (WORKING_HOURS, "2026-03-11 10:00"),
        (CALENDAR_DAYS, "2026-03-13 17:00"),
    ],
)
def test_a_pause_moves_a_promised_date_in_the_unit_of_the_limit(unit, expected):
    over_a_weekend = pause("2026-03-06 08:00", "2026-03-09 08:00")

    assert postponed(vn("2026-03-10 10:00"), unit, vietnam(), [over_a_weekend], vn("2026-03-02 09:00")).due_at == vn(
        expected
    )


def test_a_promised_date_is_gone_while_a_pause_is_open():
    for unit in LimitUnit:
        assert (
            postponed(
                vn("2026-03-10 10:00"), unit, vietnam(), [pause("2026-03-06 08:00")], vn("2026-03-02 09:00")
            ).due_at
            is None
        )


# --- early, on time, late ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("finished", "expected"),
    [
        ("2026-03-09 23:59", Timeliness.EARLY),
        ("2026-03-10 00:00", Timeliness.ON_TIME),
        ("2026-03-10 17:00", Timeliness.ON_TIME),
        ("2026-03-10 17:00:01", Timeliness.LATE),
        ("2026-03-11 08:00", Timeliness.LATE),
    ],
)
def test_the_due_date_parts_early_from_on_time_and_the_due_instant_from_late(finished, expected):
    assert classify(vn(finished), closing("2026-03-10"), VN) is expected


def test_a_day_is_a_day_of_the_office_whatever_the_zone_of_the_record():
    assert (
        classify(vn("2026-03-10 06:00").astimezone(UTC), closing("2026-03-10").astimezone(UTC), VN)
        is Timeliness.ON_TIME
    )


def test_without_a_due_date_it_is_none_of_the_three():
    assert classify(vn("2026-03-10 06:00"), None, VN) is None


def test_what_remains_is_office_time_and_turns_negative():
    due_at = closing("2026-02-23")

    assert remaining_office_time(vn("2026-02-13 16:00"), due_at, vietnam()) == timedelta(hours=9)
    assert remaining_office_time(vn("2026-02-24 09:00"), due_at, vietnam()) == timedelta(hours=-1)


# --- explained --------------------------------------------------------------------------------------------------------


def test_a_date_explains_itself_to_a_citizen():
    found = due_date(
        limit("5", WORKING_DAYS), vn("2026-08-20 10:30"), vietnam(), [pause("2026-08-24 08:00", "2026-08-26 10:00")]
    )

    assert [(line.what, line.source) for line in found.explanation] == [
        (
            "Thời hạn 5 ngày làm việc, tính từ 10:30 thứ Năm, 20/08/2026.",
            "Khoản 3 Điều 17 Nghị định 118/2025/NĐ-CP (sửa đổi bởi Nghị định 309/2026/NĐ-CP)",
        ),
        (
            "Không tính ngày bắt đầu (20/08/2026); ngày đầu tiên được tính là thứ Sáu, 21/08/2026.",
            "Khoản 3 Điều 147 Bộ luật Dân sự 2015",
        ),
        ("Có tính thứ Bảy, 22/08/2026 (ngày làm bù: Làm bù cho thứ Hai 31/08/2026).", "Thông báo 9441/TB-BNV năm 2025"),
        (
            "Không tính 3 ngày nghỉ hằng tuần từ 23/08/2026 đến 30/08/2026.",
            "Quyết định 188/1999/QĐ-TTg (tuần làm việc 40 giờ)",
        ),
        (
            (
                "Tạm dừng từ 08:00 thứ Hai, 24/08/2026 đến 10:00 thứ Tư, 26/08/2026 (chờ bổ sung hồ sơ): "
                "không tính 18 giờ làm việc."
            ),
            "02/PBS",
        ),
        (
            "Không tính thứ Hai, 31/08/2026 (ngày nghỉ hoán đổi: Nghỉ hoán đổi với thứ Bảy 22/08/2026).",
            "Thông báo 9441/TB-BNV năm 2025",
        ),
        (
            "Không tính thứ Ba, 01/09/2026 (ngày nghỉ lễ, tết: Quốc khánh, ngày liền trước).",
            "Thông báo 9441/TB-BNV năm 2025",
        ),
        ("Không tính thứ Tư, 02/09/2026 (ngày nghỉ lễ, tết: Quốc khánh).", "Điều 112 Bộ luật Lao động 2019"),
        (
            "Hẹn trả kết quả: 17:00 thứ Năm, 03/09/2026, cuối giờ làm việc của ngày hết hạn.",
            "Giờ làm việc của cơ quan: 08:00–12:00, 13:00–17:00",
        ),
    ]
    assert [line.at for line in found.explanation] == sorted(line.at for line in found.explanation)


def test_a_rolled_date_says_which_days_it_stepped_over():
    found = due_date(limit("15", CALENDAR_DAYS), vn("2026-01-30 10:00"), vietnam())
    words = "\n".join(f"{line.what} | {line.source}" for line in found.explanation)

    assert "Ngày cuối cùng (thứ Bảy, 14/02/2026) là ngày nghỉ" in words
    assert "Khoản 5 Điều 148 Bộ luật Dân sự 2015" in words
    assert words.count("Tết Nguyên đán") == 5
    assert "Không tính 4 ngày nghỉ hằng tuần từ 14/02/2026 đến 22/02/2026." in words, "those on the way were counted"


def test_the_fifteen_hour_rule_is_named():
    late = due_date(ProcessingTime.same_day(), vn("2026-08-20 15:00"), vietnam()).explanation
    in_time = due_date(ProcessingTime.same_day(), vn("2026-08-20 14:59"), vietnam()).explanation

    assert (
        late[1].what
        == "Đến sau giờ chốt hoặc ngoài ngày làm việc: trả kết quả trong ngày làm việc tiếp theo, thứ Sáu, 21/08/2026."
    )
    assert in_time[1].what == "Đến trước giờ chốt: trả kết quả ngay trong ngày."
    assert late[1].source.startswith("Khoản 2 Điều 18 Nghị định 118/2025/NĐ-CP")


def test_hours_say_when_they_begin():
    early = due_date(limit("1", WORKING_HOURS), vn("2026-08-20 06:00"), vietnam()).explanation
    open_now = due_date(limit("1", WORKING_HOURS), vn("2026-08-20 09:00"), vietnam()).explanation

    assert early[1].what == "Thời hạn theo giờ tính ngay từ giờ làm việc tiếp theo: 08:00 thứ Năm, 20/08/2026."
    assert open_now[1].what == "Thời hạn theo giờ tính ngay từ thời điểm bắt đầu."
    assert open_now[1].source == "Khoản 1 Điều 147 Bộ luật Dân sự 2015"


def test_the_decree_of_the_time_is_cited():
    sources = [
        due_date(limit("1", WORKING_DAYS), vn(at), vietnam()).explanation[0].source
        for at in ("2010-10-04 09:00", "2024-03-04 09:00", "2025-07-01 09:00")
    ]

    assert sources == ["Quy định của thủ tục", "Nghị định 61/2018/NĐ-CP", "Điều 17 Nghị định 118/2025/NĐ-CP"]


def test_an_open_pause_says_why_there_is_no_date():
    *_, pausing, result = due_date(
        limit("5", WORKING_DAYS), vn("2026-03-02 09:00"), vietnam(), [pause("2026-03-03 09:00")]
    ).explanation

    assert pausing.what == "Tạm dừng tính thời gian từ 09:00 thứ Ba, 03/03/2026 (chờ bổ sung hồ sơ)."
    assert result.what == "Đang tạm dừng nên chưa có ngày hẹn trả; ngày hẹn được tính khi thời hạn chạy tiếp."


def test_a_pause_without_effect_says_so():
    lines = due_date(
        limit("1", WORKING_DAYS), vn("2026-03-02 09:00"), vietnam(), [pause("2026-03-03 18:00", "2026-03-04 07:00")]
    ).explanation

    assert any("không rơi vào thời gian đang tính nên hạn không đổi" in line.what for line in lines)


def test_a_date_that_reaches_into_an_unconfirmed_year_carries_a_warning():
    warning = due_date(limit("10", WORKING_DAYS), vn("2026-12-28 09:00"), vietnam()).explanation[-1]

    assert warning.what == "Lịch nghỉ năm 2027 chưa có văn bản chính thức; ngày hẹn có thể được tính lại."
    assert warning.source == "Lịch làm việc của cơ quan nhà nước Việt Nam"


def test_a_special_day_on_a_weekend_is_not_told_twice():
    holiday = SpecialDay(date(2026, 3, 7), DayKind.HOLIDAY, "Ngày lễ thứ Bảy", "văn bản")
    calendar = WorkingCalendar(special_days=(holiday,), confirmed_years=frozenset({2026}))
    words = [line.what for line in due_date(limit("5", WORKING_DAYS), vn("2026-03-02 09:00"), calendar).explanation]

    assert words[2] == "Không tính 2 ngày nghỉ hằng tuần từ 07/03/2026 đến 08/03/2026."
    assert not any("Ngày lễ thứ Bảy" in what for what in words)
