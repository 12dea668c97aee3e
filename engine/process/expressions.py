"""The language of conditions: names, comparisons, boolean logic, arithmetic, membership, literals, six functions.

A condition is content, not code: it is parsed to a tree, every node must be on a short list, and the tree is turned
into closures once. Nothing is ever handed to `eval` or `exec`. There are no attributes, subscripts, powers, loops or
calls beyond `FUNCTIONS`; lengths, sizes and depths are bounded. `true`, `false` and `null` mean True, False and None.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import cast

MAX_LENGTH = 500
MAX_NODES = 120
MAX_DEPTH = 25
MAX_TEXT = 2_000
MAX_NUMBER = 10**15

Value = object
Evaluator = Callable[[Mapping[str, Value]], Value]

_CONSTANTS: dict[str, Value] = {"true": True, "false": False, "null": None}


class ExpressionRefused(Exception):
    """The text is no expression of this language; `reason` says why in Vietnamese, `reason_en` in English."""

    def __init__(self, reason: str, reason_en: str, *, is_unsafe: bool = False) -> None:
        super().__init__(reason_en)
        self.reason = reason
        self.reason_en = reason_en
        self.is_unsafe = is_unsafe


class ExpressionFailed(Exception):
    """The expression cannot be worked out with these values; `reason` says why in Vietnamese."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition that may be evaluated any number of times, by any thread."""

    text: str
    names: frozenset[str]
    _evaluate: Evaluator

    def value(self, variables: Mapping[str, Value]) -> Value:
        """Work the expression out; `ExpressionFailed` if a name has no value or the types do not fit."""
        try:
            return self._evaluate(variables)
        except (TypeError, ValueError, ArithmeticError) as error:
            raise ExpressionFailed("kiểu dữ liệu không phù hợp với phép tính") from error

    def is_true(self, variables: Mapping[str, Value]) -> bool:
        """Work the condition out; `ExpressionFailed` unless the answer is true or false."""
        answer = self.value(variables)
        if not isinstance(answer, bool):
            raise ExpressionFailed("kết quả không phải là đúng hoặc sai")
        return answer


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Read a condition; `ExpressionRefused` if it is broken or uses anything beyond the language."""
    text = text.strip()
    if not text:
        raise ExpressionRefused("điều kiện để trống", "the condition is empty")
    if len(text) > MAX_LENGTH:
        raise ExpressionRefused(f"dài quá {MAX_LENGTH} ký tự", f"longer than {MAX_LENGTH} characters", is_unsafe=True)
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ExpressionRefused("sai cú pháp", "syntax error") from error
    return of_tree(text, tree)


def of_tree(text: str, tree: ast.Expression) -> Expression:
    """Turn a tree that another reader made into an expression, under the same rules; `ExpressionRefused` as `parse`.

    The cells of decision tables come this way: their literals are `Decimal` and `date`, their names may hold spaces.
    """
    _check_size(tree)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - _CONSTANTS.keys() - _called(tree)
    return Expression(text, frozenset(names), _compile(tree.body))


def names_in(text: str) -> frozenset[str]:
    """Answer the variables that a condition reads; `ExpressionRefused` as `parse`."""
    return parse(text).names


def compared_in(text: str) -> frozenset[tuple[str, str]]:
    """Answer each variable with each text that a condition compares it with; `ExpressionRefused` as `parse`."""
    parse(text)
    found: set[tuple[str, str]] = set()
    for node in ast.walk(ast.parse(text.strip(), mode="eval")):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            names = {side.id for side in sides if isinstance(side, ast.Name)}
            found |= {(name, word) for side in sides for word in _texts(side) for name in names}
    return frozenset(found)


def _texts(node: ast.AST) -> set[str]:
    parts = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]
    return {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def _called(tree: ast.AST) -> set[str]:
    return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def _check_size(tree: ast.AST) -> None:
    level: list[ast.AST] = [tree]
    count = depth = 0
    while level:
        count += len(level)
        depth += 1
        if count > MAX_NODES or depth > MAX_DEPTH:
            raise ExpressionRefused("quá phức tạp", "too complex", is_unsafe=True)
        level = [child for node in level for child in ast.iter_child_nodes(node)]


def _compile(node: ast.AST) -> Evaluator:
    compiler = _COMPILERS.get(type(node))
    if compiler is None:
        name = type(node).__name__
        raise ExpressionRefused(f"không cho phép {name}", f"{name} is not allowed", is_unsafe=True)
    return compiler(node)


def _constant(node: ast.AST) -> Evaluator:
    value = cast("ast.Constant", node).value
    if value is not None and not isinstance(value, bool | int | float | str | Decimal | date):
        raise ExpressionRefused("hằng số không hợp lệ", "this literal is not allowed", is_unsafe=True)
    try:
        _checked(value)
    except ExpressionFailed as error:
        raise ExpressionRefused("hằng số quá lớn", "the literal is too large", is_unsafe=True) from error
    return lambda _variables: value


def _name(node: ast.AST) -> Evaluator:
    name = cast("ast.Name", node).id
    if name in _CONSTANTS:
        constant = _CONSTANTS[name]
        return lambda _variables: constant

    def read(variables: Mapping[str, Value]) -> Value:
        try:
            return variables[name]
        except KeyError:
            raise ExpressionFailed(f"chưa có giá trị của “{name}”") from None

    return read


def _sequence(node: ast.AST) -> Evaluator:
    parts = [_compile(part) for part in cast("ast.List | ast.Tuple | ast.Set", node).elts]
    return lambda variables: [part(variables) for part in parts]


def _boolean(node: ast.AST) -> Evaluator:
    operation = cast("ast.BoolOp", node)
    parts = [_compile(part) for part in operation.values]
    wanted = isinstance(operation.op, ast.Or)

    def decide(variables: Mapping[str, Value]) -> bool:
        return wanted if any(_truth(part(variables)) is wanted for part in parts) else not wanted

    return decide


def _unary(node: ast.AST) -> Evaluator:
    operation = cast("ast.UnaryOp", node)
    operand = _compile(operation.operand)
    if isinstance(operation.op, ast.Not):
        return lambda variables: not _truth(operand(variables))
    if isinstance(operation.op, ast.USub):
        return lambda variables: -_number(operand(variables))
    if isinstance(operation.op, ast.UAdd):
        return lambda variables: _number(operand(variables))
    raise ExpressionRefused("phép toán không được phép", "this operator is not allowed", is_unsafe=True)


def _add(left: Value, right: Value) -> Value:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    return _number(left) + _number(right)


_ARITHMETIC: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: _add,
    ast.Sub: lambda left, right: _number(left) - _number(right),
    ast.Mult: lambda left, right: _number(left) * _number(right),
    ast.Div: lambda left, right: _number(left) / _number(right),
    ast.FloorDiv: lambda left, right: _number(left) // _number(right),
    ast.Mod: lambda left, right: _number(left) % _number(right),
}


def _arithmetic(node: ast.AST) -> Evaluator:
    operation = cast("ast.BinOp", node)
    work = _ARITHMETIC.get(type(operation.op))
    if work is None:
        name = type(operation.op).__name__
        raise ExpressionRefused(f"không cho phép phép toán {name}", f"operator {name} is not allowed", is_unsafe=True)
    left, right = _compile(operation.left), _compile(operation.right)
    return lambda variables: _checked(work(left(variables), right(variables)))


def _contains(item: Value, container: Value) -> bool:
    if isinstance(container, str):
        return isinstance(item, str) and item in container
    if isinstance(container, Sequence):
        return any(_equal(item, other) for other in container)
    raise TypeError


def _equal(left: Value, right: Value) -> bool:
    # 1 == True is a trap of Python, not a rule of a counter.
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _ordered(compare: Callable[[float, float], bool]) -> Callable[[Value, Value], bool]:
    def decide(left: Value, right: Value) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return compare(cast("float", left), cast("float", right))
        return compare(_number(left), _number(right))

    return decide


_COMPARISONS: dict[type[ast.cmpop], Callable[[Value, Value], bool]] = {
    ast.Eq: _equal,
    ast.NotEq: lambda left, right: not _equal(left, right),
    ast.Lt: _ordered(operator.lt),
    ast.LtE: _ordered(operator.le),
    ast.Gt: _ordered(operator.gt),
    ast.GtE: _ordered(operator.ge),
    ast.In: _contains,
    ast.NotIn: lambda item, container: not _contains(item, container),
}


def _comparison(node: ast.AST) -> Evaluator:
    comparison = cast("ast.Compare", node)
    refused = [type(op).__name__ for op in comparison.ops if type(op) not in _COMPARISONS]
    if refused:
        raise ExpressionRefused(
            f"không cho phép phép so sánh {refused[0]}", f"comparison {refused[0]} is not allowed", is_unsafe=True
        )
    operations = [_COMPARISONS[type(op)] for op in comparison.ops]
    operands = [_compile(part) for part in [comparison.left, *comparison.comparators]]

    def decide(variables: Mapping[str, Value]) -> bool:
        left = operands[0](variables)
        for compare, operand in zip(operations, operands[1:], strict=True):
            right = operand(variables)
            if not compare(left, right):
                return False
            left = right
        return True

    return decide


def _length(value: Value) -> int:
    if isinstance(value, str | list | tuple | dict):
        return len(value)
    raise TypeError


def _text_function(work: Callable[[str], str]) -> Callable[..., Value]:
    def apply(value: Value) -> str:
        if isinstance(value, str):
            return work(value)
        raise TypeError

    return apply


def _round(value: Value, digits: Value = 0) -> Value:
    if isinstance(digits, bool) or digits not in range(7):
        raise ExpressionFailed("round chỉ nhận từ 0 đến 6 chữ số thập phân")
    return round(_number(value), cast("int", digits))


# The only calls there are.
FUNCTIONS: dict[str, Callable[..., Value]] = {
    "abs": lambda value: abs(_number(value)),
    "len": _length,
    "lower": _text_function(str.lower),
    "max": lambda *values: max(_numbers(values)),
    "min": lambda *values: min(_numbers(values)),
    "round": _round,
}


def _call(node: ast.AST) -> Evaluator:
    call = cast("ast.Call", node)
    if not isinstance(call.func, ast.Name) or call.func.id not in FUNCTIONS or call.keywords:
        name = call.func.id if isinstance(call.func, ast.Name) else type(call.func).__name__
        raise ExpressionRefused(f"không cho phép gọi {name}", f"call of {name} is not allowed", is_unsafe=True)
    function, arguments = FUNCTIONS[call.func.id], [_compile(argument) for argument in call.args]
    return lambda variables: _checked(function(*(argument(variables) for argument in arguments)))


_COMPILERS: dict[type[ast.AST], Callable[[ast.AST], Evaluator]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _unary,
    ast.BinOp: _arithmetic,
    ast.Compare: _comparison,
    ast.Call: _call,
}


def _truth(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    raise ExpressionFailed("vế của and/or/not không phải là đúng hoặc sai")


def _number(value: Value) -> float:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return cast("float", value)  # numbers of tables are Decimal throughout and never meet a float
    raise TypeError


def _numbers(values: Sequence[Value]) -> Iterator[float]:
    items = values[0] if len(values) == 1 and isinstance(values[0], list) else values
    return (_number(value) for value in cast("Sequence[Value]", items))


def _checked(value: Value) -> Value:
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise ExpressionFailed("chuỗi quá dài")
    # Not a number is not at most anything; an integer is compared without becoming a float.
    if isinstance(value, int | float | Decimal) and not abs(cast("float", value)) <= MAX_NUMBER:
        raise ExpressionFailed("số quá lớn")
    return value
