"""What is said of the steps of a procedure: nothing that lies there is left out, nothing is said of few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from engine.domain.step_heat import Lying, Remark, step_heat
from engine.domain.step_lateness import Lateness, grid, quarter_of
from engine.process.picture import Warm
from engine.services.step_heat import Wording, warm_elements


@dataclass
class Sums:
    step_id: str = "check"
    element: str = "check"
    name: str = "Thẩm định"
    waits_for: str = ""
    done: int = 0
    repeated: int = 0
    with_limit: int = 0
    late: int = 0
    taken: int = 0
    waited_minutes: int = 0
    taken_minutes: int = 0
    minutes: Sequence[int] = ()
    margins: Sequence[int] = ()
    unit_id: int = 1
    month: str = "2026-03"
    limited: int = 0


def test_a_step_that_nobody_has_ever_finished_is_told_with_what_lies_in_it() -> None:
    steps = step_heat(
        [Sums(done=4, minutes=[10, 20, 30, 40])],
        [Lying("sign", "sign", "Ký duyệt", "", 7, 5), Lying("check", "check", "Thẩm định", "", 1, 0)],
    )
    assert [(each.step_id, each.now, each.late_now, each.done) for each in steps] == [
        ("check", 1, 0, 4),
        ("sign", 7, 5, 0),
    ]
    assert (steps[1].name, steps[1].median, steps[1].late_share, steps[1].remarks) == ("Ký duyệt", None, None, ())


@pytest.mark.parametrize(
    ("many", "said"), [(9, set()), (10, {Remark.WAITING, Remark.ALWAYS_LATE, Remark.BOTTLENECK, Remark.REWORK})]
)
def test_of_fewer_than_ten_nothing_is_said(many: int, said: set[Remark]) -> None:
    row = Sums(done=many, repeated=many, with_limit=many, late=many, taken=many, waited_minutes=6, taken_minutes=10)
    row.minutes, row.margins = [100] * many, [50] * many
    assert set(step_heat([row], [])[0].remarks) == said


def test_constant_slack_is_more_than_what_the_step_itself_takes() -> None:
    row = Sums(done=10, with_limit=10, minutes=[100] * 10, margins=[-101] * 10)
    assert Remark.ALWAYS_EARLY in step_heat([row], [])[0].remarks
    row.margins = [-100] * 2 + [-101] * 8
    assert Remark.ALWAYS_EARLY not in step_heat([row], [])[0].remarks


def test_several_steps_behind_one_element_are_counted_together_where_it_is_drawn() -> None:
    steps = step_heat(
        [Sums("ask", "extra", done=3, minutes=[60] * 3, with_limit=2, late=2)],
        [Lying("ask", "extra", "Hỏi", "", 2, 0), Lying("answer", "extra", "Trả lời", "applicant", 3, 0)],
    )
    wording = Wording("", lambda now: f"{now} here", lambda behind: f"{len(behind)} steps")
    assert warm_elements(steps, wording) == {"extra": Warm(4, "5", "5 here", "2 steps")}


def test_lateness_is_added_up_by_step_and_unit_or_quarter_and_says_of_how_many() -> None:
    rows = [
        Sums(month="2025-12", late=1, limited=2),
        Sums(month="2026-01", late=0, limited=4),
        Sums(month="2026-03", late=3, limited=4),
        Sums("sign", month="2026-03", name="Ký", limited=0),
    ]
    found = grid(rows, lambda row: quarter_of(row.month), ["sign", "check"])
    assert found.heads == ("2025-4", "2026-1")
    assert found.rows == (("Thẩm định", (Lateness(1, 2), Lateness(3, 8))),)
    cell = found.rows[0][1][1]
    assert cell is not None
    assert (cell.share, [round(bound, 2) for bound in cell.bounds]) == (0.375, [0.14, 0.69])
