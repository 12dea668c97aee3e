"""A YAML file that answers with checked values, and tells every fault with its key and its line.

YAML is read by its safe loader, without aliases (they can blow a file up), and a key written twice is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar, cast

import yaml

from engine.domain.process import Problem
from engine.plain_yaml import SafeLoader
from engine.process.problems import Place, report
from engine.process.vocabulary import listed

MAX_BYTES = 512 * 1024
MAX_DEPTH = 30
MARKS = frozenset({"", "R", "M", "D"})

# What a plain scalar looks like that people did not mean as the kind which YAML 1.1 makes of it.
_TRAPS = {
    "bool": re.compile("(?!true$|false$).*", re.IGNORECASE),
    "int": re.compile(r"[+-]?(?:0[0-9_box].*|.*[:_].*)", re.IGNORECASE),
    "float": re.compile(r".*[:_].*"),
}
_BRACKETS = re.compile(r"[\[\]{}]")
_MANY_BRACKETS = 10 * MAX_DEPTH
_NO_TRAP = re.compile(r"(?!)")

_Word = TypeVar("_Word", bound=StrEnum)


class Sheet:
    """The file being read: the line of every key, and the problems met so far."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self._seen: set[int] = set()
        self.problems: list[Problem] = []

    def fault(self, path: str, reason: str, reason_en: str) -> None:
        """Tell that the value at `path` is wrong."""
        self.tell("bad_value", path, reason=reason, reason_en=reason_en)

    def tell(self, code: str, path: str, *, reason: str = "", reason_en: str = "", allowed: str = "") -> None:
        """Tell a problem of the key at `path`, or of the nearest one above it that is written."""
        known = path
        while known and known not in self.lines:
            known = known.rpartition(".")[0]
        line = self.lines.get(known)
        facts = {"path": path, "reason": reason, "reason_en": reason_en, "allowed": allowed}
        self.problems.append(report(code, None, line=line, **facts))

    def index(self, node: yaml.Node, path: str = "") -> None:
        """Note the line of every key; tell of keys written twice and of aliases, which come as the same node again."""
        if id(node) in self._seen:
            reason, reason_en = "không được dùng bí danh (*)", "aliases (*) are not allowed"
            self.problems.append(
                report("yaml_broken", line=node.start_mark.line + 1, reason=reason, reason_en=reason_en)
            )
            return
        self._seen.add(id(node))
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            self._refuse_trap(node, path)
        if isinstance(node, yaml.SequenceNode):
            for number, item in enumerate(node.value, start=1):
                self.index(item, f"{path}.{number}")
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                inner = f"{path}.{key.value}".lstrip(".")
                if inner in self.lines:
                    self.fault(inner, "mục này được viết hai lần", "this key is written twice")
                self.lines[inner] = key.start_mark.line + 1
                self.index(value, inner)

    def _refuse_trap(self, node: yaml.ScalarNode, path: str) -> None:
        """Tell of what YAML 1.1 takes for something else: ``no`` is false, ``15:00`` is 900, ``010`` is 8."""
        kind = node.tag.rpartition(":")[2]
        if node.style in {"'", '"', "|", ">"} or _TRAPS.get(kind, _NO_TRAP).fullmatch(node.value) is None:
            return
        line, read = node.start_mark.line + 1, "true/false" if kind == "bool" else "số khác (another number)"
        self.problems.append(report("yaml_trap", Place(path), line=line, path=path, written=node.value, read=read))


class Part:
    """One mapping of the file with its path: answers checked values, tells what is wrong."""

    def __init__(self, sheet: Sheet, value: object, path: str, keys: Mapping[str, bool]) -> None:
        self.sheet, self.path = sheet, path
        self.values: dict[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            sheet.fault(path or "tệp", "phải là danh sách các mục “khóa: giá trị”", "must be a mapping")
            return
        for key in self.values.keys() - keys.keys():
            sheet.tell("unknown_key", self.at(str(key)), allowed=listed(keys))
        for key, is_required in keys.items():
            if is_required and self.values.get(key) in (None, "", [], {}):
                sheet.tell("missing_field", self.at(key))

    def at(self, key: str) -> str:
        """Write the path of a key of this part."""
        return f"{self.path}.{key}" if self.path else key

    def text(self, key: str) -> str:
        """Answer a text, empty if nothing is written."""
        value = self.values.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.sheet.fault(self.at(key), f"phải là chữ: đặt {value} trong dấu nháy", f"must be text: quote {value}")
            return str(value)
        return value.strip()

    def word(self, key: str, kind: type[_Word], default: _Word) -> _Word:
        """Answer one word of a list."""
        value = self.values.get(key)
        if value is None:
            return default
        try:
            return kind(value)
        except ValueError:
            words = listed(kind)
            self.sheet.fault(self.at(key), f"“{value}” không thuộc: {words}", f"“{value}” is none of: {words}")
            return default

    def number(self, key: str) -> int:
        """Answer a whole number that is not negative, 0 if nothing is written."""
        return self.amount(key) or 0

    def amount(self, key: str) -> int | None:
        """Answer a whole number that is not negative, None if nothing is written."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.sheet.fault(self.at(key), f"“{value}” không phải số nguyên không âm", f"“{value}” is no whole number")
            return None
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """Answer true or false."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            self.sheet.fault(self.at(key), f"“{value}” phải là true hoặc false", f"“{value}” must be true or false")
            return default
        return value

    def day(self, key: str) -> date | None:
        """Answer a day, None if nothing is written."""
        value = self.values.get(key)
        if value is None or type(value) is date:
            return value
        self.sheet.fault(self.at(key), f"“{value}” phải là ngày dạng NĂM-THÁNG-NGÀY", f"“{value}” must be YYYY-MM-DD")
        return None

    def mark(self) -> str:
        """Answer where a fact comes from: R read, M recalled, D derived."""
        mark = self.text("mark")
        if mark not in MARKS:
            words = listed(MARKS - {""})
            self.sheet.fault(self.at("mark"), f"“{mark}” không thuộc: {words}", f"“{mark}” is none of: {words}")
        return mark

    def parts(self, key: str, keys: Mapping[str, bool]) -> list[Part]:
        """Answer the parts of a list."""
        return [
            Part(self.sheet, value, f"{self.at(key)}.{number}", keys)
            for number, value in enumerate(self.sequence(key), start=1)
        ]

    def part(self, key: str, keys: Mapping[str, bool]) -> Part | None:
        """Answer an inner part, None if nothing is written."""
        value = self.values.get(key)
        return None if value is None else Part(self.sheet, value, self.at(key), keys)

    def texts(self, key: str) -> tuple[str, ...]:
        """Answer a list of texts."""
        values = self.sequence(key)
        for number, value in enumerate(values, start=1):
            if not isinstance(value, str):
                self.sheet.fault(f"{self.at(key)}.{number}", f"phải là chữ: {value}", f"must be text: {value}")
        return tuple(str(value) for value in values)

    def sequence(self, key: str) -> Sequence[object]:
        """Answer a list, empty if nothing is written."""
        value = self.values.get(key)
        if value is None or isinstance(value, list):
            return value or []
        self.sheet.fault(self.at(key), "phải là danh sách", "must be a list")
        return []


def load(content: bytes, sheet: Sheet) -> object:
    """Read a file into plain values; faults go to `sheet`."""
    if len(content) > MAX_BYTES:
        sheet.problems.append(report("too_large", limit=f"{MAX_BYTES // 1024} kB"))
        return None
    try:
        text = content.decode("utf-8-sig")
        if _is_too_deep(text):
            sheet.problems.append(report("too_large", limit=f"{MAX_DEPTH} tầng"))
            return None
        loader = SafeLoader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                sheet.problems.append(report("yaml_broken", reason="tệp trống", line=1))
                return None
            sheet.index(node)
            return None if sheet.problems else cast("object", loader.construct_document(node))
        finally:
            loader.dispose()
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        sheet.problems.append(report("yaml_broken", reason=reason, line=mark.line + 1 if mark else None))
        return None


def _is_too_deep(text: str) -> bool:
    """Whether the file nests deeper than people write: told while reading, before anything of that depth is built."""
    depth = 0
    for bracket in _BRACKETS.finditer(text):  # first without the parser, which is slow on what only opens brackets
        depth += 1 if bracket.group() in "[{" else -1
        if depth > _MANY_BRACKETS:
            return True
    depth = 0
    for event in yaml.parse(text, Loader=SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            return True
    return False


def lines_of(content: bytes) -> dict[str, int]:
    """Answer the line of every key of a file, by its path; nothing of a file that cannot be read."""
    sheet = Sheet()
    load(content, sheet)
    return sheet.lines


def refuse_twice(parts: Sequence[Part], key: str) -> None:
    """Tell of parts that carry the same `key`."""
    seen: set[object] = set()
    for part in parts:
        value = part.values.get(key)
        if value in seen:
            part.sheet.fault(part.at(key), f"“{value}” được dùng hai lần", f"“{value}” is used twice")
        seen.add(value if isinstance(value, str) else str(value))
