"""Imported models made ready to run, and moved step by step."""

from __future__ import annotations

from engine.domain.process import Advance
from engine.process.importing.examine import examine_import
from engine.process.importing.trial import Trial
from engine.process.reading import read_diagram
from engine.process.runner import Runner
from tests.support.foreign import write

RUNNER = Runner()


def trial_of(model: str) -> Trial:
    """Import a model and make what was written ready to run, the last process first."""
    found = examine_import(write(model))
    assert not found.problems, found.problems
    read = [read_diagram(text.encode(), name, is_imported=True)[0] for name, text in found.written.items()]
    return Trial([diagram for diagram in reversed(read) if diagram is not None])


class Walk:
    """One instance of an imported model, moved by the ids of its steps."""

    def __init__(self, model: str) -> None:
        self.trial = trial_of(model)
        self.advance: Advance = RUNNER.start(self.trial)
        self.passed = [*self.advance.visited]

    @property
    def open(self) -> list[str]:
        return sorted(task.step.id for task in self.advance.open_tasks)

    def do(self, step: str, **answers: object) -> Walk:
        task = next(task for task in self.advance.open_tasks if task.step.id == step)
        return self._now(RUNNER.complete(self.trial, self.advance.state, task.id, answers))

    def throw(self, message: str) -> Walk:
        return self._now(RUNNER.throw(self.trial, self.advance.state, message))

    def _now(self, advance: Advance) -> Walk:
        self.advance = advance
        self.passed += advance.visited
        return self

    def went(self, *nodes: str) -> bool:
        return all(any(passed.endswith(f"/{node}") for passed in self.passed) for node in nodes)
