"""What a finished dossier counts as, by how much, and the rates over many."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from engine.domain.clock_entries import ClockEntry, Extended, Paused, PhaseFinished, PhaseStarted, Resumed
from engine.domain.clock_ledger import ClockLedger
from engine.domain.deadline import LimitUnit, ProcessingTime, Timeliness
from engine.domain.outcome import (
    ClockStillOpen,
    Margin,
    Outcome,
    OutcomeFacts,
    Rate,
    Result,
    apology_coverage,
    assess,
    counts_for_punctuality,
    on_time_share,
    worst,
)
from tests.support.vietnam import closing, vietnam, vn

EARLY, ON_TIME, LATE = Timeliness
FIVE_DAYS = ProcessingTime(Decimal(5), LimitUnit.WORKING_DAYS)


def started(at: str, phase: str = "appointment_1") -> PhaseStarted:
    return PhaseStarted(at=vn(at), recorded_at=vn(at), by="lan", phase=phase, limit=FIVE_DAYS)


def finished(at: str) -> PhaseFinished:
    return PhaseFinished(at=vn(at), recorded_at=vn(at), by="lan")


def paused(at: str, ground: str = "supplement") -> Paused:
    return Paused(at=vn(at), recorded_at=vn(at), by="lan", ground=ground)


def resumed(at: str) -> Resumed:
    return Resumed(at=vn(at), recorded_at=vn(at), by="lan")


def extended(at: str, to: str) -> Extended:
    return Extended(at=vn(at), recorded_at=vn(at), by="lan", new_due_at=vn(to), reason="Hồ sơ phức tạp")


def outcome(*entries: ClockEntry, result: Result = Result.DELIVERED, extension_counts: bool = False) -> Outcome:
    """The outcome of a dossier received on Monday 02/03/2026 and, unless paused or extended, due on Monday 09/03."""
    last = entries[-1].at if entries else vn("2026-03-02 09:00")
    view = ClockLedger(entries).project(vietnam())
    facts = OutcomeFacts(result, last)
    return assess(view, facts, vietnam(), extension_counts_as_on_time=extension_counts)


# --- one phase --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("done", "timeliness", "margin"),
    [
        ("2026-03-06 16:00", EARLY, Margin(-3, -540, -4380)),
        ("2026-03-09 08:00", ON_TIME, Margin(0, -480, -540)),
        ("2026-03-09 17:00", ON_TIME, Margin(0, 0, 0)),
        ("2026-03-09 17:00:30", LATE, Margin(0, 0, 1)),
        ("2026-03-10 08:00:30", LATE, Margin(1, 1, 901)),
        ("2026-03-12 10:30", LATE, Margin(3, 1110, 3930)),
        ("2026-03-09 16:58:30", ON_TIME, Margin(0, -1, -1)),
    ],
)
def test_a_dossier_is_early_on_time_or_late_by_so_much(done, timeliness, margin):
    found = outcome(started("2026-03-02 09:00"), finished(done))

    assert (found.timeliness, found.margin, found.is_late) == (timeliness, margin, timeliness is LATE)


def test_a_pause_that_was_resumed_is_the_applicants_time_not_the_offices():
    found = outcome(
        started("2026-03-02 09:00"),
        paused("2026-03-04 10:00"),
        resumed("2026-03-09 10:00"),
        finished("2026-03-12 16:00"),
    )

    assert found.timeliness is ON_TIME


def test_without_a_clock_it_is_none_of_the_three():
    found = outcome(result=Result.REFUSED)

    assert (found.timeliness, found.margin, found.is_late) == (None, None, False)


def test_an_open_clock_has_no_outcome():
    with pytest.raises(ClockStillOpen, match="appointment_1"):
        outcome(started("2026-03-02 09:00"))


def test_a_dossier_that_ends_in_a_pause_is_never_early():
    found = outcome(
        started("2026-03-02 09:00"), paused("2026-03-03 10:00"), finished("2026-03-04 10:00"), result=Result.WITHDRAWN
    )

    assert (found.timeliness, found.margin) == (None, None)


def test_an_early_phase_does_not_stand_for_one_without_a_date():
    found = outcome(
        started("2026-03-02 09:00"),
        finished("2026-03-04 09:00"),
        started("2026-04-01 09:00", "appointment_2"),
        paused("2026-04-02 09:00"),
        finished("2026-04-20 09:00"),
        result=Result.WITHDRAWN,
    )

    assert (found.timeliness, found.margin) == (None, None)


def test_a_pause_does_not_undo_a_lateness_that_was_there_before_it():
    found = outcome(
        started("2026-03-02 09:00"),
        paused("2026-03-11 10:00"),
        finished("2026-04-10 10:00"),
        result=Result.DISCONTINUED,
    )

    assert found.timeliness is LATE
    assert found.margin == Margin(2, 600, 2460), "by what was missed until the pause"


# --- extension --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("counts", "timeliness"), [(False, LATE), (True, ON_TIME)])
def test_a_dossier_counts_against_its_first_date_unless_the_office_may_say_otherwise(counts, timeliness):
    found = outcome(
        started("2026-03-02 09:00"),
        extended("2026-03-09 16:00", "2026-03-12 17:00"),
        finished("2026-03-12 16:00"),
        extension_counts=counts,
    )

    assert found.timeliness is timeliness
    (phase,) = found.phases
    assert (phase.first_due_at, phase.extended_due_at) == (closing("2026-03-09"), closing("2026-03-12"))


def test_a_dossier_that_misses_its_extended_date_too_is_late_either_way():
    for counts in (False, True):
        found = outcome(
            started("2026-03-02 09:00"),
            extended("2026-03-09 16:00", "2026-03-12 17:00"),
            finished("2026-03-13 16:00"),
            extension_counts=counts,
        )
        assert found.is_late


# --- two phases -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first_done", "second_done", "timeliness", "days"),
    [
        ("2026-03-05 10:00", "2026-04-07 10:00", EARLY, -1),
        ("2026-03-05 10:00", "2026-04-08 10:00", ON_TIME, 0),
        ("2026-03-09 10:00", "2026-04-07 10:00", ON_TIME, 0),
        ("2026-03-11 10:00", "2026-04-02 10:00", LATE, 2),
        ("2026-03-10 10:00", "2026-04-13 10:00", LATE, 5),
    ],
)
def test_the_worst_phase_counts(first_done, second_done, timeliness, days):
    found = outcome(
        started("2026-03-02 09:00"),
        finished(first_done),
        started("2026-04-01 09:00", "appointment_2"),
        finished(second_done),
    )

    assert found.timeliness is timeliness
    assert found.margin is not None
    assert found.margin.days == days
    assert [phase.name for phase in found.phases] == ["appointment_1", "appointment_2"]


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([], None),
        ([EARLY], EARLY),
        ([EARLY, ON_TIME], ON_TIME),
        ([EARLY, None], None),
        ([ON_TIME, None], None),
        ([None, LATE, EARLY], LATE),
    ],
)
def test_a_part_without_a_date_hides_nothing_and_proves_nothing(parts, whole):
    assert worst(parts) is whole


def test_an_appointment_that_gave_way_to_the_next_in_a_pause_was_kept_when_the_pause_began():
    entries = (
        started("2026-03-02 09:00"),
        paused("2026-03-09 16:00", "financial_obligation"),
        finished("2026-03-20 09:00"),
        started("2026-03-20 09:00", "appointment_2"),
        finished("2026-03-23 09:00"),
    )

    assert [phase.timeliness for phase in outcome(*entries).phases] == [ON_TIME, EARLY]


# --- the record -------------------------------------------------------------------------------------------------------


def test_what_the_record_says_goes_with_the_outcome():
    view = ClockLedger((started("2026-03-02 09:00"), finished("2026-03-10 09:00"))).project(vietnam())
    facts = OutcomeFacts(
        Result.DELIVERED,
        finished_at=vn("2026-03-10 09:00"),
        apologised_at=vn("2026-03-09 17:00"),
        correction_count=1,
        supplement_rounds=2,
        return_count=3,
    )
    found = assess(view, facts, vietnam())

    assert (found.is_apologised, found.is_corrected, found.supplement_rounds, found.return_count) == (True, True, 2, 3)
    assert not assess(view, replace(facts, apologised_at=None, correction_count=0), vietnam()).is_corrected
    assert {result.label for result in Result} >= {"Đã trả kết quả", "Rút hồ sơ"}
    assert [result for result in Result if result.is_answer] == [Result.DELIVERED, Result.REJECTED]


# --- rates ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """An outcome as a database row holds it: plain text."""

    timeliness: str | None
    result: str = "delivered"
    is_apologised: bool = False


def test_the_on_time_share_counts_answers_with_a_date():
    rows = [Row("early"), Row("on_time"), Row("late"), Row(None), Row("early", "withdrawn"), Row(None, "refused")]

    assert on_time_share(rows) == Rate(2, 3)
    assert on_time_share(rows).value == pytest.approx(2 / 3)


def test_a_withdrawal_earns_nothing_and_excuses_nothing():
    assert not counts_for_punctuality(Row("early", "withdrawn"))
    assert on_time_share([Row("on_time"), Row("late", "discontinued")]) == Rate(1, 2)


def test_apologies_are_counted_among_the_late():
    rows = [Row("late", is_apologised=True), Row("late"), Row("on_time", is_apologised=True)]

    assert apology_coverage(rows) == Rate(1, 2)


def test_of_nothing_there_is_no_share():
    assert on_time_share([]).value is None
    assert apology_coverage([Row("early")]).value is None
