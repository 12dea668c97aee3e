"""Reading the cells of a table: input cells become `UnaryTests`, output cells and input expressions `Formula`.

A formula goes through the one evaluator of the house (`engine.process.expressions`): here its text only becomes a
tree. Kinds are found out while reading, so that nothing that FEEL would answer with null for its kinds gets through.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, localcontext
from typing import cast

from engine.process.decisions.tokens import Token, refuse, tokens_of
from engine.process.decisions.unary import Between, Equal, UnaryTests
from engine.process.decisions.values import Value, ValueKind, kind_of
from engine.process.expressions import MAX_DEPTH, MAX_NUMBER, Expression, ExpressionFailed, ExpressionRefused, of_tree

# FEEL counts in IEEE 754 decimal128.
_DECIMAL128 = Context(prec=34)
_FUNCTIONS = frozenset({"min", "max", "abs"})
_COMPARISONS = frozenset({"<", "<=", ">", ">="})
_NUMBERS = frozenset({ValueKind.NUMBER})
_MOST_DIGITS = 34
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_END = Token("end", "")


@dataclass(frozen=True, slots=True)
class Formula:
    """An output cell or an input expression: its text, its kind, and how it is worked out."""

    text: str
    kind: ValueKind
    expression: Expression

    @property
    def is_constant(self) -> bool:
        """Whether it reads no name."""
        return not self.expression.names

    def value(self, values: Mapping[str, Value]) -> Value:
        """Work it out; what reads null, and a division by zero, is null. Raises `ExpressionFailed`."""
        if any(values[name] is None for name in self.expression.names):
            return None
        try:
            with localcontext(_DECIMAL128):
                return cast("Value", self.expression.value(values))
        except ExpressionFailed as failed:
            if isinstance(failed.__cause__, ArithmeticError):
                return None
            raise


def read_tests(text: str, kind: ValueKind) -> UnaryTests:
    """Read an input cell of a column of `kind`. Raises `ExpressionRefused`."""
    text = text.strip()
    if text in {"", "-"}:
        return UnaryTests("-")
    return _Cell(text, {}).unary_tests(kind)


def read_formula(text: str, names: Mapping[str, ValueKind]) -> Formula:
    """Read an expression over `names`. Raises `ExpressionRefused`."""
    cell = _Cell(text, names)
    tree, kind = cell.whole()
    return Formula(text.strip(), kind or ValueKind.ANY, of_tree(text.strip(), ast.Expression(tree)))


class _Cell:
    """The words of one cell, read from left to right."""

    def __init__(self, text: str, names: Mapping[str, ValueKind]) -> None:
        self.text = text
        self.names = names
        self.words = tokens_of(text, names)
        self.place = 0
        self.depth = 0

    def peek(self) -> Token:
        return self.words[self.place] if self.place < len(self.words) else _END

    def next(self) -> Token:
        token = self.peek()
        self.place += 1
        return token

    def take(self, *signs: str) -> str:
        """Take the next word if it is one of `signs`; empty if not."""
        token = self.peek()
        if token.kind == "sign" and token.text in signs:
            self.place += 1
            return token.text
        return ""

    def need(self, *signs: str) -> str:
        found = self.take(*signs)
        if not found:
            wanted = " hoặc ".join(f"“{sign}”" for sign in signs)
            raise ExpressionRefused(f"thiếu {wanted}", f"{wanted.replace('hoặc', 'or')} is missing")
        return found

    def finish(self) -> None:
        if self.peek() is not _END:
            left = self.peek().text
            raise ExpressionRefused(f"thừa “{left}”", f"“{left}” is too much")

    # input cells

    def unary_tests(self, kind: ValueKind) -> UnaryTests:
        is_negated = self.peek() == Token("word", "not")
        if is_negated:
            self.next()
            self.need("(")
        tests = [self.test()]
        while self.take(","):
            tests.append(self.test())
        if is_negated:
            self.need(")")
        self.finish()
        for test in tests:
            _check_test(test, kind)
        return UnaryTests(self.text, tuple(tests), is_negated)

    def test(self) -> Equal | Between:
        sign = self.take(*_COMPARISONS)
        if sign:
            bound = self.bound()
            if sign in {"<", "<="}:
                return Between(high=bound, includes_high=sign == "<=")
            return Between(low=bound, includes_low=sign == ">=")
        opening = self.take("[", "]", "(")
        if opening:
            low = self.bound()
            self.need("..")
            high = self.bound()
            closing = self.need("]", "[", ")")
            found = Between(low, high, includes_low=opening == "[", includes_high=closing == "]")
            if kind_of(low) is not kind_of(high):
                raise ExpressionRefused("hai đầu khoảng khác kiểu", "the ends of the range are of two kinds")
            if found.is_empty:
                raise ExpressionRefused("khoảng rỗng: hai đầu bị đảo", "the range is empty: its ends are reversed")
            return found
        return Equal(self.literal())

    def bound(self) -> Value:
        value = self.literal()
        if value is None or isinstance(value, bool):
            raise ExpressionRefused("chỉ so sánh được số, chữ, ngày", "only numbers, texts and days have an order")
        return value

    def literal(self) -> Value:
        if self.take("-"):
            token = self.next()
            if token.kind != "number":
                raise ExpressionRefused("sau dấu trừ phải là một số", "a number must follow the minus sign")
            return -_number(token.text)
        tree, _kind = self.primary()
        if not isinstance(tree, ast.Constant):
            raise refuse("biểu thức trong ô điều kiện (chỉ nhận giá trị cụ thể)", "an expression in an input cell")
        return cast("Value", tree.value)

    # formulas

    def whole(self) -> tuple[ast.expr, ValueKind | None]:
        if self.peek() is _END:
            raise ExpressionRefused("ô để trống", "the cell is empty")
        found = self.sum()
        self.finish()
        return found

    def sum(self) -> tuple[ast.expr, ValueKind | None]:
        left, kind = self.product()
        while sign := self.take("+", "-"):
            right, other = self.product()
            kinds = {kind, other}
            if kinds != _NUMBERS and not (sign == "+" and kinds == {ValueKind.STRING}):
                raise ExpressionRefused(
                    f"phép “{sign}” cần hai số (hoặc hai chuỗi với +)", f"“{sign}” needs two numbers (or + two texts)"
                )
            left = ast.BinOp(left, ast.Add() if sign == "+" else ast.Sub(), right)
        return left, kind

    def product(self) -> tuple[ast.expr, ValueKind | None]:
        left, kind = self.factor()
        while sign := self.take("*", "/"):
            right, other = self.factor()
            if {kind, other} != _NUMBERS:
                raise ExpressionRefused(f"phép “{sign}” cần hai số", f"“{sign}” needs two numbers")
            left = ast.BinOp(left, ast.Mult() if sign == "*" else ast.Div(), right)
        return left, kind

    def factor(self) -> tuple[ast.expr, ValueKind | None]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionRefused("quá phức tạp", "too complex", is_unsafe=True)
        found = self.negative() if self.take("-") else self.primary()
        self.depth -= 1
        return found

    def negative(self) -> tuple[ast.expr, ValueKind | None]:
        tree, kind = self.factor()
        if kind is not ValueKind.NUMBER:
            raise ExpressionRefused("sau dấu trừ phải là một số", "a number must follow the minus sign")
        return ast.UnaryOp(ast.USub(), tree), kind

    def primary(self) -> tuple[ast.expr, ValueKind | None]:
        token = self.next()
        if token.kind == "number":
            return ast.Constant(_number(token.text)), ValueKind.NUMBER  # type: ignore[arg-type] # our own walker's
        if token.kind == "text":
            return ast.Constant(token.text), ValueKind.STRING
        if token.kind == "name":
            return ast.Name(token.text), self.names[token.text]
        if token.kind == "word":
            return self.word(token.text)
        if token == Token("sign", "("):
            found = self.sum()
            self.need(")")
            return found
        if token == Token("sign", "@"):
            return self.day()
        raise ExpressionRefused(f"không hiểu “{token.text}”", f"“{token.text}” is out of place")

    def word(self, word: str) -> tuple[ast.expr, ValueKind | None]:
        if word in {"true", "false"}:
            return ast.Constant(word == "true"), ValueKind.BOOLEAN
        if word == "null":
            return ast.Constant(None), None
        if self.peek() != Token("sign", "("):
            raise ExpressionRefused(f"không có đầu vào nào tên “{word}”", f"there is no input called “{word}”")
        self.next()
        if word == "date":
            found = self.day()
            self.need(")")
            return found
        if word not in _FUNCTIONS:
            raise refuse(f"hàm {word}(…)", f"function {word}(…)")
        return self.call(word)

    def day(self) -> tuple[ast.expr, ValueKind | None]:
        token = self.next()
        if token.kind != "text":
            raise ExpressionRefused('ngày phải viết date("2026-01-31")', 'a day is written date("2026-01-31")')
        found = _day(token.text)
        if found is None:
            reason = f"“{token.text}” không phải ngày có thật dạng NĂM-THÁNG-NGÀY"
            raise ExpressionRefused(reason, f"“{token.text}” is no day YYYY-MM-DD")
        return ast.Constant(found), ValueKind.DATE  # type: ignore[arg-type] # our own walker's

    def call(self, name: str) -> tuple[ast.expr, ValueKind | None]:
        arguments = [self.sum()]
        while self.take(","):
            arguments.append(self.sum())
        self.need(")")
        if any(kind is not ValueKind.NUMBER for _tree, kind in arguments) or (name == "abs" and len(arguments) != 1):
            raise ExpressionRefused(f"{name}(…) cần số", f"{name}(…) takes numbers")
        return ast.Call(ast.Name(name), [tree for tree, _kind in arguments], []), ValueKind.NUMBER


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _number(text: str) -> Decimal:
    """A literal, with no more digits than decimal128 holds and no larger than the evaluator allows."""
    if len(text) > _MOST_DIGITS or Decimal(text) > MAX_NUMBER:
        raise ExpressionRefused("số quá lớn", "the number is too large", is_unsafe=True)
    return Decimal(text)


def _check_test(test: Equal | Between, kind: ValueKind) -> None:
    for value in test.values():
        found = kind_of(value)
        if found is not None and kind not in {ValueKind.ANY, found}:
            raise ExpressionRefused(
                f"cột là {kind.label} nhưng ô ghi {found.label}", f"the column is a {kind}, the cell holds a {found}"
            )
