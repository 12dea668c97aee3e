"""Shorter ways to what WeasyPrint works out anew for every box: used lengths, struts, and numbers as bytes.

Each answers what the function in its place answers, or asks that one. What is remembered is kept with the computed
style that it follows from, and only for font configurations that remember lines as well (see `letters.quick`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

_LENGTHS = "letters_lengths"
_STRUT = "letters_strut"
_SIDES = ("top", "right", "bottom", "left")
_USED = (
    *(f"{kind}_{side}" for kind in ("margin", "padding") for side in _SIDES),
    *(f"{prefix}{way}" for prefix in ("", "min_", "max_") for way in ("width", "height")),
)


def replace(ordinary: Any, other: Any) -> None:
    """Let every module of WeasyPrint that knows a function by its name know the other one."""
    for name, module in list(sys.modules.items()):
        if name.startswith("weasyprint"):
            for known, value in list(vars(module).items()):
                if value is ordinary:
                    setattr(module, known, other)


def remembered_lengths(ordinary: Callable[..., None], is_ours: Callable[[Any], bool]) -> Callable[..., None]:
    """Return `resolve_percentages` for styles whose lengths do not depend on the box around."""

    def resolve_percentages(box: Any, containing_block: Any) -> None:
        style = box.style
        lengths = style.__dict__.get(_LENGTHS)
        if lengths is None and is_ours(style):
            lengths = style.__dict__[_LENGTHS] = _fixed_lengths(style)
        if lengths:
            box.__dict__.update(lengths)
        else:
            ordinary(box, containing_block)

    return resolve_percentages


def _fixed_lengths(style: Any) -> dict[str, Any]:
    """Return the used lengths of a style in pixels; nothing where one is a percentage or must be worked out."""
    if style["border_collapse"] == "collapse" or style["box_sizing"] != "content-box":
        return {}
    lengths: dict[str, Any] = {}
    for name in _USED:
        value = style[name]
        if value == "auto":
            lengths[name] = 0 if name.startswith("min_") else value
        elif getattr(value, "unit", None) in {"px", "PX"}:
            lengths[name] = value.value
        else:
            return {}
    return lengths | {f"border_{side}_width": style[f"border_{side}_width"] for side in _SIDES}


def remembered_strut(ordinary: Callable[..., Any], is_ours: Callable[[Any], bool]) -> Callable[..., Any]:
    """Return `strut`, asked once for each style."""

    def strut(style: Any) -> Any:
        known = style.__dict__.get(_STRUT)
        if known is None:
            known = ordinary(style)
            if is_ours(style):
                style.__dict__[_STRUT] = known
        return known

    return strut


def quicker_bytes(ordinary: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    """Return pydyf's `_to_bytes`, with the kinds that are asked for most first."""

    def to_bytes(item: Any) -> bytes:
        kind = type(item)
        if kind is bytes:
            return bytes(item)
        if kind is str:
            return str(item).encode("ascii")
        if kind is int:
            return b"%d" % item
        if kind is float:
            return b"%d" % item if item.is_integer() else (b"%f" % item).rstrip(b"0")
        return ordinary(item)

    return to_bytes
