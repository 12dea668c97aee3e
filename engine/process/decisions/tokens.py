"""The words of a cell. Everything that FEEL knows and the subset does not is refused here, by its name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from engine.process.expressions import MAX_LENGTH, ExpressionRefused

_LITERAL = re.compile(
    r"""\s*(?:
        (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?![\w]))
      | (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<sign>\.\.|<=|>=|!=|\*\*|[-+*/<>=(),\[\]{}@?.:])
      | (?P<word>[^\W\d]\w*)
    )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}

# What FEEL has and the subset has not, with the word an office would look for.
_REFUSED = {
    "**": "lũy thừa (**)", "!=": "so sánh (!=)", "{": "ngữ cảnh ({…})", "}": "ngữ cảnh ({…})", "?": "dấu hỏi (?)",
    ".": "truy cập thành phần (dấu chấm)", ":": "dấu hai chấm", "if": "if … then … else", "for": "for … in … return",
    "some": "some … satisfies", "every": "every … satisfies", "function": "hàm tự định nghĩa (function)",
    "instance": "instance of", "between": "between … and", "and": "and", "or": "or", "in": "in",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """One word: `kind` is number, text, sign, word or name (of an input or a decision)."""

    kind: str
    text: str


def refuse(what: str, what_en: str) -> ExpressionRefused:
    """Say that something of FEEL lies outside the subset."""
    return ExpressionRefused(f"không hỗ trợ {what}", f"{what_en} is not supported", is_unsafe=True)


def tokens_of(text: str, names: Collection[str]) -> list[Token]:
    """Cut a cell into words; `names` (of inputs and decisions) may hold spaces. Raises `ExpressionRefused`."""
    if len(text) > MAX_LENGTH:
        raise ExpressionRefused(f"dài quá {MAX_LENGTH} ký tự", f"longer than {MAX_LENGTH} characters", is_unsafe=True)
    return list(_cut(text.strip(), sorted(names, key=len, reverse=True)))


def _cut(text: str, names: Collection[str]) -> Iterator[Token]:
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        name = next((name for name in names if _stands_at(text, place, name)), None)
        if name is not None:
            yield Token("name", name)
            place += len(name)
            continue
        found = _LITERAL.match(text, place)
        if found is None:
            raise ExpressionRefused(f"không hiểu “{text[place : place + 20]}”", f"cannot read “{text[place:][:20]}”")
        kind, word = str(found.lastgroup), str(found.group(str(found.lastgroup)))
        if kind != "text" and word in _REFUSED:
            raise refuse(_REFUSED[word], f"“{word}”")
        yield Token(kind, _unescaped(word) if kind == "text" else word)
        place = found.end()


def _stands_at(text: str, place: int, name: str) -> bool:
    """Whether `name` stands here as a whole: not as the beginning of a longer word."""
    if not name or not text.startswith(name, place):
        return False
    after = text[place + len(name) : place + len(name) + 1]
    return not (after and (after.isalnum() or after == "_") and (name[-1].isalnum() or name[-1] == "_"))


def _unescaped(word: str) -> str:
    def put(found: re.Match[str]) -> str:
        code = found.group(1)
        if len(code) > 1:
            return chr(int(code[1:], 16))
        if code not in _ESCAPED:
            raise ExpressionRefused(f"ký hiệu “\\{code}” trong chuỗi không hợp lệ", f"escape “\\{code}” is unknown")
        return _ESCAPED[code]

    return _ESCAPE.sub(put, word[1:-1])
