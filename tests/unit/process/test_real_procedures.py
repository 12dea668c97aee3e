"""The procedures that are shipped: checked, and walked with every kind of answer, with events at any moment."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from engine.domain.process import Advance, FieldType, FormField
from engine.process.catalogue import Catalogue, procedure_files
from engine.process.checks import check_path
from engine.process.definitions import Definition
from engine.process.runner import Runner

BPMN = Path(__file__).parents[3] / "bpmn"
RUNNER = Runner()
WALKS, MOVES = 80, 120
PROCEDURES = procedure_files(BPMN)


@pytest.fixture(params=PROCEDURES, ids=lambda path: path.stem)
def definition(request: pytest.FixtureRequest) -> Definition:
    """Each procedure that is shipped."""
    return Definition.load(request.param, BPMN / "shared")


def test_every_file_is_in_order() -> None:
    assert [report.path for report in check_path([BPMN]) if not report.ok] == []
    assert len(Catalogue.load(BPMN)) == len(PROCEDURES)


def answer(field: FormField, random: Random) -> object:
    """Answer a field the way a form would."""
    if field.type is FieldType.CHOICE:
        return random.choice(field.options).value
    if field.type is FieldType.BOOLEAN:
        return random.random() < 0.5
    return random.randrange(10) if field.type is FieldType.NUMBER else "chữ"


def walk(definition: Definition, seed: int) -> list[Advance]:
    """Walk a procedure at random until it ends, with every answer by its form; events come in between."""
    random = Random(seed)
    case = random.choice(definition.procedure.cases)
    advance = RUNNER.start(definition, {"case": case.id, "channel": "in_person"})
    way = [advance]
    while not advance.is_finished and len(way) < MOVES:
        messages = sorted(RUNNER.waiting_messages(definition, advance.state) - {"withdrawal", "closed"})
        if random.random() < 0.2 and messages:
            advance = RUNNER.throw(definition, advance.state, random.choice(messages))
        else:
            task = random.choice(advance.open_tasks)
            answers = {field.id: answer(field, random) for field in task.step.form}
            advance = RUNNER.complete(definition, advance.state, task.id, answers)
        way.append(advance)
    return way


def test_a_procedure_is_walked_to_each_of_its_ends_whatever_is_answered(definition: Definition) -> None:
    visited: Counter[str] = Counter()
    ends = set()
    for seed in range(WALKS):
        way = walk(definition, seed)
        ends |= {advance.end_id for advance in way if advance.end_id}
        for advance in way:
            visited.update(advance.visited)
            assert len(advance.state) < 300
            withdrawn = "withdrawal" in RUNNER.waiting_messages(definition, advance.state)
            assert withdrawn != advance.is_finished or "withdrawal" not in definition.messages
    own = definition.blueprint.plans[0]
    drawn = {name for name in own.number_of if name.startswith(f"{definition.procedure.process}/")}
    handlers = {name for name in drawn if name.endswith(("/on_withdrawal", "/on_closed"))}
    assert drawn - handlers - visited.keys() == set()
    assert ends >= {name.rpartition("/")[2] for name in drawn if "/end" in name}


def test_a_procedure_can_be_withdrawn_at_any_step(definition: Definition) -> None:
    if "withdrawal" not in definition.messages:
        pytest.skip("this desk knows no withdrawal")
    for advance in walk(definition, seed=1):
        if not advance.is_finished:
            gone = RUNNER.throw(definition, advance.state, "withdrawal")
            assert {effect.name for effect in gone.effects} >= {"record_outcome"} or gone.open_tasks


def test_a_procedure_comes_back_from_its_sources(definition: Definition) -> None:
    advance = RUNNER.start(definition, {})
    again = Definition.from_sources(definition.sources())
    assert RUNNER.open_tasks(again, advance.state) == advance.open_tasks
