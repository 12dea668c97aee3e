"""Walks a drawn model: our engine and the simulator side by side, one random decision after the other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

from engine.domain.process import Advance
from engine.process.bundle import read_bundle
from engine.process.definitions import Definition
from engine.process.runner import Runner
from tests.unit.process.drawing import DrawnScope, bpmn, facts, read
from tests.unit.process.shapes import SHAPES, SHARED
from tests.unit.process.simulator import Simulator

RUNNER = Runner()


def definition_of(scope: DrawnScope, shared: Mapping[str, DrawnScope] | None = None) -> Definition:
    """Build a definition from a drawing, in memory."""
    called = {name: bpmn(other) for name, other in (shared or {}).items()}
    bundle = read_bundle(scope.id, bpmn(scope), facts(scope.id), called)
    assert not bundle.problems, bundle.problems
    return Definition.of(scope.id, bpmn(scope), facts(scope.id), called)


def choices(text: str) -> dict[str, list[str]]:
    """Answer the values that conditions of a model name, and one that none does."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'(\w+) == "(\w+)"', text):
        found.setdefault(name, ["other"]).append(value)
    return found


@dataclass(frozen=True)
class Shape:
    """A model to walk: as drawn, as our engine holds it, and the answers its conditions know."""

    scope: DrawnScope
    shared: Mapping[str, DrawnScope]
    definition: Definition
    options: Mapping[str, list[str]]


@cache
def shape(name: str) -> Shape:
    """Read a model of `shapes`."""
    shared = {other: read(other, text) for other, text in SHARED.items()}
    scope = read(name, SHAPES[name])
    return Shape(scope, shared, definition_of(scope, shared), choices(SHAPES[name] + "".join(SHARED.values())))


class Walk:
    """One run of a model. Every move is compared with the simulator."""

    def __init__(self, shape: Shape, seed: int) -> None:
        self.random = Random(seed)
        self.options = shape.options
        self.definition = shape.definition
        self.simulator = Simulator(shape.scope, shape.shared)
        self.simulator.variables = dict.fromkeys(self.options, "other")
        self.advance: Advance = RUNNER.start(self.definition, self.simulator.variables)
        self.simulator.start()
        self.simulator._close()
        self.moves: list[str] = []
        self.compare()

    def step(self) -> None:
        """Complete an open step or throw a message, at random."""
        messages = sorted(self.simulator.messages())
        variables = {name: self.random.choice(values) for name, values in self.options.items()}
        self.simulator.effects.clear()
        if messages and (not self.advance.open_tasks or self.random.random() < 0.35):
            message = self.random.choice(messages)
            self.moves.append(f"!{message}")
            self.advance = RUNNER.throw(self.definition, self.advance.state, message, variables)
            self.simulator.throw(message, variables)
        else:
            task = self.random.choice(self.advance.open_tasks)
            self.moves.append(task.step.id)
            self.advance = RUNNER.complete(self.definition, self.advance.state, task.id, variables)
            self.simulator.complete(task.step.id, variables)
        self.compare()

    def compare(self) -> None:
        """Both must show the same open steps, messages, effects and end."""
        ours = Counter(task.step.id for task in self.advance.open_tasks)
        assert ours == self.simulator.open_steps(), self.moves
        assert self.advance.is_finished == self.simulator.is_finished, self.moves
        ordered = Counter(effect.arguments["message"] for effect in self.advance.effects)
        assert ordered == Counter(self.simulator.effects), self.moves
        waiting = RUNNER.waiting_messages(self.definition, self.advance.state)
        assert waiting == self.simulator.messages(), self.moves

    def run(self, moves: int) -> None:
        """Walk until the end, or so many moves."""
        for _move in range(moves):
            if self.advance.is_finished:
                return
            self.step()
