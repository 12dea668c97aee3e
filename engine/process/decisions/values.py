"""The values of decision tables and their kinds: numbers are exact decimals, days are days, null is null."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

Value = Decimal | str | bool | date | None


class ValueKind(StrEnum):
    """The type of a column, by its FEEL name. `Any`: the file does not say."""

    NUMBER = "number"
    STRING = "string"
    BOOLEAN = "boolean"
    DATE = "date"
    ANY = "Any"

    @property
    def label(self) -> str:
        """The kind in Vietnamese."""
        return _LABELS[self]


_LABELS = {
    ValueKind.NUMBER: "số",
    ValueKind.STRING: "chữ",
    ValueKind.BOOLEAN: "đúng/sai",
    ValueKind.DATE: "ngày",
    ValueKind.ANY: "bất kỳ",
}
_KINDS: tuple[tuple[type, ValueKind], ...] = (
    (bool, ValueKind.BOOLEAN),
    (Decimal, ValueKind.NUMBER),
    (str, ValueKind.STRING),
    (date, ValueKind.DATE),
)


def kind_of(value: Value) -> ValueKind | None:
    """Answer the kind of a value, None for null."""
    return next((kind for type_, kind in _KINDS if isinstance(value, type_)), None)


def fits(value: Value, kind: ValueKind) -> bool:
    """Whether a value may stand where `kind` is asked for; null may stand anywhere."""
    return value is None or kind is ValueKind.ANY or kind_of(value) is kind


def written(value: Value) -> str:
    """Write a value as a cell writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return f'"{value}"' if isinstance(value, str) else f'date("{value.isoformat()}")'
