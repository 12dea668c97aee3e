"""The clock ledger: what may follow what, and which dates it gives on a calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.calendar import DayKind, NaiveInstant, SpecialDay
from engine.domain.clock_entries import (
    KINDS,
    ClockEntry,
    Extended,
    Paused,
    PhaseFinished,
    PhaseJoined,
    PhaseStarted,
    Redated,
    Restarted,
    Resumed,
    UnknownClockEntry,
    flatten,
    restore,
)
from engine.domain.clock_ledger import (
    AlreadyPaused,
    ClockLedger,
    ClockView,
    EntryOutOfOrder,
    ExtendedWhilePaused,
    ExtensionNotLater,
    NoPhaseRuns,
    NotPaused,
    PhaseStillOpen,
    SecondReappointment,
    check_can_extend,
)
from engine.domain.deadline import AgreedDateNeeded, LimitsDoNotAdd, LimitUnit, ProcessingTime, due_date
from tests.support.slow_office import Office, aware, instants, offices
from tests.support.vietnam import closing, vietnam, vn

FIVE_DAYS = ProcessingTime(Decimal(5), LimitUnit.WORKING_DAYS)
THREE_DAYS = ProcessingTime(Decimal(3), LimitUnit.WORKING_DAYS)


def written(at: str) -> dict[str, object]:
    return {"at": vn(at), "recorded_at": vn(at), "by": "lan"}


def started(at: str, phase: str = "appointment_1", limit: ProcessingTime = FIVE_DAYS, **more: object) -> PhaseStarted:
    return PhaseStarted(**written(at), phase=phase, limit=limit, **more)  # type: ignore[arg-type]


def finished(at: str) -> PhaseFinished:
    return PhaseFinished(**written(at))  # type: ignore[arg-type]


def paused(at: str, ground: str = "supplement") -> Paused:
    return Paused(**written(at), ground=ground, document="02/PBS")  # type: ignore[arg-type]


def resumed(at: str) -> Resumed:
    return Resumed(**written(at))  # type: ignore[arg-type]


def restarted(at: str) -> Restarted:
    return Restarted(**written(at))  # type: ignore[arg-type]


def joined(at: str, limit: ProcessingTime = THREE_DAYS) -> PhaseJoined:
    return PhaseJoined(**written(at), phase="appointment_2", limit=limit)  # type: ignore[arg-type]


def extended(at: str, to: str) -> Extended:
    return Extended(**written(at), new_due_at=vn(to), reason="Hồ sơ phức tạp")  # type: ignore[arg-type]


def view(*entries: ClockEntry) -> ClockView:
    return ClockLedger(entries).project(vietnam())


# --- one phase --------------------------------------------------------------------------------------------------------


def test_nothing_runs_before_the_first_entry():
    clock = view()

    assert (clock.phase, clock.due_at, clock.first_due_at, clock.started_at) == (None, None, None, None)
    assert not clock.is_running
    assert not clock.is_paused
    assert not clock.is_overdue(vn("2026-03-02 09:00"))
    assert clock.explanation == ()


def test_a_started_phase_runs_to_the_date_of_its_limit():
    clock = view(started("2026-03-02 09:00"))

    assert clock.phase == "appointment_1"
    assert clock.is_running
    assert clock.started_at == vn("2026-03-02 09:00")
    assert clock.due_at == clock.first_due_at == closing("2026-03-09")
    assert clock.calendar_version == vietnam().version


def test_overdue_begins_after_the_due_instant_not_at_it():
    clock = view(started("2026-03-02 09:00"))

    assert not clock.is_overdue(closing("2026-03-09"))
    assert clock.is_overdue(vn("2026-03-09 17:00:01"))


def test_an_open_pause_leaves_no_due_date_and_keeps_the_first_on_record():
    clock = view(started("2026-03-02 09:00"), paused("2026-03-04 10:00"))

    assert clock.is_paused
    assert not clock.is_running
    assert clock.pause_ground == "supplement"
    assert clock.due_at is None
    assert clock.first_due_at == closing("2026-03-09")
    assert not clock.is_overdue(vn("2027-01-01 09:00"))


def test_a_resumed_clock_has_what_was_left():
    clock = view(started("2026-03-02 09:00"), paused("2026-03-04 10:00"), resumed("2026-03-09 10:00"))

    assert clock.is_running
    assert clock.due_at == clock.first_due_at == closing("2026-03-12")


def test_a_pause_may_begin_in_the_instant_of_the_start():
    clock = view(started("2026-03-02 09:00"), paused("2026-03-02 09:00"), resumed("2026-03-05 08:00"))

    assert clock.due_at == closing("2026-03-11"), "two working days, 03/03 and 04/03, did not count"


def test_a_restarted_clock_counts_from_zero_without_the_day_of_the_event():
    entries = started("2026-03-02 09:00"), paused("2026-03-04 10:00"), restarted("2026-03-09 10:00")
    clock = view(*entries)

    assert clock.is_running
    assert clock.due_at == closing("2026-03-16")
    assert clock.phases[0].record.pauses[0].until_at == vn("2026-03-09 10:00"), "it stays on record"
    again = view(*entries, paused("2026-03-10 08:00"), resumed("2026-03-11 08:00"))
    assert again.due_at == closing("2026-03-17"), "a later pause counts"


def test_a_running_clock_may_be_restarted_too():
    assert view(started("2026-03-02 09:00"), restarted("2026-03-04 10:00")).due_at == closing("2026-03-11")


# --- two phases -------------------------------------------------------------------------------------------------------


def test_between_two_phases_nothing_is_due():
    clock = view(started("2026-03-02 09:00"), finished("2026-03-05 10:00"))

    assert (clock.phase, clock.due_at) == (None, None)
    assert not clock.is_running
    assert not clock.is_overdue(vn("2027-01-01 09:00"))
    assert clock.first_due_at == closing("2026-03-09"), "what ran last stays on record"


def test_the_second_phase_counts_from_its_own_event():
    clock = view(
        started("2026-03-02 09:00"),
        finished("2026-03-05 10:00"),
        started("2026-04-01 14:00", "appointment_2", THREE_DAYS, starts_on="payment_proof"),
    )

    assert clock.phase == "appointment_2"
    assert clock.started_at == vn("2026-04-01 14:00")
    assert clock.due_at == clock.first_due_at == closing("2026-04-06")
    (first,) = clock.finished
    assert (first.name, first.first_due_at, first.due_at, first.finished_at) == (
        "appointment_1",
        closing("2026-03-09"),
        closing("2026-03-09"),
        vn("2026-03-05 10:00"),
    )


def test_joined_phases_are_one_appointment_with_one_uncounted_day():
    clock = view(started("2026-03-02 09:00"), joined("2026-03-04 10:00"))

    assert clock.phase == "appointment_1"
    assert clock.phases[0].record.joined == ("appointment_2",)
    assert clock.due_at == clock.first_due_at == closing("2026-03-12")


def test_phases_of_different_units_do_not_join():
    with pytest.raises(LimitsDoNotAdd):
        view(
            started("2026-03-02 09:00"), joined("2026-03-04 10:00", ProcessingTime(Decimal(3), LimitUnit.CALENDAR_DAYS))
        )


def test_a_phase_that_ends_in_a_pause_has_no_due_date():
    clock = view(started("2026-03-02 09:00"), paused("2026-03-04 10:00"), finished("2026-03-20 10:00"))

    assert clock.finished[0].due_at is None
    assert clock.finished[0].standing_due_at == closing("2026-03-09")
    assert not clock.is_paused


# --- extension --------------------------------------------------------------------------------------------------------


def test_an_extension_replaces_the_date_and_keeps_the_first():
    clock = view(started("2026-03-02 09:00"), extended("2026-03-09 16:00", "2026-03-12 17:00"))

    assert clock.due_at == vn("2026-03-12 17:00")
    assert clock.first_due_at == closing("2026-03-09")
    assert clock.is_extended


def test_a_pause_after_an_extension_moves_the_extended_date_by_its_office_time():
    entries = started("2026-03-02 09:00"), extended("2026-03-09 16:00", "2026-03-12 17:00"), paused("2026-03-11 08:00")
    assert view(*entries).due_at is None
    assert view(*entries).phases[0].standing_due_at == vn("2026-03-12 17:00")

    clock = view(*entries, resumed("2026-03-13 08:00"))

    assert clock.due_at == closing("2026-03-16")
    assert clock.first_due_at == closing("2026-03-09"), "its term was over when the pause began"


def test_a_pause_before_an_extension_was_known_when_the_new_date_was_fixed():
    clock = view(
        started("2026-03-02 09:00"),
        paused("2026-03-04 08:00"),
        resumed("2026-03-05 08:00"),
        extended("2026-03-10 16:00", "2026-03-12 17:00"),
    )

    assert (clock.first_due_at, clock.due_at) == (closing("2026-03-10"), closing("2026-03-12"))


def test_a_restart_makes_an_extended_date_void_but_gives_no_second_one():
    entries = (
        started("2026-03-02 09:00"),
        extended("2026-03-09 16:00", "2026-03-12 17:00"),
        restarted("2026-03-10 09:00"),
    )
    clock = view(*entries)

    assert clock.due_at == closing("2026-03-17")
    assert clock.is_extended
    with pytest.raises(SecondReappointment):
        view(*entries, extended("2026-03-17 09:00", "2026-03-20 17:00"))


def test_an_appointment_is_made_anew_once_and_a_second_phase_is_a_second_appointment():
    once = started("2026-03-02 09:00"), extended("2026-03-09 16:00", "2026-03-12 17:00")
    with pytest.raises(SecondReappointment, match="không quá một lần"):
        view(*once, extended("2026-03-12 16:00", "2026-03-13 17:00"))

    second_phase = (
        finished("2026-03-12 10:00"),
        started("2026-04-01 14:00", "appointment_2"),
        extended("2026-04-08 16:00", "2026-04-10 17:00"),
    )
    assert view(*once, *second_phase).due_at == vn("2026-04-10 17:00")


def test_whether_a_file_may_be_reappointed_is_answered_before_it_is_written():
    running = view(started("2026-03-02 09:00"))
    check_can_extend(running, vn("2026-03-10 17:00"))

    with pytest.raises(ExtensionNotLater, match="09/03/2026"):
        check_can_extend(running, closing("2026-03-09"))
    with pytest.raises(NoPhaseRuns):
        check_can_extend(view(), vn("2026-03-10 17:00"))
    with pytest.raises(ExtendedWhilePaused):
        check_can_extend(view(started("2026-03-02 09:00"), paused("2026-03-03 09:00")), vn("2026-03-10 17:00"))
    with pytest.raises(SecondReappointment):
        check_can_extend(
            view(started("2026-03-02 09:00"), extended("2026-03-09 16:00", "2026-03-12 17:00")), vn("2026-03-20 17:00")
        )


# --- agreed dates -----------------------------------------------------------------------------------------------------


def test_an_agreed_date_stands_to_the_minute():
    clock = view(started("2026-03-02 09:00", limit=ProcessingTime.agreed(), agreed_due_at=vn("2026-04-11 01:06:40")))

    assert clock.due_at == clock.first_due_at == vn("2026-04-11 01:06:40")


def test_an_agreed_date_moves_with_its_pauses_and_a_restart_only_resumes_it():
    entries = (
        started("2026-03-02 09:00", limit=ProcessingTime.agreed(), agreed_due_at=vn("2026-03-10 10:00")),
        paused("2026-03-05 08:00"),
    )

    assert view(*entries, resumed("2026-03-06 08:00")).due_at == closing("2026-03-11")
    assert view(*entries, restarted("2026-03-06 08:00")).due_at == closing("2026-03-11")


def test_an_agreed_limit_needs_its_date():
    with pytest.raises(AgreedDateNeeded):
        started("2026-03-02 09:00", limit=ProcessingTime.agreed())


# --- what may follow what ---------------------------------------------------------------------------------------------

RUNNING = started("2026-03-02 09:00")
PAUSED = (RUNNING, paused("2026-03-03 09:00"))
ENDED = (RUNNING, finished("2026-03-03 09:00"))


@pytest.mark.parametrize(
    ("entries", "error"),
    [
        ((paused("2026-03-02 09:00"),), NoPhaseRuns),
        ((finished("2026-03-02 09:00"),), NoPhaseRuns),
        ((*ENDED, resumed("2026-03-04 09:00")), NoPhaseRuns),
        ((*ENDED, restarted("2026-03-04 09:00")), NoPhaseRuns),
        ((*ENDED, joined("2026-03-04 09:00")), NoPhaseRuns),
        ((*ENDED, extended("2026-03-04 09:00", "2026-03-10 17:00")), NoPhaseRuns),
        ((RUNNING, started("2026-03-04 09:00", "appointment_2")), PhaseStillOpen),
        ((RUNNING, resumed("2026-03-04 09:00")), NotPaused),
        ((*PAUSED, resumed("2026-03-04 09:00"), resumed("2026-03-05 09:00")), NotPaused),
        ((*PAUSED, paused("2026-03-04 09:00")), AlreadyPaused),
        ((*PAUSED, extended("2026-03-04 09:00", "2026-03-10 17:00")), ExtendedWhilePaused),
        ((RUNNING, extended("2026-03-04 09:00", "2026-03-04 09:00")), ExtensionNotLater),
        ((RUNNING, finished("2026-03-02 08:59")), EntryOutOfOrder),
    ],
)
def test_what_cannot_follow_is_refused(entries, error):
    with pytest.raises(error) as raised:
        ClockLedger(entries)

    assert str(raised.value).endswith(".")


def test_an_entry_without_a_zone_is_refused():
    with pytest.raises(NaiveInstant):
        ClockLedger((replace(RUNNING, at=datetime(2026, 3, 2, 9)),))  # noqa: DTZ001


def test_two_things_may_happen_in_one_instant():
    clock = view(
        started("2026-03-02 09:00"), finished("2026-03-02 09:00"), started("2026-03-02 09:00", "appointment_2")
    )

    assert clock.phase == "appointment_2"


def test_a_ledger_is_never_changed_only_continued():
    ledger = ClockLedger((RUNNING,))
    longer = ledger.append(paused("2026-03-03 09:00"), resumed("2026-03-04 09:00"))

    assert ledger.entries == (RUNNING,)
    assert longer.project(vietnam()).due_at == closing("2026-03-10")


# --- carried over a row -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry",
    [
        RUNNING,
        *PAUSED[1:],
        *ENDED[1:],
        resumed("2026-03-04 09:00"),
        restarted("2026-03-04 09:00"),
        joined("2026-03-04 09:00"),
        extended("2026-03-04 09:00", "2026-03-10 17:00"),
    ],
    ids=lambda entry: entry.kind,
)
def test_an_entry_comes_back_from_its_facts(entry):
    facts = flatten(entry)

    assert restore(str(facts["kind"]), {**facts, "column_of_another_kind": None}) == entry


def test_every_kind_is_known_by_its_name():
    assert set(KINDS) == {
        "phase_started",
        "phase_joined",
        "phase_finished",
        "paused",
        "resumed",
        "restarted",
        "extended",
        "redated",
        "limit_changed",
    }
    with pytest.raises(UnknownClockEntry, match="“rewound”"):
        restore("rewound", {})


# --- projected --------------------------------------------------------------------------------------------------------


def test_a_new_holiday_moves_the_dates_and_not_the_ledger():
    ledger = ClockLedger((started("2026-11-20 09:00"),))

    assert ledger.project(vietnam()).due_at == closing("2026-11-27")
    assert ledger.project(vietnam(culture_day=True)).due_at == closing("2026-11-30")


def test_an_extension_stands_whatever_becomes_of_the_calendar():
    ledger = ClockLedger((started("2026-11-20 09:00"), extended("2026-11-27 09:00", "2026-11-27 16:00")))
    clock = ledger.project(vietnam(culture_day=True))

    assert (clock.first_due_at, clock.due_at) == (closing("2026-11-30"), vn("2026-11-27 16:00"))


def test_the_hour_that_parts_today_from_tomorrow_is_the_offices():
    ledger = ClockLedger((started("2026-03-02 10:30", limit=ProcessingTime.same_day()),))

    assert ledger.project(vietnam()).due_at == closing("2026-03-02")
    assert ledger.project(vietnam(), time(10)).due_at == closing("2026-03-03")


@given(office=offices(), received=instants(), lengths=st.lists(st.integers(1, 4000), max_size=6))
def test_a_ledger_of_pauses_gives_the_date_of_the_rule(office: Office, received: datetime, lengths: list[int]):
    at = aware(received)
    ledger = ClockLedger((PhaseStarted(at=at, recorded_at=at, by="", phase="appointment_1", limit=FIVE_DAYS),))
    for number, length in enumerate(lengths):
        at += timedelta(minutes=length)
        entry = (
            Resumed(at=at, recorded_at=at, by="") if number % 2 else Paused(at=at, recorded_at=at, by="", ground="x")
        )
        ledger = ledger.append(entry)

    (phase,) = ledger.project(office.calendar).phases

    assert phase.due_at == due_date(FIVE_DAYS, aware(received), office.calendar, ledger.phases[0].pauses).due_at
    assert (phase.due_at is None) == bool(len(lengths) % 2)
    assert phase.standing_due_at <= (phase.due_at or phase.standing_due_at)


# --- explained --------------------------------------------------------------------------------------------------------


def test_the_whole_life_of_a_clock_is_told():
    clock = view(
        started("2026-03-02 09:00"),
        paused("2026-03-03 09:00"),
        restarted("2026-03-05 09:00"),
        joined("2026-03-06 09:00"),
        extended("2026-03-17 09:00", "2026-03-20 17:00"),
        paused("2026-03-18 08:00"),
        resumed("2026-03-19 08:00"),
        finished("2026-03-23 10:00"),
        started(
            "2026-04-01 14:00",
            "later",
            ProcessingTime.agreed(),
            starts_on="payment_proof",
            agreed_due_at=vn("2026-04-10 10:00"),
        ),
    )
    words = [line.what for line in clock.explanation]

    assert words[0] == "Thời hạn tính lại từ đầu, từ 09:00 thứ Năm, 05/03/2026."
    assert words[1] == "Không phát sinh nghĩa vụ tài chính nên các lần hẹn gộp làm một: 8 ngày làm việc."
    assert "Hẹn trả kết quả: 17:00 thứ Ba, 17/03/2026, cuối giờ làm việc của ngày hết hạn." in words
    assert "Hẹn lại đến 17:00 thứ Sáu, 20/03/2026; lý do: Hồ sơ phức tạp." in words
    assert "Hẹn trả kết quả: 17:00 thứ Hai, 23/03/2026, lùi theo thời gian tạm dừng." in words
    assert words[-2] == "Lần hẹn này tính kể từ ngày nhận được chứng từ hoàn thành nghĩa vụ tài chính."
    assert words[-1] == "Ngày hẹn trả kết quả thỏa thuận khi tiếp nhận: 10:00 thứ Sáu, 10/04/2026."
    assert all(line.source for line in clock.explanation)


def test_a_calendar_of_special_days_shows_in_the_story():
    calendar = replace(
        vietnam(), special_days=(SpecialDay(date(2026, 3, 4), DayKind.HOLIDAY, "Ngày của tỉnh", "QĐ 1"),)
    )
    lines = ClockLedger((RUNNING,)).project(calendar).explanation

    assert ("Không tính thứ Tư, 04/03/2026 (ngày nghỉ lễ, tết: Ngày của tỉnh).", "QĐ 1") in [
        (x.what, x.source) for x in lines
    ]


# --- recorded late ----------------------------------------------------------------------------------------------------


def redated(at: str, corrects: int, done: str) -> Redated:
    return Redated(at=vn(at), recorded_at=vn(at), by="giam", corrects=corrects, done_at=vn(done), document="Sổ 12")


def test_a_line_that_was_recorded_late_counts_as_of_the_instant_that_was_approved():
    entries = (RUNNING, finished("2026-03-12 09:00"), redated("2026-03-13 09:00", 2, "2026-03-09 16:00"))
    ledger = ClockLedger(entries)
    assert ledger.entries == entries, "nothing that was written is changed"
    assert ledger.phases[0].finished_at == vn("2026-03-09 16:00")
    (line,) = ledger.project(vietnam()).redated
    assert ("16:00 thứ Hai, 09/03/2026" in line.what, line.source) == (True, "Sổ 12")


def test_a_new_appointment_that_only_the_late_record_made_needful_counts_no_more():
    entries = (
        RUNNING,
        extended("2026-03-10 08:00", "2026-03-13 17:00"),
        finished("2026-03-12 09:00"),
        redated("2026-03-13 09:00", 3, "2026-03-09 16:00"),
    )
    assert ClockLedger(entries[:3]).phases[0].extension is not None
    assert ClockLedger(entries).phases[0].extension is None


def test_a_line_cannot_count_before_one_that_it_follows():
    with pytest.raises(EntryOutOfOrder):
        ClockLedger((*PAUSED, resumed("2026-03-06 09:00"), redated("2026-03-07 09:00", 3, "2026-03-01 09:00")))
