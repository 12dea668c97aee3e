"""Reading one decision table: its columns, its rows, its hit policy; each fault by table, row and column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import zip_longest
from typing import TypeVar

from lxml import etree

from engine.process.decisions.cells import Formula, read_formula, read_tests
from engine.process.decisions.model import TypeRule
from engine.process.decisions.notes import Notes, cell_fault, child, children, text_of
from engine.process.decisions.table import Aggregation, HitPolicy, Input, Output, Rule, Table, not_allowed
from engine.process.decisions.types import ItemType, Types, allowed_values
from engine.process.decisions.unary import UnaryTests
from engine.process.decisions.values import ValueKind
from engine.process.expressions import ExpressionFailed, ExpressionRefused

MAX_RULES = 1000
MAX_COLUMNS = 40
_RANKED = frozenset({HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER})
_NUMERIC = frozenset({Aggregation.SUM, Aggregation.MIN, Aggregation.MAX})
_ANYTHING = UnaryTests("-")

_Cell = TypeVar("_Cell")


class TableReader:
    """Reads one table. `names` are the inputs and decisions that it may read, with their kinds."""

    def __init__(self, name: str, names: Mapping[str, ValueKind], types: Types, notes: Notes) -> None:
        """Read for the decision called `name`."""
        self._name, self._names, self._types, self._notes = name, names, types, notes

    def read(self, element: etree._Element, result: ItemType) -> Table | None:
        """Read the element `decisionTable`; `result` is the type of the decision. None if it is faulty."""
        faults = len(self._notes.problems)
        policy, aggregation = self._policy(element)
        inputs = tuple(self._input(number, part) for number, part in enumerate(children(element, "input"), start=1))
        written = children(element, "output")
        outputs = tuple(self._output(number, part, result) for number, part in enumerate(written, start=1))
        rows = children(element, "rule")
        if not outputs or not rows:
            self._notes.invalid(
                element, "bảng phải có cột kết quả và ít nhất một dòng", "a table needs outputs and rows"
            )
        if len(rows) > MAX_RULES or len(inputs) + len(outputs) > MAX_COLUMNS:
            self._notes.tell("too_large", element, limit=f"{MAX_RULES} dòng, {MAX_COLUMNS} cột")
            return None
        rules = tuple(self._rule(number, row, inputs, outputs) for number, row in enumerate(rows, start=1))
        if len(self._notes.problems) > faults:
            return None
        outputs = tuple(_with_kind(output, place, rules) for place, output in enumerate(outputs))
        table = Table(self._name, tuple(i for i in inputs if i), outputs, rules, policy, aggregation)
        self._check(element, table, result)
        return None if len(self._notes.problems) > faults else table

    def _policy(self, element: etree._Element) -> tuple[HitPolicy, Aggregation | None]:
        written, aggregation = element.get("hitPolicy", "UNIQUE"), element.get("aggregation")
        try:
            policy = HitPolicy(written)
            found = Aggregation(aggregation) if aggregation else None
        except ValueError:
            what = f"hitPolicy “{written}” {aggregation or ''}".strip()
            self._notes.unsupported(element, what, what)
            return HitPolicy.UNIQUE, None
        if found is not None and policy is not HitPolicy.COLLECT:
            self._notes.invalid(element, "aggregation chỉ đi với COLLECT", "aggregation goes with COLLECT only")
        return policy, found

    def _input(self, number: int, element: etree._Element) -> Input | None:
        expression = child(element, "inputExpression")
        text = text_of(expression)
        label = element.get("label") or text or f"{number}"
        rule = self._types.simple(expression)
        formula = self._cell(element, "tiêu đề", label, text, lambda: read_formula(text, self._names))
        if formula is None:
            return None
        kind = rule.kind if rule.kind is not ValueKind.ANY else formula.kind
        if formula.kind not in {kind, ValueKind.ANY}:
            self._notes.invalid(
                element, f"cột “{label}” là {kind.label}, đầu vào là {formula.kind.label}",
                f"column “{label}” is a {kind}, its input a {formula.kind}",
            )  # fmt: skip
        listed = allowed_values(child(element, "inputValues"), kind, self._notes)
        return Input(label, kind, formula, (*rule.allowed, *listed))

    def _output(self, number: int, element: etree._Element, result: ItemType) -> Output:
        name = element.get("name", "")
        label = element.get("label") or name or f"kết quả {number}"
        own = self._types.simple(element)
        outer = result.components.get(name, TypeRule()) if result.components else result.rule
        kind = own.kind if own.kind is not ValueKind.ANY else outer.kind
        if kind is not outer.kind and outer.kind is not ValueKind.ANY and not result.components:
            outer = TypeRule()  # a count of texts is a number
        listed = allowed_values(child(element, "outputValues"), kind, self._notes)
        order = listed[0].listed() if listed else None
        written = child(element, "defaultOutputEntry")
        text = text_of(written)
        default = (
            self._cell(written, "mặc định", label, text, lambda: read_formula(text, self._names))
            if written is not None and text
            else None
        )
        return Output(name, label, kind, (*own.allowed, *outer.allowed, *listed), order or (), default)

    def _rule(
        self, number: int, element: etree._Element, inputs: Iterable[Input | None], outputs: Iterable[Output]
    ) -> Rule:
        row = f"dòng {number}"
        tests, formulas = [], []
        inputs, outputs = tuple(inputs), tuple(outputs)
        given, answers = children(element, "inputEntry"), children(element, "outputEntry")
        if (len(given), len(answers)) != (len(inputs), len(outputs)):
            self._notes.invalid(
                element, f"{row} có {len(given)} + {len(answers)} ô, bảng có {len(inputs)} + {len(outputs)} cột",
                f"row {number} has {len(given)} + {len(answers)} cells for {len(inputs)} + {len(outputs)} columns",
            )  # fmt: skip
            return Rule(number, (), ())
        for column, cell in zip_longest(inputs, given):
            text = text_of(cell)
            if column is not None:
                kind = column.kind
                found = self._cell(cell, row, column.label, text, lambda t=text, k=kind: read_tests(t, k))  # type: ignore[misc]
                tests.append(found or _ANYTHING)
        for output, cell in zip_longest(outputs, answers):
            text = text_of(cell)
            formula = self._cell(cell, row, output.label, text, lambda t=text: read_formula(t, self._names))  # type: ignore[misc]
            if formula is not None:
                self._check_output(cell, row, output, formula)
                formulas.append(formula)
        return Rule(number, tuple(tests), tuple(formulas))

    def _check_output(self, cell: etree._Element, row: str, output: Output, formula: Formula) -> None:
        """What a cell answers is of the kind of its column; a literal is one of its listed values."""
        if formula.kind not in {output.kind, ValueKind.ANY} and output.kind is not ValueKind.ANY:
            fault = ExpressionRefused(
                f"cột là {output.kind.label} nhưng ô ghi {formula.kind.label}",
                f"the column is a {output.kind}, the cell holds a {formula.kind}",
            )
            cell_fault(self._notes, cell, row, output.label, formula.text, fault)
            return
        if formula.is_constant:
            try:
                value = formula.value({})
            except ExpressionFailed as failed:
                refused = ExpressionRefused(failed.reason, "it cannot be worked out")
                cell_fault(self._notes, cell, row, output.label, formula.text, refused)
                return
            said = "" if value is None else not_allowed(value, output.allowed)
            if said:
                cell_fault(
                    self._notes, cell, row, output.label, formula.text, ExpressionRefused(said, "not an allowed value")
                )

    def _cell(
        self, element: etree._Element, row: str, column: str, text: str, read: Callable[[], _Cell]
    ) -> _Cell | None:
        try:
            return read()
        except ExpressionRefused as refused:
            cell_fault(self._notes, element, row, column, text, refused)
            return None

    def _check(self, element: etree._Element, table: Table, result: ItemType) -> None:
        """What the hit policy asks of the columns, and the type of the decision of the table."""
        single = len(table.outputs) == 1
        names = [output.name for output in table.outputs]
        if not single and ("" in names or len(set(names)) < len(names)):
            self._notes.invalid(element, "các cột kết quả phải có tên riêng", "several outputs need a name each")
        if table.policy in _RANKED and not any(output.order for output in table.outputs):
            reason = f"{table.policy} cần danh sách giá trị (outputValues) xếp theo ưu tiên"
            self._notes.invalid(element, reason, f"{table.policy} needs outputValues, the most important first")
        if table.aggregation is not None and not single:
            self._notes.unsupported(
                element, "COLLECT tính gộp trên nhiều cột kết quả", "aggregation of several outputs"
            )
        if table.aggregation in _NUMERIC and table.outputs[0].kind is not ValueKind.NUMBER:
            self._notes.invalid(element, f"{table.aggregation} cần cột kết quả là số", "the output must be a number")
        if (result.is_list and not table.answers_list) or (result.components and single):
            reason = "kiểu kết quả của quyết định không khớp với bảng"
            self._notes.invalid(element, reason, "the type of the decision does not fit its table")


def _with_kind(output: Output, place: int, rules: Iterable[Rule]) -> Output:
    """Where no type is written, the cells may all be of one."""
    kinds = {rule.outputs[place].kind for rule in rules}
    if output.kind is not ValueKind.ANY or len(kinds) != 1:
        return output
    return Output(output.name, output.label, kinds.pop(), output.allowed, output.order, output.default)
