"""What a string may hold before it is printed on an official letter.

Names and reasons are typed by strangers. `clean` makes them harmless without losing a letter (NFC, no control,
bidirectional or zero-width character, ordinary spaces) and never fails, so a letter's data can always be frozen.
What cannot be printed truthfully (too long, empty, a character the font lacks) is refused later, by `letters.check`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""Stands where a lone surrogate was; `problems_in` always refuses it."""

MOST_COMBINING_MARKS = 3
"""Marks in a row that no composed letter takes up. Vietnamese needs none after NFC; many climb over the lines."""

_LINE_BREAKS = re.compile("\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{2,}")


@dataclass(frozen=True, slots=True)
class Text:
    """How a text field prints: its Vietnamese label for messages, its longest length in characters, and its shape."""

    label: str
    limit: int
    lines: bool = False
    """True: line breaks are kept. False: they become spaces."""
    optional: bool = False
    """True: may be empty."""


def clean(text: str, *, lines: bool = False) -> str:
    """Return `text` in NFC without control, bidirectional or zero-width characters, blanks made single and trimmed."""
    kept = "".join(_kept(character) for character in _LINE_BREAKS.sub("\n", text))
    composed = unicodedata.normalize("NFC", kept)
    if not lines:
        return " ".join(composed.split())
    trimmed = "\n".join(_BLANKS.sub(" ", line).strip() for line in composed.split("\n"))
    return _EMPTY_LINES.sub("\n", trimmed).strip("\n")


def _kept(character: str) -> str:
    """Return the character, a blank for a tab, nothing for what must not print, a mark for half a character."""
    if character == "\n":
        return character
    if character == "\t":
        return " "
    category = unicodedata.category(character)
    if category in {"Cc", "Cf"}:
        return ""
    return REPLACEMENT if category == "Cs" else character


def problems_in(text: str, rule: Text) -> list[str]:
    """Say in Vietnamese why `text` cannot stand in a field with this rule; an empty list when it can."""
    problems = []
    if not text and not rule.optional:
        problems.append(f"«{rule.label}» đang để trống")
    if len(text) > rule.limit:
        problems.append(f"«{rule.label}» dài {len(text)} ký tự, tối đa {rule.limit}")
    if REPLACEMENT in text:
        problems.append(f"«{rule.label}» có ký tự hỏng")
    if _longest_run_of_marks(text) > MOST_COMBINING_MARKS:
        problems.append(f"«{rule.label}» có quá nhiều dấu chồng lên một chữ")
    return problems


def _longest_run_of_marks(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        longest = max(longest, run)
    return longest


def name_of(character: str) -> str:
    """Return a character so that a reader can find it: itself and its code point."""
    return f"«{character}» (U+{ord(character):04X})"
