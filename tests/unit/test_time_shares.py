"""Whose time it was: every office minute of a dossier belongs to exactly one holder, and the parts are the whole."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.clock_ledger import PhaseRecord
from engine.domain.deadline import ProcessingTime
from engine.domain.grounds import Holder
from engine.domain.limits import ClockPause
from engine.domain.time_shares import (
    Course,
    StepSpan,
    Stretch,
    charge,
    in_seconds,
    office_seconds,
    total,
    unit_of,
    within,
)
from engine.persistence.migrations.versions import v0004_time_records
from tests.support.slow_office import MINUTE, Office, aware, instants, offices
from tests.support.vietnam import vietnam, vn

DESK, REGISTRY, DEPARTMENT = 1, 7, 9
RECEIVED = vn("2026-03-02 08:00")


def step(name: str, start: str, end: str | None, holder: Holder = Holder.UNIT, unit: int = REGISTRY) -> StepSpan:
    return StepSpan(name, holder, unit, vn(start), vn(end) if end else None)


def phase(start: str, end: str | None, *pauses: ClockPause) -> PhaseRecord:
    until = vn(end) if end else None
    return PhaseRecord("whole", ProcessingTime.same_day(), "receipt", vn(start), pauses=pauses, finished_at=until)


def pause(start: str, end: str | None, whose: Holder) -> ClockPause:
    return ClockPause(vn(start), vn(end) if end else None, "why", "", "chờ", whose)


def hours(course: Course, end: str) -> dict[str, float]:
    shares = total(charge(course, RECEIVED, vn(end), vietnam()))
    return {share.key: share.office_time / timedelta(hours=1) for share in shares}


def test_the_desk_the_units_the_applicant_and_other_agencies_each_answer_for_their_own_time():
    course = Course(
        (
            step("check", "2026-03-02 08:00", "2026-03-02 09:00", Holder.COUNTER, DESK),
            step("appraise", "2026-03-02 09:00", "2026-03-03 09:00"),
            step("receive papers", "2026-03-03 09:00", "2026-03-05 09:00", Holder.APPLICANT, DESK),
            step("receive opinion", "2026-03-05 09:00", "2026-03-05 14:00", Holder.OTHER_AGENCY),
            step("sign", "2026-03-05 14:00", "2026-03-05 16:00", unit=DEPARTMENT),
        ),
        (
            phase(
                "2026-03-02 09:00",
                "2026-03-05 16:00",
                pause("2026-03-03 09:00", "2026-03-05 09:00", Holder.APPLICANT),
            ),
        ),
        REGISTRY,
    )

    assert hours(course, "2026-03-05 16:00") == {
        "counter": 1,
        "unit:7": 8,
        "applicant": 16,
        "other_agency": 4,
        "unit:9": 2,
    }


def test_of_parallel_steps_the_one_that_the_others_waited_for_is_charged():
    course = Course(
        (
            step("tax", "2026-03-02 08:00", "2026-03-02 10:00", unit=DEPARTMENT),
            step("survey", "2026-03-02 08:00", "2026-03-02 15:00"),
        ),
        (phase("2026-03-02 08:00", None),),
        REGISTRY,
    )

    assert hours(course, "2026-03-02 16:00") == {"unit:7": 7}


def test_a_step_that_is_still_open_is_charged_before_one_that_is_done():
    course = Course(
        (
            step("tax", "2026-03-02 08:00", None, unit=DEPARTMENT),
            step("survey", "2026-03-02 08:00", "2026-03-02 15:00"),
        ),
        (phase("2026-03-02 08:00", None),),
        REGISTRY,
    )

    assert hours(course, "2026-03-02 16:00") == {"unit:9": 7}


def test_while_the_clock_runs_the_office_answers_even_if_somebody_outside_is_waited_for_too():
    steps = (
        step("appraise", "2026-03-02 08:00", "2026-03-02 12:00"),
        step("receive opinion", "2026-03-02 08:00", "2026-03-02 16:00", Holder.OTHER_AGENCY),
    )

    assert hours(Course(steps, (phase("2026-03-02 08:00", None),), REGISTRY), "2026-03-02 16:00") == {
        "unit:7": 4,
        "other_agency": 3,
    }
    assert hours(Course(steps, (), REGISTRY), "2026-03-02 16:00") == {"other_agency": 7}


def test_between_two_appointments_the_time_is_that_of_whoever_is_waited_for():
    course = Course(
        (step("receive proof", "2026-03-03 08:00", "2026-03-04 08:00", Holder.APPLICANT, DESK),),
        (phase("2026-03-02 08:00", "2026-03-03 08:00"), phase("2026-03-04 08:00", None)),
        REGISTRY,
    )

    assert hours(course, "2026-03-04 12:00") == {"unit:7": 12, "applicant": 8}


def test_without_an_open_step_the_counter_answers_before_receipt_and_the_deciding_unit_after_it():
    course = Course((), (phase("2026-03-02 10:00", None),), REGISTRY)

    assert hours(course, "2026-03-02 12:00") == {"counter": 2, "unit:7": 2}


def test_a_pause_in_a_units_time_is_that_of_the_unit_that_has_the_step():
    one_day = pause("2026-03-02 08:00", "2026-03-02 17:00", Holder.UNIT)
    steps = (step("survey", "2026-03-02 08:00", "2026-03-02 12:00", unit=DEPARTMENT),)

    assert hours(Course(steps, (phase("2026-03-02 08:00", None, one_day),), REGISTRY), "2026-03-02 17:00") == {
        "unit:9": 4,
        "unit:7": 4,
    }


def test_shares_in_whole_seconds_lose_nothing_to_rounding():
    half = timedelta(milliseconds=500)
    stretches = [
        Stretch(RECEIVED, RECEIVED, holder, unit, "", timedelta(hours=1) + half)
        for holder, unit in ((Holder.COUNTER, None), (Holder.UNIT, 7), (Holder.APPLICANT, None), (Holder.UNIT, 9))
    ]

    kept = in_seconds(total(stretches))
    assert sum(kept.values()) == 4 * 3600 + 2
    assert office_seconds(kept) == sum(kept[key] for key in ("counter", "unit:7", "unit:9"))
    assert [unit_of(key) for key in kept] == [None, 7, None, 9]


def test_what_was_kept_by_ground_before_is_charged_to_whose_time_it_was():
    before = {"office": 60, "supplement": 20, "court_order": 5, "between_phases": 7, "ground_of_the_house": 1}
    charged = v0004_time_records._charged(before, 7)
    assert charged == {"unit:7": 60, "applicant": 28, "other_agency": 5}
    assert sum(charged.values()) == sum(before.values())


@given(office=offices(), received=instants(), data=st.data())
def test_the_shares_add_up_to_the_whole_and_none_is_negative(office: Office, received: datetime, data: st.DataObject):
    start = aware(received)
    moments = st.integers(-2000, 12000).map(lambda minutes: start + minutes * MINUTE)
    holders = st.sampled_from(list(Holder))

    def stretch(*, may_stay_open: bool = True) -> tuple[datetime, datetime | None]:
        first, second = sorted((data.draw(moments), data.draw(moments)))
        return first, None if may_stay_open and data.draw(st.booleans()) else second

    steps = [
        StepSpan(str(number), data.draw(holders), data.draw(st.integers(1, 3)), *stretch())
        for number in range(data.draw(st.integers(0, 6)))
    ]
    phases, at = [], start
    for number in range(data.draw(st.integers(0, 3))):
        turns = sorted(at + data.draw(st.integers(0, 3000)) * MINUTE for _ in range(4))
        stop = ClockPause(turns[1], turns[2], "ground", "", "chờ", data.draw(holders))
        is_last_open = number == 2 and data.draw(st.booleans())
        record = PhaseRecord(str(number), ProcessingTime.same_day(), "receipt", turns[0], pauses=(stop,))
        phases.append(record if is_last_open else PhaseRecord(**{**vars(record), "finished_at": turns[3]}))
        at = turns[3]
    end = start + data.draw(st.integers(0, 15000)) * MINUTE
    stretches = charge(Course(steps, phases, 1), start, end, office.calendar)

    whole = office.calendar.office_time(start, end)
    assert sum((share.office_time for share in total(stretches)), timedelta(0)) == whole
    assert sum(in_seconds(total(stretches)).values()) == whole // timedelta(seconds=1)
    assert all(share.office_time >= timedelta(0) for share in total(stretches))
    assert [each.end for each in stretches[:-1]] == [each.start for each in stretches[1:]], "in order, without a gap"
    middle = start + (end - start) / 2
    halves = [*within(stretches, start, middle, office.calendar), *within(stretches, middle, end, office.calendar)]
    assert sum((each.office_time for each in halves), timedelta(0)) == whole
