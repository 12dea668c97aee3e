"""The place of an instance in another version: found by names, refused where the tokens could not go on as before."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.process.definitions import Definition
from engine.process.errors import StateUnreadable
from engine.process.moving import is_same_place, move, put_back
from engine.process.runner import Runner
from tests.unit.process.drawing import bpmn, facts, read

BPMN = Path(__file__).resolve().parents[3] / "bpmn"
RUNNER = Runner()
STEM = "reissue_lost_certificate"
POST = "post_publicly"
ANSWERS = {
    "intake": "accepted",
    "appraisal": "qualified",
    "decision": "approve",
    "financial_obligation": "none",
    "posting": "clear",
    "feedback": "none",
}


@pytest.fixture
def changed(tmp_path: Path):
    """Call it with words to change in a file: the same procedure as another version."""
    number = 0

    def draw(*changes: tuple[str, str, str]) -> Definition:
        nonlocal number
        number += 1
        folder = tmp_path / str(number)
        shutil.copytree(BPMN / "shared", folder / "shared")
        (folder / "land").mkdir()
        for file in (BPMN / "land").glob(f"{STEM}.*"):
            shutil.copy(file, folder / "land")
        facts = folder / "land" / f"{STEM}.yaml"
        facts.write_text(facts.read_text(encoding="utf-8").replace('version: "1"', 'version: "2"'), encoding="utf-8")
        for name, old, new in changes:
            path = folder / name
            content = path.read_text(encoding="utf-8")
            assert old in content, f"{name}: {old}"
            path.write_text(content.replace(old, new), encoding="utf-8")
        return Definition.load(folder / "land" / f"{STEM}.bpmn")

    return draw


@pytest.fixture(scope="module")
def original() -> Definition:
    return Definition.load(BPMN / "land" / f"{STEM}.bpmn")


def straight(definition: Definition, until: str) -> bytes:
    """The state of an instance that was led on the straight way until a step is open."""
    advance = RUNNER.start(definition, {"case": definition.procedure.default_case.id, "channel": "in_person"})
    for _ in range(30):
        if any(task.step.id == until for task in advance.open_tasks):
            return advance.state
        advance = RUNNER.complete(definition, advance.state, advance.open_tasks[0].id, ANSWERS)
    raise AssertionError(until)


def codes(moved) -> list[str]:
    return [obstacle.code for obstacle in moved.obstacles]


def test_every_place_on_the_way_is_found_again_and_led_to_the_same_end(original, changed):
    other = changed()
    advance = RUNNER.start(original, {"case": original.procedure.default_case.id, "channel": "in_person"})
    places = 0
    while not advance.is_finished:
        moved = move(original, other, advance.state, {})
        assert not moved.obstacles
        steps = RUNNER.open_tasks(other, moved.state)
        assert [(task.id, task.step.id) for task in steps] == [(task.id, task.step.id) for task in advance.open_tasks]
        assert move(other, original, moved.state, {}).state == advance.state
        key = advance.open_tasks[0].id
        following = RUNNER.complete(other, moved.state, key, ANSWERS)
        advance = RUNNER.complete(original, advance.state, key, ANSWERS)
        assert following.end_id == advance.end_id
        places += 1
    assert places > 4


def test_what_is_inside_a_called_diagram_moves_with_it(original, changed):
    other = changed(("shared/posting.bpmn", "Niêm yết", "Dán niêm yết"))
    moved = move(original, other, straight(original, POST), {})
    assert [task.step.id for task in RUNNER.open_tasks(other, moved.state)] == [POST]


def test_a_timer_that_is_drawn_otherwise_keeps_the_step_where_it_is(original, changed):
    other = changed(("shared/posting.bpmn", "posting_over", "posting_ended"))
    assert set(codes(move(original, other, straight(original, POST), {}))) == {"step_gone", "boundary_changed"}
    before = move(original, other, straight(original, "forward_dossier"), {})
    assert before.state, "whoever is not there yet moves"


def test_an_answer_that_nobody_will_be_asked_for_is_an_obstacle_unless_it_is_on_record(original, changed):
    drawing = f"land/{STEM}.bpmn"
    condition = 'decision == "approve"'
    other = changed((drawing, condition, 'decision == "approve" and region != "closed"'))
    state = straight(original, POST)
    assert "answer_missing" in codes(move(original, other, state, {}))
    known = move(original, other, state, {"region": "open"})
    assert (known.obstacles, bool(known.state)) == ((), True)


def test_a_state_of_another_version_is_not_moved(original, changed):
    with pytest.raises(StateUnreadable):
        move(changed(), original, straight(original, POST), {})


def test_ids_that_were_used_up_are_never_used_again(original):
    state = straight(original, "forward_dossier")
    warned = RUNNER.throw(original, state, "due_soon").state
    assert warned != state
    assert is_same_place(state, warned)
    assert put_back(state, warned) == warned
    assert not is_same_place(state, straight(original, POST))


# --- parallel branches ------------------------------------------------------------------------------------------------

BRANCHES = """
    start > a > p_split
    p_split > b > p_join
    p_split > c > d > p_join
    p_join > e > end
"""
STRAIGHT = "start > a > b > c > d > e > end"


def drawn(text: str) -> Definition:
    return Definition.of("way", bpmn(read("way", text)), facts("way"), {})


def open_after(definition: Definition, *done: str) -> bytes:
    """The state after these steps."""
    advance = RUNNER.start(definition)
    for step in done:
        advance = RUNNER.complete(definition, advance.state, advance.task(step).id)
    return advance.state


@pytest.mark.parametrize("done", [("a",), ("a", "b"), ("a", "c"), ("a", "b", "c"), ("a", "c", "d")])
def test_half_done_branches_move_where_the_branches_are_the_same(done):
    longer = drawn(BRANCHES.replace("b > p_join", "b > check > p_join"))
    moved = move(drawn(BRANCHES), longer, open_after(drawn(BRANCHES), *done), {})
    came_through_b = "b" in done
    assert codes(moved) == (["parallel_changed"] if came_through_b else [])
    advance = RUNNER.open_tasks(longer, moved.state) if moved.state else ()
    state = moved.state
    while advance:
        state = RUNNER.complete(longer, state, advance[0].id).state
        advance = RUNNER.open_tasks(longer, state)
    assert bool(state) == (not came_through_b)


@pytest.mark.parametrize(
    ("old", "new", "done", "moves"),
    [
        (STRAIGHT, BRANCHES, ("a",), False),  # alone in a branch: the join would wait for ever
        (STRAIGHT, BRANCHES, ("a", "b", "c", "d"), True),
        (STRAIGHT, BRANCHES, (), True),
        (BRANCHES, STRAIGHT, ("a",), False),  # two tokens on one way: what follows would be done twice
        (BRANCHES, BRANCHES + "p_split > f > p_join", ("a",), False),  # a third branch that nobody is in
        (BRANCHES, BRANCHES.replace("p_split > c > d > p_join", "p_split > d > c > p_join"), ("a", "c"), True),
        (BRANCHES, "start > a > p_split\np_split > x_in > b > c > d > p_join\np_split > f > p_join\np_join > e > end",
         ("a",), False),
    ],
)  # fmt: skip
def test_tokens_move_only_where_they_meet_again(old, new, done, moves):
    moved = move(drawn(old), drawn(new), open_after(drawn(old), *done), {})
    assert (codes(moved) == [], bool(moved.state)) == (moves, moves)
    assert moves or "parallel_changed" in codes(moved)
