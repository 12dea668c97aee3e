"""The state of an instance: small, faithful, and refused when it is not ours."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import msgpack
import pytest

from engine.process.definitions import Definition
from engine.process.errors import StateUnreadable, VariableRefused
from engine.process.runner import Runner
from engine.process.state import FORMAT, MAX_VARIABLES, decode, encode
from engine.process.tokens import Instance, Token
from tests.unit.process.shapes import SHAPES
from tests.unit.process.walking import RUNNER, Shape, Walk, shape

# What earlier versions of this module wrote for models/permit.bpmn: they must be read for ever, or the format gets a
# new number and the old one stays readable. The model must not be changed.
MODELS = Path(__file__).parent / "models"

GOLDEN: dict[str, tuple[str, list[str]]] = {
    "begun": ("0195c40802e8ee139bc76af803c08091940000019193030610", ["forward_dossier"]),
    "in a called diagram": (
        "0195c40802e8ee139bc76af80ac081a961707072616973616caa737570706c656d656e7492940000019193060f209406050791930a0910",
        ["receive_papers"],
    ),
    "in parallel branches": (
        "0195c40802e8ee139bc76af80bc081a961707072616973616ca86f70696e696f6e73929400000191930612209406010792930a0910930b0c10",
        ["ask_planning", "ask_commune"],
    ),
    "one branch at the join": (
        "0195c40802e8ee139bc76af80cc081a961707072616973616ca86f70696e696f6e73929400000191930612209406010792930b0c10950c0f080009",
        ["ask_commune"],
    ),
    "finished": (
        "0195c40802e8ee139bc76af815b57065726d69742f7769746864726177616c5f656e6481a961707072616973616ca86f70696e696f6e73919400000190",
        [],
    ),
}


class Straight:
    """A run that is never saved and never pruned: what saving must not change."""

    def __init__(self, drawn: Shape) -> None:
        variables: dict[str, object] = dict.fromkeys(drawn.options, "other")
        self.instance = Instance(drawn.definition.blueprint, variables)
        self.instance.open()
        self.instance.advance(500)

    def tokens(self) -> list[Token]:
        return self.instance.manual_tokens()

    def names(self) -> Counter[str]:
        return Counter(token.task_spec.name for token in self.tokens())


@pytest.mark.parametrize("name", SHAPES)
def test_a_walk_that_is_saved_between_all_steps_equals_one_that_never_is(name: str) -> None:
    drawn = shape(name)
    for seed in range(15):
        straight, random = Straight(drawn), Random(seed)
        advance = RUNNER.start(drawn.definition, dict.fromkeys(drawn.options, "other"))
        for _move in range(30):
            assert Counter(f"{task.step.process}/{task.step.id}" for task in advance.open_tasks) == straight.names()
            if advance.is_finished:
                break
            straight.instance.effects.clear()
            variables = {variable: random.choice(values) for variable, values in drawn.options.items()}
            straight.instance.variables |= variables
            messages = sorted(straight.instance.waiting_messages())
            if messages and (not advance.open_tasks or random.random() < 0.35):
                message = random.choice(messages)
                straight.instance.deliver(message)
                advance = RUNNER.throw(drawn.definition, advance.state, message, variables)
            else:
                place = random.randrange(len(advance.open_tasks))
                straight.tokens()[place].run()
                advance = RUNNER.complete(drawn.definition, advance.state, advance.open_tasks[place].id, variables)
            straight.instance.advance(500)
            assert [effect.element_id for effect in advance.effects] == [
                node.rpartition("/")[2] for node in straight.instance.effects
            ]
        assert straight.instance.completed == advance.is_finished


def test_reading_and_writing_a_state_gives_the_same_bytes() -> None:
    for name in SHAPES:
        walk = Walk(shape(name), seed=7)
        for _move in range(20):
            if walk.advance.is_finished:
                break
            walk.step()
            instance = decode(walk.definition.blueprint, walk.advance.state)
            assert encode(instance) == walk.advance.state


def test_ids_of_open_tasks_stay_over_save_and_restore_and_are_never_used_twice() -> None:
    walk = Walk(shape("events"), seed=3)
    seen: dict[str, str] = {}
    for _move in range(60):
        for task in RUNNER.open_tasks(walk.definition, walk.advance.state):
            assert task in walk.advance.open_tasks
            assert seen.setdefault(task.id, task.step.id) == task.step.id
            assert len(task.id) <= 6
        if walk.advance.is_finished:
            break
        still_open = {task.id for task in walk.advance.open_tasks}
        walk.step()
        assert {task.id for task in walk.advance.opened}.isdisjoint(still_open)
        assert set(walk.advance.closed) <= still_open


def test_a_state_in_the_middle_is_some_forty_bytes() -> None:
    walk = Walk(shape("straight"), seed=1)
    assert len(walk.advance.state) < 40
    largest = 0
    for name in SHAPES:
        walk = Walk(shape(name), seed=5)
        for _move in range(20):
            if not walk.advance.is_finished:
                walk.step()
            largest = max(largest, len(walk.advance.state))
    assert largest < 200


def test_forty_rounds_through_a_loop_leave_no_history() -> None:
    drawn = shape("choice_with_rework")
    advance = RUNNER.start(drawn.definition, {"way": "yes", "again": "half"})
    advance = RUNNER.complete(drawn.definition, advance.state, advance.task("a").id)
    sizes = []
    for _round in range(40):
        advance = RUNNER.complete(drawn.definition, advance.state, advance.task("b").id)
        sizes.append(len(advance.state))
        advance = RUNNER.complete(drawn.definition, advance.state, advance.task("d").id)
    assert max(sizes) - min(sizes) <= 4  # the counter of ids takes a byte more or two
    assert max(sizes) < 70


def test_open_event_subprocesses_do_not_keep_history() -> None:
    drawn = shape("events")
    advance = RUNNER.start(drawn.definition, {"again": "yes"})
    advance = RUNNER.throw(drawn.definition, advance.state, "due_soon")
    before = len(advance.state)
    for _round in range(10):
        for step in ("a", "b", "c", "d", "e"):
            advance = RUNNER.complete(drawn.definition, advance.state, advance.task(step).id)
            advance = RUNNER.throw(drawn.definition, advance.state, "overdue")
    assert advance.task("explain").path == ("on_due_soon",)
    assert len(advance.state) - before <= 6


@pytest.mark.parametrize("name", GOLDEN)
def test_states_of_earlier_versions_are_read(name: str) -> None:
    definition = Definition.load(MODELS / "permit.bpmn", MODELS / "shared")
    written, steps = GOLDEN[name]
    state = bytes.fromhex(written)
    # The ref follows the spelling of XML; what is golden is all the rest.
    state = state.replace(bytes.fromhex("02e8ee139bc76af8"), bytes.fromhex(definition.ref)[:8])
    assert [task.step.id for task in RUNNER.open_tasks(definition, state)] == steps


def _states() -> dict[str, bytes]:
    good = Walk(shape("parallel"), seed=1).advance.state
    doc = msgpack.unpackb(good[1:])

    def packed(**changes: object) -> bytes:
        fields = dict(zip(("ref", "last_id", "ended_at", "variables", "scopes"), doc, strict=True))
        return bytes([FORMAT]) + bytes(msgpack.packb(list({**fields, **changes}.values())))

    return {
        "empty": b"",
        "unknown format": bytes([99]) + good[1:],
        "another definition": packed(ref=b"12345678"),
        "cut short": good[:-3],
        "too long": good + b"x",
        "not msgpack": bytes([FORMAT]) + b"\xc1\xc1",
        "no fields": bytes([FORMAT]) + msgpack.packb([]),
        "a node that is not there": packed(scopes=[[0, 0, 1, [[2, 9999, 16]]]]),
        "a scope that is not there": packed(scopes=[[0, 99, 1, []]]),
        "a holder that is not there": packed(scopes=[[0, 0, 1, []], [77, 0, 2, []]]),
        "a state that is not kept": packed(scopes=[[0, 0, 1, [[2, 3, 256]]]]),
        "a parent that is not there": packed(scopes=[[0, 0, 1, [[2, 6, 16, 44, 0]]]]),
        "text for a number": packed(scopes=[[0, 0, 1, [["2", "6", "16"]]]]),
    }


@pytest.mark.parametrize("name", _states())
def test_bytes_that_are_no_state_of_this_definition_are_refused(name: str) -> None:
    with pytest.raises(StateUnreadable):
        RUNNER.open_tasks(shape("parallel").definition, _states()[name])


def test_random_damage_never_escapes_as_anything_else() -> None:
    definition = shape("parallel").definition
    good = bytearray(Walk(shape("parallel"), seed=1).advance.state)
    random = Random(0)
    for _try in range(300):
        bad = bytearray(good)
        bad[random.randrange(len(bad))] = random.randrange(256)
        try:
            RUNNER.open_tasks(definition, bytes(bad))
        except StateUnreadable:
            continue


def test_only_variables_that_conditions_read_are_kept() -> None:
    definition = shape("choice_with_rework").definition
    advance = Runner().start(definition, {"way": "yes", "again": "no", "applicant": "Nguyễn Thị Lan", "form": {"a": 1}})
    assert advance.variables == {"way": "yes", "again": "no"}
    assert b"Lan" not in advance.state


@pytest.mark.parametrize(
    "value", [object(), b"bytes", {1: "a"}, {"a": [1, {"b": object()}]}, 2**70, float("nan"), float("inf"), {"a"}, (1,)]
)
def test_variables_that_are_not_plain_json_are_refused(value: object) -> None:
    with pytest.raises(VariableRefused):
        RUNNER.start(shape("choice_with_rework").definition, {"way": value})


def test_variables_may_not_swell_the_state() -> None:
    with pytest.raises(VariableRefused):
        RUNNER.start(shape("choice_with_rework").definition, {"way": "x" * MAX_VARIABLES})


@pytest.mark.parametrize("value", ["chữ", 1, 2.5, True, None, ["a", {"b": [None, False]}]])
def test_plain_variables_come_back_as_they_were(value: object) -> None:
    definition = shape("choice_with_rework").definition
    advance = RUNNER.start(definition, {"way": value, "again": "no"})
    assert decode(definition.blueprint, advance.state).variables["way"] == value
