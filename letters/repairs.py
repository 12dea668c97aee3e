"""Mends one fault of line breaking: a line may end after its first word when all fits but the blank at the end.

It was seen in a table of a notice: "Đơn" stood alone, the rest of the paper's name below it. A line that is left far
from full although the next word fits is broken again in a width that is a little smaller, past the coincidence. This
changes a function of WeasyPrint, one version of it, for font configurations that ask for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from letters import shortcuts

KNOWN_VERSION = "70.0"
FULL_ENOUGH = 0.75
"""Of its width: a line fuller than this ends where it ends."""

NARROWER = (2, 4, 8)
"""Pixels to try: a blank of the largest letters is six wide."""

_ASKED = "letters_repaired"
_lock = threading.Lock()
_is_changed = False


def prepare(fonts: Any, version: str) -> None:
    """Mend lines for this font configuration, if this WeasyPrint is the one that we know."""
    global _is_changed  # noqa: PLW0603 - functions of a module are changed once a process
    if version != KNOWN_VERSION:
        return
    with _lock:
        if not _is_changed:
            from weasyprint.text import line_break

            shortcuts.replace(line_break.split_first_line, _mended(line_break.split_first_line))
            _is_changed = True
    setattr(fonts, _ASKED, True)


def _mended(ordinary: Callable[..., Any]) -> Callable[..., Any]:
    def split_first_line(
        text: str,
        style: Any,
        context: Any,
        max_width: float | None,
        justification_spacing: float,
        is_line_start: bool = True,  # noqa: FBT001, FBT002 - the library's signature
        minimum: bool = False,  # noqa: FBT001, FBT002
    ) -> Any:
        rest = (justification_spacing, is_line_start, minimum)
        found = ordinary(text, style, context, max_width, *rest)
        _, length, resume, width, _, _ = found
        if not resume or not max_width or width > FULL_ENOUGH * max_width or not hasattr(style.font_config, _ASKED):
            return found
        encoded = text.encode()
        following = encoded[resume:].split(b" ", 1)[0]
        if not following or encoded[length:resume].strip(b" "):
            return found
        longer = (encoded[:resume] + following).decode()
        needed = ordinary(longer, style, context, None, *rest)[3]
        if needed > max_width - 1:
            return found
        narrower = (ordinary(text, style, context, max_width - less, *rest) for less in NARROWER)
        return next((again for again in narrower if again[1] > length), found)

    return split_first_line
