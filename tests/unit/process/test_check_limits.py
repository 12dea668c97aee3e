"""The sum rule: what is added, what is not, and that every case is worked out for itself."""

from __future__ import annotations

from engine.domain.process import Problem
from engine.process.bundle import Bundle, read_bundle
from engine.process.checks.limits import check_limits
from tests.unit.process.drawing import bpmn, facts, read


def bundle(text: str, days: object, **limits: object) -> Bundle:
    """Draw a procedure of which each step takes a day, unless `limits` says otherwise, posted at `days`."""
    drawn = bpmn(read("sums", text)).decode()
    for step, limit in limits.items():
        place = drawn.index(f'<bpmn:userTask id="{step}"')
        drawn = drawn[:place] + drawn[place:].replace('limit="1"', f'limit="{limit}"', 1)
    found = read_bundle("sums", drawn.encode(), facts("sums", days), {})
    assert not found.problems
    assert not found.facts_problems, found.facts_problems
    return found


def problems(text: str, days: object, **limits: object) -> list[Problem]:
    return list(check_limits(bundle(text, days, **limits)))


def test_steps_in_a_row_are_added() -> None:
    text = "start > a > b > c > end"
    assert problems(text, 3) == []
    assert problems(text, 3.5, b=1.5) == []
    for days, said in ((2, "3 ngày làm việc, thời hạn đăng trong YAML là 2 "), (3.5, "là 3,5 ngày làm việc")):
        (problem,) = problems(text, days)
        assert said in problem.message
        assert "Bước a (a) 1; Bước b (b) 1; Bước c (c) 1" in problem.message
        assert "the steps add up to 3 working days" in problem.message_en


def test_quarter_days_are_added_exactly() -> None:
    text = "start > a > b > c > d > e > f > g > end"
    parts = {"a": 0.25, "b": 0.5, "c": 8.25, "d": 1.5, "e": 0.5, "f": 0.5, "g": 5.5}
    assert problems(text, 17, **parts) == []
    assert len(problems(text, 17, **{**parts, "a": 0.2})) == 1


def test_alternatives_are_not_added_and_the_longest_counts() -> None:
    text = """
        start > a > x_way
        x_way > b if way == "b"
        x_way > c
        b > x_merge
        c > x_merge
        x_merge > d > end
    """
    assert problems(text, 3) == []
    assert problems(text, 5, b=3) == []
    (problem,) = problems(text, 4, b=3)
    assert "Bước b (b) 3" in problem.message
    assert "Bước c" not in problem.message


def test_of_parallel_branches_the_longest_counts() -> None:
    text = """
        start > a > p_split
        p_split > b > c > p_join
        p_split > d > p_join
        p_join > end
    """
    assert problems(text, 3) == []
    assert problems(text, 5, d=4) == []


def test_going_back_is_not_counted() -> None:
    text = """
        start > a > b > x_again
        x_again > a if again == "yes"
        x_again > c
        c > x_more
        x_more > b if again == "half"
        x_more > end
    """
    assert problems(text, 3) == []


def test_a_short_cut_beside_a_loop_does_not_hide_the_long_way() -> None:
    text = """
        start > a > x_skip
        x_skip > d if skip == "yes"
        x_skip > b
        b > c > d > x_again
        x_again > a if again == "yes"
        x_again > end
    """
    assert problems(text, 4) == []
    assert len(problems(text, 2)) == 1


def test_subprocesses_are_entered() -> None:
    text = """
        start > a > work > d > end
        work {
            start_work > p_split
            p_split > b > p_join
            p_split > c > p_join
            p_join > end_work
        }
    """
    assert problems(text, 5, c=3) == []


def test_event_subprocesses_and_boundary_ways_are_no_straight_path_of_more() -> None:
    text = """
        start > a > b > end
        guard stop on a = stop
        stop > c > end_stop
        on overdue {
            on_overdue_begins > explain > end_overdue
        }
    """
    assert problems(text, 2) == []
    (problem,) = problems(text, 2, c=3)  # interrupted after its whole day, a and c take four
    assert "4 ngày" in problem.message


def test_the_way_to_a_result_must_take_the_whole_limit_even_if_another_does() -> None:
    text = """
        start > a > x_way
        x_way > b if way == "b"
        x_way > s_give > end
        b > end_refused
    """
    given = '<motcua:effect name="record_outcome"><motcua:argument name="result" value="delivered"/></motcua:effect>'
    drawn = bpmn(read("sums", text)).decode()
    start = drawn.index('<motcua:effect name="notify">')
    drawn = drawn[:start] + given + drawn[drawn.index("</motcua:effect>", start) + len("</motcua:effect>") :]
    found = list(check_limits(read_bundle("sums", drawn.encode(), facts("sums", 2), {})))
    assert [problem.code for problem in found] == ["limits_do_not_add_up"]
    assert "cộng lại 1 ngày" in found[0].message
    found = list(check_limits(read_bundle("sums", drawn.encode(), facts("sums", 1), {})))
    assert "cộng lại 2 ngày" in found[0].message  # refusing would take longer than the limit


def test_a_gateway_that_asks_for_the_case_is_decided_for_each_case() -> None:
    text = """
        start > a > x_case
        x_case > b if case == "remote"
        x_case > c
        b > c > end
    """
    two_cases = (
        facts("sums")
        .replace(
            b"cases:",
            "cases:\n  - {id: remote, name: Xa, default: true, phases: [{name: only, label: Duy nhất, limit: 5, "
            "unit: working_days}]}".encode(),
        )
        .replace(b"limit: 1,", b"limit: 2,")
    )
    drawn = bpmn(read("sums", text)).decode()
    place = drawn.index('<bpmn:userTask id="b"')
    drawn = drawn[:place] + drawn[place:].replace('limit="1"', 'limit="3"', 1)
    assert list(check_limits(read_bundle("sums", drawn.encode(), two_cases, {}))) == []
    wrong = two_cases.replace(b"limit: 5,", b"limit: 4,")
    (problem,) = check_limits(read_bundle("sums", drawn.encode(), wrong, {}))
    assert "Trường hợp “Xa”" in problem.message


def test_a_phase_without_a_number_is_not_added() -> None:
    text = "start > a > b > end"
    for unit in ("same_day", "agreed"):
        free = facts("sums").replace(b"limit: 1, unit: working_days", f"unit: {unit}".encode())
        assert list(check_limits(read_bundle("sums", bpmn(read("sums", text)), free, {}))) == []


def test_a_diagram_with_loops_that_cross_is_told_to_be_too_tangled() -> None:
    text = """
        start > x_in
        x_in > a if way == "a"
        x_in > b
        a > x_a
        b > x_b
        x_a > b if way == "b"
        x_a > end
        x_b > a if way == "a"
        x_b > end2
    """
    assert [problem.code for problem in problems(text, 2)] == ["limits_not_provable"]


def test_one_appointment_of_a_case_may_span_the_phases_drawn_for_two() -> None:
    text = "start > a > b > c > end"
    one = "{name: only, label: Hẹn 1, limit: 2, unit: working_days}, "
    one += "{name: second, label: Hẹn 2, limit: 1, unit: working_days}"
    other = "{name: only, label: Một hẹn, limit: 3, unit: working_days, covers: [second]}"
    sheet = facts("sums").decode()
    cases = f"""cases:
  - {{id: two, name: Hai hẹn, default: true, phases: [{one}]}}
  - {{id: one, name: Một hẹn, phases: [{other}]}}
"""
    sheet = sheet[: sheet.index("cases:")] + cases + sheet[sheet.index("items:") :]
    drawn = bpmn(read("sums", text)).decode()
    place = drawn.index('<bpmn:userTask id="c"')
    drawn = drawn[:place] + drawn[place:].replace('phase="only"', 'phase="second"', 1)

    def told(facts_text: str) -> list[str]:
        found = read_bundle("sums", drawn.encode(), facts_text.encode(), {})
        assert not found.facts_problems, found.facts_problems
        return [problem.code for problem in check_limits(found)]

    assert told(sheet) == []
    assert told(sheet.replace("limit: 3", "limit: 2")) == ["limits_do_not_add_up"]
    assert told(sheet.replace(", covers: [second]", "")) == ["phase_not_in_case", "limits_do_not_add_up"]
