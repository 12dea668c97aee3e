"""The forecast and the heat of an office: learned from what ended, told of what is open, within one's own units."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from engine.domain.errors import NotFound, Refused
from engine.domain.forecast import Basis
from engine.domain.simulation import Assumed, Conditions, Design
from engine.services.simulations import BadQuestion
from engine.services.step_heat import Wording, picture
from tests.support.read_office import ReadOffice, on, prepare, read_office

NOW = on(4, 2, 9)


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[ReadOffice]:
    with read_office(database_copy(prepare)) as office:
        yield office


def a_history(office: ReadOffice) -> None:
    """Six files: four that went through in a day, two whose check took until after the date."""
    for number in range(4):
        code = office.receive(f"Nhanh {number}", at=on(3, 2, 8 + number))
        office.deliver(code, at=on(3, 3))
    for number in range(2):
        code = office.receive(f"Chậm {number}", at=on(3, 2, 13 + number))
        office.deliver(code, at=on(3, 27))


def test_the_morning_list_ranks_open_files_and_says_on_whose_history(office: ReadOffice) -> None:
    a_history(office)
    old, new = office.receive("Đã lâu", at=on(3, 20)), office.receive("Mới nộp", at=on(4, 1))
    office.office.clock.move_to(NOW)
    learned = office.engine.forecasts.learn(NOW)
    assert learned.months == ("2026-03", "2026-04")
    assert learned.forecasts == 2
    found = office.engine.forecasts.morning(office.actor("giam"), at=NOW)
    assert [line.code for line in found.lines] == [old, new]
    late, fresh = found.lines
    assert late.chance == 1 if late.left_minutes < 0 else late.chance > fresh.chance
    assert 0 < fresh.low < fresh.chance < fresh.high < 1
    assert (fresh.basis, fresh.count) == (Basis.ALL, 3), "two slow ones and one of the others lay there for a day"
    assert late.spare_minutes == late.left_minutes - late.usual_minutes <= fresh.spare_minutes
    assert found.total == 2
    assert sum(row.count for row in found.months) == sum(row.count for row in found.bins)


def test_the_list_forgets_what_has_moved_on_and_is_told_anew_every_hour(office: ReadOffice) -> None:
    a_history(office)
    code = office.receive("Mới nộp", at=on(4, 1))
    assert office.engine.forecasts.run(NOW) is not None
    assert office.engine.forecasts.run(NOW + timedelta(minutes=30)) is None, "it was told within the hour"
    office.do(code, at=NOW)
    assert office.engine.forecasts.morning(office.actor("giam"), at=NOW).total == 0
    again = office.engine.forecasts.run(NOW + timedelta(minutes=61))
    assert again is not None
    assert (again.months, again.forecasts) == ((), 1)


def test_a_supervisor_sees_what_their_units_decide_and_nothing_else(office: ReadOffice) -> None:
    a_history(office)
    office.receive("Của tỉnh", at=on(4, 1))
    office.engine.forecasts.learn(NOW)
    assert office.engine.forecasts.morning(office.actor("nga"), at=NOW).lines == ()
    with pytest.raises(NotFound):
        office.engine.forecasts.morning(office.actor("nga"), "BS-CNAP", at=NOW)
    with pytest.raises(Refused):
        office.engine.forecasts.morning(office.actor("lan"), at=NOW)
    months = ("2026-03", "2026-04")
    with pytest.raises(Refused):
        office.engine.step_heat.look(office.actor("lan"), procedure="", version="", unit_code="", months=months, at=NOW)


def test_learning_twice_changes_nothing_and_the_heat_equals_a_plain_count(office: ReadOffice) -> None:
    a_history(office)
    waiting = office.receive("Đang chờ", at=on(3, 31))
    kept = "SELECT procedure_code, step_id, unit_id, done, late, minutes FROM step_months ORDER BY 1, 2, 3"
    office.engine.forecasts.learn(NOW)
    once = office.office.rows(kept)
    office.engine.forecasts.learn(NOW)
    assert office.office.rows(kept) == once
    page = office.engine.step_heat.look(
        office.actor("giam"), procedure="1.012783", version="", unit_code="", months=("2026-03", "2026-04"), at=NOW
    )
    plain = office.office.rows(
        "SELECT step_id, count(*), sum(CASE WHEN late_minutes > 0 THEN 1 ELSE 0 END), count(late_minutes) "
        "FROM tasks WHERE closed_at IS NOT NULL AND is_interrupted = :no GROUP BY step_id",
        no=False,
    )
    assert {each.step_id: each.done for each in page.steps} == {row[0]: row[1] for row in plain}
    for step_id, _done, late, limited in plain:
        share = next(each.late_share for each in page.steps if each.step_id == step_id)
        assert share == (None if not limited else pytest.approx(int(str(late)) / int(str(limited))))
    here = office.first_step(waiting)
    assert next(each.now for each in page.steps if each.step_id == here) == 1
    drawn = picture(page, Wording("Steps & ways", "{} here".format, lambda behind: f"<{behind[0].done}>"))
    assert drawn.startswith("<svg")
    assert "style=" not in drawn
    assert 'aria-label="Steps &amp; ways"' in drawn
    assert f": 1 here; &lt;{next(each.done for each in page.steps if each.step_id == here)}&gt;</title>" in drawn
    assert sum(each.weight for each in page.steps) == pytest.approx(1)


def test_a_quarter_is_replayed_in_the_background_beside_what_really_was(office: ReadOffice) -> None:
    a_history(office)
    simulations, giam = office.engine.simulations, office.actor("giam")
    quarter = simulations.quarter(giam, "", at=NOW)
    assert (quarter.files, quarter.is_cut) == (6, False)
    assert (str(quarter.since), str(quarter.until)) == ("2026-01-01", "2026-03-02")
    assert [code for code, _name in quarter.procedures] == ["1.012783"]
    key, name = next((key, name) for key, name, people in quarter.teams if people == 1 and key.endswith(" leader"))
    assert name.endswith(" · Lãnh đạo phê duyệt"), "the role as people call it"
    asked = Conditions(procedure="1.012783", extra_team=key, extra_people=1, limits=3.0)
    number = simulations.ask(giam, "", asked, at=NOW)
    design = simulations.ask_design(giam, "Mới", Design((Assumed("Thẩm định", 1.0, 1),), 0.5, 30.0), at=NOW)
    assert simulations.look(giam, number).finished_at is None
    assert [simulations.run(NOW) for _ in range(3)] == [1, 1, 0]
    out = simulations.look(giam, number).result
    assert (out["files"], out["names"][key]) == (6, name)
    assert out["people"] == {key: people for key, _name, people in quarter.teams}
    assert out["real"]["late_share"] == pytest.approx(2 / 6)
    assert out["replayed"]["late_share"] == pytest.approx(2 / 6, abs=0.2)
    assert out["changed"]["late_share"]["mean"] <= out["before"]["late_share"]["mean"]
    fewer = out["changed"]["late_share"]["mean"] - out["before"]["late_share"]["mean"]
    assert out["difference"]["mean"] == pytest.approx(fewer)
    assert out["difference"]["low"] <= fewer <= out["difference"]["high"] <= 0
    assert simulations.look(giam, design).result["changed"]["late_share"]["mean"] == 0
    with pytest.raises(NotFound):
        simulations.look(office.actor("nga"), number)
    for nobody in (office.actor("lan"), office.actor("minh")):
        with pytest.raises(Refused):
            simulations.ask_design(nobody, "", Design((Assumed("A", 1.0, 1),), 1.0, 1.0), at=NOW)
    with pytest.raises(Refused):
        simulations.ask(office.actor("lan"), "", asked, at=NOW)
    for wrong in (
        Conditions(limits=float("nan")),
        Conditions(extra_people=-1),
        Conditions(extra_team="nobody", extra_people=1),
        Conditions(procedure="9.999999"),
    ):
        with pytest.raises(BadQuestion):
            simulations.ask(giam, "", wrong, at=NOW)
