"""Chances are shares of a history; simulations are queues: both tried on what is known to be true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.forecast import Basis, History, Place, interval
from engine.domain.forecast_history import Passage, from_plain, learn, merged, quantiles, to_plain
from engine.domain.forecast_score import Judged, Trust, brier, calibration, ranking
from engine.domain.simulation import (
    Assumed,
    Compared,
    Conditions,
    Design,
    Leg,
    Run,
    Trip,
    assumed_quarter,
    is_far_off,
    real,
)
from engine.effects.simulation import present, replicate

LIMIT = 4_800


def history(took: Sequence[int], step: str = "check", unit: int = 1) -> History:
    return History(learn(Passage("p", step, unit, minutes, minutes, LIMIT) for minutes in took))


def place(left: int, *, elapsed: int = 0, step: str = "check", unit: int = 1) -> Place:
    return Place("p", step, unit, elapsed, left, LIMIT)


@given(
    took=st.lists(st.integers(1, 20_000), min_size=1, max_size=80),
    elapsed=st.integers(0, 5_000),
    left=st.tuples(st.integers(-100, 20_000), st.integers(-100, 20_000)),
)
def test_the_chance_never_rises_where_more_is_left(took: list[int], elapsed: int, left: tuple[int, int]) -> None:
    known = history(took)
    less, more = known.forecast(place(min(left), elapsed=elapsed)), known.forecast(place(max(left), elapsed=elapsed))
    assert (less is None) is (more is None)
    if less is not None and more is not None:
        assert less.chance >= more.chance
        assert 0 <= less.low <= less.chance <= less.high <= 1
        assert less.usual_minutes == more.usual_minutes >= 0


def test_chances_come_true_on_a_history_whose_truth_is_known() -> None:
    random = Random(7)
    known = history([round(random.expovariate(1 / 2_000)) for _ in range(3_000)])
    judged = []
    for _ in range(3_000):
        left = random.randrange(1, 6_000)
        found = known.forecast(place(left))
        assert found is not None
        judged.append(Judged(found.chance, random.expovariate(1 / 2_000) > left))
    for each in calibration(judged):
        assert each.told is None or each.came is None or abs(each.told - each.came) < 0.08
    assert (ranking(judged) or 0) > 0.75
    assert (brier(judged) or 1) < 0.2


def test_few_files_lean_on_the_coarser_history_and_say_whose_it_is() -> None:
    many = [Passage("p", "check", 2, 100, 100, LIMIT)] * 200
    few = [Passage("p", "check", 1, 3_000, 3_000, LIMIT)] * 2
    known = History(learn([*many, *few]))
    lean, sure = known.forecast(place(1_000, unit=1)), known.forecast(place(1_000, unit=2))
    assert lean is not None
    assert sure is not None
    assert (lean.basis, lean.count) == (Basis.STEP, 202)
    assert (sure.basis, sure.count) == (Basis.UNIT_STEP, 200)
    assert sure.chance < lean.chance < 0.2
    assert History([]).forecast(place(1_000)) is None


def test_months_put_together_are_as_one_and_survive_being_kept() -> None:
    values = list(range(1_000))
    halves = [next(iter(learn(Passage("p", "s", 1, v, v * 5, 5_000) for v in part))) for part in (values[::2], values)]
    together = merged(half.remaining[0] for half in halves)
    assert together.count == 1_500
    assert abs(together.parts[20] - 500) < 30
    assert from_plain(to_plain(halves[0].remaining)) == halves[0].remaining
    assert quantiles([3, 1, 2]) == (1, 2, 3)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=100, max_size=150))
def test_what_is_believed_never_falls_where_the_chance_rises(told: list[tuple[float, bool]]) -> None:
    trust = Trust()
    for chance, was_late in told:
        trust = trust.with_more(Judged(chance, was_late))
    believed = [trust.believed(part / 10) for part in range(11)]
    assert believed == sorted(believed)
    assert 0 <= believed[0] <= believed[-1] <= 1
    assert Trust().believed(0.3) == 0.3


def test_the_interval_is_the_published_one() -> None:
    low, high = interval(0.1, 100)
    assert (round(low, 4), round(high, 4)) == (0.0552, 0.1744)
    assert interval(0.0, 0) == (0.0, 1.0)


def a_queue(every: int, minutes: int, files: int = 60) -> list[Trip]:
    """Files at even distances for one person who needs `minutes` for each."""
    return [Trip(number * every, 600, (Leg("check", "one", minutes),), None) for number in range(files)]


def test_one_person_more_ends_a_queue_that_one_person_cannot_keep_up_with() -> None:
    trips = a_queue(60, 120)
    alone = replicate(trips, {"one": 1}, Conditions(), None)
    helped = replicate(trips, {"one": 1}, Conditions(extra_team="one", extra_people=1), None)
    # the n-th file waits n hours, and then takes two: late from the ninth on
    assert alone.late_share == 51 / 60
    assert alone.mean_minutes == 120 + 60 * 59 / 2
    assert alone.queues["one"] == 60 * 60 * 59 / 2 / (60 * 120)
    assert (helped.late_share, helped.mean_minutes, helped.queues["one"]) == (0, 120, 0)
    # alone: always at work; two: 60 files of two hours, the last one done after 59 + 2 hours
    assert (alone.busy["one"], helped.busy["one"]) == (1, 120 / 122)


def test_of_a_team_so_many_are_present_as_make_the_replay_last_as_long_as_it_did() -> None:
    trips = [replace(trip, took=120) for trip in a_queue(60, 120)]
    assert present(trips, {"one": 20})["one"] == 20, "nobody waited, so nothing says that there were fewer"
    slower = [replace(trip, took=1_800) for trip in trips]
    assert present(slower, {"one": 20}) == {"one": 1}
    assert present(slower, {"one": 1, "other": 7}) == {"one": 1, "other": 7}, "fits already: as many as there are"
    assert is_far_off((0.5, 100), Run(0.61, 100, {}, {}))
    assert is_far_off((0.5, 100), Run(0.5, 74, {}, {}))
    assert not is_far_off((0.5, 100), Run(0.59, 124, {}, {}))


def test_a_limit_is_changed_for_one_procedure_alone_where_one_is_named() -> None:
    trips = [Trip(0, 100, (Leg("check", "", 150),), None, code) for code in ("a", "b")]
    shares = [
        replicate(trips, {}, Conditions(procedure=code, limits=2.0), None).late_share for code in ("", "a", "neither")
    ]
    assert shares == [0, 0.5, 1]


def test_a_quarter_of_a_design_comes_at_random_and_takes_from_half_to_half_as_much_again() -> None:
    design = Design((Assumed("Thẩm định", 1.0, 1), Assumed("Hỏi", 2.0, 0)), per_day=2.0, limit=5.0)
    trips, other = assumed_quarter(design, 450, 3000, seed=1), assumed_quarter(design, 450, 3000, seed=2)
    assert (len(trips), design.people) == (130, {"Thẩm định": 1})
    assert [trip.arrived for trip in trips] == sorted(trip.arrived for trip in trips) != [t.arrived for t in other]
    assert 0 <= trips[0].arrived <= trips[-1].arrived <= 65 * 450
    assert all(trip.limit == 5 * 450 and [leg.team for leg in trip.legs] == ["Thẩm định", ""] for trip in trips)
    assert all(225 <= trip.legs[0].minutes <= 675 for trip in trips)
    assert len(assumed_quarter(design, 450, 40, seed=1)) == 40


def test_longer_limits_and_hours_never_make_more_files_late() -> None:
    random = Random(3)
    trips = [
        Trip(number * 70, 400, (Leg("check", "one", random.randrange(20, 130)), Leg("tax", "", 200)), 500)
        for number in range(80)
    ]
    assert real(trips) == (1, 500)
    runs = {
        name: Compared.of([replicate(trips, {"one": 1}, wanted, seed) for seed in range(8)])
        for name, wanted in {
            "now": Conditions(),
            "limits": Conditions(limits=2),
            "hours": Conditions(hours=1.5),
        }.items()
    }
    for other in ("limits", "hours"):
        assert runs[other].late_share.mean <= runs["now"].late_share.mean
    now = runs["now"].late_share
    assert now.low <= now.mean <= now.high
