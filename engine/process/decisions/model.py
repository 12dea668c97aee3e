"""The decisions of one file and how they need each other. Immutable; shared by all threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.process.decisions.cells import Formula
from engine.process.decisions.errors import DecisionFailed, DecisionInputWrong
from engine.process.decisions.table import Result, Table, not_allowed
from engine.process.decisions.unary import UnaryTests
from engine.process.decisions.values import Value, ValueKind, fits, written
from engine.process.expressions import ExpressionFailed


@dataclass(frozen=True, slots=True)
class TypeRule:
    """What a value must be: of a kind, and one of the allowed values where the file lists them."""

    kind: ValueKind = ValueKind.ANY
    allowed: tuple[UnaryTests, ...] = ()

    def fault(self, value: Value) -> str:
        """Say in Vietnamese why `value` is not allowed; empty if it is."""
        if value is None:
            return ""
        if not fits(value, self.kind):
            return f"{written(value)} không phải {self.kind.label}"
        return not_allowed(value, self.allowed)


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: its name in other decisions, what it needs, and the table or formula that makes it."""

    id: str
    name: str
    logic: Table | Formula
    type: TypeRule
    inputs: tuple[str, ...]
    decisions: tuple[str, ...]

    @property
    def table(self) -> Table | None:
        """The table, None where the decision is a formula."""
        return self.logic if isinstance(self.logic, Table) else None


@dataclass(frozen=True, slots=True)
class DecisionModel:
    """All decisions of a file by id, each after those it needs; its inputs by name."""

    decisions: Mapping[str, Decision]
    inputs: Mapping[str, TypeRule]

    def evaluate(self, decision_id: str, given: Mapping[str, Value]) -> Result:
        """Work a decision out, and first what it needs; an input without a value is null.

        Raises `DecisionFailed`, and `KeyError` for an unknown decision.
        """
        wanted = self.needed(decision_id)
        values: dict[str, Value] = {}
        for name in self.inputs_of(decision_id):
            values[name] = given.get(name)
            fault = self.inputs[name].fault(values[name])
            if fault:
                raise DecisionInputWrong(table=self.decisions[decision_id].name, input=name, name=name, detail=fault)
        result: Result = None
        for decision in wanted:
            result = _evaluate(decision, values)
            if result is None or not isinstance(result, list | Mapping):
                values[decision.name] = result
        return result

    def needed(self, decision_id: str) -> list[Decision]:
        """Answer the decisions that `decision_id` needs, each after those it needs itself; it comes last."""
        found = {decision_id}
        waiting = [decision_id]
        while waiting:
            more = set(self.decisions[waiting.pop()].decisions) - found
            found |= more
            waiting += more
        return [decision for id_, decision in self.decisions.items() if id_ in found]

    def inputs_of(self, decision_id: str) -> list[str]:
        """Answer the names of the inputs that a decision reads, itself or through others, in a fixed order."""
        return list(dict.fromkeys(name for decision in self.needed(decision_id) for name in decision.inputs))

    def cells_of(self, decision_id: str) -> Iterator[tuple[str, UnaryTests, bool]]:
        """Answer what a decision asks of its inputs: name of the input, test, and whether it bounds the input."""
        for decision in self.needed(decision_id):
            for name in decision.inputs:
                yield from ((name, tests, True) for tests in self.inputs[name].allowed)
            if isinstance(decision.logic, Table):
                yield from _cells(decision.logic, decision.inputs)


def _cells(table: Table, inputs: Iterable[str]) -> Iterator[tuple[str, UnaryTests, bool]]:
    for number, column in enumerate(table.inputs):
        name = column.formula.text
        if name in inputs:
            yield from ((name, tests, True) for tests in column.allowed)
            yield from ((name, rule.tests[number], False) for rule in table.rules)


def _evaluate(decision: Decision, values: Mapping[str, Value]) -> Result:
    if isinstance(decision.logic, Table):
        result = decision.logic.evaluate(values)
    else:
        try:
            result = decision.logic.value(values)
        except ExpressionFailed as failed:
            raise DecisionFailed(table=decision.name, detail=failed.reason) from failed
    for value in result if isinstance(result, list) else [result]:
        fault = "" if isinstance(value, Mapping) else decision.type.fault(value)
        if fault:
            raise DecisionFailed(table=decision.name, detail=f"kết quả {fault}")
    return result
