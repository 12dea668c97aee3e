"""Models that somebody damaged: each is refused with a reason, or runs to its end. Nothing lies in between.

A seeded handful of what was tried once with four thousand: elements removed, doubled, moved, renamed, attributes lost
or mixed up.
"""

from __future__ import annotations

import copy
from collections import Counter
from pathlib import Path
from random import Random

from lxml import etree

from engine.domain.process import FieldType, Severity
from engine.process.bundle import read_bundle
from engine.process.checks.rules import diagram_problems
from engine.process.definitions import Definition
from engine.process.runner import Runner

MODELS = Path(__file__).parent / "models"
CONTENT, FACTS = (MODELS / "permit.bpmn").read_bytes(), (MODELS / "permit.yaml").read_bytes()
SHARED = {"papers": (MODELS / "shared" / "papers.bpmn").read_bytes()}
MUTANTS = 120
RUNNER = Runner()


def mutant(random: Random) -> bytes:
    """Damage the model in one to three places."""
    tree = etree.fromstring(CONTENT)
    elements = [
        element for element in tree.iter(etree.Element) if "/DI" not in element.tag and "/DC" not in element.tag
    ]
    for _place in range(random.choice([1, 1, 2, 3])):
        element, other = random.choice(elements[1:]), random.choice(elements[1:])
        parent = element.getparent()
        damage = random.randrange(7)
        if damage == 0 and parent is not None:
            parent.remove(element)
        elif damage == 1 and parent is not None:
            parent.append(copy.deepcopy(element))
        elif damage == 2 and element.attrib:
            del element.attrib[random.choice(list(element.attrib))]
        elif damage == 3 and element.attrib and other.attrib:
            element.set(random.choice(list(element.attrib)), str(random.choice(list(other.attrib.values()))))
        elif damage == 4:
            element.tag = other.tag
        elif damage == 5 and element not in {other, *other.iterancestors()}:
            other.append(element)
        else:
            element.text = random.choice(["", "x", "1 == 1", "a.b", 'decision == "x"'])
    return etree.tostring(tree)


def walk(definition: Definition, random: Random) -> bool:
    """Walk at random with required answers only; whether it came to an end in forty moves."""
    advance = RUNNER.start(definition, {"case": "standard", "channel": "online"})
    for _move in range(40):
        if advance.is_finished:
            return True
        task = random.choice(advance.open_tasks)
        answers: dict[str, object] = {field.id: "x" for field in task.step.form if field.is_required}
        answers |= {f.id: random.choice(f.options).value for f in task.step.form if f.type is FieldType.CHOICE}
        answers |= {f.id: random.random() < 0.5 for f in task.step.form if f.type is FieldType.BOOLEAN}
        advance = RUNNER.complete(definition, advance.state, task.id, answers)
    return False


def test_what_the_checker_lets_pass_runs_and_what_it_refuses_it_names() -> None:
    fates: Counter[str] = Counter()
    for seed in range(MUTANTS):
        random = Random(seed)
        content = mutant(random)
        problems = list(diagram_problems(read_bundle("permit", content, FACTS, SHARED), None))
        if any(problem.severity is Severity.ERROR for problem in problems):
            fates["refused"] += 1
            assert all(problem.message and problem.message_en for problem in problems)
            continue
        definition = Definition.of("permit", content, FACTS, SHARED)
        for again in range(3):
            fates["ended" if walk(definition, Random(again)) else "still open"] += 1
    assert fates["refused"] > MUTANTS // 3
    assert fates["ended"] > 9 * fates["still open"]
