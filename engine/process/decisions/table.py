"""A decision table at work: which rows match, and what the hit policy makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import cast

from engine.process.decisions.cells import Formula
from engine.process.decisions.errors import DecisionFailed, DecisionInputWrong
from engine.process.decisions.unary import UnaryTests
from engine.process.decisions.values import Value, ValueKind, fits, kind_of, written
from engine.process.expressions import ExpressionFailed

# One output: a value. Several outputs: a value by output name. Several hits: a list of either.
Row = Value | Mapping[str, Value]
Result = Row | list[Row]


class HitPolicy(StrEnum):
    """What is done with the rows that match."""

    UNIQUE = "UNIQUE"
    FIRST = "FIRST"
    PRIORITY = "PRIORITY"
    ANY = "ANY"
    COLLECT = "COLLECT"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"


class Aggregation(StrEnum):
    """What COLLECT makes of the outputs: ``+``, ``<``, ``>``, ``#``."""

    SUM = "SUM"
    MIN = "MIN"
    MAX = "MAX"
    COUNT = "COUNT"


@dataclass(frozen=True, slots=True)
class Input:
    """An input column: what it reads, and the lists of values of which its value must be in each."""

    label: str
    kind: ValueKind
    formula: Formula
    allowed: tuple[UnaryTests, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """An output column. `order`: its values from the most to the least important; `default` where no row matches."""

    name: str
    label: str
    kind: ValueKind
    allowed: tuple[UnaryTests, ...] = ()
    order: tuple[Value, ...] = ()
    default: Formula | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: its number as people count, its input cells and its output cells."""

    number: int
    tests: tuple[UnaryTests, ...]
    outputs: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table. `name` is what people see."""

    name: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    policy: HitPolicy = HitPolicy.UNIQUE
    aggregation: Aggregation | None = None

    @property
    def answers_list(self) -> bool:
        """Whether the result is a list of rows."""
        return (
            self.policy in {HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER}
            and self.aggregation is None
        )

    def evaluate(self, values: Mapping[str, Value]) -> Result:
        """Work the table out. Raises `DecisionFailed`, naming table, row and column."""
        given = [self._given(column, values) for column in self.inputs]
        hits = [rule for rule in self.rules if all(map(_accepts, rule.tests, given))]
        if not hits:
            return self._default(values)
        if self.policy is HitPolicy.UNIQUE and len(hits) > 1:
            raise DecisionFailed(table=self.name, detail=f"{_rows(hits)} cùng khớp, bảng chỉ cho phép một dòng")
        if self.policy is HitPolicy.FIRST:
            hits = hits[:1]
        rows = [self._outputs(rule, values) for rule in hits]
        return _POLICIES[self.policy](self, hits, rows)

    def _given(self, column: Input, values: Mapping[str, Value]) -> Value:
        try:
            value = column.formula.value(values)
        except ExpressionFailed as failed:
            raise DecisionFailed(table=self.name, detail=f"cột “{column.label}”: {failed.reason}") from failed
        if not fits(value, column.kind):
            found = kind_of(value)
            detail = f"cần {column.kind.label}, nhận được {found.label if found else ''} {written(value)}"
            raise DecisionInputWrong(table=self.name, input=column.label, name=column.formula.text, detail=detail)
        refused = not_allowed(value, column.allowed)
        if refused:
            raise DecisionInputWrong(table=self.name, input=column.label, name=column.formula.text, detail=refused)
        return value

    def _outputs(self, rule: Rule, values: Mapping[str, Value]) -> tuple[Value, ...]:
        cells = zip(self.outputs, rule.outputs, strict=True)
        return tuple(self._output(output, formula, f"dòng {rule.number}", values) for output, formula in cells)

    def _output(self, output: Output, formula: Formula, place: str, values: Mapping[str, Value]) -> Value:
        where = f"{place}, cột “{output.label}”"
        try:
            value = formula.value(values)
        except ExpressionFailed as failed:
            raise DecisionFailed(table=self.name, detail=f"{where}: {failed.reason}") from failed
        if not fits(value, output.kind):
            raise DecisionFailed(table=self.name, detail=f"{where}: {written(value)} không phải {output.kind.label}")
        refused = "" if value is None else not_allowed(value, output.allowed)
        if refused:
            raise DecisionFailed(table=self.name, detail=f"{where}: {refused}")
        return value

    def _default(self, values: Mapping[str, Value]) -> Result:
        """What holds where no row matches: the default outputs, null without."""
        if all(output.default is None for output in self.outputs):
            return None
        return self.named(
            tuple(
                None if output.default is None else self._output(output, output.default, "mặc định", values)
                for output in self.outputs
            )
        )

    def named(self, row: tuple[Value, ...]) -> Row:
        """Answer a row as a result: bare where there is one output, by name where there are several."""
        if len(self.outputs) == 1:
            return row[0]
        return {output.name: value for output, value in zip(self.outputs, row, strict=True)}

    def rank(self, row: tuple[Value, ...]) -> tuple[int, ...]:
        """Answer where a row stands in the order of its outputs: the smaller, the more important."""
        ranks = []
        for output, value in zip(self.outputs, row, strict=True):
            if output.order:
                if value not in output.order:
                    detail = f"cột “{output.label}”: {written(value)} không có trong danh sách ưu tiên"
                    raise DecisionFailed(table=self.name, detail=detail)
                ranks.append(output.order.index(value))
        return tuple(ranks)


def not_allowed(value: Value, allowed: Iterable[UnaryTests]) -> str:
    """Say in Vietnamese which list of allowed values does not hold `value`; empty if all do."""
    broken = next((tests for tests in allowed if not tests.accepts(value)), None)
    return f"{written(value)} không thuộc {broken.text}" if broken else ""


def _accepts(cell: UnaryTests, value: Value) -> bool:
    return cell.accepts(value)


def _rows(rules: Sequence[Rule]) -> str:
    return " và ".join(f"dòng {rule.number}" for rule in rules[:5])


_Outputs = list[tuple[Value, ...]]


def _one(table: Table, _hits: Sequence[Rule], rows: _Outputs) -> Result:
    return table.named(rows[0])


def _any(table: Table, hits: Sequence[Rule], rows: _Outputs) -> Result:
    if any(row != rows[0] for row in rows):
        raise DecisionFailed(table=table.name, detail=f"{_rows(hits)} cùng khớp nhưng cho kết quả khác nhau")
    return table.named(rows[0])


def _priority(table: Table, _hits: Sequence[Rule], rows: _Outputs) -> Result:
    return table.named(min(rows, key=table.rank))


def _rule_order(table: Table, _hits: Sequence[Rule], rows: _Outputs) -> Result:
    return [table.named(row) for row in rows]


def _output_order(table: Table, _hits: Sequence[Rule], rows: _Outputs) -> Result:
    return [table.named(row) for row in sorted(rows, key=table.rank)]


def _collect(table: Table, hits: Sequence[Rule], rows: _Outputs) -> Result:
    if table.aggregation is None:
        return _rule_order(table, hits, rows)
    if table.aggregation is Aggregation.COUNT:
        return Decimal(len(rows))
    numbers = list(_numbers(rows))
    if len(numbers) < len(rows):
        return None  # FEEL: a list that holds null has no sum and no extreme
    return _AGGREGATIONS[table.aggregation](numbers)


def _numbers(rows: _Outputs) -> Iterator[Decimal]:
    return (cast("Decimal", row[0]) for row in rows if row[0] is not None)


_AGGREGATIONS: Mapping[Aggregation, Callable[[list[Decimal]], Decimal]] = {
    Aggregation.SUM: lambda numbers: sum(numbers, Decimal(0)),
    Aggregation.MIN: min,
    Aggregation.MAX: max,
}
_POLICIES: Mapping[HitPolicy, Callable[[Table, Sequence[Rule], _Outputs], Result]] = {
    HitPolicy.UNIQUE: _one,
    HitPolicy.FIRST: _one,
    HitPolicy.ANY: _any,
    HitPolicy.PRIORITY: _priority,
    HitPolicy.RULE_ORDER: _rule_order,
    HitPolicy.OUTPUT_ORDER: _output_order,
    HitPolicy.COLLECT: _collect,
}
