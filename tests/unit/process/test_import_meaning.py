"""Errors, escalations, signals, ends and gateways inside each other mean what BPMN 2.0 says they mean."""

from __future__ import annotations

import pytest

from engine.process.importing.examine import examine_import
from tests.support.foreign import write
from tests.unit.process.bringing import Walk


def test_an_error_passes_a_boundary_event_of_another_code() -> None:
    model = """
        start s
        sub o
          start os
          sub i
            start is
            task t
            end ie !error:b
            is > t > ie
          boundary ib attachedToRef=i !error:a
          task it
          end oe
          os > i > oe
          ib > it > oe
        boundary ob attachedToRef=o !error:b
        task ot
        end e
        s > o > e
        ob > ot > e
        """
    walk = Walk(model).do("t")
    assert walk.open == ["ot"]
    assert walk.do("ot").advance.is_finished


def test_an_escalation_leaves_its_subprocess_running() -> None:
    model = """
        start s
        sub o
          start os
          throw up !escalation:x
          task t
          end oe
          os > up > t > oe
        boundary ob attachedToRef=o cancelActivity=false !escalation:x
        task ot
        end e
        s > o > e
        ob > ot > e
        """
    walk = Walk(model)
    assert walk.open == ["ot", "t"]
    assert not walk.do("ot").advance.is_finished
    assert walk.do("t").advance.is_finished


def test_a_signal_of_one_branch_starts_the_event_subprocess_that_ends_all_else() -> None:
    model = """
        start s
        and p
        task a
        throw sig !signal:stop
        task b
        end e
        end e2
        sub h triggeredByEvent=true
          start hs !signal:stop
          task ht
          end he
          hs > ht > he
        s > p > a > sig > e
        p > b > e2
        """
    walk = Walk(model).do("a")
    assert walk.open == ["ht"]
    assert walk.do("ht").advance.is_finished


def test_a_terminate_end_ends_its_own_subprocess_only() -> None:
    model = """
        start s
        sub o
          start os
          and p
          task a
          task b
          end t1 !terminate
          end oe
          os > p > a > t1
          p > b > oe
        task after
        end e
        s > o > after > e
        """
    assert Walk(model).do("a").open == ["after"]


@pytest.mark.parametrize(
    ("first", "second", "open_now"), [(True, True, ["a", "b"]), (True, False, ["a"]), (False, False, ["b"])]
)
def test_where_no_branch_is_chosen_the_last_one_is_taken(first: bool, second: bool, open_now: list[str]) -> None:  # noqa: FBT001 - answers
    model = "start s\ntask t\nor g\ntask a\ntask b\nor m\nend e\ns > t > g\ng > a > m > e\ng > b > m"
    walk = Walk(model).do("t", take_g_1=first, take_g_2=second)
    assert walk.open == open_now
    for step in open_now:
        walk.do(step)
    assert walk.advance.is_finished


def test_an_inclusive_join_waits_for_a_branch_that_is_still_far_away() -> None:
    model = """
        start s
        or g
        task a
        task b1
        task b2
        xor again
        or m
        task after
        end e
        s > g
        g > a > m
        g > b1 > b2 > again
        again > b1
        again > m
        m > after > e
        """
    walk = Walk(model).do("decide_g", take_g_1=True, take_g_2=True).do("a")
    assert walk.open == ["b1"]
    walk.do("b1").do("b2", choice_again="way_1")
    assert walk.open == ["b1"]
    walk.do("b1").do("b2", choice_again="way_2")
    assert walk.open == ["after"]
    assert walk.do("after").advance.is_finished


def test_a_boundary_event_of_a_step_that_repeats_watches_every_round() -> None:
    model = "start s\nuser a *\nboundary b attachedToRef=a !message:stop\ntask t\nend e\ns > a > e\nb > t > e"
    walk = Walk(model).do("a", choice_again_a="way_2").throw("stop")
    assert walk.open == ["t"]
    assert walk.do("t").advance.is_finished


def test_a_join_waits_only_for_branches_on_their_way_where_one_of_them_does_not_always_come() -> None:
    model = """
        start s
        and p
        task a
        boundary b attachedToRef=a cancelActivity=false !message
        task c
        task d
        and j
        task f
        task g
        end e
        s > p > a > j > f > e
        p > d > j > g > e
        b > c > j
        """
    assert Walk(model).do("a").do("d").open == ["f", "g"]
    late = Walk(model).throw("b").do("a").do("d")
    assert late.open == ["c"]
    assert late.do("c").open == ["f", "g"]
    told = [change.element for change in examine_import(write(model)).changes if change.code == "join_lets_go"]
    assert told == ["j"]


def test_a_join_behind_a_second_start_lets_go_of_the_start_that_was_not_chosen() -> None:
    model = """
        start s1 !message
        start s2 !signal
        and p
        task a
        task b
        and j
        end e
        s1 > a > j > e
        s2 > p > a
        p > b > j
        """
    begun = Walk(model)
    step = begun.open[0]
    field = begun.advance.open_tasks[0].step.form[0].id
    assert begun.do(step, **{field: "way_1"}).do("a").advance.is_finished
    both = Walk(model).do(step, **{field: "way_2"}).do("a")
    assert both.open == ["b"]
    assert both.do("b").advance.is_finished


def test_the_only_two_ends_of_a_link_are_joined_where_a_tool_named_but_one() -> None:
    model = "start s\ntask a\nthrow t !link:X\ncatch c !link\ntask b\nend e\ns > a > t\nc > b > e"
    assert Walk(model).do("a").open == ["b"]
    named = examine_import(write(model.replace("catch c !link", "catch c !link:Y")))
    assert {problem.element for problem in named.problems} == {"t", "c"}
