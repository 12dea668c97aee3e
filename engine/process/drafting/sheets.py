"""The facts of a draft: read as plain values for a form, written back as YAML from what the form says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from engine.process.sheet import Sheet, load

_TEXTS = ("code", "name", "version", "sector", "sector_name", "deciding_unit", "result")
_DAYS = ("effective_from", "effective_to")
_ORDER = (
    "code", "name", "process", "version", "sector", "sector_name", "levels", "province", "deciding_unit",
    "effective_from", "effective_to", "decision", "legal_basis", "cases", "items", "fees", "result", "channels",
)  # fmt: skip
_NUMBERS = frozenset({"limit", "original", "copies", "direct", "online"})
_FLAGS = frozenset({"required", "default"})


def read_values(text: str) -> dict[str, Any]:
    """The facts as they stand in the file, days as texts; nothing of a file that cannot be read."""
    value = load(text.encode(), Sheet())
    return _plain(value) if isinstance(value, dict) else {}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def write_values(old: str, stem: str, form: Mapping[str, Any]) -> str:
    """Write what a form says over the facts of a file; keys that the form does not know stay as they are."""
    loaded = load(old.encode(), Sheet()) if old else None
    values: dict[str, Any] = dict(loaded) if isinstance(loaded, dict) else {}
    values["process"] = stem
    values |= {name: form[name].strip() for name in _TEXTS if name in form}
    values |= {name: _day(form[name]) for name in _DAYS if name in form}
    values |= {name: list(form[name]) for name in ("levels", "channels") if name in form}
    if "legal_basis" in form:
        values["legal_basis"] = [line.strip() for line in form["legal_basis"].splitlines() if line.strip()]
    if "decision" in form:
        values["decision"] = _decision(values.get("decision"), form["decision"])
    for name in ("items", "fees"):
        if name in form:
            values[name] = _rows(values.get(name), form[name])
    if "cases" in form:
        old_cases = {_key(case): case for case in values.get("cases") or () if isinstance(case, dict)}
        rows = _rows(values.get("cases"), form["cases"])
        typed = zip(form["cases"], rows, strict=True)
        values["cases"] = [_case(row, old_cases.get(case.get("was") or "", {})) for case, row in typed]
    ordered = {name: values[name] for name in _ORDER if name in values}
    kept = {name: value for name, value in {**ordered, **values}.items() if value is not None}
    return yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=110)


def _decision(old: object, new: Mapping[str, str]) -> dict[str, Any] | None:
    known = dict(old) if isinstance(old, dict) else {}
    known |= {"number": new.get("number", "").strip(), "issuer": new.get("issuer", "").strip()}
    known["issued_on"] = _day(new.get("issued_on", ""))
    return {name: value for name, value in known.items() if value} or None if known["number"] else None


def _day(text: str) -> date | str | None:
    """A day; what is none stays as typed, so that the check says what is wrong with it."""
    if not text.strip():
        return None
    with suppress(ValueError):
        return date.fromisoformat(text.strip())
    return text.strip()


def _rows(old: object, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a form over the rows of the file, by their id or name, so that marks and the like are kept."""
    known = {_key(row): row for row in old if isinstance(row, dict)} if isinstance(old, list) else {}
    made = []
    for row in rows:
        was = known.get(row.get("was") or "", {})
        merged = {**was, **{name: _value(name, value) for name, value in row.items() if name != "was"}}
        made.append({name: value for name, value in merged.items() if value is not None and value != ""})
    return made


def _key(row: Mapping[str, Any]) -> str:
    return str(row.get("id") or row.get("name") or "")


def _value(name: str, value: Any) -> Any:
    if name in _FLAGS:
        return bool(value)
    if name in _NUMBERS:
        return number(str(value))
    return value.strip() if isinstance(value, str) else value


def _case(row: dict[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """A case with the phases of its form, which keep what no form shows, and those for which the form has no room."""
    were = [phase for phase in old.get("phases") or () if isinstance(phase, dict)]
    known = {phase.get("name"): phase for phase in were}
    shown = row.get("phases", [])
    phases = [
        {name: value for name, value in {**known.get(phase.get("name"), {}), **_phase(phase)}.items() if value != ""}
        for phase in shown
    ]
    kept = [phase for phase in phases if phase.get("name")]
    found = {**row, "phases": [*kept, *were[len(shown) :]]}
    if not found.get("default"):
        found.pop("default", None)
    return found


def _phase(typed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: "" if value in {"", None} else _value(name, value) for name, value in typed.items()}


def number(text: str) -> Any:
    """A number as YAML has it; ``0,5`` is 0.5, ``50.000`` is 50000. What is no number stays a text for the check."""
    typed = text.strip()
    if not typed:
        return None
    parts = typed.split(".")
    grouped = len(parts) > 1 and all(len(part) == 3 for part in parts[1:])  # noqa: PLR2004 - thousands
    plain = typed.replace(".", "") if grouped else typed.replace(",", ".")
    try:
        found = Decimal(plain)
    except InvalidOperation:
        return typed
    return int(found) if found == found.to_integral_value() else float(found)
