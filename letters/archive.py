"""A letter's data as canonical JSON and back: what the register freezes and what travels inside the PDF.

The same data gives the same text (sorted keys, no spaces, instants with the offset of the letterhead's zone).
A text frozen by an older version still reads: fields added since then take their defaults. An unknown one is an error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from letters.data import Letter
from letters.errors import LetterDataUnreadable
from letters.forms import FORMS
from letters.posters import POSTERS, Poster
from letters.prints import PRINTS
from letters.report_papers import ReportPaper

_KINDS: Mapping[str, type[Letter | Poster]] = {**FORMS, **POSTERS, **PRINTS, ReportPaper.form: ReportPaper}


def to_json(letter: Letter | Poster) -> str:
    """Return the data of a letter or poster as canonical JSON, in NFC, instants as ISO 8601 with offset."""
    zone = ZoneInfo(letter.letterhead.timezone)
    document = {"form": letter.form, **_plain(letter, zone)}
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(form: str, text: str) -> Letter:
    """Read a letter that `to_json` wrote; raises as `document_from_json`."""
    letter = document_from_json(form, text)
    if not isinstance(letter, Letter):
        raise LetterDataUnreadable(f"«{form}» không phải một mẫu văn bản.")
    return letter


def document_from_json(form: str, text: str) -> Letter | Poster:
    """Read what `to_json` wrote.

    Raises:
        LetterDataUnreadable: not JSON, not of this form, or a field is unknown, missing or of the wrong type.

    """
    if form not in _KINDS:
        raise LetterDataUnreadable(f"Không có mẫu văn bản «{form}».")
    try:
        document = json.loads(text)
    except ValueError as fault:
        raise LetterDataUnreadable(f"Dữ liệu văn bản không phải JSON: {fault}.") from fault
    if not isinstance(document, dict) or document.pop("form", None) != form:
        raise LetterDataUnreadable(f"Dữ liệu không phải của mẫu «{form}».")
    letter = _built(_KINDS[form], document, form)
    assert isinstance(letter, Letter | Poster)
    return letter


def _plain(part: Any, zone: ZoneInfo) -> Any:
    if isinstance(part, datetime):
        return part.astimezone(zone).isoformat()
    if isinstance(part, tuple):
        return [_plain(entry, zone) for entry in part]
    if is_dataclass(part):
        kept = (field for field in fields(part) if not _is_left_out(part, field))
        return {field.name: _plain(getattr(part, field.name), zone) for field in kept}
    return part


def _is_left_out(part: Any, field: Field[Any]) -> bool:
    """Whether a field came after the form and says nothing: what was frozen before it stays as it was."""
    return "later" in field.metadata and getattr(part, field.name) == field.default


def _built(kind: Any, value: Any, path: str) -> Any:
    """Make a value of type `kind` from JSON; `path` names the place in messages."""
    if get_origin(kind) is UnionType:
        wanted = next(option for option in get_args(kind) if option is not NoneType)
        return None if value is None else _built(wanted, value, path)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise _unreadable(path)
        return tuple(_built(get_args(kind)[0], entry, f"{path}[{index}]") for index, entry in enumerate(value))
    if is_dataclass(kind):
        if not isinstance(value, dict):
            raise _unreadable(path)
        return _object(kind, value, path)
    if kind is datetime:
        return _instant(value, path)
    if type(value) is not kind:
        raise _unreadable(path)
    return value


def _object(kind: Any, value: Mapping[str, Any], path: str) -> Any:
    hints = _hints(kind)
    known = {field.name: field for field in fields(kind)}
    needed = {name for name, field in known.items() if field.default is MISSING and field.default_factory is MISSING}
    for name in sorted(value.keys() - known.keys() | needed - value.keys()):
        raise _unreadable(f"{path}.{name}")
    return kind(**{name: _built(hints[name], entry, f"{path}.{name}") for name, entry in value.items()})


def _instant(value: Any, path: str) -> datetime:
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError) as fault:
        raise _unreadable(path) from fault
    if instant.tzinfo is None:
        raise _unreadable(path)
    return instant


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _unreadable(path: str) -> LetterDataUnreadable:
    return LetterDataUnreadable(f"Dữ liệu văn bản sai ở «{path}».")
