"""Conditions in other languages (JUEL, FEEL, Java, Groovy), read as ours where they say the same and are safe."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.domain.process import FieldType
from engine.process import expressions

_WRAPPED = re.compile(r"^[$#]\{(.*)\}$", re.DOTALL)
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<equals_text>(?P<left_text>"[^"\\\n]*"|'[^'\\\n]*')\.equals\(\s*(?P<right_text>[A-Za-z_]\w*)\s*\))
      | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<number>\d+(?:\.\d+)?)(?![\w.])
      | (?P<equals>(?P<left>[A-Za-z_]\w*)\.equals\(\s*(?P<right>"[^"\\\n]*"|'[^'\\\n]*'|[A-Za-z_]\w*)\s*\))
      | (?P<name>[^\W\d]\w*)(?![\w.(])
      | (?P<negation>not)(?=\s*\()
      | (?P<sign>&&|\|\||==|!=|<=|>=|[<>=!()+\-*/%,\[\]])
    )""",
    re.VERBOSE,
)
_WORDS = {
    "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "mod": "%", "div": "/",
    "and": "and", "or": "or", "not": "not", "in": "in",
    "true": "True", "false": "False", "null": "None", "True": "True", "False": "False", "None": "None",
}  # fmt: skip
_SIGNS = {"&&": "and", "||": "or", "=": "==", "!": "not"}
_QUOTES = "'\""
_LANGUAGE_WORDS = frozenset({"empty", "instanceof", "is", "if", "else", "lambda", "for", "then", "return", "await"})


@dataclass(slots=True)
class Needs:
    """The variables that conditions read: the type of each, and the texts that it is compared with."""

    types: dict[str, FieldType] = field(default_factory=dict)
    texts: dict[str, set[str]] = field(default_factory=dict)

    def merge(self, other: Needs) -> bool:
        """Take over the needs of another condition; False if a variable would have two types."""
        for name, kind in other.types.items():
            if self.types.setdefault(name, kind) is not kind:
                return False
        for name, texts in other.texts.items():
            self.texts.setdefault(name, set()).update(texts)
        return True


def translate(text: str) -> str | None:
    """Write a condition of another tool in our language; None where that cannot be done safely."""
    text = text.strip()
    if _is_ours(text):
        return text
    wrapped = _WRAPPED.match(text)
    if wrapped:
        text = wrapped.group(1).strip()
        if "{" in text or "}" in text:
            return None
    text = text.removeprefix("=").strip() if not text.startswith("==") else text
    text = re.sub(r"^return\b|;\s*$", "", text).strip()
    if not text or len(text) > expressions.MAX_LENGTH:
        return None
    words = _words(text)
    if words is None:
        return None
    translated = " ".join(words)
    return translated if _is_ours(translated) else None


def _is_ours(text: str) -> bool:
    try:
        expressions.parse(text)
    except expressions.ExpressionRefused:
        return False
    return True


def _words(text: str) -> list[str] | None:
    words: list[str] = []
    position = 0
    while position < len(text.rstrip()):
        token = _TOKEN.match(text, position)
        if token is None:
            return None
        word = _word(token)
        if word is None:
            return None
        words.append(word)
        position = token.end()
    return words


def _word(token: re.Match[str]) -> str | None:
    """Write one token in our language; None for what it does not have."""
    if token["equals"] is not None or token["equals_text"] is not None:
        sides = [token[side] for side in ("left", "right", "left_text", "right_text") if token[side] is not None]
        texts, names = (
            [side for side in sides if side[0] in _QUOTES],
            [side for side in sides if side[0] not in _QUOTES],
        )
        return f"({' == '.join([*names, *(repr(text[1:-1]) for text in texts)])})"
    if token["text"] is not None:
        return repr(token["text"][1:-1]) if "\\" not in token["text"] else None
    if token["sign"] is not None:
        return _SIGNS.get(token["sign"], token["sign"])
    word = token["number"] or token["negation"] or token["name"]
    return None if word in _LANGUAGE_WORDS else _WORDS.get(word, word)


def needs_of(condition: str) -> Needs | None:
    """Answer what a condition of ours reads; None if a variable is used in two ways."""
    found = _Inference()
    tree = ast.parse(condition.strip(), mode="eval").body
    found.expect(tree, FieldType.BOOLEAN)
    if found.is_torn:
        return None
    for name in expressions.names_in(condition):
        found.needs.types.setdefault(name, FieldType.TEXT)
    return found.needs


class _Inference:
    """Guesses the type of each variable from how it is used."""

    def __init__(self) -> None:
        self.needs = Needs()
        self.is_torn = False

    def expect(self, node: ast.AST, kind: FieldType | None) -> None:
        """Note that a part of the condition must be of a type."""
        if isinstance(node, ast.Name):
            self._use(node.id, kind)
        elif isinstance(node, ast.BoolOp):
            self._all(node.values, FieldType.BOOLEAN)
        elif isinstance(node, ast.UnaryOp):
            self.expect(node.operand, FieldType.BOOLEAN if isinstance(node.op, ast.Not) else FieldType.NUMBER)
        elif isinstance(node, ast.BinOp):
            self._all((node.left, node.right), FieldType.NUMBER)
        elif isinstance(node, ast.Compare):
            self._compare(node)
        elif isinstance(node, ast.Call):
            self._all(node.args, _ARGUMENTS.get(getattr(node.func, "id", ""), FieldType.NUMBER))
        elif isinstance(node, ast.List | ast.Tuple | ast.Set):
            self._all(node.elts, kind)

    def _all(self, nodes: Iterable[ast.AST], kind: FieldType | None) -> None:
        for node in nodes:
            self.expect(node, kind)

    def _use(self, name: str, kind: FieldType | None) -> None:
        if kind is not None and name not in _CONSTANTS and self.needs.types.setdefault(name, kind) is not kind:
            self.is_torn = True

    def _compare(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        parts = [part for side in sides for part in _parts(side)]
        kinds = {kind for part in parts if (kind := _kind_of(part)) is not None}
        is_ordered = any(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in node.ops)
        if is_ordered and not kinds:
            kinds = {FieldType.NUMBER}
        if len(kinds) > 1:
            self.is_torn = True
        kind = next(iter(kinds), FieldType.TEXT)
        self._all(sides, kind)
        names = [part.id for part in parts if isinstance(part, ast.Name)]
        words = {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}
        for name in names:
            self.needs.texts.setdefault(name, set()).update(words)


_CONSTANTS = frozenset({"true", "false", "null"})
_ARGUMENTS: Mapping[str, FieldType] = {"len": FieldType.TEXT, "lower": FieldType.TEXT}


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        yield from node.elts
    else:
        yield node


def _kind_of(node: ast.AST) -> FieldType | None:
    if isinstance(node, ast.Constant) and node.value is not None:
        if isinstance(node.value, bool):
            return FieldType.BOOLEAN
        return FieldType.TEXT if isinstance(node.value, str) else FieldType.NUMBER
    if isinstance(node, ast.BinOp | ast.UnaryOp):
        return FieldType.NUMBER
    if isinstance(node, ast.Call):
        return FieldType.TEXT if getattr(node.func, "id", "") == "lower" else FieldType.NUMBER
    if isinstance(node, ast.Compare | ast.BoolOp):
        return FieldType.BOOLEAN
    return None
